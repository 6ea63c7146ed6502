/** Following the output of a job. */
import { NotificationType, RequestType } from 'vscode-jsonrpc/node';
import type { JobKey } from '../protocol.ts';

export interface OpenOutputParams {
  readonly job: JobKey;
  readonly stream: 'stdout' | 'stderr';
  /** First byte wanted; negative: so many bytes before the end that the file has when it is first seen. */
  readonly offset: number;
}

export interface OutputChunk {
  readonly subscription: number;
  readonly offset: number;
  /** Base64 of the bytes from `offset`. */
  readonly data?: string;
  /** All there is has been sent; more may come while the job runs. */
  readonly caughtUp?: boolean;
  /** The file became shorter or was replaced: what was shown is no longer in it; reading starts again at 0. */
  readonly restarted?: boolean;
  /** Why it cannot be read (now); reading goes on when it can. */
  readonly problem?: string;
}

export const openOutput = new RequestType<
  OpenOutputParams,
  { readonly subscription: number; readonly path: string },
  void
>('output/open');
export const closeOutput = new RequestType<{ readonly subscription: number }, null, void>('output/close');
export const outputChunk = new NotificationType<OutputChunk>('output/chunk');
