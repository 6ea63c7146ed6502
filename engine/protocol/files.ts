/** Files of a cluster as clients ask for them: those that a job's output names, and parts of an output too long to be shown whole. */
import { RequestType } from 'vscode-jsonrpc/node';
import type { JobKey } from '../protocol.ts';

export interface ReadFileParams {
  /** The file is read where this job ran, by the account it ran under. */
  readonly job: JobKey;
  /** Absolute there. */
  readonly path: string;
  /** First byte wanted; default 0. */
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
