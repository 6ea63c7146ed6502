import { beforeEach, describe, expect, it } from 'vitest';
import { type Connection, ConnectionError } from '../../../engine/clusters/connection.ts';
import { silentLogger } from '../../../engine/logger.ts';
import { pollSeconds } from '../../../engine/output/poller.ts';
import type { FollowListener } from '../../../engine/output/reader.ts';
import { RemoteReader } from '../../../engine/output/remote-reader.ts';
import { FakeClock } from '../../support/fake-clock.ts';

describe('the period', () => {
  it.each([
    ['begins as the site wishes', 10, 0, 60, 10],
    ['grows by a tenth while nothing comes', 10, 2, 60, 12.1],
    ['grows up to five times', 10, 100, 3600, 50],
    ['is never longer than a line may wait', 10, 100, 30, 30],
    ['is never shorter than the site wishes', 10, 100, 1, 10],
  ])('%s', (_, seconds, idle, least, expected) => {
    expect(pollSeconds(seconds, idle, least)).toBeCloseTo(expected);
  });
});

describe('polling', () => {
  let clock: FakeClock;
  let asked: string[];
  let answers: (string | Error)[];
  let seen: string[];
  let hold: Promise<void> | undefined;
  let reader: RemoteReader;

  const connection = {
    exec: async (_argv: readonly string[], { stdin = '' }: { stdin?: string }) => {
      asked.push(stdin);
      const answer = answers.shift() ?? '';
      if (answer instanceof Error) throw answer;
      return { status: 0, stdout: answer, stderr: '' };
    },
  } as unknown as Connection;

  const listener: FollowListener = {
    onData(offset, bytes) {
      seen.push(`${offset} ${Buffer.from(bytes).toString()}`);
      return hold;
    },
    onRestart: (kind) => void seen.push(kind),
    onCaughtUp: (size) => void seen.push(`caught up ${size}`),
    onProblem: (problem) => void seen.push(problem),
  };
  const data = (id: number, offset: number, text: string) =>
    `D ${id} ${offset} ${Buffer.from(text).toString('base64')}\n`;
  const lines = () => asked.map((stdin) => stdin.trim().split('\n').filter(Boolean).length);

  beforeEach(() => {
    clock = new FakeClock();
    [asked, answers, seen, hold] = [[], [], [], undefined];
    reader = new RemoteReader('c', clock, silentLogger, () => 10);
    reader.attach(connection);
  });

  it('asks for all files with one command, and no more often than it may', async () => {
    for (const path of ['/a', '/b', '/c']) reader.follow({ path, offset: 0, maxWaitSeconds: 10 }, listener);
    await clock.advance(65);
    expect(lines()).toEqual([3, 3, 3, 3, 3, 3, 3]);
  });

  it('goes on behind what it has got', async () => {
    answers = [`I 1 77 0\n${data(1, 0, 'abc')}C 1 3\n`];
    reader.follow({ path: '/a', offset: 0, maxWaitSeconds: 10 }, listener);
    await clock.advance(12);
    expect(seen).toEqual(['0 abc', 'caught up 3']);
    expect(asked[1]).toBe(`+ 1 3 ${btoa('/a')} 77 ${btoa('abc')} -\n`);
  });

  it('rests while nothing comes, within the least interval, and not after something came', async () => {
    reader.follow({ path: '/a', offset: 0, maxWaitSeconds: 25 }, listener);
    await clock.advance(600);
    const resting = asked.length;
    expect(resting).toBeGreaterThan(600 / 25 - 1);
    expect(resting).toBeLessThan(600 / 15);
    answers = [data(1, 0, 'x')];
    await clock.advance(25);
    asked = [];
    await clock.advance(10.5);
    expect(asked).toHaveLength(1);
  });

  it('asks at once when somebody waits, and when there is more', async () => {
    const follow = reader.follow({ path: '/a', offset: 0, maxWaitSeconds: 60 }, listener);
    await clock.advance(5);
    answers = [`${data(1, 0, 'x')}M 1\n`];
    follow.check();
    await clock.advance(3);
    expect(asked).toHaveLength(3);
  });

  it('does not ask for more of what is not taken yet', async () => {
    let take = () => {};
    hold = new Promise((resolve) => {
      take = resolve;
    });
    answers = [data(1, 0, 'x')];
    reader.follow({ path: '/a', offset: 0, maxWaitSeconds: 10 }, listener);
    reader.follow({ path: '/b', offset: 0, maxWaitSeconds: 10 }, listener);
    await clock.advance(11);
    expect(lines()).toEqual([2, 1]);
    take();
    await clock.advance(10);
    expect(lines()).toEqual([2, 1, 2]);
  });

  it('tells why it could not ask, and asks again', async () => {
    answers = [new ConnectionError('timeout', 'c', 'no answer for 60 s')];
    reader.follow({ path: '/a', offset: 0, maxWaitSeconds: 10 }, listener);
    await clock.advance(15);
    expect(seen).toEqual([expect.stringContaining('no answer for 60 s')]);
    expect(asked).toHaveLength(2);
  });

  it('leaves a lost connection to the next one', async () => {
    answers = [new ConnectionError('closed', 'c', 'it broke')];
    reader.follow({ path: '/a', offset: 0, maxWaitSeconds: 10 }, listener);
    await clock.advance(1);
    expect(seen).toEqual([]);
    reader.attach(connection);
    await clock.advance(2);
    expect(asked).toHaveLength(2);
  });

  it('asks nothing when nothing is followed', async () => {
    reader.follow({ path: '/a', offset: 0 }, listener).stop();
    await clock.advance(100);
    expect(clock.pendingTimers).toBe(0);
  });
});
