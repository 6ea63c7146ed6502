import { beforeEach, describe, expect, it } from 'vitest';
import { ConnectionError } from '../../../engine/clusters/connection.ts';
import { defaultSettings } from '../../../engine/settings.ts';
import { completed, FollowedJob, running, start } from './followed-job.ts';

let site: FollowedJob;

beforeEach(() => {
  site = new FollowedJob();
});

const cancel = [{ name: 'cancel_job', params: {} }] as const;

describe('an action that finds the cluster away', () => {
  it('is tried again until the cluster answers, and has one result', async () => {
    site.cancels.fail = 3;
    site.follow([{ pattern: 'x', maxTriggers: 1, actions: cancel }]);
    site.reader.print('x\n');
    await site.clock.advance(30);
    expect(site.cancels.count).toBe(4);
    expect(site.results().map((entry) => entry.context?.ok)).toEqual([true]);
    expect(site.names().filter((name) => name === 'log')).toHaveLength(1);
  });

  it('is performed by the next engine when this one ends first', async () => {
    site.cancels.fail = 100;
    const first = site.follow([{ pattern: 'x', maxTriggers: 1, actions: cancel }]);
    site.reader.print('x\n');
    await site.clock.advance(5);
    first.dispose();
    site.cancels.fail = 0;
    const before = site.cancels.count;
    site.again(first.job);
    await site.clock.advance(1);
    expect(site.cancels.count - before).toBe(1);
    expect(site.results()).toHaveLength(1);
  });
});

describe('pause_watcher with a duration', () => {
  const pause = [{ name: 'pause_watcher', params: { duration: 600 } }] as const;
  const states = () =>
    site.store
      .eventlog('test/7')
      .filter(({ name }) => name === 'watcher.state')
      .map(({ timestamp, context }) => [timestamp - start, context?.state]);

  it('lets the watcher go on after it, in the next engine too', async () => {
    const first = site.follow([{ pattern: 'x', actions: pause }]);
    site.reader.print('x\n');
    await site.clock.advance(1);
    site.reader.print('x\n');
    expect(states()).toEqual([[0, 'paused']]);
    first.dispose();
    site.again(first.job);
    await site.clock.advance(600);
    expect(states()).toEqual([
      [0, 'paused'],
      [600, 'active'],
    ]);
    site.reader.print('x\n');
    await site.clock.advance(1);
    expect(site.results().map(({ context }) => context?.message)).toEqual([
      'paused watcher-1 for 600 s',
      'paused watcher-1 for 600 s',
    ]);
  });

  it('is refused when it is none', async () => {
    site.follow([{ pattern: 'x', actions: [{ name: 'pause_watcher', params: { duration: '$0' } }] }]);
    site.reader.print('x\n');
    await site.clock.advance(1);
    expect(site.results().map(({ context }) => context?.ok)).toEqual([false]);
    expect(states()).toEqual([]);
  });
});

