/**
 * Sends files by tar(1): small ones together as an archive, each large one by itself. It takes the fewest round trips, and on the cluster
 * needs no more than a POSIX shell has beside it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { join, posix } from 'node:path';
import type { LocalFile } from './listed-files.ts';
import { changedFiles, parseStat, portions, type SizeAndTime } from './upload-plan.ts';
import {
  TargetFolder,
  type UploadCount,
  type UploadOptions,
  type UploadOutcome,
  type UploadWay,
  WayError,
} from './upload-way.ts';

/** As often is told how far it is. */
const chunkBytes = 1024 * 1024;

export const tarUpload: UploadWay = { name: 'tar', whyNot: async () => undefined, send };

async function send(options: UploadOptions): Promise<UploadOutcome> {
  const { files, folder, signal, onProgress } = options;
  const target = new TargetFolder(options);
  await target.make();
  const changed = changedFiles(files, await filesThere(target, files));
  let sent: UploadCount = { files: 0, bytes: 0 };
  const count = (more: UploadCount) => {
    sent = { files: sent.files + more.files, bytes: sent.bytes + more.bytes };
    onProgress(sent);
  };
  for (const portion of portions(changed)) {
    signal.throwIfAborted();
    if ('large' in portion) {
      await sendLarge(options, target, portion.large, (bytes) => count({ files: 0, bytes }));
      count({ files: 1, bytes: 0 });
    } else {
      const { together } = portion;
      await target.run(['tar', '-xpf', '-'], await archive(folder, together, signal));
      count({ files: together.length, bytes: together.reduce((sum, { bytes }) => sum + bytes, 0) });
    }
  }
  return { sent, unchanged: files.length - changed.length };
}

/** Where stat(1) is not that of GNU, nothing is known, and all is sent. */
async function filesThere(
  target: TargetFolder,
  files: readonly LocalFile[],
): Promise<ReadonlyMap<string, SizeAndTime>> {
  if (files.length === 0) return new Map();
  const stdin = files.map(({ path }) => `./${path}\0`).join('');
  return parseStat((await target.exec(['xargs', '-0', 'stat', '--printf', '%s %Y %n\\0'], stdin)).stdout);
}

/** Into a file beside it, which takes its place when it is whole. */
async function sendLarge(
  options: UploadOptions,
  target: TargetFolder,
  { path, modified, mode }: LocalFile,
  onSent: (bytes: number) => void,
): Promise<void> {
  const part = `./${path}.vigil-part`;
  await target.run(['mkdir', '-p', '--', `./${posix.dirname(path)}`]);
  try {
    const bytes = await stream(options, path, part, onSent);
    const finish = '[ "$(wc -c <"$1")" -eq "$5" ] && { touch -d "@$3" "$1"; chmod "$4" "$1" && mv -f "$1" "$2"; }';
    const words = [part, `./${path}`, String(modified), mode.toString(8), String(bytes)];
    await target.run(['sh', '-c', finish, 'sh', ...words]);
  } catch (error) {
    // What is left of a file that was not sent to its end. It may be out of reach: then the next upload begins it anew.
    const { connection, target: cwd } = options;
    await connection.exec(['rm', '-f', part], { cwd }).catch(() => undefined);
    throw error;
  }
}

/** Resolves with how many bytes it was. */
async function stream(
  { connection, folder, target, signal }: UploadOptions,
  path: string,
  part: string,
  onSent: (bytes: number) => void,
): Promise<number> {
  const writer = await connection.spawn(['sh', '-c', 'cat > "$1"', 'sh', part], { cwd: target, signal });
  const { exited, stdin } = writer;
  let hasEnded = false;
  const ended = exited.finally(() => {
    hasEnded = true;
  });
  ended.catch(() => undefined); // It is awaited below.
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(join(folder, path), { highWaterMark: chunkBytes })) {
      if (hasEnded) break;
      if (!stdin.write(chunk)) await Promise.race([once(stdin, 'drain'), ended]);
      bytes += chunk.length;
      onSent(chunk.length);
    }
  } finally {
    // Also where the file cannot be read: nothing is to wait there for more of it.
    writer.end();
  }
  const { status, stderr } = await ended;
  signal.throwIfAborted();
  if (status !== 0) throw new Error(`Writing ${path} in ${target} on the cluster failed: ${stderr.trim()}`);
  return bytes;
}

/** Of files of this machine, made by its tar. */
async function archive(folder: string, files: readonly LocalFile[], signal: AbortSignal): Promise<Uint8Array> {
  const tar = spawn('tar', ['-cf', '-', '--null', '-T', '-'], { cwd: folder, signal });
  const chunks: Buffer[] = [];
  const said: Buffer[] = [];
  tar.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  tar.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    tar.once('error', (error) => reject(signal.aborted ? signal.reason : new WayError(`tar: ${error.message}`)));
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
