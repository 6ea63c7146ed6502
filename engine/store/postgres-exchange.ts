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

export interface Statement {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

export interface Ask {
  readonly id: number;
  readonly statements: readonly Statement[];
  /** By the clock of this machine, in ms: whoever asked waits no longer, so nothing may be written then. */
  readonly deadline: number;
  /** In the transaction that an earlier question has begun: never on another connection. */
  readonly goesOn: boolean;
  /** The transaction is to be committed after the statements. */
  readonly commits: boolean;
}

/** `reset`: an answer was waited for in vain; what its connection still does must not be gone on with. */
export type Message = Ask | 'reset' | 'end';

export interface FailureReport {
  /** An SQLSTATE of five characters, a code of Node's or one of the client library. */
  readonly code: string;
  readonly message: string;
  readonly routine?: string;
}

export type Answer =
  | { readonly id: number; readonly rows: Row[] }
  | { readonly id: number; readonly failure: FailureReport };