describe('a cancel with a grace period', () => {
  const graceful = (seconds: number) => {
    site.world = { settings: { ...defaultSettings, 'actions.cancelGraceSeconds': seconds } };
    return site.follow([{ name: 'w', pattern: 'x', maxTriggers: 1, actions: cancel }]);
  };

  it('waits, tells so at once, and cancels', async () => {
    graceful(20);
    site.reader.print('x\n');
    await site.clock.advance(19);
    expect(site.cancels.count).toBe(0);
    expect(site.notifications).toEqual([
      {
        level: 'warning',
        message: 'Job 7 (job) is cancelled in 20 s by w.',
        job: 'test/7',
        watcher: 'w',
        cancelAt: start + 20,
      },
    ]);
    await site.clock.advance(2);
    expect(site.cancels.count).toBe(1);
    expect(site.results().map((entry) => entry.context?.ok)).toEqual([true]);
  });

  it('can be taken back until then', async () => {
    const follower = graceful(20);
    site.reader.print('x\n');
    await site.clock.advance(10);
    expect(follower.takeBackCancels()).toBe(true);
    await site.clock.advance(30);
    expect(site.cancels.count).toBe(0);
    expect(site.results().map((entry) => entry.context?.message)).toEqual([
      'job 7 goes on: a person took the cancel back',
    ]);
    expect(follower.takeBackCancels()).toBe(false);
  });

  it('cannot be taken back once it is under way', async () => {
    let answer = () => {};
    site.world = {
      settings: { ...defaultSettings, 'actions.cancelGraceSeconds': 20 },
      cancel: () => new Promise<void>((resolve) => (answer = resolve)),
    };
    const follower = site.follow([{ name: 'w', pattern: 'x', maxTriggers: 1, actions: cancel }]);
    site.reader.print('x\n');
    await site.clock.advance(21);
    expect(follower.takeBackCancels()).toBe(false);
    answer();
    await site.clock.advance(1);
    expect(site.results().map((entry) => entry.context?.message)).toEqual(['cancelled job 7']);
  });

  it('neither begins anew nor is forgotten with the engine, and nobody who comes hurries it', async () => {
    const first = graceful(20);
    site.reader.print('x\n');
    await site.clock.advance(10);
    first.dispose();
    const next = site.again(first.job);
    next.personCame();
    await site.clock.advance(9);
    expect(site.cancels.count).toBe(0);
    await site.clock.advance(2);
    expect(site.cancels.count).toBe(1);
    expect(site.notifications).toHaveLength(1);
  });
});

describe('actions that wait', () => {
  it('are logged once while they wait for the same, and never after clean', async () => {
    site.world = { settings: { ...defaultSettings, 'actions.perMinute': 1 } };
    const follower = site.follow([{ pattern: 'x', actions: [{ name: 'hold_job', params: {} }] }]);
    site.reader.print('x\n'.repeat(10));
    await site.clock.advance(1);
    const waits = () => site.store.eventlog('test/7').filter(({ name }) => name === 'log');
    expect(waits()).toHaveLength(1);
    follower.apply({ jobId: '7', state: 'completed', ended: start + 1 });
    await site.clock.advance(1);
    site.reader.caughtUp();
    await site.clock.advance(200);
    const after = site.names().slice(site.names().indexOf('clean') + 1);
    expect(site.names()).toContain('clean');
    expect(new Set(after)).toEqual(new Set(['watcher.result']));
    follower.dispose();
  });
});

describe('more matches than actions can keep up with', () => {
  it('makes the reader wait, and lets others have their turn', async () => {
    site.follow([{ pattern: 'x' }]);
    const wait = site.reader.print('x\n'.repeat(3000));
    expect(wait).toBeInstanceOf(Promise);
    let turns = 0;
    const count = () => {
      turns++;
      if (site.results().length < 3000) setImmediate(count);
    };
    setImmediate(count);
    await wait;
    while (site.results().length < 3000) await new Promise((resolve) => setImmediate(resolve));
    expect(turns).toBeGreaterThan(50);
  });
});

describe('notifications', () => {
  it('are 30 an hour at most; what is held back is recorded', async () => {
    site.follow([{ pattern: 'x', actions: [{ name: 'notify', params: { message: 'look' } }] }]);
    site.reader.print('x\n'.repeat(40));
    while (site.results().length < 40) await new Promise((resolve) => setImmediate(resolve));
    expect(site.notifications).toHaveLength(30);
    expect(site.results()[39]?.context).toMatchObject({ ok: true, message: 'held back, too many notifications: look' });
    await site.clock.advance(3600);
    site.reader.print('x\n');
    while (site.results().length < 41) await new Promise((resolve) => setImmediate(resolve));
    expect(site.notifications).toHaveLength(31);
  });
});

