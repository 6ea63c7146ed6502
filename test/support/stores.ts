/** The databases that a store may be on, for suites that hold on each of them. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GuardedDatabase } from '../../engine/store/guarded-database.ts';
import { postgresAddress } from '../../engine/store/postgres-address.ts';
import { PostgresDatabase } from '../../engine/store/postgres-database.ts';
import { Store } from '../../engine/store/store.ts';
import { openPostgresRuns } from '../../engine/workflows/postgres-runs.ts';
import { RunsDatabase } from '../../engine/workflows/runs-database.ts';
import { hasPostgres, PostgresServer } from './postgres-server.ts';
import { type Runs, runsInMemory } from './workflow-lab.ts';

/** A database that stays while its stores come and go. */
export interface Place {
  open(): Store;
  /** A store for runs that is empty; the one before is not used any more. */
  openRuns(): Promise<Runs>;
  dispose(): Promise<void>;
}

export interface StoreKind {
  readonly name: string;
  /** Why it cannot be had here. */
  readonly isMissing: boolean;
  /** Before all: what takes long. */
  prepare(): Promise<void>;
  place(): Place;
  dispose(): void;
}

const sqlite: StoreKind = {
  name: 'SQLite',
  isMissing: false,
  prepare: async () => {},
  place() {
    const folder = mkdtempSync(join(tmpdir(), 'vigil-store-'));
    return {
      open: () => new Store(join(folder, 'vigil.db')),
      openRuns: async () => runsInMemory(),
      dispose: async () => rmSync(folder, { recursive: true, force: true }),
    };
  },
  dispose() {},
};

function postgres(): StoreKind {
  let server: PostgresServer | undefined;
  return {
    name: 'PostgreSQL',
    isMissing: !hasPostgres,
    prepare: async () => {
      server = await PostgresServer.start();
    },
    place() {
      const schema = `t_${randomUUID().replaceAll('-', '_')}`;
      const address = () => postgresAddress(server?.url(schema) ?? '', {});
      let runs: Runs | undefined;
      return {
        open: () => {
          const store = new Store(new PostgresDatabase(address(), 'here'));
          // As an engine does that starts again.
          for (const cluster of store.ownership.leftClusters()) store.ownership.takeOver(cluster, true);
          return store;
        },
        openRuns: async () => {
          if (!runs) {
            const file = new GuardedDatabase(new PostgresDatabase(address()));
            // By one connection answers come in the order of the questions: what tests say about order holds.
            runs = { file, backend: await openPostgresRuns(address(), 1), database: new RunsDatabase(file) };
          }
          // The next is empty, too: it would take long to make all tables anew.
          runs.file.run('TRUNCATE workflow_runs, step_attempts, workflow_signals CASCADE');
          return runs;
        },
        dispose: async () => {
          runs?.file.close();
          await runs?.backend.stop();
        },
      };
    },
    dispose: () => server?.dispose(),
  };
}

export const postgresStores = postgres();
export const storeKinds: readonly StoreKind[] = [sqlite, postgresStores];
