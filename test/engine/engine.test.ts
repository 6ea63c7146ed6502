import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
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
import { openPostgresRuns } from '../../engine/workflows/postgres-runs.ts';
import { RunsDatabase } from '../../engine/workflows/runs-database.ts';
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

describe.skipIf(!hasPostgres)('an engine on a store that it shares', () => {
  it('tells clients once of what others see of their jobs, and people nothing', async () => {
    const server = await PostgresServer.start();
    dispose.push(() => server.dispose());
    const open = (place: string) => {
      const database = new PostgresDatabase(postgresAddress(server.url('views'), {}), place);
      dispose.push(() => database.close());
      return { database, store: new Store(database) };
    };
    const [one, two, { store }] = [open('one'), open('two'), open('mine')];
    const told: unknown[] = [];
    let isWatched = true;
    const none = () => {};
    const address = postgresAddress(server.url('views'), {});
    const backend = await openPostgresRuns(address, 1);
    const engine = engineOn(store, {
      runs: { backend, database: new RunsDatabase(store.database, address.runs), close: none },
      isWatched: () => isWatched,
      publisher: {
        cluster: none,
        forgotten: none,
        emitted: none,
        notification: (notification) => told.push(notification),
        job: ({ key, state, followedBy, logEnded }) => told.push([key, state, followedBy?.host, logEnded]),
        eventlog: (key, entries, log) => told.push([key, log, entries.map(({ seq, name }) => `${seq} ${name}`)]),
      },
    });
    const look = () => {
      told.length = 0;
      engine.lookAround();
      return told;
    };
    const log = (at: Store, key: JobKey, ...names: string[]) =>
      at.append(
        key,
        names.map((name) => ({ timestamp: 1, name })),
        1,
      );
    const host = hostname();
    const job = jobRecord({ key: 'hpc/1', cluster: 'hpc', jobId: '1' });
    one.store.saveJob(job);
    log(one.store, 'hpc/1', 'submit');
    expect(engine.jobs()).toMatchObject([{ key: 'hpc/1', followedBy: { host, pid: process.pid } }]);
    expect(look()).toEqual([]);
    one.store.transaction(() => {
      log(one.store, 'hpc/1', 'depend', 'alloc');
      one.store.saveJob({ ...job, state: 'running' });
    });
    expect(look()).toEqual([
      ['hpc/1', undefined, ['1 depend', '2 alloc']],
      ['hpc/1', 'running', host, false],
    ]);
    expect(look()).toEqual([]);
    // A transaction that began first and ends last: what came between is told, and not twice, and it is, too.
    const other = jobRecord({ key: 'hpc/2', cluster: 'hpc', jobId: '2' });
    one.store.transaction(() => {
      log(one.store, 'hpc/1', 'start');
      // What was only written is sent with what is read.
      expect(one.store.hasEvent('hpc/1', 'start')).toBe(true);
      two.store.saveJob(other);
      log(two.store, 'hpc/2', 'submit');
      expect(look()).toEqual([
        ['hpc/2', undefined, ['0 submit']],
        ['hpc/2', 'pending', host, false],
      ]);
    });
    log(two.store, 'hpc/2', 'alloc');
    expect(look()).toEqual(
      expect.arrayContaining([
        ['hpc/1', undefined, ['3 start']],
        ['hpc/2', undefined, ['1 alloc']],
      ]),
    );
    // What this engine writes itself it tells itself; what another log of a job has is no part of its own.
    store.saveJob(jobRecord({ key: 'hpc/3', cluster: 'hpc', jobId: '3' }));
    log(store, 'hpc/3', 'submit');
    one.store.append('hpc/1', [{ timestamp: 1, name: 'init' }], 1, 'guest.exec.eventlog');
    look();
    expect(told.map((one) => (one as unknown[])[0])).not.toContain('hpc/3');
    expect(told).toContainEqual(['hpc/1', 'guest.exec.eventlog', ['0 init']]);
    // Nobody looks: nothing is read. Whoever comes then asks for all of it.
    isWatched = false;
    log(one.store, 'hpc/1', 'finish');
    expect(look()).toEqual([]);
    isWatched = true;
    log(one.store, 'hpc/1', 'clean');
    one.store.saveJob({ ...job, state: 'completed', phase: 'clean' });
    expect(look()).toEqual([
      ['hpc/1', undefined, ['5 clean']],
      ['hpc/1', 'completed', undefined, true],
    ]);
    // It is another engine's now, with no event.
    one.database.leave();
    two.database.leave();
    expect(one.database.register()).toEqual([]);
    one.store.ownership.takeOver('hpc', false);
    expect(look()).toEqual([['hpc/2', 'pending', host, false]]);
    expect(
      engine
        .jobs()
        .filter(({ followedBy }) => followedBy)
        .map(({ key }) => key),
    ).toEqual(['hpc/2']);
  }, 60_000);

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
