/**
 * The watchers of one job: from lines, time and the job's end to matches and intents. Pure: the live engine and
 * `vigil replay` run this very code.
 */

import type { Expression } from '../../language/expression/ast.ts';
import { evaluate, isTruthy } from '../../language/expression/evaluate.ts';
import { parseExpression } from '../../language/expression/parse.ts';
import type { CompiledPattern } from '../../language/pattern/compile.ts';
import type { LineAutomaton } from '../../language/pattern/line-automaton.ts';
import { type PatternSet, PatternSets } from '../../language/pattern/pattern-set.ts';
import type { WatcherSpec } from '../../language/watcher/spec.ts';
import type { JsonValue, Timestamp, WatcherInfo, WatcherState } from '../protocol.ts';
import type { ActionIntent, NewEvent } from '../store/records.ts';
import { actionParams } from './action-params.ts';
import type { OutputBatch, OutputLine } from './lines.ts';
import { historyLength, initialProgress, type WatcherProgress } from './progress.ts';
import { conditionScope, type JobFacts, type Occasion, parameterLookup } from './scope.ts';

export type Stream = 'stdout' | 'stderr';

/** In the order they happened: events for the log; an intent is announced by the event before it. */
export type WatchEffect = { readonly event: NewEvent; readonly intent?: ActionIntent };

interface Watcher {
  readonly index: number;
  readonly spec: WatcherSpec;
  readonly pattern: CompiledPattern | undefined;
  readonly condition: Expression | undefined;
  readonly captureNames: ReadonlySet<string>;
  readonly actionConditions: readonly (Expression | undefined)[];
  progress: WatcherProgress;
  /** Groups of the last match, for `$0` to `$9`. */
  groups: readonly (string | undefined)[];
}

/** What made a watcher consider its actions. */
type Cause = 'match' | 'timer' | 'silence' | 'job-end';

/** Text of a line or a capture that an eventlog keeps; the output file has the rest. */
const loggedText = 1000;
/** Text of a capture that clients are told with each change of a job. */
const shownText = 200;

export interface JobWatchOptions {
  readonly now: Timestamp;
  readonly oneFile: boolean;
  readonly progress?: readonly WatcherProgress[];
  /** Shared with other jobs. */
  readonly patternSets?: PatternSets;
  /** Lines that match one of these are handed out too, for others than the watchers. */
  readonly alsoPatterns?: readonly string[];
}

export class JobWatch {
  readonly #watchers: Watcher[];
  /** One file receives both streams: a line cannot be told to be of stdout or stderr. */
  #oneFile: boolean;
  #job: JobFacts;
  readonly #patterns: PatternSet;

