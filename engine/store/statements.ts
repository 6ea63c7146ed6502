/** How a part of the store reaches its database. */
import type { SQLInputValue } from 'node:sqlite';

export type Row = Record<string, unknown>;

export interface Statements {
  /** How many rows it changed. */
  run(sql: string, ...values: SQLInputValue[]): number | bigint;
  all(sql: string, ...values: SQLInputValue[]): Row[];
}
