/** The files of a cluster as a file system: what the extension's `vigil-files:` folders are made of. */
import { RequestType } from 'vscode-jsonrpc/node';
import type { Timestamp } from '../protocol.ts';

export interface FileAddress {
  readonly cluster: string;
  /** Absolute there. */
  readonly path: string;
}

/** What an error of code `file` carries as its `data`. Errors of the connection have their own codes. */
export interface FileRefusal {
  readonly problem:
    | 'not-found'
    | 'exists'
    | 'not-a-folder'
    | 'is-a-folder'
    | 'no-permission'
    /** The cluster is offline and nobody asked to connect it, or the site allows no SFTP. */
    | 'unavailable'
    | 'other';
}

export interface FileStat {
  /** What a symbolic link leads to; `other`: nothing, or neither a file nor a folder. */
  readonly kind: 'file' | 'folder' | 'other';
  readonly isLink: boolean;
  /** Bytes. */
  readonly size: number;
  /** Whole seconds: SFTP tells no more. */
  readonly modified: Timestamp;
  /** Nobody may write into it. */
  readonly isReadOnly?: boolean;
}

export interface FolderEntry {
  /** Never empty, and without a slash. */
  readonly name: string;
  readonly kind: FileStat['kind'];
  readonly isLink: boolean;
}

/** Larger files are neither read nor written as a whole: editors keep them in memory, several times. */
export const mostFileBytes = 32 * 1024 * 1024;
/** One answer has at most so many bytes of a file. */
export const filePageBytes = 4 * 1024 * 1024;

export interface FilePage {
  /** Base64 of the bytes from the offset; fewer than a page only at the end of the file. */
  readonly data: string;
  /** Of the whole file, when these bytes were read. */
  readonly size: number;
  readonly modified: Timestamp;
}

export interface WriteFileParams extends FileAddress {
  /** Base64. */
  readonly data: string;
  /** It may be new. */
  readonly create: boolean;
  /** It may be there already. */
  readonly overwrite: boolean;
}

export interface RenameParams {
  readonly cluster: string;
  readonly from: string;
  readonly to: string;
  readonly overwrite: boolean;
}

export const statFile = new RequestType<FileAddress, FileStat, void>('fs/stat');
export const listFolder = new RequestType<FileAddress, readonly FolderEntry[], void>('fs/list');
export const readFilePage = new RequestType<FileAddress & { readonly offset: number }, FilePage, void>('fs/read');
export const writeFile = new RequestType<WriteFileParams, null, void>('fs/write');
export const makeFolder = new RequestType<FileAddress, null, void>('fs/mkdir');
/** A folder that is not empty only with `recursive`; what its links lead to stays. */
export const deleteFile = new RequestType<FileAddress & { readonly recursive: boolean }, null, void>('fs/delete');
export const renameFile = new RequestType<RenameParams, null, void>('fs/rename');
