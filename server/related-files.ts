/** The files that a workflow file names: as they are in an editor, else as they are on disk. No others are ever read. */
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { TextDocument } from 'vscode-languageserver-textdocument';

/** The text of a file of this machine; undefined: there is none. */
export type ReadFile = (path: string) => string | undefined;

export interface RelatedFiles {
  /** @param path as written in the document `uri`, relative to its folder */
  read(uri: string, path: string): string | undefined;
  /** undefined: it is not known where the document is. */
  uriOf(uri: string, path: string): string | undefined;
}

export function createRelatedFiles(open: () => readonly TextDocument[], readFile: ReadFile): RelatedFiles {
  const pathOf = (uri: string, path: string) => {
    const document = localPath(uri);
    return document === undefined ? undefined : resolve(dirname(document), path);
  };
  return {
    read(uri, path) {
      const file = pathOf(uri, path);
      if (file === undefined) return undefined;
      const document = open().find((candidate) => localPath(candidate.uri) === file);
      return document ? document.getText() : readFile(file);
    },
    uriOf(uri, path) {
      const file = pathOf(uri, path);
      return file === undefined ? undefined : pathToFileURL(file).href;
    },
  };
}

/** undefined for documents that are no files of this machine: untitled ones, and those of virtual file systems. */
export function localPath(uri: string): string | undefined {
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}
