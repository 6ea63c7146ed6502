import { beforeEach, describe, expect, it } from 'vitest';
import { ConnectionError } from '../../../engine/clusters/connection.ts';
import type { Backend, BackendListener } from '../../../engine/jobs/backend.ts';
import { ClusterService } from '../../../engine/jobs/cluster-service.ts';
import { silentLogger } from '../../../engine/logger.ts';
import type { Publisher } from '../../../engine/publisher.ts';
import { type JobSnapshot, type Scheduler, SchedulerUnavailableError } from '../../../engine/schedulers/scheduler.ts';
import { Store } from '../../../engine/store/store.ts';
import { actionServices } from '../../support/action-host.ts';
import { watcherSpec } from '../../support/builders.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A fake scheduler: it says what it is told to say, and counts how often it is asked. */
class FakeScheduler {
  snapshots: JobSnapshot[] = [];
  unsure: string[] = [];
  described: JobSnapshot[] = [];
  describeFailure: Error | undefined;
  submitFailure: Error | undefined;
  lookFailure: Error | undefined;
  readonly accepted = new Map<string, string>();
  looks: (readonly string[])[] = [];
  cancelled: string[] = [];
  hint = () => {};

  readonly scheduler = {
    kind: 'slurm',
    version: 'Slurm 22.05.8',
    submit: async ({ key }: { key: string }) => {
      const id = String(this.accepted.size + 7);
      this.accepted.set(key, id);
      if (this.submitFailure) throw this.submitFailure;
      return id;
    },
    findByKey: async (key: string) => this.accepted.get(key),
    cancel: async (jobId: string) => void this.cancelled.push(jobId),
    observe: async (jobIds: readonly string[], onUnsure: (jobId: string, why: string) => void) => {
      this.looks.push(jobIds);
      if (this.lookFailure) throw this.lookFailure;
      for (const jobId of this.unsure) onUnsure(jobId, 'slurmdbd is down');
      return this.snapshots;
    },
    describe: async () => {
      if (this.describeFailure) throw this.describeFailure;
      return this.described;
    },
    onHint: (listener: () => void) => {
      this.hint = listener;
      return () => {};
    },
  } as unknown as Scheduler;
}

/** A fake way to a cluster: it connects when asked to, and counts how often that was. */
class FakeBackend implements Backend {
  readonly user = 'me';
  follows = 0;
  readonly reader = {
    follow: () => {
      this.follows++;
      return { check() {}, stop() {} };
    },
    dispose() {},
  };
  readonly #listener: BackendListener;
  readonly #scheduler: Scheduler;
  isOpen = false;
  connects = 0;
  holders = 0;

  constructor(listener: BackendListener, scheduler: Scheduler) {
    this.#listener = listener;
    this.#scheduler = scheduler;
  }

  async connection(): Promise<never> {
    throw new Error('not in this test');
  }

  async scheduler(): Promise<Scheduler> {
    if (this.isOpen) return this.#scheduler;
    this.isOpen = true;
    this.connects++;
    this.#listener.onSchedulerKnown(this.#scheduler);
    this.#listener.onState('connected', {});
    return this.#scheduler;
  }

  /** The connection breaks; with holders the link would open it again. */
  drop(): void {
    this.isOpen = false;
    this.#listener.onState('offline', { detail: 'it broke' });
  }

  hold(): () => void {
    this.holders++;
    return () => void this.holders--;
  }

  async disconnect(): Promise<void> {
    this.isOpen = false;
    this.#listener.onState('idle', {});
  }

  dispose(): void {}
}

let clock: FakeClock;
let store: Store;
let fake: FakeScheduler;
let backend: FakeBackend;
let service: ClusterService;
let minPollSeconds: number;
let publisher: Publisher;

const submission = { script: '#!/bin/sh\n', name: 'job', options: [], watchers: [] };
const paths = { stdoutPath: '/w/out', workdir: '/w' };
const running: JobSnapshot = { jobId: '7', state: 'running', submitted: 90, started: 100, nodes: 'n1' };
const names = (key: string) => store.eventlog(key).map((entry) => entry.name);
const state = (key: string) => store.job(key)?.state;

