/** How a part of the store reaches its database: one dialect of SQL that SQLite and PostgreSQL both understand. */

export type Row = Record<string, unknown>;
export type SqlValue = string | number | null | Uint8Array;

export interface Statements {
  /** Within a transaction it may be sent later, with what follows: what fails then fails the transaction. */
  run(sql: string, ...values: SqlValue[]): void;
  all(sql: string, ...values: SqlValue[]): Row[];
  /** Other engines on the same database wait, until the transaction ends, before they change what has the same name. */
  serialize(what: string): void;
}
