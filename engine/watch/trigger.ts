/** From an occasion to actions: a watcher's condition is asked, and what it decides is counted and told. Pure: it changes the watcher only. */
import type { Expression } from '../../language/expression/ast.ts';
import { evaluate, isTruthy } from '../../language/expression/evaluate.ts';
import type { Timestamp, WatcherState } from '../protocol.ts';
import type { ActionIntent, NewEvent } from '../store/records.ts';
import { actionParams } from './action-params.ts';
import { triggersSinceBegin } from './control.ts';
import { loggedText, shortenedParams } from './logged-text.ts';
import { conditionScope, type Occasion, parameterLookup } from './scope.ts';
import type { Watcher } from './watcher.ts';

/** In the order they happened: events for the log; an intent is announced by the event before it. */
export type WatchEffect = { readonly event: NewEvent; readonly intent?: ActionIntent };

/** What made a watcher consider its actions. */
type Cause = 'match' | 'timer' | 'silence' | 'job-end' | 'manual';

/** When it did, and how far the watcher was before. */
export type Moment = Pick<Occasion, 'job' | 'before' | 'stream' | 'now'>;

interface Verdict {
  readonly holds: boolean;
  readonly error?: string;
}

/** Asks the watcher's condition on an occasion that is no line of output, and acts. */
export function consider(watcher: Watcher, cause: Cause, moment: Moment): WatchEffect[] {
  const verdict = verdictOf(watcher, moment);
  if (verdict.holds) return trigger(watcher, cause, moment);
  return verdict.error ? [conditionFailed(watcher, verdict.error, moment.now)] : [];
}

/** Of the watcher's condition. */
export function verdictOf(watcher: Watcher, moment: Moment): Verdict {
  return verdictOn(watcher.condition, occasionOf(watcher, moment));
}

function verdictOn(condition: Expression | undefined, occasion: Occasion): Verdict {
  if (!condition) return { holds: true };
  const result = evaluate(condition, conditionScope(occasion));
  // Section 6: an exception is a recorded failure of that evaluation, the condition counts as false.
  return result.ok ? { holds: isTruthy(result.value) } : { holds: false, error: result.error };
}

function occasionOf({ spec, progress, history, captureNames }: Watcher, moment: Moment): Occasion {
  return { ...moment, watcher: spec.name, captureNames, progress, history };
}

/** The condition holds: unless it cools down, the watcher decides its actions. */
export function trigger(watcher: Watcher, cause: Cause, moment: Moment): WatchEffect[] {
  const { spec, progress } = watcher;
  const { now } = moment;
  if (progress.lastTrigger !== undefined && cause === 'match' && now - progress.lastTrigger < spec.cooldownSeconds)
    return [];
  const count = progress.triggerCount + 1;
  watcher.progress = { ...progress, triggerCount: count, lastTrigger: now };
  const effects = decidedActions(watcher, cause, moment, count);
  watcher.pending += effects.filter(({ intent }) => intent !== undefined).length;
  const done = spec.maxTriggers !== undefined && triggersSinceBegin(watcher.progress) >= spec.maxTriggers;
  return [...effects, ...(done ? become(watcher, 'completed', `triggered ${count} times (max_triggers)`, now) : [])];
}

function decidedActions(watcher: Watcher, cause: Cause, moment: Moment, count: number): WatchEffect[] {
  const { spec, progress, actionConditions } = watcher;
  const { now } = moment;
  const occasion = occasionOf(watcher, moment);
  const lookup = parameterLookup(occasion, progress.groups ?? []);
  return spec.actions.flatMap((action, position): WatchEffect[] => {
    const verdict = verdictOn(actionConditions[position], occasion);
    if (verdict.error) return [conditionFailed(watcher, `${action.name}: ${verdict.error}`, now)];
    if (!verdict.holds) return [];
    const intent: ActionIntent = {
      watcher: watcher.index,
      watcherName: spec.name,
      trigger: count,
      position,
      action: action.name,
      ...actionParams(action, lookup),
      line: (progress.line ?? '').slice(0, loggedText),
      captures: progress.captures,
    };
    const params = shortenedParams(intent.params);
    const context = { watcher: spec.name, action: action.name, params, trigger: count, position, cause };
    return [{ event: { timestamp: now, name: 'watcher.action', context }, intent }];
  });
}

export function become(watcher: Watcher, state: WatcherState, reason: string, now: Timestamp): WatchEffect[] {
  watcher.progress = { ...watcher.progress, state, reason };
  return [{ event: { timestamp: now, name: 'watcher.state', context: { watcher: watcher.spec.name, state, reason } } }];
}

/** Section 6: an exception is a recorded failure. A match has room for it; these occasions have not. */
function conditionFailed({ spec }: Watcher, error: string, now: Timestamp): WatchEffect {
  const context = { watcher: spec.name, level: 'warning', message: `condition: ${error}` };
  return { event: { timestamp: now, name: 'log', context } };
}
