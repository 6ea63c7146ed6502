/** Which files of a folder are to be sent: those that are named, and what git does not ignore of the folders that are named. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { isAbsolute, join, posix, sep } from 'node:path';
import { promisify } from 'node:util';

export interface LocalFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** Whole seconds since the epoch. */
  readonly modified: number;
  readonly mode: number;
  readonly isLink?: true;
}

const run = promisify(execFile);
const mostListingBytes = 256 * 1024 * 1024;

/**
 * @param entries files and folders within `folder`, relative to it; `.` is the folder itself. A file that is named is sent
 *   even where git ignores it.
 * Rejects with what to do when an entry is not there or not within the folder.
 */
export async function listedFiles(folder: string, entries: readonly string[]): Promise<readonly LocalFile[]> {
  const found = new Map<string, LocalFile>();
  const real = await realpath(folder);
  for (const entry of entries) {
    const path = within(entry);
    const state = await lstat(join(folder, path)).catch((cause: unknown) => {
      throw new Error(`${path} of ${folder} cannot be uploaded: it is not there.`, { cause });
    });
    // A folder on the way may be a link that leads out of it.
    const parent = await realpath(join(folder, posix.dirname(path)));
    if (parent !== real && !parent.startsWith(real + sep)) throw outside(entry);
    const paths = state.isDirectory() ? await filesOf(folder, path) : [path];
    for (const one of paths) {
      const file = await localFile(folder, one);
      if (file) found.set(file.path, file);
    }
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function within(entry: string): string {
  const path = posix.normalize(entry.replaceAll('\\', '/')).replace(/(.)\/$/, '$1');
  if (isAbsolute(path) || path === '..' || path.startsWith('../') || path.includes('\0')) throw outside(entry);
  return path;
}

function outside(entry: string): Error {
  return new Error(
    `${entry} cannot be uploaded: only what is in the folder of the script can, with its path from there.`,
  );
}

/** `undefined`: listed, but deleted since, or a folder (a submodule). */
async function localFile(folder: string, path: string): Promise<LocalFile | undefined> {
  const state = await lstat(join(folder, path)).catch(() => undefined);
  if (!state || !(state.isFile() || state.isSymbolicLink())) return undefined;
  const file = { path, bytes: state.size, modified: Math.floor(state.mtimeMs / 1000), mode: state.mode & 0o777 };
  return state.isSymbolicLink() ? { ...file, isLink: true } : file;
}

async function filesOf(folder: string, path: string): Promise<readonly string[]> {
  // A repository may name a program that tells git what has changed: it is not to be run for a list.
  const listing = [
    '-C',
    folder,
    '-c',
    'core.fsmonitor=false',
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
    '--',
    path,
  ];
  try {
    const { stdout } = await run('git', listing, { maxBuffer: mostListingBytes });
    return stdout.split('\0').filter((name) => name !== '');
  } catch (error) {
    const isMissing = Reflect.get(Object(error), 'code') === 'ENOENT';
    if (isMissing && existsSync(join(folder, '.gitignore')))
      throw new Error(`${folder} has a .gitignore, but there is no git to read it: install git, or name single files.`);
    const said = String(Reflect.get(Object(error), 'stderr') ?? '');
    // Outside of a repository nothing is ignored.
    if (isMissing || /not a git repository/i.test(said)) return walk(folder, path);
    throw new Error(`git cannot list ${path} of ${folder}: ${said.trim() || String(error)}`, { cause: error });
  }
}

async function walk(folder: string, path: string): Promise<readonly string[]> {
  const entries = await readdir(join(folder, path), { withFileTypes: true });
  const lists = await Promise.all(
    entries.map((entry) => {
      const own = path === '.' ? entry.name : `${path}/${entry.name}`;
      return entry.isDirectory() ? walk(folder, own) : [own];
    }),
  );
  return lists.flat();
}
