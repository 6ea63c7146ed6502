/**
 * Sends files to a cluster over the connection that is there: small ones together as an archive, large ones in pieces. It needs
 * no login of its own, so it works behind jump hosts and one-time codes, and with either SSH client; on the cluster it needs tar(1).
 */
import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Connection, ExecOptions } from '../clusters/connection.ts';
import type { LocalFile } from './listed-files.ts';
import { changedFiles, parseStat, portionBytes, portions } from './upload-plan.ts';

export interface UploadOptions {
  readonly connection: Connection;
  /** Of this machine. */
  readonly folder: string;
  readonly files: readonly LocalFile[];
  /** On the cluster: absolute, `~`, or below it as `~/…`; it is made. */
  readonly target: string;
  readonly signal: AbortSignal;
  /** After each portion. */
  readonly onProgress: (sent: UploadCount) => void;
}

export interface UploadCount {
  readonly files: number;
  readonly bytes: number;
}

export interface UploadOutcome {
  readonly sent: UploadCount;
  /** They were there already, with the same size and time. */
  readonly unchanged: number;
}

const portionTimeoutMs = 10 * 60_000;

/** Rejects with `ConnectionError`, with the signal's reason, or with what the cluster says. A file is there whole or not at all. */
export async function upload({ onProgress, ...options }: UploadOptions): Promise<UploadOutcome> {
  const { files, folder, signal } = options;
  const cluster = new Remote(options);
  await cluster.makeTarget();
  const changed = changedFiles(files, await cluster.filesThere(files));
  let sent: UploadCount = { files: 0, bytes: 0 };
  const count = (more: UploadCount) => {
    sent = { files: sent.files + more.files, bytes: sent.bytes + more.bytes };
    onProgress(sent);
  };
  for (const portion of portions(changed)) {
    signal.throwIfAborted();
    if ('large' in portion) {
      await cluster.sendPieces(folder, portion.large, (bytes) => count({ files: 0, bytes }));
      count({ files: 1, bytes: 0 });
    } else {
      const { together } = portion;
      await cluster.run(['tar', '-xpf', '-'], await archive(folder, together, signal));
      count({ files: together.length, bytes: together.reduce((sum, { bytes }) => sum + bytes, 0) });
    }
  }
  return { sent, unchanged: files.length - changed.length };
}

class Remote {
  readonly #options: Pick<UploadOptions, 'connection' | 'target' | 'signal'>;

  constructor(options: Pick<UploadOptions, 'connection' | 'target' | 'signal'>) {
    this.#options = options;
  }

  async makeTarget(): Promise<void> {
    const { target } = this.#options;
    if (target === '~') return;
    const path = target.startsWith('~/') ? target.slice(2) : target;
    await this.run(['mkdir', '-p', '--', path], undefined, '~');
  }

  /** Where stat(1) is not that of GNU, nothing is known, and all is sent. */
  async filesThere(files: readonly LocalFile[]): Promise<ReadonlyMap<string, Pick<LocalFile, 'bytes' | 'modified'>>> {
    if (files.length === 0) return new Map();
    const stdin = files.map(({ path }) => `./${path}\0`).join('');
    return parseStat((await this.#exec(['xargs', '-0', 'stat', '-c', '%s %Y %n'], stdin)).stdout);
  }

  /** Into a file beside it, which takes its place when it is whole. */
  async sendPieces(
    folder: string,
    { path, modified, mode }: LocalFile,
    onPiece: (bytes: number) => void,
  ): Promise<void> {
    const part = `./${path}.vigil-part`;
    const shell = (program: string, ...args: readonly string[]) => ['sh', '-c', program, 'sh', ...args];
    await this.run(['mkdir', '-p', '--', `./${posix.dirname(path)}`]);
    const file = await open(join(folder, path));
    try {
      const piece = Buffer.alloc(portionBytes);
      for (let redirect = '>'; ; redirect = '>>') {
        const { bytesRead } = await file.read(piece, 0, portionBytes);
        if (bytesRead === 0) break;
        await this.run(shell(`cat ${redirect} "$1"`, part), piece.subarray(0, bytesRead));
        onPiece(bytesRead);
      }
    } catch (error) {
      await this.#discard(part);
      throw error;
    } finally {
      await file.close();
    }
    const finish = 'touch -d "@$3" "$1" 2>/dev/null; chmod "$4" "$1" && mv -f "$1" "$2"';
    await this.run(shell(finish, part, `./${path}`, String(modified), mode.toString(8)));
  }

  /** What is left of a file that was not sent to its end. It may be out of reach: then the next upload begins it anew. */
  async #discard(part: string): Promise<void> {
    const { connection, target } = this.#options;
    await connection.exec(['rm', '-f', part], { cwd: target }).catch(() => undefined);
  }

  /** Rejects with what the command says when it fails. */
  async run(argv: readonly string[], stdin?: string | Uint8Array, cwd = this.#options.target): Promise<void> {
    const { status, stderr } = await this.#exec(argv, stdin, cwd);
    if (status !== 0) throw new Error(`${argv[0]} in ${cwd} on the cluster failed: ${stderr.trim().slice(0, 2000)}`);
  }

  #exec(argv: readonly string[], stdin?: string | Uint8Array, cwd = this.#options.target) {
    const { connection, signal } = this.#options;
    const options: ExecOptions = {
      cwd,
      signal,
      timeoutMs: portionTimeoutMs,
      ...(stdin === undefined ? {} : { stdin }),
    };
    return connection.exec(argv, options);
  }
}

/** Of files of this machine, made by its tar. */
async function archive(folder: string, files: readonly LocalFile[], signal: AbortSignal): Promise<Uint8Array> {
  const tar = spawn('tar', ['-cf', '-', '--null', '-T', '-'], { cwd: folder, signal });
  const chunks: Buffer[] = [];
  const said: Buffer[] = [];
  tar.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  tar.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    tar.once('error', reject);
    tar.once('close', resolve);
  });
  // What it did not read it has said on stderr.
  tar.stdin.once('error', () => undefined);
  tar.stdin.end(files.map(({ path }) => `./${path}\0`).join(''));
  const status = await ended;
  // 1: some file changed while it was read, and is in the archive.
  if (status !== 0 && status !== 1)
    throw new Error(`tar in ${folder} failed: ${Buffer.concat(said).toString().trim()}`);
  return Buffer.concat(chunks);
}
