/** Files of a cluster as clients ask for them: those that a job's output names, and parts of an output too long to be shown whole. */
import { RequestType } from 'vscode-jsonrpc/node';
import type { JobKey } from '../protocol.ts';

export interface ReadFileParams {
  /** The file is read where this job ran, by the account it ran under. */
  readonly job: JobKey;
  /** Absolute there, or from `~/` on. */
  readonly path: string;
  /** First byte wanted; default 0; negative: so many bytes before the end. */
  readonly offset?: number;
  /** At most 16 MiB. */
  readonly maxBytes: number;
}

export interface FilePart {
  readonly offset: number;
  /** Base64 of the bytes from `offset`; fewer than asked for only at the end of the file. */
  readonly data: string;
  /** The file ends behind them. */
  readonly isEnd: boolean;
}

export const readFilePart = new RequestType<ReadFileParams, FilePart, void>('files/read');

/** Where a search goes on. */
export interface SearchPlace {
  /** Byte of the file that a line begins at. */
  readonly offset: number;
  /** Its number, from 1. Lines end in `\n`, `\r\n` or a lone `\r`. */
  readonly line: number;
}

export interface SearchOutputParams {
  readonly job: JobKey;
  readonly stream: 'stdout' | 'stderr';
  /** A text, or (with `isPattern`) a regular expression of Python's `re`, for one line. Escape sequences are passed over. */
  readonly wanted: string;
  readonly isPattern: boolean;
  /** Of ASCII letters. */
  readonly ignoreCase: boolean;
  readonly from: SearchPlace;
  /** At most 10,000. */
  readonly maxLines: number;
}

export interface FoundLine extends SearchPlace {
  /** Of a long line some 400 characters around what was found. Raw. */
  readonly text: string;
}

export interface SearchOutputResult {
  readonly path: string;
  /** Bytes that the file has now. */
  readonly size: number;
  readonly found: readonly FoundLine[];
  /** Where to go on; absent: all was searched. */
  readonly next?: SearchPlace;
}

/** Searches a few seconds long where the file is, and says where to go on: files may have gigabytes. */
export const searchOutput = new RequestType<SearchOutputParams, SearchOutputResult, void>('output/search');
