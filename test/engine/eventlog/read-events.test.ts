import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventSource, waitEvent, watchEvents } from '../../../engine/eventlog/read-events.ts';
import { matchesContext, nameTest, parseContextTest } from '../../../engine/eventlog/select-events.ts';
import type { EventlogEntry, JsonValue } from '../../../engine/protocol.ts';
import { FakeClock, flushPromises } from '../../support/fake-clock.ts';

/** A log in memory that counts who listens to it. */
class Log implements EventSource {
  readonly name = 'mycluster/7';
  readonly entries: EventlogEntry[] = [];
  readonly listeners = new Set<() => void>();

  append(...names: (string | readonly [string, { readonly [key: string]: JsonValue }])[]): this {
    for (const one of names) {
      const [name, context] = typeof one === 'string' ? [one] : one;
      const seq = this.entries.length;
      this.entries.push({ seq, timestamp: seq + 1, observed: seq + 1, name, ...(context ? { context } : {}) });
    }
    for (const listener of this.listeners) listener();
    return this;
  }
  /** Page by page, as the store does. */
  read(from: number) {
    return this.entries.slice(from, from + 3);
  }
  isEnded() {
    return this.entries.some(({ name }) => name === 'clean');
  }
  onChanged(listener: () => void) {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}

async function collect(entries: AsyncIterable<EventlogEntry>): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of entries) names.push(name);
  return names;
}

const clock = () => new FakeClock();

describe('watchEvents', () => {
  it("hands out the past, then what comes, to its end: the sequence of Flux' own example", async () => {
    const log = new Log().append('submit', 'depend', 'priority');
    let live = -1;
    const seen = collect(watchEvents(log, { onLive: () => (live = log.entries.length) }));
    await flushPromises();
    log.append('alloc').append('start', 'finish');
    await flushPromises();
    log.append('release', 'free', 'clean');
    expect((await seen).join(' ')).toBe('submit depend priority alloc start finish release free clean');
    expect(live).toBe(3);
    expect(log.listeners.size).toBe(0);
  });

  it('serves several readers, by glob and from any place', async () => {
    const log = new Log().append('submit', 'watcher.match', 'watcher.action');
    const all = collect(watchEvents(log, { name: 'watcher.*' }));
    const late = collect(watchEvents(log, { from: 2 }));
    await flushPromises();
    expect(log.listeners.size).toBe(2);
    log.append('watcher.result', 'clean');
    expect(await all).toEqual(['watcher.match', 'watcher.action', 'watcher.result']);
    expect(await late).toEqual(['watcher.action', 'watcher.result', 'clean']);
  });

  it.each(['return', 'signal', 'break'])('frees everything on %s, also while it waits', async (way) => {
    const log = new Log().append('submit');
    const end = new AbortController();
    const entries = watchEvents(log, { signal: end.signal });
    expect((await entries.next()).value?.name).toBe('submit');
    const waiting = way === 'break' ? undefined : entries.next();
    await flushPromises();
    if (way === 'signal') end.abort();
    else await entries.return?.();
    expect(await (waiting ?? entries.next())).toEqual({ done: true, value: undefined });
    expect(log.listeners.size).toBe(0);
  });

  it('has no gap and no repeat, however it is written while it is read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { maxLength: 20 }), fc.nat({ max: 5 }), async (bursts, from) => {
        const log = new Log();
        const seen: number[] = [];
        const done = (async () => {
          for await (const { seq } of watchEvents(log, { from })) {
            seen.push(seq);
            if (seq % 3 === 0) await Promise.resolve();
          }
        })();
        for (const size of bursts) {
          log.append(...Array.from({ length: size }, () => 'log'));
          if (size % 2 === 0) await flushPromises();
        }
        log.append('clean');
        await done;
        expect(seen).toEqual(log.entries.map(({ seq }) => seq).filter((seq) => seq >= from));
      }),
    );
  });
});

