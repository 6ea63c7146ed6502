/** What the store needs of a database: answers at once, so that a transaction is a piece of synchronous code. */
import type { StoreStatus } from '../protocol.ts';
import type { Statements } from './statements.ts';
import type { StoreFailure } from './store-failure.ts';

export interface Database extends Statements {
  /** Where it is, for people: a path, or an address without its password. */
  readonly name: string;
  /** Whose rows are this engine's: each row of a job that is open belongs to one engine. Empty: there is only one. */
  readonly owner: string;
  /** The engine's machine and folder, where several share the database. Empty: there is only one. */
  readonly place: string;
  /** False: others may have taken over what was this engine's. */
  readonly isAlive: boolean;
  begin(): void;
  commit(): void;
  /** Also where it was rolled back already. */
  rollback(): void;
  /** The failure that `error` stands for; `undefined`: it is an error of another kind, a mistake of ours. */
  failure(error: unknown): StoreFailure | undefined;
  /** While it fails nobody waits for it again and again: that would hold everything else up. */
  hurry(isFailing: boolean): void;
  usage(): Omit<StoreStatus, 'problem'>;
  close(): void;
}
