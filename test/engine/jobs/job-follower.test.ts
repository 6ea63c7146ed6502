import { beforeEach, describe, expect, it } from 'vitest';
import { ConnectionError } from '../../../engine/clusters/connection.ts';
import type { OuterHost } from '../../../engine/jobs/job-actions.ts';
import { JobFollower } from '../../../engine/jobs/job-follower.ts';
import { silentLogger } from '../../../engine/logger.ts';
import type { FollowListener, OutputReader } from '../../../engine/output/reader.ts';
import type { UserNotification } from '../../../engine/protocol.ts';
import { defaultSettings } from '../../../engine/settings.ts';
import type { JobRecord } from '../../../engine/store/records.ts';
import { Store } from '../../../engine/store/store.ts';
import { StoreFailure } from '../../../engine/store/store-failure.ts';
import { initialProgress } from '../../../engine/watch/progress.ts';
import { PatternSets } from '../../../language/pattern/pattern-set.ts';
import type { WatcherSpec } from '../../../language/watcher/spec.ts';
import { fakeOuterHost } from '../../support/action-host.ts';
import { jobRecord, watcherSpec } from '../../support/builders.ts';
import { FakeClock, flushPromises } from '../../support/fake-clock.ts';

const start = 1_700_000_000;

/** A fake reader: the test says what the files have, and when they answer. */
class FakeReader implements OutputReader {
  readonly listeners = new Map<string, FollowListener>();
  /** Answers to `check` come by themselves. */
  answers = true;
  checks = 0;
  #offset = 0;

