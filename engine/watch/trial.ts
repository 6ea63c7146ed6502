/**
 * Watchers tried on recorded output, match by match: the very `JobWatch` that watches jobs decides, and beside it stands where
 * in the line the pattern matched and why nothing would be done where nothing would. Pure.
 */
import { type CompiledPattern, compilePattern, type PatternMatch } from '../../language/pattern/compile.ts';
import { SearchStopped } from '../../language/pattern/machine.ts';
import type { WatcherSpec } from '../../language/watcher/spec.ts';
import type { TrialAction, TrialMatch, TrialSpan, TrialWatcher } from '../protocol/trials.ts';
import type { JsonValue } from '../protocol.ts';
import { explainCondition } from './explain-condition.ts';
import { JobWatch, type Stream } from './job-watch.ts';
import { LineScanner } from './line-scanner.ts';
import type { OutputBatch, OutputLine } from './lines.ts';
import type { WatcherProgress } from './progress.ts';
import { type ReplayOptions, replayNotes } from './replay.ts';
import type { WatchEffect } from './trigger.ts';

/** What is being found out about one watcher. */
interface Tried {
  readonly index: number;
  readonly spec: WatcherSpec;
  readonly pattern: CompiledPattern | undefined;
  readonly streams: readonly Stream[];
  matches: number;
  atEnd: readonly TrialAction[];
  readonly notes: Set<string>;
}

export class Trial {
  readonly #options: ReplayOptions;
  readonly #watch: JobWatch;
  readonly #tried: readonly Tried[];
  readonly #scanners = new Map<Stream, LineScanner>();
  #lines = 0;

  constructor(options: ReplayOptions) {
    const { watchers, facts, oneFile, now } = options;
    this.#options = options;
    const starts = watchers.map((spec) => ({ spec }));
    this.#watch = new JobWatch(starts, facts, { now, oneFile });
    this.#tried = watchers.map((spec, index) => ({
      index,
      spec,
      pattern: spec.pattern === undefined ? undefined : compilePattern(spec.pattern).pattern,
      streams: this.#watch.streamsOf([spec]),
      matches: 0,
      atEnd: [],
      notes: new Set(replayNotes([spec]).map((note) => note.slice(spec.name.length + 2))),
    }));
  }

  /** Complete lines so far. */
  get lines(): number {
    return this.#lines;
  }

  /** Streams that some watcher reads. */
  get streams(): readonly Stream[] {
    return this.#watch.streams;
  }

  /** What there is to say about each watcher by now. */
  get watchers(): readonly Omit<TrialWatcher, 'problems'>[] {
    const { progress } = this.#watch;
    return this.#tried.map(({ index, spec, matches, atEnd, notes }) => ({
      name: spec.name,
      line: spec.line,
      matches,
      triggers: progress[index]?.triggerCount ?? 0,
      atEnd,
      notes: [...notes],
    }));
  }

  feed(stream: Stream, bytes: Uint8Array): TrialMatch[] {
    return this.#take(stream, this.#scanner(stream).push(bytes));
  }

  /** No more of this stream comes: its unfinished last line counts. */
  endStream(stream: Stream): TrialMatch[] {
    return this.#take(stream, this.#scanner(stream).end());
  }

  /** The job ends in `state`. */
  endJob(state: string): void {
    const { facts, now } = this.#options;
    const effects = this.#watch.jobEnded({ ...facts, state, endState: state }, now);
    for (const tried of this.#tried) {
      tried.atEnd = actionsOf(effects, tried.spec.name);
      for (const problem of problemsOf(effects, tried.spec.name)) tried.notes.add(`at the end of the job: ${problem}`);
    }
  }

  #scanner(stream: Stream): LineScanner {
    const known = this.#scanners.get(stream);
    if (known) return known;
    const made = new LineScanner(this.#watch);
    this.#scanners.set(stream, made);
    return made;
  }

  #take(stream: Stream, { lines, count }: OutputBatch): TrialMatch[] {
    this.#lines += count;
    return lines.flatMap((line) => this.#line(stream, line));
  }

  /** All watchers see the line together: one may change what becomes of another. */
  #line(stream: Stream, line: OutputLine): TrialMatch[] {
    const found = this.#tried.flatMap((tried) => {
      const match = this.#search(tried, stream, line);
      return match ? [{ tried, match }] : [];
    });
    if (found.length === 0) return [];
    const before = this.#watch.progress;
    const effects = this.#watch.feed(stream, { lines: [line], count: 1 }, this.#options.now);
    const after = this.#watch.progress;
    return found.flatMap(({ tried, match }) => {
      const [was, is] = [before[tried.index], after[tried.index]];
      if (!was || !is) return [];
      tried.matches++;
      return [
        {
          watcher: tried.spec.name,
          stream,
          line: line.number,
          endOffset: line.endOffset,
          spans: spansOf(tried, match),
          ...verdictOf(tried, effects, was, is),
        },
      ];
    });
  }

  #search({ index, pattern, streams, notes }: Tried, stream: Stream, line: OutputLine): PatternMatch | undefined {
    if (!pattern || line.mayMatch[index] !== 1 || !streams.includes(stream)) return undefined;
    try {
      return pattern.search(line.text);
    } catch (error) {
      if (!(error instanceof SearchStopped)) throw error;
      notes.add(`line ${line.number}: ${error.message}`);
      return undefined;
    }
  }
}

