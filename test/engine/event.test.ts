import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Barrier, defaultTimeoutSeconds, Event } from '../../engine/event.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** What a promise has settled to so far. */
function watch<T>(promise: Promise<T>): { value?: T } {
  const seen: { value?: T } = {};
  void promise.then((value) => {
    seen.value = value;
  });
  return seen;
}

describe('an event', () => {
  it('is waited for by any number, and set once', async () => {
    const clock = new FakeClock();
    const event = new Event(undefined, clock);
    const waits = [watch(event.wait()), watch(event.wait(10)), watch(event.wait())];
    await clock.advance(5);
    expect([event.isSet(), waits]).toEqual([false, [{}, {}, {}]]);
    event.set('first');
    event.set('second');
    await clock.advance(0);
    expect(waits).toEqual([{ value: true }, { value: true }, { value: true }]);
    expect([event.isSet(), event.signal.aborted, event.signal.reason]).toEqual([true, true, 'first']);
    expect(await event.wait(0)).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends a wait after its time, or its own, and is not set by that', async () => {
    const clock = new FakeClock();
    const event = new Event(10, clock);
    const [short, long] = [watch(event.wait(4)), watch(event.wait(60))];
    await clock.advance(4);
    expect([short, long, event.checkTimeout()]).toEqual([{ value: false }, {}, false]);
    await clock.advance(6);
    expect([long, event.checkTimeout(), event.isSet(), event.signal.aborted]).toEqual([
      { value: false },
      true,
      false,
      false,
    ]);
    expect(await event.wait()).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  it('has its time from when it was made, without a wait, and anew from when it was cleared', async () => {
    const clock = new FakeClock();
    const event = new Event(undefined, clock);
    await clock.advance(defaultTimeoutSeconds - 1);
    expect(event.checkTimeout()).toBe(false);
    await clock.advance(1);
    expect(event.checkTimeout()).toBe(true);
    event.clear();
    expect(event.checkTimeout()).toBe(false);
    const wait = watch(event.wait());
    await clock.advance(defaultTimeoutSeconds);
    expect([wait, event.checkTimeout()]).toEqual([{ value: false }, true]);
  });

  it('that was set in time has no time-out, however late it is asked', async () => {
    const clock = new FakeClock();
    const event = new Event(5, clock);
    event.set();
    await clock.advance(50);
    expect([event.checkTimeout(), await event.wait()]).toEqual([false, true]);
  });

  it('is cleared for the next time: its signal is another one', async () => {
    const clock = new FakeClock();
    const event = new Event(Number.POSITIVE_INFINITY, clock);
    const { signal } = event;
    event.clear();
    expect(event.signal).toBe(signal);
    const before = watch(event.wait());
    event.set();
    event.clear();
    const after = watch(event.wait());
    await clock.advance(1e9);
    expect([before, after, signal.aborted, event.signal.aborted]).toEqual([{ value: true }, {}, true, false]);
  });

  it('waits longer than a timer can', async () => {
    const clock = new FakeClock();
    const wait = watch(new Event(100 * 86_400, clock).wait());
    await clock.advance(99 * 86_400);
    expect(wait).toEqual({});
    await clock.advance(86_400);
    expect(wait).toEqual({ value: false });
  });
});

describe('what it is for', () => {
  it('stops a long operation between two pieces of its work, and cleans up once', async () => {
    const cancel = new Event();
    let [pieces, cleaned] = [0, 0];
    const work = (async () => {
      try {
        while (!cancel.isSet()) {
          pieces++;
          await cancel.wait(0.001);
        }
        return 'stopped';
      } finally {
        cleaned++;
      }
    })();
    await pause(20);
    cancel.set();
    expect([await work, cleaned, pieces > 1]).toEqual(['stopped', 1, true]);
  });

  it('ends one run by its own event, and all of them by one for all', async () => {
    const all = new Event(Number.POSITIVE_INFINITY);
    const runs = ['a', 'b', 'c'].map((name) => ({ name, own: new Event(Number.POSITIVE_INFINITY) }));
    const ends = runs.map(({ name, own }) => {
      const signal = AbortSignal.any([all.signal, own.signal]);
      return new Promise<string>((resolve) => {
        signal.addEventListener('abort', () => resolve(`${name}: ${signal.reason}`));
      });
    });
    runs[1]?.own.set('cancelled by ada');
    expect(await Promise.race(ends)).toBe('b: cancelled by ada');
    all.set('shutdown');
    expect(await Promise.all(ends)).toEqual(['a: shutdown', 'b: cancelled by ada', 'c: shutdown']);
  });

  it('tells cancelled from too late from failed', async () => {
    const outcome = async (event: Event, work: () => Promise<void>) => {
      const failed = work().then(
        () => 'done',
        () => 'failed',
      );
      return await Promise.race([failed, event.wait().then((isSet) => (isSet ? 'cancelled' : 'timeout'))]);
    };
    const never = () => new Promise<void>(() => {});
    const cancelled = new Event();
    cancelled.set();
    expect(await outcome(cancelled, never)).toBe('cancelled');
    expect(await outcome(new Event(0.01), never)).toBe('timeout');
    expect(await outcome(new Event(), async () => Promise.reject(new Error('x')))).toBe('failed');
    expect(await outcome(new Event(), async () => {})).toBe('done');
  });

  it('lets a producer stop its consumer, who takes what is left first', async () => {
    const queue: number[] = [];
    const done = new Event();
    const taken: number[] = [];
    const consumer = (async () => {
      while (!done.isSet() || queue.length > 0) {
        const item = queue.shift();
        if (item === undefined) await done.wait(0.001);
        else taken.push(item);
      }
    })();
    for (let item = 0; item < 50; item++) {
      queue.push(item);
      if (item % 10 === 0) await pause(1);
    }
    done.set();
    await consumer;
    expect(taken).toEqual(Array.from({ length: 50 }, (_, item) => item));
  });

  it('lets a monitor raise an alert, again and again', async () => {
    const alert = new Event(Number.POSITIVE_INFINITY);
    const alerts: number[] = [];
    const monitor = (async () => {
      while (alerts.length < 3) {
        await alert.wait();
        alerts.push(Number(alert.signal.reason));
        alert.clear();
      }
    })();
    for (const value of [91, 95, 99]) {
      alert.set(value);
      await pause(1);
    }
    await monitor;
    expect(alerts).toEqual([91, 95, 99]);
  });
});

describe('a barrier', () => {
  it('lets nobody pass before all have arrived, round after round, in whatever order they come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 20, maxLength: 20 }),
        async (parties, pauses) => {
          const barrier = new Barrier(parties);
          const rounds = Array.from({ length: parties }, () => 0);
          await Promise.all(
            rounds.map(async (_, party) => {
              for (let round = 1; round <= 4; round++) {
                for (let turn = pauses[(party * 4 + round) % 20] ?? 0; turn > 0; turn--) await Promise.resolve();
                rounds[party] = round;
                expect(await barrier.arrive()).toBe(true);
                // Everyone has got as far as this round, and nobody beyond the next one.
                expect(Math.min(...rounds)).toBeGreaterThanOrEqual(round);
                expect(Math.max(...rounds)).toBeLessThanOrEqual(round + 1);
              }
            }),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('does not count who has given up', async () => {
    const clock = new FakeClock();
    const barrier = new Barrier(2, clock);
    const first = watch(barrier.arrive(5));
    await clock.advance(5);
    expect(first).toEqual({ value: false });
    const second = watch(barrier.arrive());
    await clock.advance(100);
    expect(second).toEqual({});
    expect(await barrier.arrive()).toBe(true);
    await clock.advance(0);
    expect(second).toEqual({ value: true });
    expect(() => new Barrier(0)).toThrow(RangeError);
  });
});
