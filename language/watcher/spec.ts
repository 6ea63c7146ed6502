/** Watchers as the engine runs them: plain JSON, so that it can be stored. */
import type { ActionName } from '../actions/catalogue.ts';
import type { JsonValue } from '../actions/literal.ts';
import { type CheckOptions, readWatchers } from '../check/check-watchers.ts';
import type { ScriptDocument } from '../script/parse-script.ts';
import { encloses } from '../text/span.ts';

export interface ActionSpec {
  readonly name: ActionName;
  /** By their canonical names; `${variables}` are not filled in, defaults are not written. Durations are in seconds. */
  readonly params: { readonly [name: string]: JsonValue };
  readonly condition?: string;
}

export interface WatcherSpec {
  readonly name: string;
  /** Of `#WATCHER` or `#WATCHER_BEGIN`, from 0. */
  readonly line: number;
  readonly pattern?: string;
  /** Names of the first groups of the pattern; named groups come to them. */
  readonly captures: readonly string[];
  readonly condition?: string;
  readonly actions: readonly ActionSpec[];
  readonly intervalSeconds: number;
  readonly outputType: 'stdout' | 'stderr' | 'both';
  readonly maxTriggers?: number;
  readonly maxFailures: number;
  readonly cooldownSeconds: number;
  readonly triggerOnJobEnd: boolean;
  readonly triggerJobStates: readonly string[];
  readonly timerMode: boolean;
  readonly timerIntervalSeconds: number;
  readonly remainingResubmits: number;
  readonly silenceSeconds?: number;
  readonly enabled: boolean;
}

/** A watcher with an error is left out: what runs is what the editor accepts. */
export function bindWatchers(document: ScriptDocument, options: CheckOptions = {}): readonly WatcherSpec[] {
  const read = readWatchers(document, options);
  const errors = [...document.problems, ...read.problems].filter((found) => found.severity === 'error');
  return read.watchers
    .filter(({ node }) => !errors.some((error) => encloses(node.span, error.span)))
    .map(({ spec }) => spec);
}
