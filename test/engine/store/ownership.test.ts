import { hostname, userInfo } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobKey } from '../../../engine/protocol.ts';
import { postgresAddress } from '../../../engine/store/postgres-address.ts';
import { PostgresDatabase } from '../../../engine/store/postgres-database.ts';
import { Store } from '../../../engine/store/store.ts';
import { StoreFailure } from '../../../engine/store/store-failure.ts';
import { WatcherRequests } from '../../../engine/watcher-requests.ts';
import { openPostgresRuns } from '../../../engine/workflows/postgres-runs.ts';
import { RunsDatabase } from '../../../engine/workflows/runs-database.ts';
import { jobRecord } from '../../support/builders.ts';
import { hasPostgres, PostgresServer } from '../../support/postgres-server.ts';

describe.skipIf(!hasPostgres)('engines on one PostgreSQL', () => {
  let server: PostgresServer;
  let schema = 0;
  const open: PostgresDatabase[] = [];
  beforeAll(async () => {
    server = await PostgresServer.start();
  }, 60_000);
  afterAll(() => server.dispose());
  beforeEach(() => void schema++);
  afterEach(() => {
    for (const database of open.splice(0)) database.close();
  });

  function engine(place: string): { readonly database: PostgresDatabase; readonly store: Store } {
    const database = new PostgresDatabase(postgresAddress(server.url(`s${schema}`), {}), place);
    open.push(database);
    return { database, store: new Store(database) };
  }
  const keys = (store: Store) => store.openJobs().map(({ key }) => key);
  const submission = (key: string) => ({
    key,
    cluster: 'test',
    created: 1,
    request: { scriptHash: '', name: 'n', options: [], watchers: [] },
  });

  it('each has the jobs and submissions that it begins; those of one that leaves are taken once', () => {
    const [one, two, three] = [engine('a'), engine('b'), engine('c')];
    one.store.saveJob(jobRecord());
    one.store.saveJob(jobRecord({ key: 'test/8', jobId: '8', phase: 'clean' }));
    one.store.saveSubmission(submission('k'));
    expect([keys(one.store), keys(two.store)]).toEqual([['test/7'], []]);
    expect(two.store.submission('test', 'k')?.key).toBe('k');
    expect(two.store.submissions()).toEqual([]);
    expect([two.store.ownership.leftClusters(), two.store.ownership.takeOver('test', false)]).toEqual([[], 0]);
    expect(two.store.ownership.otherOf('test/7')).toMatchObject({ pid: process.pid });
    one.database.leave();
    expect(two.store.ownership.leftClusters()).toEqual(['test']);
    expect(two.store.ownership.takeOver('other', false)).toBe(0);
    // Of processes of another machine nothing is taken.
    expect(two.store.ownership.takeOver('test', true)).toBe(0);
    expect([two.store.ownership.takeOver('test', false), three.store.ownership.takeOver('test', false)]).toEqual([
      2, 0,
    ]);
    expect([keys(two.store), keys(three.store)]).toEqual([['test/7'], []]);
    expect(two.store.submissions('test').map(({ key }) => key)).toEqual(['k']);
    expect(three.store.ownership.isOwn('test/7')).toBe(false);
  });

  it('one that was not heard of is ended by another, and writes nothing any more', () => {
    const [one, two] = [engine('a'), engine('b')];
    one.store.saveJob(jobRecord());
    expect(two.database.heartbeat()).toEqual([]);
    const { owner } = one.database;
    server.query(`UPDATE s${schema}.engines SET expires = now() - interval '1 second' WHERE id = '${owner}'`);
    expect(two.database.heartbeat()).toEqual([owner]);
    expect(two.store.ownership.takeOver('test', false)).toBe(1);
    expect(() => one.store.saveJob(jobRecord({ name: 'late' }))).toThrow(StoreFailure);
    expect(() => one.store.transaction(() => one.store.saveJob(jobRecord({ name: 'late' })))).toThrow(
      /it begins again/,
    );
    expect(two.store.job('test/7')?.name).toBe('job');
    expect(() => one.database.heartbeat()).toThrow('taken over');
    one.database.register();
    expect(one.database.owner).not.toBe(owner);
    one.store.saveJob(jobRecord({ key: 'test/9', jobId: '9' }));
    expect([keys(one.store), keys(two.store)]).toEqual([['test/9'], ['test/7']]);
  });

  it('one that was ended takes nothing over, and opens no run again', async () => {
    const [one, two, three] = [engine('a'), engine('b'), engine('c')];
    three.store.saveJob(jobRecord());
    three.store.saveSubmission(submission('k'));
    const runs = await openPostgresRuns(one.database.address, 1);
    const run = await runs.createWorkflowRun({
      workflowName: 'w',
      version: null,
      idempotencyKey: null,
      config: {},
      context: null,
      input: null,
      parentStepAttemptNamespaceId: null,
      parentStepAttemptId: null,
      availableAt: null,
      deadlineAt: null,
    });
    await runs.cancelWorkflowRun({ workflowRunId: run.id });
    await runs.stop();
    const reopen = ({ store, database }: typeof one) =>
      new RunsDatabase(store.database, database.address.runs).reopen(run.id, '{}');
    three.database.leave();
    one.database.leave();
    expect(() => one.store.ownership.takeOver('test', false)).toThrow(StoreFailure);
    expect(() => reopen(one)).toThrow(StoreFailure);
    expect(two.store.ownership.takeOver('test', false)).toBe(2);
    expect([reopen(two), reopen(two)]).toEqual([true, false]);
  });

  it('leave what watchers want to cancel to the one that follows the job, and say which one that is', async () => {
    const [one, two] = [engine('a'), engine('b')];
    one.store.saveJob(jobRecord());
    const requests = ({ store }: typeof one) =>
      new WatcherRequests({
        store,
        job: (key: JobKey) => store.job(key),
        service: async () => ({ follower: () => ({ takeBackCancels: () => true }) }),
      } as unknown as ConstructorParameters<typeof WatcherRequests>[0]);
    await expect(requests(two).takeBackCancels('test/7')).rejects.toThrow(
      `Job test/7 is followed by the engine of ${userInfo().username} on ${hostname()} (pid ${process.pid})`,
    );
    expect(await requests(one).takeBackCancels('test/7')).toBe(true);
    one.store.saveJob(jobRecord({ phase: 'clean' }));
    expect(await requests(two).takeBackCancels('test/7')).toBe(true);
  });

  it('the next at the same place has what was there at once', () => {
    const one = engine('a');
    one.store.saveJob(jobRecord());
    const again = engine('a');
    expect(again.database.before).toEqual([one.database.owner]);
    expect(again.store.ownership.takeOver('test', true)).toBe(1);
    expect(() => one.store.saveSetting('x', 1)).toThrow(StoreFailure);
  });

  it('have settings of their own', () => {
    const [one, two] = [engine('a'), engine('b')];
    one.store.saveSetting('muted', [1]);
    expect([one.store.setting('muted'), two.store.setting('muted')]).toEqual([[1], undefined]);
  });

  it('are given numbers that none of the others has', () => {
    const [one, two] = [engine('a').store.reserver('n'), engine('b').store.reserver('n')];
    expect([one?.(1, 1), two?.(1, 3), one?.(1, 1), two?.(10, 1)]).toEqual([1, 2, 5, 10]);
    expect(new Store(':memory:').reserver('n')).toBeUndefined();
  });
});
