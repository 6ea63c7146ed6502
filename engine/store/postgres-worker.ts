/**
 * The thread that speaks to PostgreSQL, so that the engine can wait for an answer. One connection; statements are done in
 * the order they come. A connection that is lost is opened again by itself, beside the engine: nobody waits for that, what is
 * asked meanwhile fails at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import postgres, { type Options, type PostgresType, type Sql } from 'postgres';
import type { Answer, Ask, FailureReport, Message, Statement, WorkerData } from './postgres-exchange.ts';
import { noAnswer, tooLate } from './postgres-failure.ts';

const { options, signal, port } = workerData as WorkerData;
/** Before a lost connection is opened again; twice as long after each vain attempt. */
const reconnectMs = { first: 500, longest: 5_000 } as const;
/** Less than whoever is the first to ask waits. */
const openTimeoutMs = 8_000;
/** What may be sent without waiting for the answers before: less than a socket takes at once. */
const mostAhead = { statements: 50, bytes: 12_000 } as const;

let sql: Sql | undefined;
let why: FailureReport = { code: 'CONNECT_TIMEOUT', message: 'not connected yet' };
let prepared = new Set<string>();
/** Where the last question was put: its transaction may be open there. */
let within: Sql | undefined;
/** The server's process at the other end of the last connection; `began` tells it from a later one of that number. */
let backend: { readonly pid: number; readonly began: string } | undefined;
/** The server's clock less that of this machine, in ms, or a little less than that. */
let aheadMs = 0;
let failedAttempts = 0;
let timer: NodeJS.Timeout | undefined;

const report = (error: unknown): FailureReport => {
  const { code, message, routine } = error as { code?: unknown; message?: unknown; routine?: unknown };
  return {
    code: String(code ?? ''),
    message: String(message ?? error),
    ...(routine ? { routine: String(routine) } : {}),
  };
};

/** Resolves when it is known whether there is a connection now. There is one attempt at a time: `timer` or this. */
async function open(): Promise<void> {
  timer = undefined;
  let isClosed = false;
  const made: Sql = postgres({
    ...(options as Options<Record<string, PostgresType>>),
    // One connection that stays: transactions are statements on it.
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => {},
    onclose: () => {
      isClosed = true;
      if (sql === made) lost({ code: 'CONNECTION_CLOSED', message: 'the connection was closed' });
    },
    types: {
      // As on SQLite: text that the store makes and reads.
      json: { to: 114, from: [114, 3802], serialize: String, parse: String },
      bigint: { to: 20, from: [20], serialize: String, parse: Number },
    },
  });
  const impatience = new AbortController();
  try {
    const timeout = sleep(openTimeoutMs, undefined, { signal: impatience.signal }).then(() => {
      throw { code: 'CONNECT_TIMEOUT', message: 'it takes connections, but answers nothing' };
    });
    await Promise.race([greet(made), timeout]);
    if (isClosed) throw { code: 'CONNECTION_CLOSED', message: 'the connection was closed' };
    prepared = new Set();
    failedAttempts = 0;
    sql = made;
  } catch (error) {
    void made.end({ timeout: 0 });
    failedAttempts++;
    lost(report(error));
  } finally {
    impatience.abort();
  }
}

/** Makes a connection ready to be used. What was sent on the one before is done, or never will be, when this resolves. */
async function greet(made: Sql): Promise<void> {
  const [here] = await made.unsafe(`
    SELECT pid, extract(epoch FROM backend_start)::text AS began,
      (extract(epoch FROM clock_timestamp()) * 1000)::double precision AS clock
    FROM pg_stat_activity WHERE pid = pg_backend_pid()`);
  aheadMs = Number(here?.clock) - Date.now();
  const before = backend;
  while (before) {
    // It holds locks as long as it lives. A pooler may have given the same one again: for that it has ended its transaction.
    const left = await made.unsafe(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE pid = $1 AND extract(epoch FROM backend_start)::text = $2 AND pid <> pg_backend_pid()`,
      [before.pid, before.began],
    );
    if (left.length === 0) break;
    await sleep(50);
  }
  backend = { pid: Number(here?.pid), began: String(here?.began) };
}

function lost(reason: FailureReport): void {
  why = reason;
  const before = sql;
  sql = undefined;
  void before?.end({ timeout: 0 });
  const { first, longest } = reconnectMs;
  timer ??= setTimeout(() => void open(), Math.min(longest, first * 2 ** failedAttempts));
}

/** All of it, in this order; the rows of the last statement. Rejects with the first error. */
async function perform({ statements: asked, deadline, goesOn, commits }: Ask): Promise<readonly unknown[]> {
  const on = sql;
  // Sent on another connection it would be no part of its transaction.
  if (!on || (goesOn && on !== within)) throw why;
  within = on;
  // An answer may be waited for in vain, and the server come to it later.
  const statements: readonly Statement[] = commits
    ? [...asked, { text: 'SELECT in_time($1)', values: [(deadline + aheadMs) / 1000] }, { text: 'COMMIT', values: [] }]
    : asked;
  const bytes = statements.reduce((sum, { text, values }) => sum + text.length + sizeOf(values), 0);
  const isAhead =
    statements.length <= mostAhead.statements &&
    bytes < mostAhead.bytes &&
    statements.every(({ text, values }) => values.length === 0 || prepared.has(signature(text, values)));
  const send = ({ text, values }: Statement) => {
    if (sql !== on) throw why;
    if (Date.now() >= deadline) throw { code: noAnswer, message: 'whoever asked has given up' };
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

async function answer(ask: Ask): Promise<Answer> {
  const { id } = ask;
  try {
    // The first ever waits for the connection.
    await first;
    const rows = await perform(ask);
    return { id, rows: rows.map((row) => ({ ...(row as object) })) };
  } catch (error) {
    const failure = report(error);
    // Nobody has given up who hears this: a clock was set. A new connection begins with both clocks as they are now.
    if (failure.code === tooLate && sql && sql === within) lost(failure);
    return { id, failure };
  }
}

const first = open();
let queue: Promise<void> = Promise.resolve();
port.on('message', (message: Message) => {
  if (message === 'end') {
    clearTimeout(timer);
    void (sql?.end({ timeout: 1 }) ?? Promise.resolve()).finally(() => process.exit(0));
    return;
  }
  if (message === 'reset') {
    // Beside the queue, which waits for what does not come.
    if (sql) lost({ code: noAnswer, message: 'an answer did not come in time' });
    return;
  }
  queue = queue.then(async () => {
    port.postMessage(await answer(message));
    Atomics.store(signal, 0, message.id);
    Atomics.notify(signal, 0);
  });
});
