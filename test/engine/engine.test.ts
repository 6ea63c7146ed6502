import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Engine, type EngineDependencies } from '../../engine/engine.ts';
import { silentLogger } from '../../engine/logger.ts';
import { openSqliteRuns } from '../../engine/open-stores.ts';
import { enginePaths } from '../../engine/paths.ts';
import type { JobKey } from '../../engine/protocol.ts';
import { postgresAddress } from '../../engine/store/postgres-address.ts';
import { PostgresDatabase } from '../../engine/store/postgres-database.ts';
import { Store } from '../../engine/store/store.ts';
import { StoreFailure } from '../../engine/store/store-failure.ts';
import { jobRecord } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { hasPostgres, PostgresServer } from '../support/postgres-server.ts';

let folder: string;
let dispose: (() => unknown)[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-engine-'));
  dispose = [() => rmSync(folder, { recursive: true })];
});
afterEach(async () => {
  for (const one of dispose.toReversed()) await one();
});

/** Nothing of it runs by itself: its clock stands still. */
function engineOn(store: Store, more: Partial<EngineDependencies> = {}): Engine {
  const none = () => {};
  const engine = new Engine({
    store,
    runs: openSqliteRuns(join(folder, `runs-${dispose.length}.db`)),
    storeSetting: '',
    paths: enginePaths({ VIGIL_STATE_DIR: folder }),
    clock: new FakeClock(),
    log: silentLogger,
    publisher: { cluster: none, job: none, eventlog: none, forgotten: none, emitted: none, notification: none },
    showInWindow: () => false,
    prompter: {} as EngineDependencies['prompter'],
    environment: {},
    isWatched: () => false,
    askCommand: async () => undefined,
    secrets: {},
    onRun: none,
    ...more,
  });
  dispose.push(() => engine.dispose());
  return engine;
}

describe('is busy', () => {
  const withRuns = (openCount: () => number) => {
    const runs = openSqliteRuns(join(folder, 'runs.db'));
    runs.database.openCount = openCount;
    const store = new Store(':memory:');
    dispose.push(() => store.close());
    return engineOn(store, { runs });
  };
  const fail = (error: Error) => () => {
    throw error;
  };

  it('as long as there are runs that are not over', () => {
    let count = 1;
    const engine = withRuns(() => count);
    expect(engine.isBusy).toBe(true);
    count = 0;
    expect(engine.isBusy).toBe(false);
  });

  it('while the store cannot tell, and ends for no mistake of ours', () => {
    expect(withRuns(fail(new StoreFailure('the server is away'))).isBusy).toBe(true);
    expect(() => withRuns(fail(new Error('a mistake'))).isBusy).toThrow('a mistake');
  });
});

describe.skipIf(!hasPostgres)('an engine whose jobs others had', () => {
  it('follows what it takes over, on clusters that it knows already, too', async () => {
    const server = await PostgresServer.start();
    dispose.push(() => server.dispose());
    const open = (place: string) => {
      const database = new PostgresDatabase(postgresAddress(server.url('engines'), {}), place);
      dispose.push(() => database.close());
      return { database, store: new Store(database) };
    };
    const left = (name: string, ...keys: JobKey[]) => {
      const other = open(name);
      for (const key of keys) {
        const [cluster = '', jobId = ''] = key.split('/');
        other.store.saveJob(jobRecord({ key, cluster, jobId }));
      }
      return other.database;
    };
    const clusters = [{ name: 'hpc', host: '127.0.0.1', port: 1 }];
    const { store } = open('mine');
    const engine = engineOn(store);
    engine.configure({ clusters, sshConfigFile: join(folder, 'no-config') });
    await engine.resume();
    const one = left('one', 'hpc/1');
    const two = left('two', 'hpc/2', 'hpc/3', 'unknown/4');
    await engine.resume();
    expect(engine.status().jobs).toEqual({ known: 4, followed: 0 });
    one.leave();
    await engine.resume();
    expect(engine.status().jobs).toEqual({ known: 4, followed: 1 });
    two.leave();
    await engine.resume();
    expect(engine.status().jobs).toEqual({ known: 4, followed: 3 });
    expect(engine.jobs().find(({ key }) => key === 'hpc/2')).toBeDefined();
    // Others took this engine for dead: what they have now is not followed here.
    engine.leaveJobs();
    expect(engine.status().jobs).toEqual({ known: 4, followed: 0 });
  }, 60_000);
});