type Verdict = Pick<TrialMatch, 'triggers' | 'actions' | 'condition' | 'why'>;

/** What the watcher made of a line that its pattern matches, and the reason. */
function verdictOf(
  { spec, pattern }: Tried,
  effects: readonly WatchEffect[],
  was: WatcherProgress,
  is: WatcherProgress,
): Verdict {
  const match = effects.find(({ event }) => event.name === 'watcher.match' && event.context?.watcher === spec.name);
  if (!match) return { triggers: false, actions: [], why: atRest(was) };
  const actions = actionsOf(effects, spec.name);
  const triggers = is.triggerCount > was.triggerCount;
  const { condition: holds, error } = match.event.context ?? {};
  const captureNames = [...spec.captures, ...(pattern?.groupNames.keys() ?? [])];
  const condition = spec.condition === undefined ? {} : { condition: explained(spec.condition, captureNames, was, is) };
  if (typeof error === 'string') return { triggers, actions, ...condition, why: `the condition fails: ${error}` };
  if (holds === undefined) return { triggers, actions, why: actsOtherwise(spec) };
  if (holds === false) return { triggers, actions, ...condition, why: 'the condition is false' };
  if (!triggers)
    return {
      triggers,
      actions,
      ...condition,
      why: `cooldown: it triggered less than ${spec.cooldownSeconds} s before`,
    };
  const problems = problemsOf(effects, spec.name);
  const left = spec.actions.length - actions.length;
  const why =
    problems.length > 0
      ? problems.join('; ')
      : left > 0
        ? `${left === 1 ? 'the condition of one action is' : `the conditions of ${left} actions are`} false`
        : undefined;
  return { triggers, actions, ...condition, ...(why === undefined ? {} : { why }) };
}

function atRest({ state, reason }: WatcherProgress): string {
  return `it no longer watches: ${state}${reason === undefined ? '' : ` (${reason})`}`;
}

/** Why a match by itself does nothing. */
function actsOtherwise({ silenceSeconds, triggerOnJobEnd, timerIntervalSeconds }: WatcherSpec): string {
  if (silenceSeconds !== undefined) return `it acts when nothing matches for ${silenceSeconds} s`;
  if (triggerOnJobEnd) return 'it acts when the job ends';
  return `its timer runs: it acts every ${timerIntervalSeconds} s from its first match on`;
}

function explained(
  condition: string,
  captureNames: readonly string[],
  was: WatcherProgress,
  is: WatcherProgress,
): string {
  const known: { readonly [name: string]: string } = {
    match_count: String(is.matchCount),
    trigger_count: String(was.triggerCount),
  };
  return explainCondition(condition, (name) => {
    if (Object.hasOwn(is.captures, name)) return is.captures[name];
    if (captureNames.includes(name)) return null;
    return Object.hasOwn(known, name) ? known[name] : undefined;
  });
}

function actionsOf(effects: readonly WatchEffect[], watcher: string): readonly TrialAction[] {
  return effects.flatMap(({ event: { name, context } }) =>
    name === 'watcher.action' && context?.watcher === watcher
      ? [{ name: String(context.action), params: Object(context.params) as { readonly [name: string]: JsonValue } }]
      : [],
  );
}

function problemsOf(effects: readonly WatchEffect[], watcher: string): readonly string[] {
  return effects.flatMap(({ event: { name, context } }) =>
    name === 'log' && context?.watcher === watcher && typeof context.message === 'string' ? [context.message] : [],
  );
}

/** Named groups by their names, the others by those that the watcher gives them in order. */
function spansOf({ spec, pattern }: Tried, { spans }: PatternMatch): readonly TrialSpan[] {
  const names = new Map([...(pattern?.groupNames ?? [])].map(([name, index]) => [index, name]));
  return spans.flatMap((span, index) => {
    if (!span) return [];
    const name = index === 0 ? '$0' : (spec.captures[index - 1] ?? names.get(index) ?? `$${index}`);
    return [{ name, start: span[0], end: span[1] }];
  });
}
