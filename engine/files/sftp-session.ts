/** One SFTP session of a connection: requests as promises, with errors that say which file they are about. */

import type { FileEntryWithStats, InputAttributes, Stats } from 'ssh2';
import { OPEN_MODE, type SFTP } from 'ssh2/lib/protocol/SFTP.js';
import { NoSubsystemError } from '../clusters/command-channel.ts';
import { type Connection, ConnectionError } from '../clusters/connection.ts';
import { sftpHello, sftpOver } from '../clusters/sftp-stream.ts';
import { messageOf, showable } from '../clusters/showable.ts';
import { FileError, fileError } from './file-error.ts';

/** So much every server takes in one packet (draft-ietf-secsh-filexfer-02, 3). */
const pieceBytes = 32 * 1024;
/** Under way at a time, as sftp(1) has it: a link of 50 ms carries 40 MB/s so. */
const piecesAtOnce = 64;
/** How long is waited; a parallel file system may think long. */
export interface SftpPatience {
  readonly beginMs: number;
  readonly answerMs: number;
}

const patience: SftpPatience = { beginMs: 30_000, answerMs: 60_000 };

export type FileHandle = Buffer;

export class SftpSession {
  readonly #sftp: SFTP;
  readonly #cluster: string;
  readonly #answerMs: number;
  readonly #close: () => void;
  readonly #lost: Promise<never>;
  #lose: (why: Error) => void = () => {};
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<void>;