beforeEach(() => {
  clock = new FakeClock();
  store = new Store(':memory:');
  fake = new FakeScheduler();
  fake.described = [{ jobId: '7', state: 'pending', submitted: 90, ...paths }];
  fake.snapshots = [running];
  minPollSeconds = 2;
  publisher = { cluster() {}, job() {}, eventlog() {}, forgotten() {}, emitted() {}, notification() {} };
  service = new ClusterService({
    cluster: { name: 'c', kind: 'ssh', source: 'ssh-config', address: 'c' },
    createBackend: (listener: BackendListener) => {
      backend = new FakeBackend(listener, fake.scheduler);
      return backend;
    },
    store,
    clock,
    log: silentLogger,
    publisher,
    actions: actionServices(),
    isWatched: () => true,
    minPollSeconds: () => minPollSeconds,
  } as unknown as ConstructorParameters<typeof ClusterService>[0]);
});

it('follows each open job once, however often it is told to resume', async () => {
  await service.submit({ ...submission, watchers: [watcherSpec({ pattern: 'x' })] });
  await clock.advance(5);
  expect(backend.follows).toBe(1);
  service.resume();
  service.resume();
  await clock.advance(5);
  expect(backend.follows).toBe(1);
  await service.dispose();
});

it('goes on looking at the normal period when the first minute brought nothing: an end is noticed in seconds', async () => {
  await service.submit(submission);
  await clock.advance(70);
  fake.looks = [];
  await clock.advance(90);
  expect(fake.looks.length).toBeGreaterThanOrEqual(5);
  fake.looks = [];
  await clock.advance(3600);
  expect(fake.looks.length).toBeLessThan(45);
});

describe('what is shown while the scheduler cannot be asked', () => {
  const failing = new SchedulerUnavailableError('squeue on c: Unable to contact slurm controller');

  it('is as old as clients are told, once, until it answers again', async () => {
    await service.submit(submission);
    await clock.advance(3);
    const asOf = service.lookedAt;
    expect(asOf).toBeGreaterThan(0);
    const told: unknown[] = [];
    publisher.cluster = (info) => void told.push(info.stale);
    fake.lookFailure = failing;
    await clock.advance(600);
    expect(told).toEqual([{ asOf, why: failing.message }]);
    expect(service.info.stale).toEqual(told[0]);
    fake.lookFailure = undefined;
    await clock.advance(130);
    expect(told).toHaveLength(2);
    expect(service.info.stale).toBeUndefined();
    expect(service.lookedAt).toBeGreaterThan(asOf ?? 0);
  });

  it('backs off: looks become rare while it errs', async () => {
    await service.submit(submission);
    await clock.advance(3);
    fake.lookFailure = failing;
    await clock.advance(3600);
    fake.looks = [];
    await clock.advance(3600);
    expect(fake.looks.length).toBeLessThanOrEqual(30);
    expect(fake.looks.length).toBeGreaterThan(0);
  });

  it('is told of a single job too', async () => {
    await service.submit(submission);
    await clock.advance(3);
    fake.unsure = ['7'];
    await clock.advance(5);
    expect(service.job('c/7')?.stale).toEqual({ asOf: expect.any(Number), why: 'slurmdbd is down' });
    fake.unsure = [];
    await clock.advance(120);
    expect(service.job('c/7')?.stale).toBeUndefined();
  });
});