  follow({ path }: { path: string }, listener: FollowListener) {
    this.listeners.set(path, listener);
    return {
      check: () => {
        this.checks++;
        if (this.answers) queueMicrotask(() => listener.onCaughtUp(this.#offset));
      },
      stop: () => void this.listeners.delete(path),
    };
  }

  print(text: string, path = '/out'): unknown {
    const bytes = new TextEncoder().encode(text);
    const result = this.listeners.get(path)?.onData(this.#offset, bytes);
    this.#offset += bytes.length;
    return result;
  }

  caughtUp(path = '/out'): void {
    this.listeners.get(path)?.onCaughtUp(this.#offset);
  }

  dispose(): void {}
}

/** The cluster's clock, ahead of ours. */
let clockOffsetSeconds = 0;
let store: Store;
let clock: FakeClock;
let reader: FakeReader;
let reachable: boolean;
let cancels: { fail: number; count: number };
let broken: string[];
let notifications: UserNotification[];
/** What else actions may do. */
let world: Partial<OuterHost>;

beforeEach(() => {
  store = new Store(':memory:');
  clock = new FakeClock(start);
  reader = new FakeReader();
  reachable = true;
  cancels = { fail: 0, count: 0 };
  broken = [];
  notifications = [];
  world = {};
});

const running = { state: 'running', phase: 'started', started: start, stdoutPath: '/out', stderrPath: '/out' } as const;

function follow(specs: readonly Partial<WatcherSpec>[], fields: Partial<JobRecord> = running): JobFollower {
  const job = jobRecord(fields);
  store.saveJob(job);
  const watchers = specs.map((one) => watcherSpec(one));
  store.saveWatchers(
    job.key,
    watchers.map((spec) => ({ spec, state: initialProgress(spec, clock.now()) })),
  );
  return again(job);
}

function again(job: JobRecord): JobFollower {
  return new JobFollower(job, {
    store,
    clock,
    log: silentLogger,
    reader,
    patternSets: new PatternSets(),
    user: () => 'me',
    appendsOutput: () => false,
    clockOffsetSeconds: () => clockOffsetSeconds,
    isReachable: () => reachable,
    publisher: { cluster() {}, job() {}, eventlog() {}, forgotten() {}, emitted() {}, notification() {} },
    host: fakeOuterHost({
      cancel: async () => {
        cancels.count++;
        if (cancels.fail-- > 0) throw new ConnectionError('closed', 'test', 'the connection is down');
      },
      notify: (one) => void notifications.push(one),
      ...world,
    }),
    onHint() {},
    onClosed() {},
    onBroken: (key) => void broken.push(key),
  });
}

const names = () => store.eventlog('test/7').map((entry) => entry.name);
const results = () => store.eventlog('test/7').filter((entry) => entry.name === 'watcher.result');
const completed = {
  jobId: '7',
  state: 'completed',
  started: start,
  ended: start + 60,
  status: 0,
  nodes: 'n1',
} as const;
const cancel = [{ name: 'cancel_job', params: {} }] as const;

describe('an action that finds the cluster away', () => {
  it('is tried again until the cluster answers, and has one result', async () => {
    cancels.fail = 3;
    follow([{ pattern: 'x', maxTriggers: 1, actions: cancel }]);
    reader.print('x\n');
    await clock.advance(30);
    expect(cancels.count).toBe(4);
    expect(results().map((entry) => entry.context?.ok)).toEqual([true]);
    expect(names().filter((name) => name === 'log')).toHaveLength(1);
  });

  it('is performed by the next engine when this one ends first', async () => {
    cancels.fail = 100;
    const first = follow([{ pattern: 'x', maxTriggers: 1, actions: cancel }]);
    reader.print('x\n');
    await clock.advance(5);
    first.dispose();
    cancels.fail = 0;
    const before = cancels.count;
    again(first.job);
    await clock.advance(1);
    expect(cancels.count - before).toBe(1);
    expect(results()).toHaveLength(1);
  });
});

describe('pause_watcher with a duration', () => {
  const pause = [{ name: 'pause_watcher', params: { duration: 600 } }] as const;
  const states = () =>
    store
      .eventlog('test/7')
      .filter(({ name }) => name === 'watcher.state')
      .map(({ timestamp, context }) => [timestamp - start, context?.state]);

  it('lets the watcher go on after it, in the next engine too', async () => {
    const first = follow([{ pattern: 'x', actions: pause }]);
    reader.print('x\n');
    await clock.advance(1);
    reader.print('x\n');
    expect(states()).toEqual([[0, 'paused']]);
    first.dispose();
    again(first.job);
    await clock.advance(600);
    expect(states()).toEqual([
      [0, 'paused'],
      [600, 'active'],
    ]);
    reader.print('x\n');
    await clock.advance(1);
    expect(results().map(({ context }) => context?.message)).toEqual([
      'paused watcher-1 for 600 s',
      'paused watcher-1 for 600 s',
    ]);
  });

  it('is refused when it is none', async () => {
    follow([{ pattern: 'x', actions: [{ name: 'pause_watcher', params: { duration: '$0' } }] }]);
    reader.print('x\n');
    await clock.advance(1);
    expect(results().map(({ context }) => context?.ok)).toEqual([false]);
    expect(states()).toEqual([]);
  });
});

describe('a cancel with a grace period', () => {
  const graceful = (seconds: number) => {
    world = { settings: { ...defaultSettings, 'actions.cancelGraceSeconds': seconds } };
    return follow([{ name: 'w', pattern: 'x', maxTriggers: 1, actions: cancel }]);
  };

  it('waits, tells so at once, and cancels', async () => {
    graceful(20);
    reader.print('x\n');
    await clock.advance(19);
    expect(cancels.count).toBe(0);
    expect(notifications).toEqual([
      {
        level: 'warning',
        message: 'Job 7 (job) is cancelled in 20 s by w.',
        job: 'test/7',
        watcher: 'w',
        cancelAt: start + 20,
      },
    ]);
    await clock.advance(2);
    expect(cancels.count).toBe(1);
    expect(results().map((entry) => entry.context?.ok)).toEqual([true]);
  });

  it('can be taken back until then', async () => {
    const follower = graceful(20);
    reader.print('x\n');
    await clock.advance(10);
    expect(follower.takeBackCancels()).toBe(true);
    await clock.advance(30);
    expect(cancels.count).toBe(0);
    expect(results().map((entry) => entry.context?.message)).toEqual(['job 7 goes on: a person took the cancel back']);
    expect(follower.takeBackCancels()).toBe(false);
  });

  it('cannot be taken back once it is under way', async () => {
    let answer = () => {};
    world = {
      settings: { ...defaultSettings, 'actions.cancelGraceSeconds': 20 },
      cancel: () => new Promise<void>((resolve) => (answer = resolve)),
    };
    const follower = follow([{ name: 'w', pattern: 'x', maxTriggers: 1, actions: cancel }]);
    reader.print('x\n');
    await clock.advance(21);
    expect(follower.takeBackCancels()).toBe(false);
    answer();
    await clock.advance(1);
    expect(results().map((entry) => entry.context?.message)).toEqual(['cancelled job 7']);
  });

  it('neither begins anew nor is forgotten with the engine, and nobody who comes hurries it', async () => {
    const first = graceful(20);
    reader.print('x\n');
    await clock.advance(10);
    first.dispose();
    const next = again(first.job);
    next.personCame();
    await clock.advance(9);
    expect(cancels.count).toBe(0);
    await clock.advance(2);
    expect(cancels.count).toBe(1);
    expect(notifications).toHaveLength(1);
  });
});

describe('silence', () => {
  const watcher = { silenceSeconds: 10, maxTriggers: 1, actions: cancel };

  it('is what the job does: everything written until then is read first', async () => {
    follow([watcher]);
    await clock.advance(9);
    reader.print('alive\n');
    await clock.advance(9);
    expect(cancels.count).toBe(0);
    await clock.advance(2);
    expect(cancels.count).toBe(1);
  });

  it('is not what a lost connection does', async () => {
    follow([watcher]);
    reader.answers = false;
    await clock.advance(60);
    expect(cancels.count).toBe(0);
    // The link is back: what was written meanwhile comes, then the answer.
    reader.print('alive all the time\n');
    reader.answers = true;
    reader.caughtUp();
    await clock.advance(1);
    expect(cancels.count).toBe(0);
    await clock.advance(15);
    expect(cancels.count).toBe(1);
  });

  it('is not what a restart of the engine does', async () => {
    const first = follow([watcher]);
    reader.print('alive\n');
    first.dispose();
    await clock.advance(3600);
    reader.answers = false;
    again(first.job);
    await clock.advance(5);
    reader.print('alive\n');
    reader.answers = true;
    reader.caughtUp();
    await clock.advance(5);
    expect(cancels.count).toBe(0);
  });

  it('does not count while the job is suspended', async () => {
    const follower = follow([watcher]);
    follower.apply({ jobId: '7', state: 'suspended', started: start, nodes: 'n1' });
    await clock.advance(100);
    follower.apply({ jobId: '7', state: 'running', started: start, nodes: 'n1' });
    await clock.advance(9);
    expect(cancels.count).toBe(0);
    await clock.advance(5);
    expect(cancels.count).toBe(1);
  });
});

describe('the end of a job', () => {
  it('reads the output to its end, however long that takes, as long as it comes', async () => {
    reader.answers = false;
    const follower = follow([{ pattern: '^done (\\d+)$', captures: ['n'], triggerOnJobEnd: true }]);
    follower.apply(completed);
    for (let minute = 0; minute < 10; minute++) {
      reader.print(`line ${minute}\n`);
      await clock.advance(20);
    }
    reader.print('done 42');
    expect(names()).not.toContain('clean');
    reader.answers = true;
    reader.caughtUp();
    await clock.advance(2);
    reader.caughtUp();
    await clock.advance(2);
    expect(names().slice(-1)).toEqual(['clean']);
    expect(store.eventlog('test/7').find((entry) => entry.name === 'watcher.match')?.context).toMatchObject({
      captures: { n: '42' },
    });
    expect(names()).not.toContain('output.lost');
  });

  it('waits for a cluster that is away, and gives up a reader that does nothing, saying so', async () => {
    reader.answers = false;
    const follower = follow([{ pattern: 'x' }]);
    reachable = false;
    follower.apply(completed);
    await clock.advance(3600);
    expect(names()).not.toContain('clean');
    reachable = true;
    await clock.advance(40);
    expect(names()).toContain('clean');
    expect(store.eventlog('test/7').find((entry) => entry.name === 'output.lost')?.context).toMatchObject({
      path: '/out',
      offset: 0,
    });
  });

  it('waits a moment for a file that is not visible yet', async () => {
    reader.answers = false;
    const follower = follow([{ pattern: 'late' }]);
    follower.apply(completed);
    reader.listeners.get('/out')?.onProblem('/out does not exist (yet)');
    await clock.advance(2);
    reader.print('late\n');
    reader.answers = true;
    reader.caughtUp();
    await clock.advance(3);
    reader.caughtUp();
    await clock.advance(3);
    expect(names()).toContain('watcher.match');
    expect(names()).not.toContain('output.lost');
    expect(names()).toContain('clean');
  });
});

describe('trouble with the store', () => {
  it('ends the follower, and a new one goes on without loss or double', async () => {
    const first = follow([
      { pattern: '(?P<n>\\d+)', actions: [{ name: 'store_metric', params: { name: 'n', variable: 'n' } }] },
    ]);
    reader.print('1\n');
    await clock.advance(1);
    const works = store.append.bind(store);
    store.append = () => {
      throw new Error('database or disk is full');
    };
    reader.print('2\n');
    await flushPromises();
    expect(broken).toEqual(['test/7']);
    store.append = works;
    const stored = store.positions.of('test/7')[0];
    expect(stored).toMatchObject({ offset: 2, line: 2 });
    again(first.job);
    reader.print('2\n');
    await clock.advance(1);
    const values = store.eventlog('test/7').filter((entry) => entry.name === 'metric');
    expect(values.map((entry) => entry.context?.value)).toEqual([1, 2]);
  });
});

describe('a change that the store refuses', () => {
  it('is not acknowledged', async () => {
    const follower = follow([{ name: 'w', pattern: 'x' }]);
    store.append = () => {
      throw new Error('database or disk is full');
    };
    expect(() => follower.control('w', 'pause')).toThrow(StoreFailure);
    expect(() => follower.edit('w', watcherSpec({ name: 'w', pattern: 'y' }))).toThrow(StoreFailure);
    expect(broken).toEqual(['test/7']);
  });

  it('is not acknowledged either when it is more watchers', async () => {
    const follower = follow([{ name: 'w', pattern: 'x' }]);
    store.append = () => {
      throw new Error('database or disk is full');
    };
    await expect(follower.attach([watcherSpec({ name: 'v', pattern: 'y' })], 'start')).rejects.toThrow(StoreFailure);
  });
});

describe('actions that wait', () => {
  it('are logged once while they wait for the same, and never after clean', async () => {
    world = { settings: { ...defaultSettings, 'actions.perMinute': 1 } };
    const follower = follow([{ pattern: 'x', actions: [{ name: 'hold_job', params: {} }] }]);
    reader.print('x\n'.repeat(10));
    await clock.advance(1);
    const waits = () => store.eventlog('test/7').filter(({ name }) => name === 'log');
    expect(waits()).toHaveLength(1);
    follower.apply({ jobId: '7', state: 'completed', ended: start + 1 });
    await clock.advance(1);
    reader.caughtUp();
    await clock.advance(200);
    const after = names().slice(names().indexOf('clean') + 1);
    expect(names()).toContain('clean');
    expect(new Set(after)).toEqual(new Set(['watcher.result']));
    follower.dispose();
  });
});

describe('more matches than actions can keep up with', () => {
  it('makes the reader wait, and lets others have their turn', async () => {
    follow([{ pattern: 'x' }]);
    const wait = reader.print('x\n'.repeat(3000));
    expect(wait).toBeInstanceOf(Promise);
    let turns = 0;
    const count = () => {
      turns++;
      if (results().length < 3000) setImmediate(count);
    };
    setImmediate(count);
    await wait;
    while (results().length < 3000) await new Promise((resolve) => setImmediate(resolve));
    expect(turns).toBeGreaterThan(50);
  });
});

describe('a line without end', () => {
  it('is matched on its beginning, which is said once', async () => {
    follow([{ pattern: 'NEEDLE' }]);
    reader.print(`${'a'.repeat(70_000)}NEEDLE\n${'b'.repeat(70_000)}\nNEEDLE\n`);
    while (results().length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(names()).toEqual(['output.lost', 'watcher.match', 'watcher.action', 'watcher.result', 'log']);
    expect(store.eventlog('test/7')[0]?.context).toMatchObject({
      note: expect.stringContaining('line 1 is longer than 64 KiB'),
    });
  });
});

describe('notifications', () => {
  it('are 30 an hour at most; what is held back is recorded', async () => {
    follow([{ pattern: 'x', actions: [{ name: 'notify', params: { message: 'look' } }] }]);
    reader.print('x\n'.repeat(40));
    while (results().length < 40) await new Promise((resolve) => setImmediate(resolve));
    expect(notifications).toHaveLength(30);
    expect(results()[39]?.context).toMatchObject({ ok: true, message: 'held back, too many notifications: look' });
    await clock.advance(3600);
    reader.print('x\n');
    while (results().length < 41) await new Promise((resolve) => setImmediate(resolve));
    expect(notifications).toHaveLength(31);
  });
});

describe('which file is which stream', () => {
  it('is told when the paths are known, not before', () => {
    const follower = follow([{ pattern: 'boom', outputType: 'stderr' }], { state: 'pending', phase: 'eligible' });
    follower.apply({
      jobId: '7',
      state: 'running',
      started: start,
      nodes: 'n1',
      stdoutPath: '/out',
      stderrPath: '/err',
    });
    expect([...reader.listeners.keys()]).toEqual(['/out', '/err']);
    reader.print('boom\n', '/err');
    expect(names()).toContain('watcher.match');
  });
});

it('reckons with a clock of the cluster that is ahead', async () => {
  clockOffsetSeconds = 3600;
  try {
    const follower = follow([{ pattern: 'x', condition: 'elapsed < 60' }]);
    const started = clock.now() + 3600;
    follower.apply({ jobId: '7', state: 'running', started, nodes: 'n1', stdoutPath: '/out', workdir: '/w' });
    reader.print('x\n');
    await clock.advance(1);
    const matches = store.eventlog('test/7').filter((entry) => entry.name === 'watcher.match');
    expect(matches.map((entry) => entry.context?.condition)).toEqual([true]);
    expect(store.eventlog('test/7').find((entry) => entry.name === 'start')?.timestamp).toBe(started);
  } finally {
    clockOffsetSeconds = 0;
  }
});

it('does not take a new forecast of its start for news', () => {
  const follower = follow([{ pattern: 'x' }]);
  const pending = { jobId: '7', state: 'pending', submitted: 90, eligible: 90, reason: 'Priority' } as const;
  expect(follower.apply({ ...pending, expectedStart: 5000 })).toBe(true);
  expect(follower.apply({ ...pending, expectedStart: 6000 })).toBe(false);
  expect(follower.info.expectedStart).toBe(6000);
  expect(follower.apply({ ...pending, reason: 'Resources', expectedStart: 6000 })).toBe(true);
});

describe('an action that is to be tried later', () => {
  const hook = { name: 'webhook', params: { url: 'http://h/SECRET', body: 1 } } as const;
  const log = { name: 'log_event', params: { message: 'next' } } as const;
  const answers =
    (...statuses: number[]) =>
    async () => ({ status: statuses.shift() ?? 200 });

  it('lets the others pass, and has one result in the end', async () => {
    world = { postJson: answers(503, 503) };
    follow([{ pattern: 'x', maxTriggers: 1, actions: [hook, log] }]);
    reader.print('x\n');
    await clock.advance(1);
    expect(results().map((entry) => entry.context?.action)).toEqual(['log_event']);
    await clock.advance(9);
    expect(results().map((entry) => entry.context?.action)).toEqual(['log_event', 'webhook']);
    const waits = store.eventlog('test/7').filter((entry) => String(entry.context?.message).includes('tried again in'));
    expect(waits.map((entry) => entry.context?.message)).toEqual([
      'tried again in 2 s: the webhook answered 503',
      'tried again in 8 s: the webhook answered 503',
    ]);
    expect(JSON.stringify(store.eventlog('test/7'))).not.toContain('SECRET');
  });

  it('does not keep the log from ending, and is done after that', async () => {
    world = { postJson: answers(503) };
    const follower = follow([{ pattern: 'x', maxTriggers: 1, actions: [hook] }]);
    reader.print('x\n');
    await clock.advance(0.5);
    follower.apply(completed);
    await clock.advance(1);
    expect(names().at(-1)).toBe('clean');
    expect(store.openJobs().map(({ key }) => key)).toEqual(['test/7']);
    await clock.advance(5);
    expect(names().slice(-2)).toEqual(['clean', 'watcher.result']);
    expect(store.openJobs()).toEqual([]);
  });

  it('is taken up by the next engine, at its time', async () => {
    world = { postJson: answers(503) };
    const follower = follow([{ pattern: 'x', maxTriggers: 1, actions: [hook] }]);
    reader.print('x\n');
    await clock.advance(0.5);
    follower.apply(completed);
    await clock.advance(1);
    follower.dispose();
    const job = store.job('test/7');
    if (!job) throw new Error('no job');
    again(job);
    await clock.advance(0.1);
    expect(results()).toEqual([]);
    await clock.advance(2);
    expect(results()).toMatchObject([{ context: { ok: true } }]);
  });

  it('waits for a person no longer than until one comes', async () => {
    let isThere = false;
    const refused = { ok: false, message: expect.stringContaining('not allowed') };
    world = {
      settings: { ...defaultSettings, 'actions.runCommand': 'ask' },
      ask: async () => (isThere ? 'deny' : undefined),
    };
    const run = { name: 'run_command', params: { command: 'id' } } as const;
    const follower = follow([{ pattern: 'x', maxTriggers: 1, actions: [run] }]);
    reader.print('x\n');
    await clock.advance(1);
    expect(results()).toEqual([]);
    isThere = true;
    follower.personCame();
    await clock.advance(0.1);
    expect(results()).toMatchObject([{ context: refused }]);
  });

  it('counts a resubmit once, however often it is tried', async () => {
    let tries = 0;
    world = {
      resubmit: async () => {
        if (++tries < 4) throw new ConnectionError('closed', 'test', 'the connection is down');
        return 'test/8';
      },
    };
    const scriptHash = store.saveScript('#!/bin/sh\n');
    const follower = follow([{ pattern: 'x', remainingResubmits: 3, actions: [{ name: 'resubmit', params: {} }] }], {
      ...running,
      scriptHash,
    });
    reader.print('x\n');
    await clock.advance(60);
    expect(results()).toMatchObject([{ context: { ok: true, message: 'resubmitted as test/8' } }]);
    expect(store.watchers('test/7')[0]?.state).toMatchObject({ remainingResubmits: 2 });
    follower.dispose();
  });
});

describe('events that a job prints', () => {
  it('are emitted once, also when their lines are read again', async () => {
    const emitted: string[] = [];
    world = {
      emit: (name, payload, key) => {
        const { event, isNew } = store.events.add({ name, payload, key, emitted: 1, source: 'test/7' });
        if (isNew) emitted.push(name);
        return event;
      },
    };
    const follower = follow([]);
    reader.print('hello\n::event a {"n": 1}\n::event a\n');
    const entries = () => store.eventlog('test/7').filter((entry) => entry.name === 'event');
    expect(entries().map((entry) => entry.context)).toMatchObject([
      { name: 'a', payload: { n: 1 }, duplicate: false },
      { name: 'a', payload: null, duplicate: true },
    ]);
    follower.dispose();
    store.positions.save('test/7', { stream: 'stdout', path: '/out', offset: 0, line: 1, afterReturn: false });
    const job = store.job('test/7');
    if (!job) throw new Error('no job');
    reader = new FakeReader();
    again(job);
    reader.print('hello\n::event a {"n": 1}\n::event a\n');
    expect(emitted).toEqual(['a', 'a']);
    expect(entries()).toHaveLength(2);
  });

  it('are bounded', async () => {
    world = {
      emit: (name, payload, key) => store.events.add({ name, payload, key, emitted: 1, source: 'test/7' }).event,
    };
    follow([]);
    await reader.print(Array.from({ length: 1100 }, (_, index) => `::event e${index}\n`).join(''));
    await reader.print(Array.from({ length: 50 }, () => '::event x {bad\n').join(''));
    expect(store.events.list()).toHaveLength(1000);
    expect(names().filter((name) => name === 'log')).toHaveLength(11);
  });
});
