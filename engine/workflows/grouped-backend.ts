/** OpenWorkflow's store on SQLite, with the writes of many runs in one transaction: each commit waits for the disk. */
import type { Backend } from 'openworkflow/internal';
import { BackendSqlite } from 'openworkflow/sqlite';

/** Of one statement, which they run before they first wait for something. */
const grouped: ReadonlySet<string | symbol> = new Set<keyof Backend>([
  'createStepAttempt',
  'completeStepAttempt',
  'failStepAttempt',
  'sleepWorkflowRun',
  'completeWorkflowRun',
]);

/**
 * Each claim looks for runs past their deadline, each emitted event for waits that name several: both without an index
 * through all that is open, however long it sleeps.
 */
const indexes = `
  CREATE INDEX IF NOT EXISTS vigil_runs_deadline ON workflow_runs (namespace_id, deadline_at)
    WHERE deadline_at IS NOT NULL;
  CREATE INDEX IF NOT EXISTS vigil_waits_several ON step_attempts (namespace_id)
    WHERE kind = 'signal-wait' AND status = 'running' AND substr(context ->> 'signal', 1, 7) = 'events:'`;

interface Write {
  readonly run: () => Promise<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Connection {
  exec(sql: string): void;
}

/** A write's promise is kept once its transaction is committed; where that fails all of them are rejected with its error. */
export function groupedBackend(path: string): Backend {
  const backend = BackendSqlite.connect(path);
  const connection = connectionOf(backend);
  connection.exec(indexes);
  let waiting: Write[] = [];
  const flush = () => {
    const writes = waiting;
    waiting = [];
    if (writes.length > 0) commit(connection, writes);
  };
  const add = (run: Write['run']) =>
    new Promise((resolve, reject) => {
      // All runs that go on now come to their next writes before the next round of the event loop.
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ run, resolve, reject });
    });
  return new Proxy<Backend>(backend, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      const call = (...args: unknown[]) => Reflect.apply(method, target, args) as Promise<unknown>;
      if (grouped.has(name)) return (...args: unknown[]) => add(() => call(...args));
      if (name !== 'stop') return call;
      return () => {
        flush();
        return call();
      };
    },
  });
}

function commit(connection: Connection, writes: readonly Write[]): void {
  let results: readonly Promise<unknown>[] = [];
  try {
    connection.exec('BEGIN IMMEDIATE');
    // One that fails (its lease is somebody else's) changes nothing; the others stand.
    results = writes.map(({ run }) => run());
    connection.exec('COMMIT');
  } catch (error) {
    for (const result of results) result.catch(() => undefined);
    rollBack(connection);
    for (const { reject } of writes) reject(error);
    return;
  }
  for (const [index, { resolve }] of writes.entries()) resolve(results[index]);
}

function rollBack(connection: Connection): void {
  try {
    connection.exec('ROLLBACK');
  } catch {
    // It was rolled back by what failed: a full disk does.
  }
}

/** The backend's own, which it does not tell. */
function connectionOf(backend: BackendSqlite): Connection {
  const connection: unknown = Reflect.get(backend, 'db');
  if (typeof Reflect.get(Object(connection), 'exec') === 'function') return connection as Connection;
  throw new Error('this version of OpenWorkflow keeps its connection elsewhere');
}