  constructor(specs: readonly WatcherSpec[], job: JobFacts, options: JobWatchOptions) {
    const { patternSets = new PatternSets(), alsoPatterns = [] } = options;
    this.#patterns = patternSets.of([...specs.map(({ pattern }) => pattern), ...alsoPatterns]);
    this.#job = job;
    this.#oneFile = options.oneFile;
    this.#watchers = specs.map((spec, index) => ({
      index,
      spec,
      ...compiled(spec, this.#patterns.patterns[index]),
      condition: parsed(spec.condition),
      actionConditions: spec.actions.map((action) => parsed(action.condition)),
      progress: options.progress?.[index] ?? initialProgress(spec, options.now),
      groups: [],
    }));
  }

  get progress(): readonly WatcherProgress[] {
    return this.#watchers.map((watcher) => watcher.progress);
  }

  get specs(): readonly WatcherSpec[] {
    return this.#watchers.map((watcher) => watcher.spec);
  }

  get info(): readonly WatcherInfo[] {
    return this.#watchers.map(({ spec, progress }) => watcherInfo(spec, progress));
  }

  /** Streams that some watcher reads. */
  get streams(): readonly Stream[] {
    const wanted: Stream[] = ['stdout', 'stderr'];
    return wanted.filter((stream) => this.#watchers.some(({ spec }) => this.#reads(spec, stream)));
  }

  #reads(spec: WatcherSpec, stream: Stream): boolean {
    if (this.#oneFile) return stream === 'stdout';
    return spec.outputType === 'both' || spec.outputType === stream;
  }

  updateJob(job: JobFacts, oneFile: boolean): void {
    this.#job = job;
    this.#oneFile = oneFile;
  }

  /** Tells which lines are to be fed. */
  get automaton(): LineAutomaton {
    return this.#patterns.automaton;
  }

  /** Lines of one stream, in order; those that match nothing only count. */
  feed(stream: Stream, { lines, count }: OutputBatch, now: Timestamp): WatchEffect[] {
    if (count > 0) this.#hear(stream, now);
    return lines.flatMap((line) => this.#watchers.flatMap((watcher) => this.#line(watcher, stream, line, now)));
  }

  /** With no pattern, `silence` waits for any output. */
  #hear(stream: Stream, now: Timestamp): void {
    for (const watcher of this.#watchers) {
      const { spec, pattern } = watcher;
      if (pattern || spec.silenceSeconds === undefined || !isWatching(watcher) || !this.#reads(spec, stream)) continue;
      watcher.progress = { ...watcher.progress, heard: now };
    }
  }

  #line(watcher: Watcher, stream: Stream, line: OutputLine, now: Timestamp): WatchEffect[] {
    const { spec, pattern } = watcher;
    if (!pattern || line.mayMatch[watcher.index] !== 1) return [];
    if (!isWatching(watcher) || !this.#reads(spec, stream)) return [];
    const match = pattern.search(line.text);
    if (!match) return [];
    const before = watcher.progress;
    const captures = capturesOf(spec, match.groups, match.named);
    watcher.groups = match.groups;
    watcher.progress = {
      ...before,
      matchCount: before.matchCount + 1,
      // A group that takes no part now has no value now; for the end of the job the last value of each is kept.
      captures: spec.triggerOnJobEnd ? { ...before.captures, ...captures } : captures,
      matched: match.groups[0] ?? '',
      line: line.text,
      history: extendHistory(before.history, captures, now),
      heard: now,
    };
    // With `silence` it is the absence of matches that acts, with `trigger_on_job_end` the end of the job.
    const acts = spec.silenceSeconds === undefined && !spec.triggerOnJobEnd && before.timerDue === undefined;
    const verdict = acts ? this.#condition(watcher, before, stream, now) : undefined;
    const event: NewEvent = {
      timestamp: now,
      name: 'watcher.match',
      context: {
        watcher: spec.name,
        line: line.text.slice(0, loggedText),
        lineNumber: line.number,
        stream,
        captures: shortened(captures),
        ...(verdict === undefined
          ? {}
          : { condition: verdict.holds, ...(verdict.error ? { error: verdict.error } : {}) }),
        ...(line.cut ? { cut: true } : {}),
      },
    };
    if (!verdict?.holds) return [{ event }];
    if (spec.timerMode) watcher.progress = { ...watcher.progress, timerDue: now + spec.timerIntervalSeconds };
    return [{ event }, ...this.#trigger(watcher, 'match', before, stream, now)];
  }

  /** Runs what timer mode has due. */
  tick(now: Timestamp): WatchEffect[] {
    return this.#watchers.flatMap((watcher) => {
      const { spec, progress } = watcher;
      if ((timerDueOf(watcher) ?? Number.POSITIVE_INFINITY) > now) return [];
      watcher.progress = { ...progress, timerDue: now + spec.timerIntervalSeconds };
      return this.#consider(watcher, 'timer', progress, now);
    });
  }

  /** Has some watcher heard nothing for as long as its `silence` says? */
  isSilent(now: Timestamp): boolean {
    return this.#watchers.some((watcher) => (silenceDueOf(watcher) ?? Number.POSITIVE_INFINITY) <= now);
  }

  /** To be called when all that was written until `now` has been fed: what is silent then is silent. */
  silence(now: Timestamp): WatchEffect[] {
    return this.#watchers.flatMap((watcher) => {
      const { progress } = watcher;
      if ((silenceDueOf(watcher) ?? Number.POSITIVE_INFINITY) > now) return [];
      watcher.progress = { ...progress, heard: now };
      return this.#consider(watcher, 'silence', progress, now);
    });
  }

  /** When there is something to do next: for `tick`, or (unless `timersOnly`) because somebody may be silent. */
  nextTick(timersOnly = false): Timestamp | undefined {
    const due = this.#watchers.flatMap((watcher) => [
      timerDueOf(watcher) ?? [],
      timersOnly ? [] : (silenceDueOf(watcher) ?? []),
    ]);
    const times = due.flat();
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** The job runs now (again): silence counts from here. */
  started(now: Timestamp): void {
    for (const watcher of this.#watchers) watcher.progress = { ...watcher.progress, heard: now };
  }

  /** The job has ended in `job.endState` and its output is read to the end: the end triggers, then every watcher is complete. */
  jobEnded(job: JobFacts, now: Timestamp): WatchEffect[] {
    this.#job = job;
    const effects = this.#watchers.flatMap((watcher) => {
      const { spec, progress } = watcher;
      const ends = spec.triggerOnJobEnd && isWatching(watcher) && coversEnd(spec.triggerJobStates, job.endState ?? '');
      return ends ? this.#consider(watcher, 'job-end', progress, now) : [];
    });
    const ended = this.#watchers
      .filter(isWatching)
      .flatMap((watcher) => this.#become(watcher, 'completed', 'the job ended', now));
    return [...effects, ...ended];
  }

  /** What `pause_watcher`, `stop_watcher` and people ask for. Empty when there is no such watcher or nothing changes. */
  setState(name: string, state: WatcherState, reason: string, now: Timestamp): WatchEffect[] {
    const watcher = this.#watchers.find(({ spec }) => spec.name === name);
    return watcher && watcher.progress.state !== state ? this.#become(watcher, state, reason, now) : [];
  }

  /** To be told of each action's result: too many failures in a row disable the watcher. */
  actionFinished(index: number, ok: boolean, now: Timestamp): WatchEffect[] {
    const watcher = this.#watchers[index];
    if (!watcher) return [];
    const failures = ok ? 0 : watcher.progress.failures + 1;
    watcher.progress = { ...watcher.progress, failures };
    if (failures < watcher.spec.maxFailures || !isWatching(watcher)) return [];
    return this.#become(watcher, 'disabled', `${failures} actions failed in a row`, now);
  }

  /** One more resubmit is used up; false when none is left. */
  takeResubmit(index: number): boolean {
    const watcher = this.#watchers[index];
    if (!watcher || watcher.progress.remainingResubmits < 1) return false;
    watcher.progress = { ...watcher.progress, remainingResubmits: watcher.progress.remainingResubmits - 1 };
    return true;
  }

  /** Asks the watcher's condition on an occasion that is no line of output, and acts. */
  #consider(watcher: Watcher, cause: Cause, before: WatcherProgress, now: Timestamp): WatchEffect[] {
    const verdict = this.#condition(watcher, before, 'stdout', now);
    if (verdict.holds) return this.#trigger(watcher, cause, before, 'stdout', now);
    return verdict.error ? [conditionFailed(watcher, verdict.error, now)] : [];
  }

  #condition(
    watcher: Watcher,
    before: WatcherProgress,
    stream: Stream,
    now: Timestamp,
  ): { holds: boolean; error?: string } {
    return this.#holds(watcher.condition, this.#occasion(watcher, before, stream, now));
  }

  #holds(condition: Expression | undefined, occasion: Occasion): { holds: boolean; error?: string } {
    if (!condition) return { holds: true };
    const result = evaluate(condition, conditionScope(occasion));
    // Section 6: an exception is a recorded failure of that evaluation, the condition counts as false.
    return result.ok ? { holds: isTruthy(result.value) } : { holds: false, error: result.error };
  }

  #occasion(watcher: Watcher, before: WatcherProgress, stream: Stream, now: Timestamp): Occasion {
    const { spec, progress, captureNames } = watcher;
    return { job: this.#job, watcher: spec.name, captureNames, progress, before, stream, now };
  }

  #trigger(watcher: Watcher, cause: Cause, before: WatcherProgress, stream: Stream, now: Timestamp): WatchEffect[] {
    const { spec, progress } = watcher;
    if (progress.lastTrigger !== undefined && cause === 'match' && now - progress.lastTrigger < spec.cooldownSeconds)
      return [];
    const trigger = progress.triggerCount + 1;
    watcher.progress = { ...progress, triggerCount: trigger, lastTrigger: now };
    const occasion = this.#occasion(watcher, before, stream, now);
    const lookup = parameterLookup(occasion, watcher.groups);
    const effects = spec.actions.flatMap((action, position): WatchEffect[] => {
      const verdict = this.#holds(watcher.actionConditions[position], occasion);
      if (verdict.error) return [conditionFailed(watcher, `${action.name}: ${verdict.error}`, now)];
      if (!verdict.holds) return [];
      const intent: ActionIntent = {
        watcher: watcher.index,
        watcherName: spec.name,
        trigger,
        position,
        action: action.name,
        ...actionParams(action, lookup),
        line: (watcher.progress.line ?? '').slice(0, loggedText),
        captures: watcher.progress.captures,
      };
      const params = shortenedParams(intent.params);
      return [
        {
          event: {
            timestamp: now,
            name: 'watcher.action',
            context: { watcher: spec.name, action: action.name, params, trigger, position, cause },
          },
          intent,
        },
      ];
    });
    const done = spec.maxTriggers !== undefined && trigger >= spec.maxTriggers;
    return [
      ...effects,
      ...(done ? this.#become(watcher, 'completed', `triggered ${trigger} times (max_triggers)`, now) : []),
    ];
  }

  #become(watcher: Watcher, state: WatcherState, reason: string, now: Timestamp): WatchEffect[] {
    watcher.progress = { ...watcher.progress, state, reason };
    return [
      { event: { timestamp: now, name: 'watcher.state', context: { watcher: watcher.spec.name, state, reason } } },
    ];
  }
}

