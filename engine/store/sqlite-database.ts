/** The store on one SQLite file (WAL): the default, for one engine. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Database } from './database.ts';
import { migrations } from './migrations.ts';
import type { Row, SqlValue } from './statements.ts';
import { storeFailure } from './store-failure.ts';
import { storeUsage } from './store-usage.ts';

/** How long a write waits for another program that holds the database: the engine stands still meanwhile. */
const busyTimeoutMs = 1000;

export class SqliteDatabase implements Database {
  readonly name: string;
  readonly owner = '';
  readonly place = '';
  readonly isAlive = true;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** See `Store`. `steps`: none for a file whose tables somebody else makes. */
  constructor(path: string, steps: readonly string[] = migrations) {
    this.name = path;
    try {
      this.#database = new DatabaseSync(path);
      // NORMAL with WAL: a power cut may lose the last commits, never the consistency; a killed process loses nothing.
      this.#database.exec(`PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;`);
      this.#migrate(path, steps);
      this.hurry(false);
    } catch (error) {
      throw storeFailure(error, path) ?? error;
    }
  }

  #migrate(path: string, steps: readonly string[]): void {
    const [row] = this.#database.prepare('PRAGMA user_version').all() as { user_version: number }[];
    const version = row?.user_version ?? 0;
    if (version > steps.length) {
      throw new Error(
        `${path} was written by a newer Vigil (schema ${version}, this one knows ${steps.length}): update Vigil.`,
      );
    }
    steps.slice(version).forEach((sql, index) => {
      this.#database.exec(`BEGIN IMMEDIATE; ${sql} PRAGMA user_version = ${version + index + 1}; COMMIT;`);
    });
  }

  run(sql: string, ...values: SqlValue[]): void {
    this.#prepare(sql).run(...values);
  }

  all(sql: string, ...values: SqlValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[];
  }

  /** SQLite has one writer at a time. */
  serialize(): void {}

  begin(): void {
    this.#database.exec('BEGIN IMMEDIATE');
  }

  commit(): void {
    this.#database.exec('COMMIT');
  }

  /** SQLite may have rolled back by itself (a full disk): that must not hide why. */
  rollback(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }

  failure(error: unknown) {
    return storeFailure(error, this.name);
  }

  hurry(isFailing: boolean): void {
    this.#database.exec(`PRAGMA busy_timeout = ${isFailing ? 0 : busyTimeoutMs}`);
  }

  usage() {
    return storeUsage(this.name);
  }

  close(): void {
    this.#database.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
