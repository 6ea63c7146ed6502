/** OpenWorkflow's store of runs on PostgreSQL, in the schema of the rest of the store. */
import type { Backend } from 'openworkflow/internal';
import { BackendPostgres } from 'openworkflow/postgres';
import postgres, { type Sql } from 'postgres';
import { connectOptions, type PostgresAddress } from '../store/postgres-address.ts';
import { renewedBackend } from './renewed-backend.ts';

/** Connections that an engine may have for its runs; the rest of the store has one more. */
const mostConnections = 4;

/** More than a statement may take on the server: a connection that is lost without a word is waited for so long. */
const longestMs = 20_000;

/** Resolves when its tables are there. */
export async function openPostgresRuns(
  address: PostgresAddress,
  connections = mostConnections,
  answerTimeoutMs = longestMs,
): Promise<Backend> {
  const first = openPool(address, connections);
  try {
    await migrate(first, address);
  } finally {
    await first.end({ timeout: 1 });
  }
  const connect = () => {
    const pool = openPool(address, connections);
    const backend = BackendPostgres.fromPool(pool, { schema: address.schema, namespaceId: address.runs });
    return { backend, abandon: () => void pool.end({ timeout: 0 }), end: () => pool.end({ timeout: 1 }) };
  };
  return renewedBackend(connect, answerTimeoutMs);
}

function openPool(address: PostgresAddress, connections: number): Sql {
  const { connection, ...options } = connectOptions(address);
  return postgres({
    ...options,
    connection,
    max: connections,
    onnotice: () => {},
    // As OpenWorkflow makes its own pools.
    transform: { column: { from: postgres.toCamel } },
  } as postgres.Options<Record<string, never>>);
}

/** Engines that start at the same time do it one after another. */
async function migrate(pool: Sql, address: PostgresAddress): Promise<void> {
  const { schema } = address;
  const holder = await pool.reserve();
  try {
    const lock = `openworkflow ${schema}`;
    await holder`SELECT pg_advisory_lock(hashtext(${lock}))`;
    try {
      // Its first step makes the schema, which not everybody may and which is there already.
      await holder.unsafe(`CREATE SCHEMA IF NOT EXISTS "${schema}"`).catch(ignoreMissingRight);
      await holder.unsafe('CREATE TABLE IF NOT EXISTS openworkflow_migrations (version BIGINT NOT NULL PRIMARY KEY)');
      await holder.unsafe('INSERT INTO openworkflow_migrations (version) VALUES (0) ON CONFLICT DO NOTHING');
      const backend = await BackendPostgres.connect(urlOf(address), { schema });
      await backend.stop();
      // What runs wait for is asked for every few seconds.
      await holder.unsafe(
        `CREATE INDEX IF NOT EXISTS vigil_waits ON step_attempts (namespace_id, (context ->> 'signal'))
         WHERE kind = 'signal-wait' AND status = 'running'`,
      );
    } finally {
      await holder`SELECT pg_advisory_unlock(hashtext(${lock}))`;
    }
  } finally {
    holder.release();
  }
}

function ignoreMissingRight(error: { readonly code?: string }): void {
  if (error.code !== '42501') throw error;
}

/** For OpenWorkflow's migrations, which take no options. It stays in this process. */
function urlOf({ host, port, database, user, password, ssl }: PostgresAddress): string {
  const url = new URL(
    `postgres://${host.startsWith('/') ? 'localhost' : host}:${port}/${encodeURIComponent(database)}`,
  );
  url.username = encodeURIComponent(user);
  if (password !== undefined) url.password = encodeURIComponent(password);
  if (host.startsWith('/')) url.searchParams.set('host', host);
  if (ssl !== undefined) url.searchParams.set('sslmode', ssl === false ? 'disable' : ssl);
  return url.href;
}