describe('waitEvent', () => {
  const log = () =>
    new Log().append(
      'submit',
      ['exception', { type: 'cancel', severity: 0, note: 'loss too high' }],
      ['finish', { status: 15 }],
    );

  it('answers at once when it is already there', async () => {
    expect(await waitEvent(log(), 'submit', {}, clock())).toMatchObject({ seq: 0 });
  });

  it('waits for the n-th, by context, and tells of the others', async () => {
    const growing = new Log().append(['log', { level: 'info' }], ['log', { level: 'error', n: 1 }]);
    const others: number[] = [];
    const options = {
      matchContext: { level: 'error' },
      count: 2,
      onOther: ({ seq }: EventlogEntry) => others.push(seq),
    };
    const found = waitEvent(growing, 'log', options, clock());
    await flushPromises();
    growing.append('start', ['log', { level: 'error', n: 2 }]);
    expect(await found).toMatchObject({ seq: 3 });
    expect(others).toEqual([0, 1, 2]);
    expect(growing.listeners.size).toBe(0);
  });

  it('resolves to null when the log ends without it', async () => {
    expect(await waitEvent(log().append('clean'), 'start', {}, clock())).toBeNull();
  });

  it('throws then, and at a fatal exception that comes first, when it is told to', async () => {
    const ended = new Log().append('submit', ['exception', { type: 'warning', severity: 3, note: '' }], 'clean');
    await expect(waitEvent(ended, 'start', { raise: true }, clock())).rejects.toThrow(
      /event 'start' never received.*mycluster\/7/,
    );
    await expect(waitEvent(log(), 'finish', { raise: true }, clock())).rejects.toThrow(
      'mycluster/7 ended by an exception: cancel: loss too high',
    );
    expect(await waitEvent(log(), 'exception', { raise: true }, clock())).toMatchObject({ seq: 1 });
  });

  it('gives up in time, and leaves nothing behind', async () => {
    const time = clock();
    const waiting = log();
    const found = waitEvent(waiting, 'clean', { timeoutSeconds: 5 }, time);
    const rejected = expect(found).rejects.toThrow(/wait-event timeout on event 'clean'.*5 s/);
    await time.advance(5);
    await rejected;
    expect([waiting.listeners.size, time.pendingTimers]).toEqual([0, 0]);
  });

  it('ends when it is cancelled', async () => {
    const end = new AbortController();
    const found = waitEvent(log(), 'clean', { signal: end.signal, timeoutSeconds: 5 }, clock());
    const rejected = expect(found).rejects.toThrow('enough');
    end.abort(new Error('enough'));
    await rejected;
  });

  it('wants a count of 1 or more', async () => {
    await expect(waitEvent(log(), 'clean', { count: 0 }, clock())).rejects.toThrow('count must be > 0');
  });
});

describe('which events', () => {
  it.each([
    ['start', 'start', true],
    ['start', 'shell.start', false],
    ['*', 'anything', true],
    ['shell.*', 'shell.init', true],
    ['shell.*', 'shellxinit', false],
    ['*.start', 'prolog.start', true],
    ['?ree', 'free', true],
    ['?ree', 'ree', false],
    ['[a-f]ree', 'free', true],
    ['[!a-f]ree', 'free', false],
    ['[', '[', true],
    ['a+b*', 'a+b', true],
    ['[]x]y', ']y', true],
    ['*.st[a-c]rt*', 'shell.start', true],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['', '', true],
  ])('glob %s and %s: %s', (glob, name, matches) => {
    expect(nameTest(glob)(name)).toBe(matches);
  });

  it('never takes long', () => {
    const test = nameTest(`${'*a'.repeat(30)}*b`);
    expect(test('a'.repeat(20_000))).toBe(false);
    expect(test(`${'a'.repeat(20_000)}b`)).toBe(true);
  });

  it('compares context as flux-job does', () => {
    const entry = { timestamp: 1, name: 'x', context: { status: 0, type: 'cancel', map: { a: [1, 2] }, none: null } };
    const holds = (...tests: string[]) =>
      matchesContext(
        entry,
        tests.flatMap((test) => [parseContextTest(test) ?? ['', '']]),
      );
    expect(holds('status=0', 'type=cancel', 'map={"a":[1,2]}', 'none=null')).toBe(true);
    expect(holds('type="cancel"')).toBe(false);
    expect(holds('status=0', 'type=timeout')).toBe(false);
    expect(holds('toString=1')).toBe(false);
    expect(parseContextTest('status')).toBeUndefined();
    expect(parseContextTest('a=b=c')).toEqual(['a', 'b=c']);
  });
});
