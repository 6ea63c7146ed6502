/** A database with transactions that nest, which notes whether it can be used. */
import type { Database } from './database.ts';
import type { Row, SqlValue, Statements } from './statements.ts';
import { StoreFailure } from './store-failure.ts';

export class GuardedDatabase implements Statements {
  readonly database: Database;
  #depth = 0;
  #problem: string | undefined;
  #onHealth: (problem: string | undefined) => void = () => {};

  constructor(database: Database) {
    this.database = database;
  }

  /** Why it cannot be used now, in words for people; `undefined`: it can, as far as is known. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** To be told when that changes. */
  onHealth(listener: (problem: string | undefined) => void): void {
    this.#onHealth = listener;
  }

  run(sql: string, ...values: SqlValue[]): void {
    this.#guarded(true, () => this.database.run(sql, ...values));
  }

  all(sql: string, ...values: SqlValue[]): Row[] {
    return this.#guarded(false, () => this.database.all(sql, ...values));
  }

  serialize(what: string): void {
    this.database.serialize(what);
  }

  /** See `Store.transaction`. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    return this.#guarded(true, () => {
      this.database.begin();
      this.#depth++;
      try {
        const result = work();
        this.database.commit();
        return result;
      } catch (error) {
        this.database.rollback();
        throw error;
      } finally {
        this.#depth--;
      }
    });
  }

  /** Outside of a transaction: notes how the database is. `writes`: its success says that it is well. */
  #guarded<T>(writes: boolean, work: () => T): T {
    if (this.#depth > 0) return work();
    try {
      const result = work();
      if (writes && this.#problem !== undefined) this.#turned(undefined);
      return result;
    } catch (error) {
      const failure = error instanceof StoreFailure ? error : this.database.failure(error);
      if (!failure) throw error;
      if (this.#problem !== failure.message) this.#turned(failure.message);
      throw failure;
    }
  }

  #turned(problem: string | undefined): void {
    this.#problem = problem;
    this.database.hurry(problem !== undefined);
    this.#onHealth(problem);
  }

  close(): void {
    this.database.close();
  }
}
