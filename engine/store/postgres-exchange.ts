/** What passes between the store and the thread that speaks to PostgreSQL. */
import type { MessagePort } from 'node:worker_threads';
import type { Row, SqlValue } from './statements.ts';

export interface WorkerData {
  /** Of the client library: where, who, with which settings of the session. */
  readonly options: { readonly [name: string]: unknown };
  /** One number: the id of the last question that is answered. */
  readonly signal: Int32Array;
  /** Questions come here, answers go there. */
  readonly port: MessagePort;
}

export interface Ask {
  readonly id: number;
  readonly statements: readonly { readonly text: string; readonly values: readonly SqlValue[] }[];
  /** On a new connection. */
  readonly reset?: true;
}

export interface FailureReport {
  /** An SQLSTATE of five characters, a code of Node's or one of the client library. */
  readonly code: string;
  readonly message: string;
  readonly routine?: string;
}

export type Answer =
  | { readonly id: number; readonly rows: Row[] }
  | { readonly id: number; readonly failure: FailureReport };
