/** Sends files by SFTP: no program of the cluster has a part in it, but every file takes several round trips. */
import { type FileHandle as LocalHandle, open, readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { NoSubsystemError } from '../clusters/command-channel.ts';
import type { Connection } from '../clusters/connection.ts';
import { eachOf, partBeside, unlessMissing } from '../files/cluster-files.ts';
import { FileError } from '../files/file-error.ts';
import { openSftpSession, type SftpSession, whyNoSftp } from '../files/sftp-session.ts';
import type { LocalFile } from './listed-files.ts';
import { isSame, portionBytes } from './upload-plan.ts';
import { type UploadCount, type UploadOptions, type UploadOutcome, type UploadWay, WayError } from './upload-way.ts';

export const sftpUpload: UploadWay = {
  name: 'SFTP',
  whyNot: async (connection: Connection) => (connection.subsystem ? undefined : 'no SSH server is between'),
  send,
};

async function send(options: UploadOptions): Promise<UploadOutcome> {
  const { connection, cluster, signal, files } = options;
  const session = await openSftpSession(connection, cluster).catch((error: unknown) => {
    if (!FileError.is(error, 'unavailable')) throw error;
    const { cause } = error;
    throw new WayError(whyNoSftp(cause), { cause, isLasting: cause instanceof NoSubsystemError });
  });
  try {
    signal.throwIfAborted();
    // The others are not sent to their ends when one has failed; what is there of them is removed before the session ends.
    const failed = new AbortController();
    const upload = new SftpUpload(session, { ...options, signal: AbortSignal.any([signal, failed.signal]) });
    await upload.begin();
    await eachOf(files, (file) =>
      upload.send(file).catch((error: unknown) => {
        failed.abort(error);
        throw error;
      }),
    );
    return upload.outcome;
  } finally {
    session.end();
  }
}

class SftpUpload {
  readonly #session: SftpSession;
  readonly #options: UploadOptions;
  readonly #folders = new Map<string, Promise<void>>();
  #target = '';
  #sent: UploadCount = { files: 0, bytes: 0 };
  #unchanged = 0;

  constructor(session: SftpSession, options: UploadOptions) {
    this.#session = session;
    this.#options = options;
  }

  get outcome(): UploadOutcome {
    return { sent: this.#sent, unchanged: this.#unchanged };
  }

  async begin(): Promise<void> {
    const { target } = this.#options;
    const isInHome = target === '~' || target.startsWith('~/');
    // The server begins in the home directory.
    this.#target = isInHome ? posix.join(await this.#session.realPath('.'), target.slice(1)) : target;
    await this.#makeFolder(this.#target);
  }

  async send(file: LocalFile): Promise<void> {
    const { signal, folder } = this.#options;
    signal.throwIfAborted();
    const path = posix.join(this.#target, file.path);
    const link = file.isLink ? await readlink(join(folder, file.path)) : undefined;
    if (await this.#isThere(path, file, link)) {
      this.#unchanged += 1;
      return;
    }
    await this.#makeFolder(posix.dirname(path));
    const part = partBeside(path);
    try {
      if (link === undefined) await this.#fill(part, file);
      else await this.#session.makeLink(part, link);
      signal.throwIfAborted();
      await this.#put(part, path);
    } catch (error) {
      // It may be out of reach: what failed before is what is told.
      await this.#session.remove(part).catch(() => undefined);
      throw error;
    }
    this.#count({ files: 1, bytes: link === undefined ? 0 : file.bytes });
  }

  async #isThere(path: string, file: LocalFile, link: string | undefined): Promise<boolean> {
    const there = await unlessMissing(this.#session.lstat(path));
    if (!there || there.isSymbolicLink() !== (link !== undefined)) return false;
    if (link !== undefined) return (await this.#session.readLink(path)) === link;
    return isSame(file, { bytes: there.size, modified: there.mtime });
  }

  async #fill(part: string, { path, mode, modified }: LocalFile): Promise<void> {
    const source = await open(join(this.#options.folder, path));
    try {
      // Nobody else reads what may be a secret before it has its mode.
      const handle = await this.#session.create(part, 0o600);
      try {
        await this.#copy(source, handle, part);
        await this.#session.change(handle, part, { mode, atime: modified, mtime: modified });
      } finally {
        await this.#session.close(handle, part);
      }
    } finally {
      await source.close();
    }
  }

  async #copy(source: LocalHandle, handle: Buffer, part: string): Promise<void> {
    const piece = Buffer.alloc(Math.min(portionBytes, (await source.stat()).size + 1));
    for (let offset = 0; ; ) {
      this.#options.signal.throwIfAborted();
      const { bytesRead } = await source.read(piece, 0, piece.length);
      if (bytesRead === 0) return;
      await this.#session.write(handle, part, piece.subarray(0, bytesRead), offset);
      offset += bytesRead;
      this.#count({ files: 0, bytes: bytesRead });
    }
  }

  async #put(part: string, path: string): Promise<void> {
    if (this.#session.replaces) return this.#session.replace(part, path);
    await unlessMissing(this.#session.remove(path));
    await this.#session.rename(part, path);
  }

  /** With those above it. */
  #makeFolder(path: string): Promise<void> {
    const made = this.#folders.get(path) ?? this.#makeNewFolder(path);
    this.#folders.set(path, made);
    return made;
  }

  async #makeNewFolder(path: string): Promise<void> {
    if (await unlessMissing(this.#session.stat(path))) return;
    await this.#makeFolder(posix.dirname(path));
    await this.#session.makeFolder(path);
  }

  #count({ files, bytes }: UploadCount): void {
    this.#sent = { files: this.#sent.files + files, bytes: this.#sent.bytes + bytes };
    this.#options.onProgress(this.#sent);
  }
}