describe('a submission whose reply was lost', () => {
  it('is looked for though it is the only job, and followed', async () => {
    fake.submitFailure = new ConnectionError('closed', 'c', 'the connection broke');
    await expect(service.submit(submission)).rejects.toThrow(ConnectionError);
    backend.drop();
    await clock.advance(60);
    expect(fake.looks).toEqual([]);
    await backend.scheduler(); // The link has opened it again.
    await clock.advance(30);
    expect(names('c/7')).toEqual(['submit', 'depend', 'priority', 'alloc', 'start']);
  });

  it('is looked for until it is given up, and then nothing holds the connection', async () => {
    fake.submitFailure = new ConnectionError('closed', 'c', 'the connection broke');
    await expect(service.submit(submission)).rejects.toThrow(ConnectionError);
    fake.accepted.clear();
    await clock.advance(110);
    expect(service.isBusy).toBe(true);
    await clock.advance(200);
    expect(service.isBusy).toBe(false);
    expect(backend.holders).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('disconnecting', () => {
  beforeEach(async () => {
    await service.submit(submission);
    await clock.advance(1);
    await service.disconnect();
    fake.looks = [];
  });

  it('lasts: no look connects again, and the log tells', async () => {
    service.lookNow();
    await clock.advance(600);
    expect(fake.looks).toEqual([]);
    expect(backend.connects).toBe(1);
    expect(store.eventlog('c/7').at(-1)).toMatchObject({
      name: 'connection.lost',
      context: { note: 'disconnected on request' },
    });
  });

  it.each([
    ['connects', () => service.connect()],
    ['submits', () => service.submit(submission)],
    ['cancels', () => service.cancel('7')],
  ])('ends when somebody %s', async (_, act) => {
    await act();
    await clock.advance(3);
    expect(fake.looks.length).toBeGreaterThan(0);
    expect(names('c/7')).toContain('connection.restored');
  });
});

describe('looking', () => {
  it('keeps the floor, whatever the output hints at', async () => {
    minPollSeconds = 60;
    await service.submit(submission);
    await clock.advance(1);
    expect(fake.looks).toHaveLength(1);
    for (let second = 0; second < 120; second++) {
      fake.hint();
      service.lookNow();
      await clock.advance(1);
    }
    expect(fake.looks).toHaveLength(3);
  });

  it('does not take a job for lost before several looks over minutes', async () => {
    await service.submit(submission);
    await clock.advance(1);
    fake.snapshots = [];
    await clock.advance(100);
    expect(state('c/7')).toBe('running');
    await clock.advance(200);
    expect(state('c/7')).toBe('lost');
  });

  it('never takes a job for lost that could not be told', async () => {
    await service.submit(submission);
    await clock.advance(1);
    fake.snapshots = [];
    fake.unsure = ['7'];
    await clock.advance(3600);
    expect(state('c/7')).toBe('running');
  });

  it('does not take one look after a long sleep for several', async () => {
    await service.submit(submission);
    await clock.advance(1);
    fake.snapshots = [];
    service.lookNow();
    await clock.advance(2);
    backend.drop();
    await clock.advance(100_000);
    await backend.scheduler();
    await clock.advance(1);
    expect(state('c/7')).toBe('running');
  });

  it('sees that others began though the paths of one cannot be had', async () => {
    fake.described = [];
    await service.submit(submission);
    await service.submit(submission);
    store.saveJob({ ...store.job('c/8'), ...paths } as Parameters<Store['saveJob']>[0]);
    fake.describeFailure = new SchedulerUnavailableError('Socket timed out');
    fake.snapshots = [running, { ...running, jobId: '8' }];
    await clock.advance(3);
    expect([state('c/7'), state('c/8')]).toEqual(['pending', 'running']);
    fake.describeFailure = undefined;
    fake.described = [{ jobId: '7', state: 'running', ...paths }];
    await clock.advance(3);
    expect(store.job('c/7')).toMatchObject({ state: 'running', stdoutPath: '/w/out' });
  });

  it('asks for the paths again at the start: only then is the node known', async () => {
    fake.described = [{ jobId: '7', state: 'pending', stdoutPath: '/w/%N.out' }];
    fake.snapshots = [{ jobId: '7', state: 'pending' }];
    await service.submit(submission);
    await clock.advance(3);
    fake.described = [{ jobId: '7', state: 'running', stdoutPath: '/w/n1.out' }];
    fake.snapshots = [running];
    await clock.advance(3);
    expect(store.job('c/7')?.stdoutPath).toBe('/w/n1.out');
  });
});

describe('an array', () => {
  const task = (index: number, rest: Partial<JobSnapshot>): JobSnapshot => ({
    ...running,
    jobId: `7_${index}`,
    arrayTask: { parentJobId: '7', index },
    ...paths,
    ...rest,
  });
  const ended = { state: 'failed', ended: 120, status: 256 } as const;

  it('is told by its tasks when nothing else tells', async () => {
    fake.described = [];
    fake.snapshots = [task(1, {}), task(2, {})];
    await service.submit(submission);
    await clock.advance(1);
    expect(store.job('c/7')).toMatchObject({ isArray: true, state: 'running' });
    await clock.advance(3);
    expect(fake.looks.at(-1)).toEqual(['7', '7_1', '7_2']);
  });

  it('logs a task that nobody saw run, and does not end before all tasks are told', async () => {
    fake.snapshots = [task(1, ended)];
    fake.unsure = ['7', '7_2'];
    await service.submit({ ...submission, options: ['--array=1-2'] });
    await clock.advance(5);
    expect(names('c/7_1')).toContain('finish');
    expect(state('c/7')).toBe('pending');
    fake.unsure = [];
    fake.snapshots = [task(1, ended), task(2, ended)];
    await clock.advance(5);
    expect(state('c/7')).toBe('failed');
  });
});
