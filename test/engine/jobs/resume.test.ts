import fc from 'fast-check';
import { expect, it } from 'vitest';
import { JobFollower } from '../../../engine/jobs/job-follower.ts';
import { silentLogger } from '../../../engine/logger.ts';
import type { Follow, FollowListener, FollowRequest, OutputReader } from '../../../engine/output/reader.ts';
import type { EventlogEntry } from '../../../engine/protocol.ts';
import { Store } from '../../../engine/store/store.ts';
import { initialProgress } from '../../../engine/watch/progress.ts';
import { PatternSets } from '../../../language/pattern/pattern-set.ts';
import { jobRecord, watcherSpec } from '../../support/builders.ts';
import { FakeClock, flushPromises } from '../../support/fake-clock.ts';
import { matchedNumbers } from '../../support/scripts.ts';

/** A file that grows; whoever follows it gets what is there from the offset that was asked for, in pieces of `size`. */
class GrowingFile implements OutputReader {
  #bytes: Buffer = Buffer.alloc(0);
  #size = 1;
  readonly #follows = new Map<FollowListener, number>();

  append(text: string, size: number): void {
    this.#bytes = Buffer.concat([this.#bytes, Buffer.from(text)]);
    this.#size = size;
    this.#deliver();
  }

  follow({ offset }: FollowRequest, listener: FollowListener): Follow {
    this.#follows.set(listener, offset < 0 ? Math.max(0, this.#bytes.length + offset) : offset);
    queueMicrotask(() => this.#deliver());
    return {
      check: () => queueMicrotask(() => this.#deliver()),
      stop: () => void this.#follows.delete(listener),
    };
  }

  #deliver(): void {
    for (const listener of [...this.#follows.keys()]) {
      for (let at = this.#follows.get(listener); at !== undefined && at < this.#bytes.length; ) {
        const piece = this.#bytes.subarray(at, at + this.#size);
        this.#follows.set(listener, at + piece.length);
        void listener.onData(at, piece);
        at = this.#follows.get(listener);
      }
      if (this.#follows.has(listener)) listener.onCaughtUp(this.#bytes.length);
    }
  }

  /** Whoever follows now gets nothing more: its process was killed. */
  abandon(): void {
    this.#follows.clear();
  }

  dispose(): void {}
}

const spec = (name: string) => watcherSpec({ name, pattern: '^line (?P<n>\\d+)$', actions: [] });

function follower(store: Store, clock: FakeClock, reader: OutputReader): JobFollower {
  const job = store.job('test/7');
  if (!job) throw new Error('the job is gone');
  return new JobFollower(job, {
    store,
    clock,
    reader,
    log: silentLogger,
    patternSets: new PatternSets(),
    user: () => 'me',
    clockOffsetSeconds: () => 0,
    appendsOutput: () => false,
    isReachable: () => true,
    publisher: { cluster() {}, job() {}, eventlog() {}, forgotten() {}, emitted() {}, notification() {} },
    host: {},
    onHint() {},
    onClosed() {},
    onBroken() {},
  } as unknown as ConstructorParameters<typeof JobFollower>[1]);
}

const matched = (entries: readonly EventlogEntry[], watcher: string) =>
  matchedNumbers(entries.filter(({ context }) => context?.watcher === watcher));

type Step =
  | { readonly kind: 'print'; readonly lines: number; readonly size: number; readonly cut: number }
  /** `crash`: nothing is written down at the end. */
  | { readonly kind: 'restart'; readonly crash: boolean }
  | { readonly kind: 'attach'; readonly from: 'start' | 'end' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('print' as const),
      lines: fc.integer({ min: 0, max: 6 }),
      size: fc.integer({ min: 1, max: 40 }),
      cut: fc.nat({ max: 8 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), crash: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('attach' as const),
      from: fc.constantFrom('start' as const, 'end' as const),
    }),
  },
);

it('each watcher sees each line once, however output is cut, engines end and watchers come', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), fc.constantFrom('\n', '\r\n', '\r'), async (steps, ending) => {
      const [store, clock, file] = [new Store(':memory:'), new FakeClock(1000), new GrowingFile()];
      const job = jobRecord({ state: 'running', phase: 'started', started: 1000, stdoutPath: '/o', stderrPath: '/o' });
      store.saveJob(job);
      store.saveWatchers(job.key, [{ spec: spec('first'), state: initialProgress(spec('first'), 1000) }]);
      let current = follower(store, clock, file);
      let [printed, held] = [0, ''];
      const expected = new Map([['first', 1]]);
      for (const one of steps) {
        await flushPromises();
        if (one.kind === 'print') {
          let text = held;
          for (let line = 0; line < one.lines; line++) text += `line ${++printed}${ending}`;
          // The last line may arrive in two parts.
          const end = Math.max(held.length > 0 ? 1 : 0, text.length - one.cut);
          held = text.slice(end);
          file.append(text.slice(0, end), one.size);
        } else if (one.kind === 'restart') {
          if (one.crash) file.abandon();
          else current.dispose();
          current = follower(store, clock, file);
        } else {
          const name = `late-${expected.size}`;
          // An unfinished line is for those who come now, too.
          const complete = printed - (held.length > 0 ? held.split(ending).length - 1 : 0);
          await current.attach([spec(name)], one.from);
          expected.set(name, one.from === 'start' ? 1 : complete + 1);
        }
      }
      file.append(held, 7);
      for (let turn = 0; turn < 5; turn++) {
        await clock.advance(1);
        await new Promise((resolve) => setImmediate(resolve));
      }
      current.dispose();
      const entries = store.eventlog(job.key);
      for (const [name, first] of expected) {
        const wanted = Array.from({ length: Math.max(0, printed - first + 1) }, (_, index) => first + index);
        expect(matched(entries, name)).toEqual(wanted);
      }
      store.close();
    }),
    { numRuns: 150 },
  );
});
