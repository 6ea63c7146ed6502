/** Runs a script's watchers over recorded output, as the live engine would have: actions are recorded, not performed. */

import type { WatcherSpec } from '../../language/watcher/spec.ts';
import { storedMetric } from '../actions/metric.ts';
import type { EventlogEntry } from '../protocol.ts';
import { JobWatch, type WatchEffect } from './job-watch.ts';
import { LineSplitter } from './lines.ts';

export interface ReplayInput {
  readonly watchers: readonly WatcherSpec[];
  readonly jobName: string;
  readonly stdout: Uint8Array;
  /** Absent: one file holds both streams. */
  readonly stderr?: Uint8Array;
  /** The state the job is said to have ended in. */
  readonly endState: string;
  /** Timestamp of every event: recorded output has no times. Seconds. */
  readonly now: number;
}

export function replay(input: ReplayInput): EventlogEntry[] {
  const { now } = input;
  const facts = {
    jobId: '0',
    name: input.jobName,
    hostname: 'replay',
    user: '',
    workdir: '',
    state: 'running',
    started: now,
  };
  const watch = new JobWatch(input.watchers, facts, { now, oneFile: input.stderr === undefined });
  const effects: WatchEffect[] = [];
  for (const [stream, bytes] of [
    ['stdout', input.stdout],
    ['stderr', input.stderr],
  ] as const) {
    if (!bytes) continue;
    const splitter = new LineSplitter();
    effects.push(...watch.feed(stream, [...splitter.push(bytes), ...splitter.end()], now));
  }
  effects.push(...watch.jobEnded({ ...facts, state: input.endState, endState: input.endState }, now));
  const events = effects.flatMap(({ event, intent }) => {
    const metric = intent?.action === 'store_metric' ? storedMetric(intent) : undefined;
    return metric?.ok
      ? [event, { timestamp: now, name: 'metric', context: { name: metric.name, value: metric.value } }]
      : [event];
  });
  return events.map((event, seq) => ({ seq, observed: now, ...event }));
}