describe('an action that is to be tried later', () => {
  const hook = { name: 'webhook', params: { url: 'http://h/SECRET', body: 1 } } as const;
  const log = { name: 'log_event', params: { message: 'next' } } as const;
  const answers =
    (...statuses: number[]) =>
    async () => ({ status: statuses.shift() ?? 200 });

  it('lets the others pass, and has one result in the end', async () => {
    site.world = { postJson: answers(503, 503) };
    site.follow([{ pattern: 'x', maxTriggers: 1, actions: [hook, log] }]);
    site.reader.print('x\n');
    await site.clock.advance(1);
    expect(site.results().map((entry) => entry.context?.action)).toEqual(['log_event']);
    await site.clock.advance(9);
    expect(site.results().map((entry) => entry.context?.action)).toEqual(['log_event', 'webhook']);
    const waits = site.store
      .eventlog('test/7')
      .filter((entry) => String(entry.context?.message).includes('tried again in'));
    expect(waits.map((entry) => entry.context?.message)).toEqual([
      'tried again in 2 s: the webhook answered 503',
      'tried again in 8 s: the webhook answered 503',
    ]);
    expect(JSON.stringify(site.store.eventlog('test/7'))).not.toContain('SECRET');
  });

  it('does not keep the log from ending, and is done after that', async () => {
    site.world = { postJson: answers(503) };
    const follower = site.follow([{ pattern: 'x', maxTriggers: 1, actions: [hook] }]);
    site.reader.print('x\n');
    await site.clock.advance(0.5);
    follower.apply(completed);
    await site.clock.advance(1);
    expect(site.names().at(-1)).toBe('clean');
    expect(site.store.openJobs().map(({ key }) => key)).toEqual(['test/7']);
    await site.clock.advance(5);
    expect(site.names().slice(-2)).toEqual(['clean', 'watcher.result']);
    expect(site.store.openJobs()).toEqual([]);
  });

  it('is taken up by the next engine, at its time', async () => {
    site.world = { postJson: answers(503) };
    const follower = site.follow([{ pattern: 'x', maxTriggers: 1, actions: [hook] }]);
    site.reader.print('x\n');
    await site.clock.advance(0.5);
    follower.apply(completed);
    await site.clock.advance(1);
    follower.dispose();
    const job = site.store.job('test/7');
    if (!job) throw new Error('no job');
    site.again(job);
    await site.clock.advance(0.1);
    expect(site.results()).toEqual([]);
    await site.clock.advance(2);
    expect(site.results()).toMatchObject([{ context: { ok: true } }]);
  });

  it('waits for a person no longer than until one comes', async () => {
    let isThere = false;
    const refused = { ok: false, message: expect.stringContaining('not allowed') };
    site.world = {
      settings: { ...defaultSettings, 'actions.runCommand': 'ask' },
      ask: async () => (isThere ? 'deny' : undefined),
    };
    const run = { name: 'run_command', params: { command: 'id' } } as const;
    const follower = site.follow([{ pattern: 'x', maxTriggers: 1, actions: [run] }]);
    site.reader.print('x\n');
    await site.clock.advance(1);
    expect(site.results()).toEqual([]);
    isThere = true;
    follower.personCame();
    await site.clock.advance(0.1);
    expect(site.results()).toMatchObject([{ context: refused }]);
  });

  it('counts a resubmit once, however often it is tried', async () => {
    let tries = 0;
    site.world = {
      resubmit: async () => {
        if (++tries < 4) throw new ConnectionError('closed', 'test', 'the connection is down');
        return 'test/8';
      },
    };
    const scriptHash = site.store.saveScript('#!/bin/sh\n');
    const follower = site.follow(
      [{ pattern: 'x', remainingResubmits: 3, actions: [{ name: 'resubmit', params: {} }] }],
      {
        ...running,
        scriptHash,
      },
    );
    site.reader.print('x\n');
    await site.clock.advance(60);
    expect(site.results()).toMatchObject([{ context: { ok: true, message: 'resubmitted as test/8' } }]);
    expect(site.store.watchers('test/7')[0]?.state).toMatchObject({ remainingResubmits: 2 });
    follower.dispose();
  });
});
