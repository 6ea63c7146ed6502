import { beforeEach, describe, expect, it } from 'vitest';
import { JobRequests } from '../../engine/job-requests.ts';
import type { ClusterService } from '../../engine/jobs/cluster-service.ts';
import { jobInfo } from '../../engine/jobs/job-info.ts';
import type { JobOrder } from '../../engine/protocol/jobs.ts';
import type { EventlogEntry } from '../../engine/protocol.ts';
import type { Scheduler } from '../../engine/schedulers/scheduler.ts';
import type { JobRecord, NewEvent } from '../../engine/store/records.ts';
import { Store } from '../../engine/store/store.ts';
import { jobRecord } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';

const key = 'hpc/7';
let store: Store;
let asked: unknown[];
let logged: Omit<NewEvent, 'timestamp'>[];
let published: EventlogEntry[];
let requests: JobRequests;

/** A scheduler that writes down what it is asked for; `more`: what else it has; not `isFollowed`: not by this engine. */
function create(job: Partial<JobRecord> = {}, more: Partial<Scheduler> = {}, isFollowed = true): void {
  store = new Store(':memory:');
  store.addJob(jobRecord({ key, cluster: 'hpc', jobId: '7', ...job }));
  [asked, logged, published] = [[], [], []];
  const ask =
    (what: string) =>
    async (...args: unknown[]) =>
      void asked.push([what, ...args]);
  const scheduler = {
    version: 'Slurm 22.05.8',
    cancel: ask('cancel'),
    control: ask('control'),
    extend: ask('extend'),
    setUrgency: ask('setUrgency'),
    ...more,
  } as unknown as Scheduler;
  const service = {
    info: { scheduler: more.setMemo ? 'flux' : 'slurm' },
    order: (request: (asked: Scheduler) => Promise<void>) => request(scheduler),
    backend: { scheduler: async () => scheduler },
    lookNow: () => {},
    follower: () => isFollowed && { logEvents: (events: typeof logged) => logged.push(...events) },
  } as unknown as ClusterService;
  const record = (wanted: string) => {
    const found = store.job(wanted);
    if (!found) throw new Error(`no job ${wanted}`);
    return found;
  };
  requests = new JobRequests({
    store,
    clock: new FakeClock(1000),
    publisher: { eventlog: (_: string, entries: EventlogEntry[]) => published.push(...entries), job() {} } as never,
    service: async () => service,
    job: record,
    info: (one) => jobInfo(one, []),
  });
}
beforeEach(() => create());

