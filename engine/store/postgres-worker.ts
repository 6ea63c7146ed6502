/**
 * The thread that speaks to PostgreSQL, so that the engine can wait for an answer. One connection; statements are done in
 * the order they come. A connection that is lost is opened again by itself, beside the engine: nobody waits for that.
 */
import { workerData } from 'node:worker_threads';
import postgres, { type Options, type PostgresType, type Sql } from 'postgres';
import type { Answer, Ask, FailureReport, WorkerData } from './postgres-exchange.ts';

const { options, signal, port } = workerData as WorkerData;
const reconnectMs = 1000;
/** What may be sent without waiting for the answers before: less than a socket takes at once. */
const mostAhead = { statements: 50, bytes: 12_000 } as const;

let sql: Sql | undefined;
/** Counts connections: a transaction ends with the one it began on. */
let connection = 0;
let prepared = new Set<string>();
let why: FailureReport = { code: 'CONNECT_TIMEOUT', message: 'not connected yet' };
let timer: NodeJS.Timeout | undefined;

const report = (error: unknown): FailureReport => {
  const { code, message, routine } = error as { code?: unknown; message?: unknown; routine?: unknown };
  return {
    code: String(code ?? ''),
    message: String(message ?? error),
    ...(routine ? { routine: String(routine) } : {}),
  };
};

/** Resolves when it is known whether there is a connection now. */
async function open(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  const made: Sql = postgres({
    ...(options as Options<Record<string, PostgresType>>),
    // One connection that stays: transactions are statements on it.
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => {},
    onclose: () => {
      connection++;
      if (sql === made) lost({ code: 'CONNECTION_CLOSED', message: 'the connection was closed' });
    },
    types: {
      // As on SQLite: text that the store makes and reads.
      json: { to: 114, from: [114, 3802], serialize: String, parse: String },
      bigint: { to: 20, from: [20], serialize: String, parse: Number },
    },
  });
  try {
    await made.unsafe('SELECT 1');
    prepared = new Set();
    sql = made;
  } catch (error) {
    await made.end({ timeout: 0 });
    lost(report(error));
  }
}

function lost(reason: FailureReport): void {
  why = reason;
  const before = sql;
  sql = undefined;
  void before?.end({ timeout: 0 });
  timer ??= setTimeout(() => void open(), reconnectMs);
}

/** All of it, in this order; the rows of the last. Rejects with the first error. */
async function perform(statements: Ask['statements']): Promise<readonly unknown[]> {
  const on = sql;
  const at = connection;
  if (!on) throw why;
  const bytes = statements.reduce((sum, { text, values }) => sum + text.length + sizeOf(values), 0);
  const isAhead =
    statements.length <= mostAhead.statements &&
    bytes < mostAhead.bytes &&
    statements.every(({ text, values }) => values.length === 0 || prepared.has(signature(text, values)));
  const send = ({ text, values }: Ask['statements'][number]) => {
    // Sent on another connection it would be no part of its transaction.
    if (at !== connection || sql !== on) throw why;
    // Without values it goes as it is: such statements control transactions.
    return values.length === 0 ? on.unsafe(text) : on.unsafe(text, [...values], { prepare: true });
  };
  if (isAhead) {
    const answers = await Promise.allSettled(statements.map(send));
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (failed) throw failed.reason;
    const last = answers.at(-1);
    return last?.status === 'fulfilled' ? last.value : [];
  }
  let rows: readonly unknown[] = [];
  for (const statement of statements) {
    rows = await send(statement);
    prepared.add(signature(statement.text, statement.values));
  }
  return rows;
}

/** What the client library keeps a prepared statement by: bytes are a type of their own. */
const signature = (text: string, values: readonly unknown[]) =>
  `${values.map((value) => (value instanceof Uint8Array ? 'b' : 't')).join('')} ${text}`;

const sizeOf = (values: readonly unknown[]) =>
  values.reduce<number>(
    (sum, value) =>
      sum + (typeof value === 'string' ? 3 * value.length : value instanceof Uint8Array ? 2 * value.length + 2 : 24),
    0,
  );

async function answer({ id, statements, reset }: Ask): Promise<Answer> {
  try {
    // Whoever asked last did not wait for the answer: what that left must not be gone on with.
    if (reset) {
      await sql?.end({ timeout: 0 });
      sql = undefined;
      await open();
    }
    // The first ever waits for the connection.
    await first;
    const rows = await perform(statements);
    return { id, rows: rows.map((row) => ({ ...(row as object) })) };
  } catch (error) {
    return { id, failure: report(error) };
  }
}

const first = open();
let queue: Promise<void> = Promise.resolve();
port.on('message', (ask: Ask | 'end') => {
  if (ask === 'end') {
    clearTimeout(timer);
    void (sql?.end({ timeout: 1 }) ?? Promise.resolve()).finally(() => process.exit(0));
    return;
  }
  queue = queue.then(async () => {
    port.postMessage(await answer(ask));
    Atomics.store(signal, 0, ask.id);
    Atomics.notify(signal, 0);
  });
});
