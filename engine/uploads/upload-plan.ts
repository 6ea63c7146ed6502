/** In which portions files are sent. Pure. */
import type { LocalFile } from './listed-files.ts';

/** Bytes of one command's input: so much is in memory at once, and lost when a connection breaks. */
export const portionBytes = 4 * 1024 * 1024;
const filesInPortion = 1000;

/** Files that go together, or one large file that goes in pieces. */
export type Portion = { readonly together: readonly LocalFile[] } | { readonly large: LocalFile };

/** @param there size and time of those that the cluster has already, by path */
export function changedFiles(
  files: readonly LocalFile[],
  there: ReadonlyMap<string, Pick<LocalFile, 'bytes' | 'modified'>>,
): readonly LocalFile[] {
  return files.filter(({ path, bytes, modified }) => {
    const other = there.get(path);
    return other?.bytes !== bytes || other.modified !== modified;
  });
}

/** What `stat -c '%s %Y %n'` prints, of paths that begin with `./`. */
export function parseStat(told: string): ReadonlyMap<string, Pick<LocalFile, 'bytes' | 'modified'>> {
  const lines = [...told.matchAll(/^(\d+) (\d+) \.\/(.+)$/gm)];
  return new Map(
    lines.map(([, bytes, modified, path = '']) => [path, { bytes: Number(bytes), modified: Number(modified) }]),
  );
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
