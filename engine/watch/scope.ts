/** The names that a condition sees (watcher-language.md section 6) and those that a parameter sees (section 7). Pure. */
import type { Scope, Value } from '../../language/expression/evaluate.ts';
import type { Timestamp } from '../protocol.ts';
import type { CaptureHistory } from './capture-history.ts';
import type { WatcherProgress } from './progress.ts';

/** What is known of the job that is watched. */
export interface JobFacts {
  readonly jobId: string;
  readonly name: string;
  /** The cluster. */
  readonly hostname: string;
  readonly user: string;
  readonly workdir: string;
  readonly state: string;
  readonly endState?: string;
  readonly started?: Timestamp;
}

/** One occasion on which conditions are evaluated. */
export interface Occasion {
  readonly job: JobFacts;
  readonly watcher: string;
  /** Names of all its captures: one whose group took no part in the match is None. */
  readonly captureNames: ReadonlySet<string>;
  readonly progress: WatcherProgress;
  readonly history: CaptureHistory;
  /** The values before this match, for `previous`. */
  readonly before: WatcherProgress;
  readonly stream: string;
  readonly now: Timestamp;
}

export function conditionScope(occasion: Occasion): Scope {
  const { job, progress, history, before, now } = occasion;
  const names: { readonly [name: string]: Value } = {
    line: progress.line ?? '',
    stream: occasion.stream,
    job_id: job.jobId,
    job_name: job.name,
    job_state: job.state,
    job_end_state: job.endState ?? '',
    elapsed: Math.max(0, now - (job.started ?? now)),
    trigger_count: BigInt(progress.triggerCount),
    match_count: BigInt(progress.matchCount),
  };
  return {
    lookup: (name) => {
      if (Object.hasOwn(names, name)) return names[name];
      return ownValue(progress.captures, name) ?? (occasion.captureNames.has(name) ? null : undefined);
    },
    call: (name, args) => historyCall(name, args, history, before, now),
  };
}

function ownValue(captures: { readonly [name: string]: string }, name: string): string | undefined {
  return Object.hasOwn(captures, name) ? captures[name] : undefined;
}

function historyCall(
  name: string,
  args: readonly Value[],
  values: CaptureHistory,
  before: WatcherProgress,
  now: Timestamp,
): Value | undefined {
  const capture = String(args[0] ?? '');
  const points = values.of(capture);
  const count = (index: number, fallback: number) =>
    args[index] === undefined ? fallback : Math.max(0, Number(args[index]));
  if (name === 'previous') return ownValue(before.captures, capture) ?? null;
  if (name === 'history') return points.slice(-count(1, 10) || points.length).map(({ value }) => value);
  if (name === 'mean') {
    const last = points.slice(-count(1, points.length) || points.length);
    return last.length === 0 ? null : last.reduce((sum, { value }) => sum + value, 0) / last.length;
  }
  if (name === 'rate') {
    const since = now - count(1, 60);
    const [first, last] = [points.find(({ timestamp }) => timestamp >= since), points.at(-1)];
    if (!first || !last || last.timestamp === first.timestamp) return null;
    return (last.value - first.value) / (last.timestamp - first.timestamp);
  }
  return undefined;
}

/** `$name` in string parameters; unknown names stay as they are written. */
export function parameterLookup(
  occasion: Occasion,
  groups: readonly (string | null)[],
): (name: string) => string | undefined {
  const { job, progress, now } = occasion;
  const names: { readonly [name: string]: string } = {
    JOB_ID: job.jobId,
    JOB_NAME: job.name,
    HOSTNAME: job.hostname,
    USER: job.user,
    WORK_DIR: job.workdir,
    JOB_STATE: job.endState ?? job.state,
    job_end_state: job.endState ?? '',
    WATCHER: occasion.watcher,
    TRIGGER_COUNT: String(progress.triggerCount),
    TIMESTAMP: new Date(now * 1000).toISOString(),
    LINE: progress.line ?? '',
  };
  return (name) => {
    if (/^\d$/.test(name)) return groups[Number(name)] ?? undefined;
    if (occasion.captureNames.has(name)) return ownValue(progress.captures, name) ?? '';
    return Object.hasOwn(names, name) ? names[name] : undefined;
  };
}