export function watcherInfo(spec: WatcherSpec, progress: WatcherProgress): WatcherInfo {
  const { state, reason, matchCount, triggerCount, failures } = progress;
  const captures = Object.fromEntries(
    Object.entries(progress.captures).map(([name, text]) => [name, text.slice(0, shownText)]),
  );
  return {
    name: spec.name,
    state,
    ...(reason === undefined ? {} : { reason }),
    matchCount,
    triggerCount,
    failures,
    captures,
    line: spec.line,
  };
}

function compiled(
  { captures }: WatcherSpec,
  pattern: CompiledPattern | undefined,
): Pick<Watcher, 'pattern' | 'captureNames'> {
  return { pattern, captureNames: new Set([...captures, ...(pattern?.groupNames.keys() ?? [])]) };
}

function parsed(source: string | undefined): Expression | undefined {
  return source === undefined ? undefined : parseExpression(source).expression;
}

const isWatching = ({ progress }: Watcher) => progress.state === 'active' || progress.state === 'static';

/** Section 6: an exception is a recorded failure. A match has room for it; these occasions have not. */
function conditionFailed({ spec }: Watcher, error: string, now: Timestamp): WatchEffect {
  const context = { watcher: spec.name, level: 'warning', message: `condition: ${error}` };
  return { event: { timestamp: now, name: 'log', context } };
}

