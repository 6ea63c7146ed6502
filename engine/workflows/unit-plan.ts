/** What one unit of a step needs next, told from its state alone. Pure. */

import { parseDuration } from '../../language/watcher/read-scalar.ts';
import type { StepSpec, Verb } from '../../language/workflow/spec.ts';
import type { JsonValue } from '../protocol.ts';
import { type Failure, type JsonMap, type UnitState, unknownOutcome } from './run-state.ts';

/** What an attempt does before it waits, if it does anything, and whether it then waits. */
export const verbParts: { readonly [verb in Verb]: { readonly acts: boolean; readonly waits: boolean } } = {
  submit: { acts: true, waits: true },
  run: { acts: true, waits: false },
  await_event: { acts: false, waits: true },
  await_job: { acts: false, waits: true },
  emit_event: { acts: true, waits: false },
  sleep: { acts: false, waits: true },
  approve: { acts: false, waits: true },
  notify: { acts: true, waits: false },
  workflow: { acts: true, waits: true },
};

export type UnitNeed =
  /** Begin this attempt, or go on with its act that was begun. */
  | { readonly kind: 'act'; readonly attempt: number }
  | { readonly kind: 'wait'; readonly attempt: number }
  /** It waits: look whether what it waits for is there. */
  | { readonly kind: 'waiting'; readonly attempt: number; readonly until?: number }
  /** It failed and is tried again at that time. */
  | { readonly kind: 'retry'; readonly part: 'act' | 'wait'; readonly attempt: number; readonly at: number }
  | { readonly kind: 'over'; readonly status: 'completed' | 'skipped'; readonly result: JsonMap }
  | { readonly kind: 'over'; readonly status: 'failed'; readonly failure: Failure; readonly result: JsonMap };

/** `chance`: from 0 to 1 and always the same for the same attempt: retries are spread by it. */
export function unitNeed(step: StepSpec, unit: UnitState, chance: () => number): UnitNeed {
  const { act, wait, attempts, first } = unit;
  const parts = verbParts[step.verb];
  if (attempts < first) return { kind: parts.acts ? 'act' : 'wait', attempt: attempts + 1 };
  if (unit.skipped && act?.status === 'completed') return { kind: 'over', status: 'skipped', result: {} };
  const failed = [act, wait].find((record) => record?.status === 'failed');
  if (failed) {
    const failure = failed.error ?? { kind: 'failed', message: 'it failed' };
    const again = retryAt(step, { attempts, first }, failure, failed.finished ?? failed.started, chance);
    if (again !== undefined)
      return { kind: 'retry', part: parts.acts ? 'act' : 'wait', attempt: attempts + 1, at: again };
    return { kind: 'over', status: 'failed', failure, result: { ...mapOf(act?.output), ...mapOf(failed.output) } };
  }
  if (act?.status === 'running') return { kind: 'act', attempt: attempts };
  if (wait?.status === 'running') {
    return { kind: 'waiting', attempt: attempts, ...(wait.timeoutAt === undefined ? {} : { until: wait.timeoutAt }) };
  }
  if (parts.waits && !wait) return { kind: 'wait', attempt: attempts };
  return { kind: 'over', status: 'completed', result: { ...mapOf(act?.output), ...mapOf(wait?.output) } };
}

/**
 * When a failed attempt is followed by another one, in seconds since the epoch; undefined: it is not. A person's retry of the
 * run gives one attempt more than there were, or what is left of the step's own.
 */
export function retryAt(
  { retry }: Pick<StepSpec, 'retry'>,
  { attempts, first }: Pick<UnitState, 'attempts' | 'first'>,
  failure: Failure,
  failedAt: number,
  chance: () => number,
): number | undefined {
  if (failure.kind === unknownOutcome) return undefined;
  if (attempts >= Math.max(retry.attempts, first) || (retry.on && !retry.on.includes(failure.kind))) return undefined;
  const [base, max] = [secondsOf(retry.base) ?? 30, secondsOf(retry.max) ?? 600];
  const pause = retry.backoff === 'fixed' ? base : base * 2 ** Math.min(attempts - 1, 30);
  // A quarter more or less, so that many runs do not come back at once.
  return failedAt + Math.min(pause, max) * (0.75 + chance() / 2);
}

/** `90`, `90s`, `10m`, `2h`, `1d`; undefined for anything else. */
export function secondsOf(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return value >= 0 ? value : undefined;
  return typeof value === 'string' ? parseDuration(value) : undefined;
}

export function mapOf(value: JsonValue | undefined): JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonMap) : {};
}
