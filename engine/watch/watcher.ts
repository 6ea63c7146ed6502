/** One watcher while it watches: what was asked for, made ready to run, and how far it is. Pure. */
import type { Expression } from '../../language/expression/ast.ts';
import { parseExpression } from '../../language/expression/parse.ts';
import type { CompiledPattern } from '../../language/pattern/compile.ts';
import type { WatcherSpec } from '../../language/watcher/spec.ts';
import type { Timestamp, WatcherInfo } from '../protocol.ts';
import type { CaptureHistory } from './capture-history.ts';
import type { WatcherProgress } from './progress.ts';

export interface Watcher extends Prepared {
  /** Its place among the job's watchers, which never changes. */
  readonly index: number;
  progress: WatcherProgress;
  readonly history: CaptureHistory;
  /** Actions that were decided and have no result. */
  pending: number;
  /** What they wait for. */
  waitsFor: string | undefined;
}

interface Prepared {
  readonly spec: WatcherSpec;
  readonly pattern: CompiledPattern | undefined;
  readonly condition: Expression | undefined;
  readonly captureNames: ReadonlySet<string>;
  readonly actionConditions: readonly (Expression | undefined)[];
}

/** Text of a capture that clients are told with each change of a job. */
const shownText = 200;

/** `pattern`: of the specification's source, compiled. */
export function prepared(spec: WatcherSpec, pattern: CompiledPattern | undefined): Prepared {
  return {
    spec,
    pattern,
    captureNames: new Set([...spec.captures, ...(pattern?.groupNames.keys() ?? [])]),
    condition: parsed(spec.condition),
    actionConditions: spec.actions.map((action) => parsed(action.condition)),
  };
}

function parsed(source: string | undefined): Expression | undefined {
  return source === undefined ? undefined : parseExpression(source).expression;
}

/** Does it look at lines and times? */
export function isWatching({ progress }: Pick<Watcher, 'progress'>): boolean {
  return progress.state === 'active';
}

export function timerDueOf(watcher: Watcher): Timestamp | undefined {
  return isWatching(watcher) ? watcher.progress.timerDue : undefined;
}

/** When its pause ends by itself. */
export function pauseEndOf({ progress }: Pick<Watcher, 'progress'>): Timestamp | undefined {
  return progress.state === 'paused' ? progress.pausedUntil : undefined;
}

export function silenceDueOf(watcher: Watcher): Timestamp | undefined {
  const { spec, progress } = watcher;
  if (!isWatching(watcher) || spec.silenceSeconds === undefined || progress.timerDue !== undefined) return undefined;
  return (progress.heard ?? Number.NEGATIVE_INFINITY) + spec.silenceSeconds;
}

/** As clients see it. `live`: actions of it that have no result yet, and what they wait for. */
export function watcherInfo(
  spec: WatcherSpec,
  progress: WatcherProgress,
  live: Pick<Watcher, 'pending' | 'waitsFor'> = { pending: 0, waitsFor: undefined },
): WatcherInfo {
  const { matchCount, triggerCount, failures } = progress;
  const acts = live.pending > 0 && progress.state === 'active';
  const reason = live.pending > 0 ? (live.waitsFor ?? progress.reason) : progress.reason;
  const captures = Object.fromEntries(
    Object.entries(progress.captures).map(([name, text]) => [name, text.slice(0, shownText)]),
  );
  return {
    name: spec.name,
    state: acts ? 'triggered' : progress.state,
    ...(reason === undefined ? {} : { reason }),
    matchCount,
    triggerCount,
    failures,
    captures,
    line: spec.line,
  };
}