function timerDueOf(watcher: Watcher): Timestamp | undefined {
  return isWatching(watcher) ? watcher.progress.timerDue : undefined;
}

function silenceDueOf(watcher: Watcher): Timestamp | undefined {
  const { spec, progress } = watcher;
  if (!isWatching(watcher) || spec.silenceSeconds === undefined || progress.timerDue !== undefined) return undefined;
  return (progress.heard ?? Number.NEGATIVE_INFINITY) + spec.silenceSeconds;
}

/** Section 4: `failed` covers every unsuccessful end that has no name of its own in the list; `any` all of them. */
export function coversEnd(states: readonly string[], endState: string): boolean {
  if (states.includes('any') || states.includes(endState)) return true;
  return states.includes('failed') && !['completed', 'cancelled', 'timeout'].includes(endState);
}

function capturesOf(
  spec: WatcherSpec,
  groups: readonly (string | undefined)[],
  named: { readonly [name: string]: string | undefined },
): { [name: string]: string } {
  const byOrder = spec.captures.map((name, index) => [name, groups[index + 1]] as const);
  const pairs = [...Object.entries(named), ...byOrder];
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

function extendHistory(
  history: WatcherProgress['history'],
  captures: { readonly [name: string]: string },
  now: Timestamp,
): WatcherProgress['history'] {
  const next: { [name: string]: readonly (readonly [Timestamp, number])[] } = { ...history };
  for (const [name, text] of Object.entries(captures)) {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value)) next[name] = [...(next[name] ?? []), [now, value] as const].slice(-historyLength);
  }
  return next;
}

/** For the log; what is performed is whole. */
function shortenedParams(params: { readonly [name: string]: JsonValue }): { [name: string]: JsonValue } {
  const shorten = (value: JsonValue) => (typeof value === 'string' ? value.slice(0, loggedText) : value);
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, shorten(value)]));
}

function shortened(captures: { readonly [name: string]: string }): { [name: string]: string } {
  return Object.fromEntries(Object.entries(captures).map(([name, text]) => [name, text.slice(0, loggedText)]));
}
