/** Emitted events in the store: the first of a name is the event, later ones are its duplicates. */

import type { EmittedEvent } from '../protocol/actions.ts';
import type { JsonValue, Timestamp } from '../protocol.ts';
import type { Row, Statements } from './statements.ts';

export interface NewEmit {
  readonly name: string;
  readonly payload: JsonValue;
  readonly emitted: Timestamp;
  readonly source: string;
  /** An emit that is repeated with its key changes nothing. */
  readonly key?: string;
}

const columns = `seq, name, payload, emitted, source,
  CASE WHEN EXISTS (SELECT 1 FROM events AS earlier WHERE earlier.name = events.name AND earlier.seq < events.seq)
    THEN 1 ELSE 0 END AS duplicate`;

export class EventTable {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** In a transaction. `isNew`: false when an emit of this key is stored already. */
  add({ name, payload, emitted, source, key }: NewEmit): { readonly event: EmittedEvent; readonly isNew: boolean } {
    // The first of a name is told by its number: nobody may get a lower one after this was read.
    this.#statements.serialize('events');
    const earlier = key === undefined ? undefined : this.byKey(key);
    if (earlier) return { event: earlier, isNew: false };
    const [stored] = this.#statements.all(
      'INSERT INTO events (name, payload, emitted, source, emit_key) VALUES (?, ?, ?, ?, ?) RETURNING seq',
      name,
      JSON.stringify(payload),
      emitted,
      source,
      key ?? null,
    );
    const [row] = this.#statements.all(`SELECT ${columns} FROM events WHERE seq = ?`, Number(stored?.seq));
    if (!row) throw new Error(`the event ${name} was not stored`);
    return { event: toEvent(row), isNew: true };
  }

  /** What was emitted with this key. */
  byKey(key: string): EmittedEvent | undefined {
    return this.#statements.all(`SELECT ${columns} FROM events WHERE emit_key = ?`, key).map(toEvent)[0];
  }

  /** The event of this name: the first that was emitted. */
  first(name: string): EmittedEvent | undefined {
    return this.#statements
      .all(`SELECT ${columns} FROM events WHERE name = ? ORDER BY seq LIMIT 1`, name)
      .map(toEvent)[0];
  }

  /** With duplicates, the oldest first. */
  list({ name, from = 0 }: { readonly name?: string; readonly from?: number } = {}): EmittedEvent[] {
    const rows =
      name === undefined
        ? this.#statements.all(`SELECT ${columns} FROM events WHERE seq >= ? ORDER BY seq`, from)
        : this.#statements.all(`SELECT ${columns} FROM events WHERE name = ? AND seq >= ? ORDER BY seq`, name, from);
    return rows.map(toEvent);
  }

  /** The number of the last one; 0: none was emitted. */
  lastSeq(): number {
    return Number(this.#statements.all('SELECT max(seq) AS seq FROM events')[0]?.seq ?? 0);
  }

  /** How many this source has emitted. */
  countOf(source: string): number {
    return Number(this.#statements.all('SELECT count(*) AS count FROM events WHERE source = ?', source)[0]?.count ?? 0);
  }
}

const toEvent = (row: Row): EmittedEvent => ({
  seq: row.seq as number,
  name: row.name as string,
  payload: JSON.parse(row.payload as string) as JsonValue,
  emitted: row.emitted as number,
  source: row.source as string,
  duplicate: row.duplicate === 1,
});
