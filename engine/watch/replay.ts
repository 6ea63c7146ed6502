/** Runs a script's watchers over recorded output, as the live engine would have: actions are recorded, not performed. */
import type { WatcherSpec } from '../../language/watcher/spec.ts';
import { storedMetric } from '../actions/metric.ts';
import type { EventlogEntry, WatcherInfo } from '../protocol.ts';
import { JobWatch, type Stream } from './job-watch.ts';
import { LineScanner } from './line-scanner.ts';
import type { OutputBatch } from './lines.ts';
import type { JobFacts } from './scope.ts';
import type { WatchEffect } from './trigger.ts';

export interface ReplayOptions {
  readonly watchers: readonly WatcherSpec[];
  readonly facts: JobFacts;
  /** One file holds both streams. */
  readonly oneFile: boolean;
  /** Timestamp of every event: recorded output has no times. Seconds. */
  readonly now: number;
}

/** What a replay has no part of, for people: recorded output does not say when its lines were written. */
export function replayNotes(watchers: readonly WatcherSpec[]): readonly string[] {
  return watchers.flatMap(({ name, silenceSeconds, timerMode, cooldownSeconds }) => [
    ...(silenceSeconds === undefined ? [] : [`${name}: silence is not replayed, recorded output has no times`]),
    ...(timerMode ? [`${name}: of its timer only the first match is replayed, recorded output has no times`] : []),
    ...(cooldownSeconds > 0 ? [`${name}: all lines count as one moment, so its cooldown lets one match act`] : []),
  ]);
}

/** A replay under way; bytes may come in pieces of any size. */
export class Replay {
  readonly #watch: JobWatch;
  readonly #facts: JobFacts;
  readonly #now: number;
  readonly #scanners = new Map<Stream, LineScanner>();
  #seq = 0;
  #lines = 0;

  constructor({ watchers, facts, oneFile, now }: ReplayOptions) {
    this.#facts = facts;
    this.#now = now;
    this.#watch = new JobWatch(
      watchers.map((spec) => ({ spec })),
      facts,
      { now, oneFile },
    );
  }

  /** Complete lines so far. */
  get lines(): number {
    return this.#lines;
  }

  /** How the watchers stand now. */
  get watchers(): readonly WatcherInfo[] {
    return this.#watch.info;
  }

  /** Streams that some watcher reads. */
  get streams(): readonly Stream[] {
    return this.#watch.streams;
  }

  feed(stream: Stream, bytes: Uint8Array): EventlogEntry[] {
    return this.#take(stream, this.#scanner(stream).push(bytes));
  }

  /** No more of this stream comes: its unfinished last line counts. */
  endStream(stream: Stream): EventlogEntry[] {
    return this.#take(stream, this.#scanner(stream).end());
  }

  /** The job ends in `state`. */
  endJob(state: string): EventlogEntry[] {
    return this.#entries(this.#watch.jobEnded({ ...this.#facts, state, endState: state }, this.#now));
  }

  #scanner(stream: Stream): LineScanner {
    const known = this.#scanners.get(stream);
    if (known) return known;
    const made = new LineScanner(this.#watch);
    this.#scanners.set(stream, made);
    return made;
  }

  #take(stream: Stream, batch: OutputBatch): EventlogEntry[] {
    this.#lines += batch.count;
    return this.#entries(this.#watch.feed(stream, batch, this.#now));
  }

  #entries(effects: readonly WatchEffect[]): EventlogEntry[] {
    const now = this.#now;
    const events = effects.flatMap(({ event, intent }) => {
      const metric = intent?.action === 'store_metric' ? storedMetric(intent) : undefined;
      return metric?.ok
        ? [event, { timestamp: now, name: 'metric', context: { name: metric.name, value: metric.value } }]
        : [event];
    });
    return events.map((event) => ({ seq: this.#seq++, observed: now, ...event }));
  }
}

/** A job that is not there, for output that belongs to none. */
export function replayFacts(jobName: string, now: number): JobFacts {
  return { jobId: '0', name: jobName, hostname: 'replay', user: '', workdir: '', state: 'running', started: now };
}
