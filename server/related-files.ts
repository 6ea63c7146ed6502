/**
 * The files that a workflow file names: as they are in an editor, else as they are on disk. No others are ever read; of the folder
 * that a name is being typed in, the names are.
 */
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { TextDocument } from 'vscode-languageserver-textdocument';

/** The text of a file of this machine; undefined: there is none. */
export type ReadFile = (path: string) => string | undefined;

/** An entry of a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

/** What is in a folder of this machine, not in those beneath it; nothing of one that cannot be read. */
export type ListFolder = (path: string) => readonly FolderEntry[];

/** Is there such a directory on this machine? undefined: it is not known. */
export type IsDirectory = (path: string) => boolean | undefined;

export interface RelatedFiles {
  /** @param path as written in the document `uri`, relative to its folder */
  read(uri: string, path: string): string | undefined;
  isDirectory(uri: string, path: string): boolean | undefined;
  /** undefined: it is not known where the document is. */
  uriOf(uri: string, path: string): string | undefined;
  /** @param folder as written in the document `uri`; '' for the document's own */
  list(uri: string, folder: string): readonly FolderEntry[];
}

export function createRelatedFiles(
  open: () => readonly TextDocument[],
  readFile: ReadFile,
  listFolder: ListFolder = () => [],
  isDirectory: IsDirectory = () => undefined,
): RelatedFiles {
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
    isDirectory(uri, path) {
      const file = pathOf(uri, path);
      return file === undefined ? undefined : isDirectory(file);
    },
    uriOf(uri, path) {
      const file = pathOf(uri, path);
      return file === undefined ? undefined : pathToFileURL(file).href;
    },
    list(uri, folder) {
      const path = pathOf(uri, folder);
      return path === undefined ? [] : listFolder(path);
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
