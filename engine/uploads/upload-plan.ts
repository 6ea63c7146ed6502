/** In which portions files are sent. Pure. */
import type { LocalFile } from './listed-files.ts';

/** So much is in memory at once. */
export const portionBytes = 4 * 1024 * 1024;
const filesInPortion = 1000;

/** Files that go together, or a large one that goes by itself. */
export type Portion = { readonly together: readonly LocalFile[] } | { readonly large: LocalFile };

export type SizeAndTime = Pick<LocalFile, 'bytes' | 'modified'>;

/** @param there size and time of those that the cluster has already, by path */
export function changedFiles(
  files: readonly LocalFile[],
  there: ReadonlyMap<string, SizeAndTime>,
): readonly LocalFile[] {
  return files.filter((file) => !isSame(file, there.get(file.path)));
}

export function isSame(file: SizeAndTime, there: SizeAndTime | undefined): boolean {
  return there?.bytes === file.bytes && there.modified === file.modified;
}

/** What `stat --printf '%s %Y %n\0'` prints, of paths that begin with `./`. */
export function parseStat(told: string): ReadonlyMap<string, SizeAndTime> {
  const there = new Map<string, SizeAndTime>();
  for (const one of told.split('\0')) {
    const [, bytes, modified, path] = /^(\d+) (\d+) \.\/(.+)$/s.exec(one) ?? [];
    if (path !== undefined) there.set(path, { bytes: Number(bytes), modified: Number(modified) });
  }
  return there;
}

export function portions(files: readonly LocalFile[]): readonly Portion[] {
  const result: Portion[] = [];
  let together: LocalFile[] = [];
  let bytes = 0;
  const close = () => {
    if (together.length > 0) result.push({ together });
    together = [];
    bytes = 0;
  };
  for (const file of files) {
    if (file.bytes > portionBytes) {
      result.push({ large: file });
      continue;
    }
    if (bytes + file.bytes > portionBytes || together.length === filesInPortion) close();
    together.push(file);
    bytes += file.bytes;
  }
  close();
  return result;
}
