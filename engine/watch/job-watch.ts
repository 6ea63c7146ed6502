/**
 * The watchers of one job: from lines, time and the job's end to matches and intents. Pure: the live engine and
 * `vigil replay` run this very code.
 */

import type { PatternMatch } from '../../language/pattern/compile.ts';
import type { LineAutomaton } from '../../language/pattern/line-automaton.ts';
import { SearchStopped } from '../../language/pattern/machine.ts';
import { type PatternSet, PatternSets } from '../../language/pattern/pattern-set.ts';
import type { WatcherSpec } from '../../language/watcher/spec.ts';
import type { Timestamp, WatcherInfo, WatcherVerb } from '../protocol.ts';
import type { ActionIntent, NewEvent } from '../store/records.ts';
import { CaptureHistory, type HistoryPoint } from './capture-history.ts';
import { controlProblem, edited, resumed, WatcherControlError } from './control.ts';
import type { OutputBatch, OutputLine } from './lines.ts';
import { loggedText, shortened } from './logged-text.ts';
import { initialProgress, type WatcherProgress } from './progress.ts';
import type { JobFacts } from './scope.ts';
import { become, consider, type Moment, trigger, verdictOf, type WatchEffect } from './trigger.ts';
import { isWatching, pauseEndOf, prepared, silenceDueOf, timerDueOf, type Watcher, watcherInfo } from './watcher.ts';

export type Stream = 'stdout' | 'stderr';

/** A watcher as it begins: new where `progress` is absent, else where it stopped. */
export interface WatcherStart {
  readonly spec: WatcherSpec;
  readonly progress?: WatcherProgress;
  readonly history?: readonly HistoryPoint[];
}

/** `$0` to `$9`. */
const groupVariables = 10;

export interface JobWatchOptions {
  readonly now: Timestamp;
  readonly oneFile: boolean;
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
  readonly #patternSets: PatternSets;
  readonly #alsoPatterns: readonly string[];
  #patterns: PatternSet;

  constructor(starts: readonly WatcherStart[], job: JobFacts, options: JobWatchOptions) {
    const { patternSets = new PatternSets(), alsoPatterns = [] } = options;
    this.#patternSets = patternSets;
    this.#alsoPatterns = alsoPatterns;
    this.#patterns = patternSets.of([]);
    this.#job = job;
    this.#oneFile = options.oneFile;
    this.#watchers = [];
    this.add(starts, options.now);
  }

