import { beforeEach, describe, expect, it } from 'vitest';
import { StoreFailure } from '../../../engine/store/store-failure.ts';
import { watcherSpec } from '../../support/builders.ts';
import { flushPromises } from '../../support/fake-clock.ts';
import { completed, FakeReader, FollowedJob, start } from './followed-job.ts';

let site: FollowedJob;

beforeEach(() => {
  site = new FollowedJob();
});

const cancel = [{ name: 'cancel_job', params: {} }] as const;

describe('silence', () => {
  const watcher = { silenceSeconds: 10, maxTriggers: 1, actions: cancel };

  it('is what the job does: everything written until then is read first', async () => {
    site.follow([watcher]);
    await site.clock.advance(9);
    site.reader.print('alive\n');
    await site.clock.advance(9);
    expect(site.cancels.count).toBe(0);
    await site.clock.advance(2);
    expect(site.cancels.count).toBe(1);
  });

  it('is not what a lost connection does', async () => {
    site.follow([watcher]);
    site.reader.answers = false;
    await site.clock.advance(60);
    expect(site.cancels.count).toBe(0);
    // The link is back: what was written meanwhile comes, then the answer.
    site.reader.print('alive all the time\n');
    site.reader.answers = true;
    site.reader.caughtUp();
    await site.clock.advance(1);
    expect(site.cancels.count).toBe(0);
    await site.clock.advance(15);
    expect(site.cancels.count).toBe(1);
  });

  it('is not what a restart of the engine does', async () => {
    const first = site.follow([watcher]);
    site.reader.print('alive\n');
    first.dispose();
    await site.clock.advance(3600);
    site.reader.answers = false;
    site.again(first.job);
    await site.clock.advance(5);
    site.reader.print('alive\n');
    site.reader.answers = true;
    site.reader.caughtUp();
    await site.clock.advance(5);
    expect(site.cancels.count).toBe(0);
  });

  it('does not count while the job is suspended', async () => {
    const follower = site.follow([watcher]);
    follower.apply({ jobId: '7', state: 'suspended', started: start, nodes: 'n1' });
    await site.clock.advance(100);
    follower.apply({ jobId: '7', state: 'running', started: start, nodes: 'n1' });
    await site.clock.advance(9);
    expect(site.cancels.count).toBe(0);
    await site.clock.advance(5);
    expect(site.cancels.count).toBe(1);
  });
});

describe('the end of a job', () => {
  it('reads the output to its end, however long that takes, as long as it comes', async () => {
    site.reader.answers = false;
    const follower = site.follow([{ pattern: '^done (\\d+)$', captures: ['n'], triggerOnJobEnd: true }]);
    follower.apply(completed);
    for (let minute = 0; minute < 10; minute++) {
      site.reader.print(`line ${minute}\n`);
      await site.clock.advance(20);
    }
    site.reader.print('done 42');
    expect(site.names()).not.toContain('clean');
    site.reader.answers = true;
    site.reader.caughtUp();
    await site.clock.advance(2);
    site.reader.caughtUp();
    await site.clock.advance(2);
    expect(site.names().slice(-1)).toEqual(['clean']);
    expect(site.store.eventlog('test/7').find((entry) => entry.name === 'watcher.match')?.context).toMatchObject({
      captures: { n: '42' },
    });
    expect(site.names()).not.toContain('output.lost');
  });

  it('waits for a cluster that is away, and gives up a reader that does nothing, saying so', async () => {
    site.reader.answers = false;
    const follower = site.follow([{ pattern: 'x' }]);
    site.isReachable = false;
    follower.apply(completed);
    await site.clock.advance(3600);
    expect(site.names()).not.toContain('clean');
    site.isReachable = true;
    await site.clock.advance(40);
    expect(site.names()).toContain('clean');
    expect(site.store.eventlog('test/7').find((entry) => entry.name === 'output.lost')?.context).toMatchObject({
      path: '/out',
      offset: 0,
    });
  });

  it('waits a moment for a file that is not visible yet', async () => {
    site.reader.answers = false;
    const follower = site.follow([{ pattern: 'late' }]);
    follower.apply(completed);
    site.reader.listeners.get('/out')?.onProblem('/out does not exist (yet)');
    await site.clock.advance(2);
    site.reader.print('late\n');
    site.reader.answers = true;
    site.reader.caughtUp();
    await site.clock.advance(3);
    site.reader.caughtUp();
    await site.clock.advance(3);
    expect(site.names()).toContain('watcher.match');
    expect(site.names()).not.toContain('output.lost');
    expect(site.names()).toContain('clean');
  });
});

describe('trouble with the store', () => {
  it('ends the follower, and a new one goes on without loss or double', async () => {
    const first = site.follow([
      { pattern: '(?P<n>\\d+)', actions: [{ name: 'store_metric', params: { name: 'n', variable: 'n' } }] },
    ]);
    site.reader.print('1\n');
    await site.clock.advance(1);
    const works = site.store.append.bind(site.store);
    site.store.append = () => {
      throw new Error('database or disk is full');
    };
    site.reader.print('2\n');
    await flushPromises();
    expect(site.broken).toEqual(['test/7']);
    site.store.append = works;
    const stored = site.store.positions.of('test/7')[0];
    expect(stored).toMatchObject({ offset: 2, line: 2 });
    site.again(first.job);
    site.reader.print('2\n');
    await site.clock.advance(1);
    const values = site.store.eventlog('test/7').filter((entry) => entry.name === 'metric');
    expect(values.map((entry) => entry.context?.value)).toEqual([1, 2]);
  });
});

