/** What a file system can do, done by SFTP: no shell reads any name. */
import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import type { Stats } from 'ssh2';
import {
  type FilePage,
  type FileStat,
  type FolderEntry,
  filePageBytes,
  mostFileBytes,
} from '../protocol/file-system.ts';
import { FileError } from './file-error.ts';
import type { SftpSession } from './sftp-session.ts';

/** Requests under way for the entries of one folder. */
const entriesAtOnce = 16;
const permissions = 0o7777;

/** Rejects with FileError or ConnectionError, all of it. Paths are absolute. */
export class ClusterFiles {
  readonly #session: SftpSession;

  constructor(session: SftpSession) {
    this.#session = session;
  }

  async stat(path: string): Promise<FileStat> {
    const own = await this.#session.lstat(path);
    if (!own.isSymbolicLink()) return fileStat(own, false);
    const target = await unlessMissing(this.#session.stat(path));
    return target ? fileStat(target, true) : { ...fileStat(own, true), kind: 'other' };
  }

  async list(path: string): Promise<readonly FolderEntry[]> {
    const entries = await this.#session.list(path).catch(async (error: unknown) => {
      const own = await this.#session.stat(path);
      throw own.isDirectory() ? error : new FileError('not-a-folder', `${path} is not a folder.`);
    });
    // No server has other names than these, and a slash in one would lead elsewhere.
    const named = entries.filter(({ filename }) => filename !== '' && !filename.includes('/'));
    const listed: FolderEntry[] = named.map(({ filename: name, attrs }) => ({
      name,
      kind: kindOf(attrs),
      isLink: attrs.isSymbolicLink(),
    }));
    const resolve = async (entry: FolderEntry): Promise<FolderEntry> => {
      if (!entry.isLink) return entry;
      // A link to where we may not look is shown, too.
      const target = await this.#session.stat(posix.join(path, entry.name)).catch(passing);
      return target ? { ...entry, kind: kindOf(target) } : entry;
    };
    return eachOf(listed, resolve);
  }

  /** From `offset` on, with what the whole file is then. */
  async readPage(path: string, offset: number): Promise<FilePage> {
    // A pipe would be waited for, a device has no end.
    onlyFile(await this.#session.stat(path), path);
    const handle = await this.#session.openToRead(path);
    try {
      const { size, mtime: modified } = await this.#session.handleStat(handle, path);
      if (size > mostFileBytes) throw tooLarge(path, size);
      const bytes = Math.max(0, Math.min(filePageBytes, size - offset));
      const data = await this.#session.read(handle, path, offset, bytes);
      return { data: data.toString('base64'), size, modified };
    } finally {
      await this.#session.close(handle, path);
    }
  }

  /**
   * Whole or not at all, wherever we may: into a file beside it, which takes its place with the mode and the group it had. In
   * place where it belongs to somebody else, its folder is not ours to write in, or the server cannot replace files.
   */
  async write(
    path: string,
    data: Buffer,
    may: { readonly create: boolean; readonly overwrite: boolean },
  ): Promise<void> {
    if (data.length > mostFileBytes) throw tooLarge(path, data.length);
    const before = await unlessMissing(this.#session.stat(path));
    if (!before) {
      if (!may.create) throw new FileError('not-found', `Writing ${path}: there is no such file.`);
      return this.#writeNew(path, data);
    }
    if (!may.overwrite) throw exists(path);
    onlyFile(before, path);
    // A new file in its place would not ask for leave.
    if (isReadOnly(before)) throw writeProtected(path);
    // A link stays a link.
    const target = await this.#session.realPath(path);
    if (!(await this.#replace(target, data, before))) await this.#writeInPlace(target, data);
  }

  async makeFolder(path: string): Promise<void> {
    if (await unlessMissing(this.#session.lstat(path))) throw exists(path);
    await this.#session.makeFolder(path);
  }

  /** What links lead to stays. */
  async delete(path: string, recursive: boolean): Promise<void> {
    if (posix.normalize(path) === '/') throw new FileError('no-permission', '/ is not deleted.');
    const own = await this.#session.lstat(path);
    if (!own.isDirectory()) return this.#session.remove(path);
    if (recursive) await this.#deleteTree(path);
    else if ((await this.#session.list(path)).length === 0) await this.#session.removeFolder(path);
    else throw new FileError('other', `Deleting ${path}: the folder is not empty.`);
  }

  async rename(from: string, to: string, overwrite: boolean): Promise<void> {
    const moved = await this.#session.lstat(from);
    const there = await unlessMissing(this.#session.lstat(to));
    if (there && !overwrite) throw exists(to);
    if (!there) return this.#session.rename(from, to);
    if (this.#session.replaces && !there.isDirectory() && !moved.isDirectory()) return this.#session.replace(from, to);
    await this.delete(to, true);
    await this.#session.rename(from, to);
  }

  async #deleteTree(path: string): Promise<void> {
    const entries = await this.#session.list(path);
    await eachOf(entries, async ({ filename, attrs }) => {
      const entry = posix.join(path, filename);
      if (!attrs.isDirectory()) await this.#session.remove(entry);
    });
    // One folder after the other: the number of requests under way stays bounded however deep they are.
    for (const { filename, attrs } of entries) {
      if (attrs.isDirectory()) await this.#deleteTree(posix.join(path, filename));
    }
    await this.#session.removeFolder(path);
  }

  async #writeNew(path: string, data: Buffer): Promise<void> {
    const part = partBeside(path);
    try {
      await this.#fill(part, await this.#session.create(part), data);
      // Fails where somebody else was faster.
      await this.#session.rename(part, path);
    } catch (error) {
      await this.#discard(part);
      if (FileError.is(error, 'other') && (await unlessMissing(this.#session.lstat(path)))) throw exists(path);
      throw error;
    }
  }

  /** False: it has to be written in place; nothing was changed. */
  async #replace(path: string, data: Buffer, before: Stats): Promise<boolean> {
    if (!this.#session.replaces) return false;
    const part = partBeside(path);
    // Nobody else reads what may be a secret before it has the mode of the old one.
    const handle = await this.#session.create(part, 0o600).catch((error: unknown) => {
      if (FileError.is(error, 'no-permission')) return undefined;
      throw error;
    });
    if (!handle) return false;
    try {
      const own = await this.#session.handleStat(handle, part);
      const isOurs = own.uid === before.uid && (await this.#takesGroup(handle, part, own, before));
      if (!isOurs) {
        await this.#session.close(handle, part);
        await this.#discard(part);
        return false;
      }
      if ((before.mode & 0o200) === 0) throw writeProtected(path);
      await this.#fill(part, handle, data, before.mode & permissions);
      await this.#session.replace(part, path);
      return true;
    } catch (error) {
      await this.#discard(part);
      throw error;
    }
  }

  async #takesGroup(handle: Buffer, part: string, own: Stats, { uid, gid }: Stats): Promise<boolean> {
    if (own.gid === gid) return true;
    const changed = this.#session.change(handle, part, { uid, gid });
    return changed.then(
      () => true,
      (error: unknown) => {
        if (FileError.is(error)) return false;
        throw error;
      },
    );
  }

  /** Closes it, which may be when the server says that there is no room. */
  async #fill(path: string, handle: Buffer, data: Buffer, mode?: number): Promise<void> {
    try {
      await this.#session.write(handle, path, data);
      if (mode !== undefined) await this.#session.change(handle, path, { mode });
    } catch (error) {
      await this.#session.close(handle, path).catch(() => undefined); // The first failure is the one to tell.
      throw error;
    }
    await this.#session.close(handle, path);
  }

  async #writeInPlace(path: string, data: Buffer): Promise<void> {
    const handle = await this.#session.openToWrite(path);
    try {
      await this.#session.write(handle, path, data);
      await this.#session.change(handle, path, { size: data.length });
    } finally {
      await this.#session.close(handle, path);
    }
  }

  /** It may never have been made, or be out of reach now: what failed before is what is told. */
  async #discard(part: string): Promise<void> {
    await this.#session.remove(part).catch(() => undefined);
  }
}

/** In the same folder, so that it can take the other's place; of a length that every file system allows. */
export function partBeside(path: string): string {
  return posix.join(posix.dirname(path), `.vigil-${randomBytes(8).toString('hex')}.part`);
}

function kindOf(attributes: Stats): FileStat['kind'] {
  if (attributes.isDirectory()) return 'folder';
  return attributes.isFile() ? 'file' : 'other';
}

function fileStat(attributes: Stats, isLink: boolean): FileStat {
  const hasFlag = attributes.isFile() && isReadOnly(attributes);
  const stat = { kind: kindOf(attributes), isLink, size: attributes.size, modified: attributes.mtime };
  return hasFlag ? { ...stat, isReadOnly: true } : stat;
}

/** Nobody may write into it, its owner neither. */
function isReadOnly({ mode }: Stats): boolean {
  return (mode & 0o222) === 0;
}

function onlyFile(attributes: Stats, path: string): void {
  if (attributes.isDirectory()) throw new FileError('is-a-folder', `${path} is a folder.`);
  if (!attributes.isFile()) throw new FileError('other', `${path} is neither a file nor a folder: it is not opened.`);
}

function writeProtected(path: string): FileError {
  return new FileError('no-permission', `Writing ${path}: it is write-protected.`);
}

function exists(path: string): FileError {
  return new FileError('exists', `${path} is there already.`);
}

function tooLarge(path: string, bytes: number): FileError {
  const mebibytes = (size: number) => Math.ceil(size / 1024 / 1024).toLocaleString('en');
  const words = `${path} has ${mebibytes(bytes)} MiB: whole files are opened and saved up to ${mebibytes(mostFileBytes)} MiB. For a job's output use Show Output and Search Whole Output, which read parts; for other files a terminal.`;
  return new FileError('other', words);
}

/** `undefined`: there is nothing. */
export async function unlessMissing<Result>(looking: Promise<Result>): Promise<Result | undefined> {
  return looking.catch((error: unknown) => {
    if (FileError.is(error, 'not-found')) return undefined;
    throw error;
  });
}

/** What is wrong with one file is passed over, not what is wrong with the connection. */
function passing(error: unknown): undefined {
  if (!FileError.is(error)) throw error;
}

/** Some at a time. Rejects with the first failure: none is begun after it, and all that are under way have ended by then. */
export async function eachOf<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  const entries = items.entries();
  const worker = async () => {
    for (const [index, item] of entries) {
      if (failures.length > 0) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: entriesAtOnce }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}