describe('orders', () => {
  it.each<[JobOrder, unknown[], number?]>([
    [{ verb: 'hold' }, ['control', '7', 'hold'], 0],
    [{ verb: 'release' }, ['control', '7', 'release'], 16],
    [{ verb: 'requeue' }, ['control', '7', 'requeue']],
    [{ verb: 'signal', signal: 'USR1' }, ['cancel', '7', 'USR1']],
    [{ verb: 'extend', seconds: 600 }, ['extend', '7', 600]],
    [{ verb: 'urgency', urgency: 8 }, ['setUrgency', '7', 8], 8],
  ])('%o reaches the scheduler', async (order, call, urgency) => {
    await requests.order(key, order);
    expect(asked).toEqual([call]);
    expect(logged).toEqual(urgency === undefined ? [] : [{ name: 'urgency', context: { urgency } }]);
  });

  it('of tasks are for arrays, and for schedulers that have them', async () => {
    const order = { verb: 'cancel-tasks', tasks: '1-5,8' } as const;
    const cancelTasks = async (...args: unknown[]) => void asked.push(args);
    create({}, { cancelTasks });
    await expect(requests.order(key, order)).rejects.toThrow('Job hpc/7 is no array: cancel it as a whole.');
    create({ isArray: true });
    await expect(requests.order(key, order)).rejects.toThrow('is no array');
    create({ isArray: true }, { cancelTasks });
    await requests.order(key, order);
    expect(asked).toEqual([['7', '1-5,8']]);
  });

  it('of exceptions are for schedulers that have them', async () => {
    const order = { verb: 'raise', type: 'oom', severity: 0, note: 'rank 0' } as const;
    await expect(requests.order(key, order)).rejects.toThrow('only Flux has exceptions');
    create({}, { raise: async (...args) => void asked.push(args), keepsEventlogs: true });
    await requests.order(key, order);
    expect(asked).toEqual([['7', order]]);
  });

  it.each([
    { verb: 'signal', signal: '9; rm -rf ~' },
    { verb: 'signal', signal: '--help' },
    { verb: 'extend', seconds: 0 },
    { verb: 'extend', seconds: Number.POSITIVE_INFINITY },
    { verb: 'urgency', urgency: 32 },
    { verb: 'urgency', urgency: 1.5 },
    { verb: 'raise', type: '-x', severity: 0 },
    { verb: 'raise', type: 'oom', severity: 8 },
    { verb: 'cancel-tasks', tasks: '1]; true' },
    { verb: 'cancel-tasks', tasks: '[1-2]' },
    { verb: 'cancel-tasks', tasks: '1-4%2' },
    { verb: 'cancel-tasks', tasks: '' },
    { verb: 'explode' },
    {},
  ])('%o is refused before anybody is asked', async (order) => {
    const cancelTasks = async () => void asked.push('tasks');
    create({ isArray: true }, { raise: async (...args) => void asked.push(args), cancelTasks });
    await expect(requests.order(key, order as JobOrder)).rejects.toThrow();
    expect(asked).toEqual([]);
  });

  it('are for jobs that are not over', async () => {
    create({ state: 'completed', phase: 'clean' });
    await expect(requests.order(key, { verb: 'hold' })).rejects.toThrow('is over');
  });
});

describe('notes', () => {
  it('are all kept, those of people who write at the same time too', async () => {
    create({}, {}, false);
    await Promise.all([requests.note(key, { a: '1' }), requests.note(key, { b: '2' })]);
    expect(store.job(key)?.memo).toEqual({ a: '1', b: '2' });
  });

  it('change nothing else of a job that has changed meanwhile', async () => {
    create({}, {}, false);
    const noted = requests.note(key, { a: '1' });
    store.saveJob({ ...(store.job(key) ?? jobRecord({ key })), state: 'completed', phase: 'clean' });
    await noted;
    expect(store.job(key)).toMatchObject({ state: 'completed', phase: 'clean', memo: { a: '1' } });
  });

  it('are written, changed and taken away, also on jobs that are over', async () => {
    create({ state: 'completed', phase: 'clean' });
    await requests.note(key, { note: 'good', seed: '3' });
    const job = await requests.note(key, { note: 'the best', seed: null });
    expect(job.memo).toEqual({ note: 'the best' });
    expect(store.job(key)?.memo).toEqual({ note: 'the best' });
    expect(published.map(({ name, context }) => [name, context])).toEqual([
      ['memo', { note: 'good', seed: '3' }],
      ['memo', { note: 'the best', seed: null }],
    ]);
  });

  it('go to a scheduler that keeps them', async () => {
    create({ memo: { seed: '3' } }, { setMemo: async (...args) => void asked.push(args) });
    expect((await requests.note(key, { note: 'good' })).memo).toEqual({ note: 'good', seed: '3' });
    expect(asked).toEqual([['7', { note: 'good' }]]);
    expect(store.job(key)?.memo).toEqual({ seed: '3' });
  });

  it.each([{ 'a b': 'x' }, { '': 'x' }, { note: 'x'.repeat(10_001) }, { note: 'a\0b' }, { note: 3 }])(
    '%o are refused',
    async (changes) => {
      await expect(requests.note(key, changes as never)).rejects.toThrow();
      expect(store.job(key)?.memo).toBeUndefined();
    },
  );
});