  /** @param close ends it at once, whatever the server does */
  constructor(sftp: SFTP, cluster: string, answerMs: number, close: () => void) {
    this.#sftp = sftp;
    this.#cluster = cluster;
    this.#answerMs = answerMs;
    this.#close = close;
    this.#lost = new Promise((_, fail) => {
      this.#lose = fail;
      const words = `The SFTP session on ${cluster} has ended. Try again.`;
      const onEnd = () => fail(new ConnectionError('closed', cluster, words));
      sftp.once('end', onEnd);
      // What breaks the protocol is not always followed by an end.
      sftp.once('error', onEnd);
    });
    this.ended = this.#lost.catch(() => undefined);
  }

  end(): void {
    this.#sftp.end();
  }

  /** A new file takes the place of an old one at once, which version 3 itself cannot. */
  get replaces(): boolean {
    return this.#sftp._extensions['posix-rename@openssh.com'] === '1';
  }

  stat(path: string): Promise<Stats> {
    return this.#ask('Looking at', path, (done) => this.#sftp.stat(path, done));
  }

  /** Of a link itself. */
  lstat(path: string): Promise<Stats> {
    return this.#ask('Looking at', path, (done) => this.#sftp.lstat(path, done));
  }

  /** Without links. */
  realPath(path: string): Promise<string> {
    return this.#ask('Looking at', path, (done) => this.#sftp.realpath(path, done));
  }

  /** Links stand for themselves. */
  list(path: string): Promise<readonly FileEntryWithStats[]> {
    return this.#ask('Listing', path, (done) => this.#sftp.readdir(path, done));
  }

  makeFolder(path: string): Promise<void> {
    return this.#ask('Making', path, (done) => this.#sftp.mkdir(path, done));
  }

  removeFolder(path: string): Promise<void> {
    return this.#ask('Deleting', path, (done) => this.#sftp.rmdir(path, done));
  }

  remove(path: string): Promise<void> {
    return this.#ask('Deleting', path, (done) => this.#sftp.unlink(path, done));
  }

  /** Fails where something is at `to`. */
  rename(from: string, to: string): Promise<void> {
    return this.#ask('Renaming', from, (done) => this.#sftp.rename(from, to, done));
  }

  /** In place of what is at `to`; only where `replaces`. */
  replace(from: string, to: string): Promise<void> {
    return this.#ask('Replacing', to, (done) => this.#sftp.ext_openssh_rename(from, to, done));
  }

  readLink(path: string): Promise<string> {
    return this.#ask('Looking at', path, (done) => this.#sftp.readlink(path, done));
  }

  /** At `path`, where nothing is yet. */
  makeLink(path: string, target: string): Promise<void> {
    // OpenSSH's server, and those that do as it does, take the two the other way round than the draft has it.
    const [first, second] = this.replaces ? [path, target] : [target, path];
    return this.#ask('Making', path, (done) => this.#sftp.symlink(first, second, done));
  }

  openToRead(path: string): Promise<FileHandle> {
    return this.#ask('Reading', path, (done) => this.#sftp.open(path, OPEN_MODE.READ, done));
  }

  /** A file that is not there yet. `mode` absent: as the account's umask says. */
  create(path: string, mode?: number): Promise<FileHandle> {
    const flags = OPEN_MODE.WRITE | OPEN_MODE.CREAT | OPEN_MODE.EXCL;
    return this.#ask('Writing', path, (done) =>
      mode === undefined ? this.#sftp.open(path, flags, done) : this.#sftp.open(path, flags, mode, done),
    );
  }

  /** A file that is there, with what it holds. */
  openToWrite(path: string): Promise<FileHandle> {
    return this.#ask('Writing', path, (done) => this.#sftp.open(path, OPEN_MODE.WRITE, done));
  }

  handleStat(handle: FileHandle, path: string): Promise<Stats> {
    return this.#ask('Looking at', path, (done) => this.#sftp.fstat(handle, done));
  }

  change(handle: FileHandle, path: string, attributes: InputAttributes): Promise<void> {
    return this.#ask('Writing', path, (done) => this.#sftp.fsetstat(handle, attributes, done));
  }

  /** What a quota or a full disk keeps from being stored may show only here. */
  close(handle: FileHandle, path: string): Promise<void> {
    return this.#ask('Writing', path, (done) => this.#sftp.close(handle, done));
  }

  /** Fewer bytes only at the end of the file. */
  async read(handle: FileHandle, path: string, offset: number, bytes: number): Promise<Buffer> {
    const buffer = Buffer.alloc(bytes);
    let end = bytes;
    await inPieces(bytes, async (at, length) => {
      for (let got = 0; got < length; ) {
        const read = await this.#ask<number>('Reading', path, (done) =>
          this.#sftp.read(handle, buffer, at + got, length - got, offset + at + got, done),
        );
        if (read === 0) end = Math.min(end, at + got);
        got += read === 0 ? length : read;
      }
    });
    return buffer.subarray(0, end);
  }

  async write(handle: FileHandle, path: string, data: Buffer, offset = 0): Promise<void> {
    await inPieces(data.length, (at, length) =>
      this.#ask<void>('Writing', path, (done) => this.#sftp.write(handle, data, at, length, offset + at, done)),
    );
  }

  async #ask<Answer = void>(
    doing: string,
    path: string,
    ask: (done: (error?: Error | null, answer?: Answer) => void) => unknown,
  ): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    // A server does one thing at a time: what hangs keeps all that follows waiting.
    const giveUp = () => {
      const words = `${doing} ${path}: the SFTP server of ${this.#cluster} did not answer within ${this.#answerMs / 1000} s. Is its file system there?`;
      this.#lose(new ConnectionError('timeout', this.#cluster, words));
      this.#close();
    };
    timer = setTimeout(giveUp, this.#answerMs);
    const answer = new Promise<Answer>((succeed, fail) => {
      if (path.includes('\0')) throw new FileError('other', `${doing}: a name cannot have a NUL character.`);
      ask((error, result) => (error ? fail(error) : succeed(result as Answer)));
    });
    try {
      return await Promise.race([answer, this.#lost]);
    } catch (error) {
      throw fileError(error, doing, path) ?? (await this.#other(error));
    } finally {
      clearTimeout(timer);
    }
  }

  /** ssh2 fails what is under way just before it says that the session has ended. */
  async #other(error: unknown): Promise<unknown> {
    const isEnd = error instanceof Error && /^No response from server/.test(error.message);
    return isEnd ? this.#lost.catch((lost: unknown) => lost) : error;
  }
}

/** Rejects with FileError('unavailable') where there is no SFTP, or with ConnectionError where that may pass: it hangs, say. */
export async function openSftpSession(
  connection: Connection,
  cluster: string,
  { beginMs, answerMs } = patience,
): Promise<SftpSession> {
  if (!connection.subsystem) throw new FileError('other', `The files of ${cluster} are files of this machine.`);
  try {
    const channel = await connection.subsystem('sftp', sftpHello);
    channel.stderr.resume();
    let hung: NodeJS.Timeout | undefined;
    // A channel that is closed tells nobody before the server has agreed, which what hangs does not.
    const late = new Promise<never>((_, fail) => {
      hung = setTimeout(() => {
        channel.close();
        const words = notShown(cluster, `it has not begun within ${beginMs / 1000} s`);
        fail(new ConnectionError('timeout', cluster, words));
      }, beginMs);
    });
    try {
      const sftp = await Promise.race([sftpOver(channel), late]);
      return new SftpSession(sftp, cluster, answerMs, () => channel.close());
    } finally {
      clearTimeout(hung);
    }
  } catch (error) {
    if (ConnectionError.is(error)) throw error;
    throw new FileError('unavailable', notShown(cluster, whyNoSftp(error)), { cause: error });
  }
}

/** @param error the cause of the FileError with which `openSftpSession` rejects */
export function whyNoSftp(error: unknown): string {
  return error instanceof NoSubsystemError
    ? 'the site has switched SFTP off'
    : showable(messageOf(error)).slice(0, 400);
}

function notShown(cluster: string, why: string): string {
  return `The files of ${cluster} cannot be shown: ${why}. Jobs and their output do not need it; for other files use Remote-SSH or a terminal.`;
}

/** Does `work` for each piece, many at a time. */
async function inPieces(bytes: number, work: (at: number, length: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < bytes) {
      const at = next;
      next += pieceBytes;
      await work(at, Math.min(pieceBytes, bytes - at)).catch((error: unknown) => {
        next = bytes;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: piecesAtOnce }, worker));
}
