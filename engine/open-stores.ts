/** Opens what the engine keeps things in: files of this machine, or one PostgreSQL database for all of it. */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { EnginePaths } from './paths.ts';
import { GuardedDatabase } from './store/guarded-database.ts';
import { postgresAddress } from './store/postgres-address.ts';
import { PostgresDatabase } from './store/postgres-database.ts';
import { SqliteDatabase } from './store/sqlite-database.ts';
import { Store } from './store/store.ts';
import { groupedBackend } from './workflows/grouped-backend.ts';
import type { OpenRuns } from './workflows/open-workflows.ts';
import { openPostgresRuns } from './workflows/postgres-runs.ts';
import { RunsDatabase } from './workflows/runs-database.ts';

export interface Stores {
  readonly store: Store;
  readonly runs: OpenRuns;
  /** Where engines share it. */
  readonly shared?: PostgresDatabase;
  close(): void;
}

type Environment = { readonly [name: string]: string | undefined };

/** The setting `vigil.store` as a client tells it (`VIGIL_STORE`), else as it was told last. */
export function storeSetting({ storeFile }: Pick<EnginePaths, 'storeFile'>, { VIGIL_STORE }: Environment): string {
  const kept = existsSync(storeFile) ? readFileSync(storeFile, 'utf8').trim() : '';
  if (VIGIL_STORE === undefined || VIGIL_STORE === kept) return kept;
  keepStoreSetting(storeFile, VIGIL_STORE);
  return VIGIL_STORE;
}

/** For the next engine. For this user alone: people write passwords into it. */
export function keepStoreSetting(storeFile: string, setting: string): void {
  writeFileSync(`${storeFile}.new`, setting, { mode: 0o600 });
  renameSync(`${storeFile}.new`, storeFile);
}

/**
 * This machine and state folder, as no other engine has them: the engine here takes the place of those that were here before.
 * Machines may have one name (containers), and their folders one path: hence an id, which is made once. The caller holds the
 * engine's lock.
 */
export function engineHere({ placeFile }: Pick<EnginePaths, 'placeFile'>): string {
  let id = existsSync(placeFile) ? readFileSync(placeFile, 'utf8').trim() : '';
  if (id === '') {
    id = randomUUID();
    writeFileSync(`${placeFile}.new`, `${id}\n`, { mode: 0o600, flush: true });
    renameSync(`${placeFile}.new`, placeFile);
  }
  return `${hostname()}:${id}`;
}

/** Rejects with `StoreAddressError`, with `StoreFailure`, or because a newer Vigil has written there. */
export async function openStores(setting: string, paths: EnginePaths, environment: Environment): Promise<Stores> {
  if (setting === '') return sqliteStores(paths);
  const address = postgresAddress(setting, environment);
  const shared = new PostgresDatabase(address, engineHere(paths));
  try {
    const store = new Store(shared);
    const backend = await openPostgresRuns(address);
    const database = new RunsDatabase(store.database, address.runs);
    return { store, shared, runs: { backend, database, close: () => {} }, close: () => store.close() };
  } catch (error) {
    shared.close();
    throw error;
  }
}

/** In two files. */
export function sqliteStores(paths: Pick<EnginePaths, 'database' | 'runsDatabase'>): Stores {
  const store = new Store(paths.database);
  return { store, runs: openSqliteRuns(paths.runsDatabase), close: () => store.close() };
}

/** The runs on a file of their own. */
export function openSqliteRuns(path: string): OpenRuns {
  const backend = groupedBackend(path);
  const file = new GuardedDatabase(new SqliteDatabase(path, []));
  return { backend, database: new RunsDatabase(file), close: () => file.close() };
}