describe('a change that the store refuses', () => {
  it('is not acknowledged', async () => {
    const follower = site.follow([{ name: 'w', pattern: 'x' }]);
    site.store.append = () => {
      throw new Error('database or disk is full');
    };
    expect(() => follower.control('w', 'pause')).toThrow(StoreFailure);
    expect(() => follower.edit('w', watcherSpec({ name: 'w', pattern: 'y' }))).toThrow(StoreFailure);
    expect(site.broken).toEqual(['test/7']);
  });

  it('is not acknowledged either when it is more watchers', async () => {
    const follower = site.follow([{ name: 'w', pattern: 'x' }]);
    site.store.append = () => {
      throw new Error('database or disk is full');
    };
    await expect(follower.attach([watcherSpec({ name: 'v', pattern: 'y' })], 'start')).rejects.toThrow(StoreFailure);
  });
});

describe('a line without end', () => {
  it('is matched on its beginning, which is said once', async () => {
    site.follow([{ pattern: 'NEEDLE' }]);
    site.reader.print(`${'a'.repeat(70_000)}NEEDLE\n${'b'.repeat(70_000)}\nNEEDLE\n`);
    while (site.results().length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(site.names()).toEqual(['output.lost', 'watcher.match', 'watcher.action', 'watcher.result', 'log']);
    expect(site.store.eventlog('test/7')[0]?.context).toMatchObject({
      note: expect.stringContaining('line 1 is longer than 64 KiB'),
    });
  });
});

describe('which file is which stream', () => {
  it('is told when the paths are known, not before', () => {
    const follower = site.follow([{ pattern: 'boom', outputType: 'stderr' }], { state: 'pending', phase: 'eligible' });
    follower.apply({
      jobId: '7',
      state: 'running',
      started: start,
      nodes: 'n1',
      stdoutPath: '/out',
      stderrPath: '/err',
    });
    expect([...site.reader.listeners.keys()]).toEqual(['/out', '/err']);
    site.reader.print('boom\n', '/err');
    expect(site.names()).toContain('watcher.match');
  });
});

it('reckons with a clock of the cluster that is ahead', async () => {
  site.clockOffsetSeconds = 3600;
  try {
    const follower = site.follow([{ pattern: 'x', condition: 'elapsed < 60' }]);
    const started = site.clock.now() + 3600;
    follower.apply({ jobId: '7', state: 'running', started, nodes: 'n1', stdoutPath: '/out', workdir: '/w' });
    site.reader.print('x\n');
    await site.clock.advance(1);
    const matches = site.store.eventlog('test/7').filter((entry) => entry.name === 'watcher.match');
    expect(matches.map((entry) => entry.context?.condition)).toEqual([true]);
    expect(site.store.eventlog('test/7').find((entry) => entry.name === 'start')?.timestamp).toBe(started);
  } finally {
    site.clockOffsetSeconds = 0;
  }
});

it('does not take a new forecast of its start for news', () => {
  const follower = site.follow([{ pattern: 'x' }]);
  const pending = { jobId: '7', state: 'pending', submitted: 90, eligible: 90, reason: 'Priority' } as const;
  expect(follower.apply({ ...pending, expectedStart: 5000 })).toBe(true);
  expect(follower.apply({ ...pending, expectedStart: 6000 })).toBe(false);
  expect(follower.info.expectedStart).toBe(6000);
  expect(follower.apply({ ...pending, reason: 'Resources', expectedStart: 6000 })).toBe(true);
});

describe('events that a job prints', () => {
  it('are emitted once, also when their lines are read again', async () => {
    const emitted: string[] = [];
    site.world = {
      emit: (name, payload, key) => {
        const { event, isNew } = site.store.events.add({ name, payload, key, emitted: 1, source: 'test/7' });
        if (isNew) emitted.push(name);
        return event;
      },
    };
    const follower = site.follow([]);
    site.reader.print('hello\n::event a {"n": 1}\n::event a\n');
    const entries = () => site.store.eventlog('test/7').filter((entry) => entry.name === 'event');
    expect(entries().map((entry) => entry.context)).toMatchObject([
      { name: 'a', payload: { n: 1 }, duplicate: false },
      { name: 'a', payload: null, duplicate: true },
    ]);
    follower.dispose();
    site.store.positions.save('test/7', { stream: 'stdout', path: '/out', offset: 0, line: 1, afterReturn: false });
    const job = site.store.job('test/7');
    if (!job) throw new Error('no job');
    site.reader = new FakeReader();
    site.again(job);
    site.reader.print('hello\n::event a {"n": 1}\n::event a\n');
    expect(emitted).toEqual(['a', 'a']);
    expect(entries()).toHaveLength(2);
  });

  it('are bounded', async () => {
    site.world = {
      emit: (name, payload, key) => site.store.events.add({ name, payload, key, emitted: 1, source: 'test/7' }).event,
    };
    site.follow([]);
    await site.reader.print(Array.from({ length: 1100 }, (_, index) => `::event e${index}\n`).join(''));
    await site.reader.print(Array.from({ length: 50 }, () => '::event x {bad\n').join(''));
    expect(site.store.events.list()).toHaveLength(1000);
    expect(site.names().filter((name) => name === 'log')).toHaveLength(11);
  });
});
