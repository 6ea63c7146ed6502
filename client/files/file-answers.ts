/** What the engine's answers about files are to an editor. Pure. */
import type { FilePage, FileRefusal } from '../../engine/protocol/file-system.ts';
import { errorCodes } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';

/** The kinds that `vscode.FileSystemError` makes; `undefined`: none of them. */
export type FileSystemErrorKind =
  | 'FileNotFound'
  | 'FileExists'
  | 'FileNotADirectory'
  | 'FileIsADirectory'
  | 'NoPermissions'
  | 'Unavailable';

const kinds: { readonly [problem in FileRefusal['problem']]: FileSystemErrorKind | undefined } = {
  'not-found': 'FileNotFound',
  exists: 'FileExists',
  'not-a-folder': 'FileNotADirectory',
  'is-a-folder': 'FileIsADirectory',
  'no-permission': 'NoPermissions',
  unavailable: 'Unavailable',
  other: undefined,
};

/** Whatever is not about the file is about the way to it. */
export function errorKind(error: unknown): FileSystemErrorKind | undefined {
  if (Reflect.get(Object(error), 'code') !== errorCodes.file) return 'Unavailable';
  const problem: unknown = Reflect.get(Object(Reflect.get(Object(error), 'data')), 'problem');
  return Object.entries(kinds).find(([name]) => name === problem)?.[1];
}

/** How often a file that changes while it is read is begun anew. */
const mostBeginnings = 3;

/**
 * All of a file. One that changes meanwhile is read anew, one that grows all the time as far as it was; one that is never the same is an error.
 */
export async function readWhole(readPage: (offset: number) => Promise<FilePage>): Promise<Uint8Array> {
  for (let beginning = 0; beginning < mostBeginnings; beginning++) {
    const first = await readPage(0);
    const pages = [Buffer.from(first.data, 'base64')];
    let read = pages[0]?.length ?? 0;
    let isSame = true;
    while (isSame && read < first.size) {
      const page = await readPage(read);
      const bytes = Buffer.from(page.data, 'base64').subarray(0, first.size - read);
      // What grows without an end is read as far as it was; but what is larger now may be another file.
      const isLast = beginning === mostBeginnings - 1;
      const isUnchanged = page.size === first.size && page.modified === first.modified;
      isSame = (isUnchanged || (isLast && page.size > first.size)) && bytes.length > 0;
      pages.push(bytes);
      read += bytes.length;
    }
    if (isSame) return Buffer.concat(pages);
  }
  throw new Error(l10n.t('The file changes faster than it can be read. Try again, or look at it in a terminal.'));
}
