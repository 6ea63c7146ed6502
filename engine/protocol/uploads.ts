/** The part of the protocol that is about files that jobs need. */
import { NotificationType, RequestType } from 'vscode-jsonrpc/node';

export interface UploadParams {
  readonly cluster: string;
  /** Of the machine that the engine and its clients are on: an absolute path. */
  readonly folder: string;
  /** Files and folders within it, relative to it; of folders all that git does not ignore. */
  readonly entries: readonly string[];
  /** On the cluster; it is made. Absent: the cluster's default. */
  readonly workdir?: string;
  /** With it comes `uploads/progress`. */
  readonly token?: string;
}

export interface UploadResult {
  readonly files: number;
  readonly bytes: number;
  /** They were there already. */
  readonly unchanged: number;
  /** Where they are now: as it was asked for. */
  readonly workdir: string;
}

export interface UploadProgress {
  readonly token: string;
  readonly files: number;
  readonly bytes: number;
  /** Of all that are listed, also those that turn out to be there already. */
  readonly totalBytes: number;
}

/** Cancelling the request ends it; what was sent until then stays. */
export const uploadFiles = new RequestType<UploadParams, UploadResult, void>('uploads/start');
export const uploadProgressed = new NotificationType<UploadProgress>('uploads/progress');