  /** More watchers, behind those there are. */
  add(starts: readonly WatcherStart[], now: Timestamp): void {
    this.#compile([...this.specs, ...starts.map(({ spec }) => spec)]);
    for (const { spec, progress, history } of starts) {
      const index = this.#watchers.length;
      this.#watchers.push({
        index,
        ...prepared(spec, this.#patterns.patterns[index]),
        progress: progress ?? initialProgress(spec, now),
        history: new CaptureHistory(history),
        pending: 0,
        waitsFor: undefined,
      });
    }
  }

  #compile(specs: readonly WatcherSpec[]): void {
    this.#patterns = this.#patternSets.of([...specs.map(({ pattern }) => pattern), ...this.#alsoPatterns]);
  }

  get progress(): readonly WatcherProgress[] {
    return this.#watchers.map((watcher) => watcher.progress);
  }

  /** Numbers that captures had since this was last asked, by the watcher's place. */
  takeHistory(): readonly { readonly watcher: number; readonly points: readonly HistoryPoint[] }[] {
    return this.#watchers
      .map(({ index, history }) => ({ watcher: index, points: history.takeUnsaved() }))
      .filter(({ points }) => points.length > 0);
  }

  get specs(): readonly WatcherSpec[] {
    return this.#watchers.map((watcher) => watcher.spec);
  }

  get info(): readonly WatcherInfo[] {
    return this.#watchers.map((watcher) => watcherInfo(watcher.spec, watcher.progress, watcher));
  }

  /** Streams that some watcher reads. */
  get streams(): readonly Stream[] {
    return this.streamsOf(this.specs);
  }

  /** Streams that these would read. */
  streamsOf(specs: readonly WatcherSpec[]): readonly Stream[] {
    const all: Stream[] = ['stdout', 'stderr'];
    return all.filter((stream) => specs.some((spec) => this.#reads(spec, stream)));
  }

  /** The longest that a line of `stream` may wait for its match, in seconds. */
  leastInterval(stream: Stream): number {
    const readers = this.#watchers.filter(({ spec }) => this.#reads(spec, stream));
    return Math.min(...readers.map(({ spec }) => spec.intervalSeconds));
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
    const resumed = this.#endPauses(now);
    if (count > 0) this.#hear(stream, now);
    const matched = lines.flatMap((line) => this.#watchers.flatMap((one) => this.#line(one, stream, line, now)));
    return [...resumed, ...matched];
  }

  /** `before`: how far the watcher was. What is no line of output counts as standard output. */
  #momentOf(before: WatcherProgress, now: Timestamp, stream: Stream = 'stdout'): Moment {
    return { job: this.#job, before, stream, now };
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
    if (line.endOffset <= (watcher.progress.skip?.[stream] ?? 0)) return [];
    let match: PatternMatch | undefined;
    try {
      match = pattern.search(line.text);
    } catch (error) {
      if (error instanceof SearchStopped) return this.#searchStopped(watcher, line, error, now);
      throw error;
    }
    if (!match) return [];
    const before = watcher.progress;
    const captures = capturesOf(spec, match.groups, match.named);
    watcher.progress = {
      ...before,
      matchCount: before.matchCount + 1,
      // A group that takes no part now has no value now; for the end of the job the last value of each is kept.
      captures: spec.triggerOnJobEnd ? { ...before.captures, ...captures } : captures,
      groups: match.groups.slice(0, groupVariables).map((group) => group ?? null),
      line: line.text,
      heard: now,
    };
    for (const [name, text] of Object.entries(captures)) watcher.history.add(name, text, now);
    // With `silence` it is the absence of matches that acts, with `trigger_on_job_end` the end of the job.
    const acts = spec.silenceSeconds === undefined && !spec.triggerOnJobEnd && before.timerDue === undefined;
    const moment = this.#momentOf(before, now, stream);
    const verdict = acts ? verdictOf(watcher, moment) : undefined;
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
    return [{ event }, ...trigger(watcher, 'match', moment)];
  }

  /** Ends pauses, and runs what timer mode has due. */
  tick(now: Timestamp): WatchEffect[] {
    const resumed = this.#endPauses(now);
    const timed = this.#watchers.flatMap((watcher) => {
      const { spec, progress } = watcher;
      if ((timerDueOf(watcher) ?? Number.POSITIVE_INFINITY) > now) return [];
      watcher.progress = { ...progress, timerDue: now + spec.timerIntervalSeconds };
      return consider(watcher, 'timer', this.#momentOf(progress, now));
    });
    return [...resumed, ...timed];
  }

  #endPauses(now: Timestamp): WatchEffect[] {
    return this.#watchers.flatMap((watcher) => {
      if ((pauseEndOf(watcher) ?? Number.POSITIVE_INFINITY) > now) return [];
      watcher.progress = resumed(watcher.spec, watcher.progress, now);
      return become(watcher, 'active', 'its pause is over', now);
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
      return consider(watcher, 'silence', this.#momentOf(progress, now));
    });
  }

  /** When there is something to do next: for `tick`, or (unless `timersOnly`) because somebody may be silent. */
  nextTick(timersOnly = false): Timestamp | undefined {
    const due = this.#watchers.flatMap((watcher) => [
      timerDueOf(watcher) ?? [],
      pauseEndOf(watcher) ?? [],
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
      return ends ? consider(watcher, 'job-end', this.#momentOf(progress, now)) : [];
    });
    const ended = this.#watchers
      .filter(isWatching)
      .flatMap((watcher) =>
        watcher.progress.byHand
          ? become(watcher, 'static', 'was run over the output by hand', now)
          : become(watcher, 'completed', 'the job ended', now),
      );
    return [...effects, ...ended];
  }

  /** What `stop_watcher` asks for. Empty when there is no such watcher, or it has ended already. */
  stop(name: string, reason: string, now: Timestamp): WatchEffect[] {
    const watcher = this.#watchers.find(({ spec }) => spec.name === name);
    return watcher && watcher.progress.state !== 'completed' ? become(watcher, 'completed', reason, now) : [];
  }

  /** What `pause_watcher` asks for, until `until` or until somebody resumes it. Empty where nothing watches by this name. */
  pause(name: string, reason: string, now: Timestamp, until?: Timestamp): WatchEffect[] {
    const watcher = this.#watchers.find(({ spec }) => spec.name === name);
    if (!watcher || !isWatching(watcher)) return [];
    const effects = become(watcher, 'paused', reason, now);
    if (until !== undefined) watcher.progress = { ...watcher.progress, pausedUntil: until };
    return effects;
  }

  /**
   * What a person asks for. Throws `WatcherControlError` when there is no such watcher or its state does not allow it.
   * `trigger` runs the actions now, with what matched last; conditions of the watcher and its cooldown are not asked.
   */
  control(name: string, verb: WatcherVerb, now: Timestamp): WatchEffect[] {
    const watcher = this.#named(name);
    const problem = controlProblem(verb, watcher.spec, watcher.progress);
    if (problem !== undefined) throw new WatcherControlError(problem);
    if (verb === 'trigger') return trigger(watcher, 'manual', this.#momentOf(watcher.progress, now));
    if (verb === 'pause') return become(watcher, 'paused', 'by hand', now);
    if (verb === 'stop') return become(watcher, 'completed', 'stopped by hand', now);
    watcher.progress = resumed(watcher.spec, watcher.progress, now);
    return become(watcher, 'active', 'resumed by hand', now);
  }

  /** Exchanges a watcher's specification; it keeps its name, place, state and counters. Throws `WatcherControlError`. */
  edit(name: string, spec: WatcherSpec, now: Timestamp): WatchEffect[] {
    const watcher = this.#named(name);
    const specs = this.specs.map((one, index) => (index === watcher.index ? { ...spec, name } : one));
    this.#compile(specs);
    const made = prepared({ ...spec, name }, this.#patterns.patterns[watcher.index]);
    const progress = edited(watcher.spec, made.spec, watcher.progress, made.captureNames);
    this.#watchers[watcher.index] = { ...watcher, ...made, progress };
    const context = { watcher: name, state: progress.state, reason: 'edited by hand' };
    return [{ event: { timestamp: now, name: 'watcher.state', context } }];
  }

  #named(name: string): Watcher {
    const watcher = this.#watchers.find(({ spec }) => spec.name === name);
    if (watcher) return watcher;
    const names = this.#watchers.map(({ spec }) => spec.name).join(', ');
    throw new WatcherControlError(`Job ${this.#job.jobId} has no watcher "${name}"; it has ${names || 'none'}.`);
  }

  /** The lines of `stream` up to byte `offset` come once more, for `newcomers` only. */
  readAgain(stream: Stream, offset: number, newcomers: ReadonlySet<string>): void {
    for (const watcher of this.#watchers) {
      if (newcomers.has(watcher.spec.name)) continue;
      const skip = { ...watcher.progress.skip, [stream]: Math.max(offset, watcher.progress.skip?.[stream] ?? 0) };
      watcher.progress = { ...watcher.progress, skip };
    }
  }

  /** The file of `stream` begins anew: what was to be skipped is not there any more. */
  beginsAnew(stream: Stream): void {
    for (const watcher of this.#watchers) {
      const { skip, ...kept } = watcher.progress;
      if (skip?.[stream] === undefined) continue;
      const { [stream]: _, ...others } = skip;
      watcher.progress = Object.keys(others).length > 0 ? { ...kept, skip: others } : kept;
    }
  }

  /** Actions that were decided before the engine ended. */
  resumePending(intents: readonly ActionIntent[]): void {
    for (const { watcher: index } of intents) {
      const watcher = this.#watchers[index];
      if (watcher) watcher.pending++;
    }
  }

  /** An action of this watcher waits; it is shown until one has a result. */
  actionWaits(index: number, what: string): void {
    const watcher = this.#watchers[index];
    if (watcher) watcher.waitsFor = what;
  }

  /** To be told of each action's result: too many failures in a row disable the watcher. */
  actionFinished(index: number, ok: boolean, now: Timestamp): WatchEffect[] {
    const watcher = this.#watchers[index];
    if (!watcher) return [];
    watcher.pending = Math.max(0, watcher.pending - 1);
    watcher.waitsFor = undefined;
    const failures = ok ? 0 : watcher.progress.failures + 1;
    watcher.progress = { ...watcher.progress, failures };
    if (failures < watcher.spec.maxFailures || !isWatching(watcher)) return [];
    return become(watcher, 'disabled', `${failures} actions failed in a row`, now);
  }

  /** Section 5: it counts as a failure of this watcher alone. */
  #searchStopped(watcher: Watcher, line: OutputLine, { message }: SearchStopped, now: Timestamp): WatchEffect[] {
    const { spec, progress } = watcher;
    const failures = progress.failures + 1;
    watcher.progress = { ...progress, failures };
    const context = { watcher: spec.name, level: 'warning', message: `line ${line.number}: ${message}` };
    const event = { timestamp: now, name: 'log', context };
    if (failures < spec.maxFailures) return [{ event }];
    return [{ event }, ...become(watcher, 'disabled', `${failures} failures in a row`, now)];
  }

  /** One more resubmit is used up; false when none is left. */
  takeResubmit(index: number): boolean {
    const watcher = this.#watchers[index];
    if (!watcher || watcher.progress.remainingResubmits < 1) return false;
    watcher.progress = { ...watcher.progress, remainingResubmits: watcher.progress.remainingResubmits - 1 };
    return true;
  }
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
