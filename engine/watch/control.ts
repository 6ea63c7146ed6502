/** What a person may do to a watcher, in which state, and what becomes of it. Pure. */
import type { WatcherSpec } from '../../language/watcher/spec.ts';
import type { Timestamp, WatcherVerb } from '../protocol.ts';
import type { WatcherProgress } from './progress.ts';

/** It cannot be done to a watcher in this state; the message says why and what can. */
export class WatcherControlError extends Error {}

/** Why `verb` is not possible now; `undefined` where it is. */
export function controlProblem(
  verb: WatcherVerb,
  { name, maxTriggers }: WatcherSpec,
  progress: WatcherProgress,
): string | undefined {
  const { state, reason } = progress;
  const is = `Watcher "${name}" is ${state}${reason ? ` (${reason})` : ''}`;
  const spent = maxTriggers !== undefined && triggersSinceBegin(progress) >= maxTriggers;
  switch (verb) {
    case 'pause':
      return state === 'active' ? undefined : `${is}: only an active watcher can be paused.`;
    case 'resume':
      if (state === 'active') return `${is} already.`;
      if (state === 'static') return `${is}: it watches a job that is over and is run by hand.`;
      return spent ? `${is}: it has triggered max_triggers=${maxTriggers} times. Edit it to let it go on.` : undefined;
    case 'stop':
      return state === 'completed' ? `${is} already.` : undefined;
    case 'trigger':
      if (state === 'active' || state === 'paused') return undefined;
      return state === 'static'
        ? `${is}: run it over the output of its job instead.`
        : `${is}: resume it before it can trigger.`;
  }
}

export function triggersSinceBegin({ triggerCount, triggersBefore }: WatcherProgress): number {
  return triggerCount - (triggersBefore ?? 0);
}

/** Times count from now on, and so do failures: what happened before it rested is no reason to act or to give up. */
export function resumed(spec: WatcherSpec, progress: WatcherProgress, now: Timestamp): WatcherProgress {
  const { reason: _, timerDue, pausedUntil: __, ...kept } = progress;
  return {
    ...kept,
    state: 'active',
    failures: 0,
    heard: now,
    ...(timerDue === undefined ? {} : { timerDue: now + spec.timerIntervalSeconds }),
  };
}

/** What stays of a watcher whose specification is exchanged: its state, its counters, and the captures it still has. */
export function edited(
  before: WatcherSpec,
  after: WatcherSpec,
  progress: WatcherProgress,
  captureNames: ReadonlySet<string>,
): WatcherProgress {
  const { timerDue, groups, ...kept } = progress;
  return {
    ...kept,
    captures: Object.fromEntries(Object.entries(progress.captures).filter(([name]) => captureNames.has(name))),
    ...(timerDue === undefined || !after.timerMode ? {} : { timerDue }),
    ...(groups === undefined || before.pattern !== after.pattern ? {} : { groups }),
    remainingResubmits:
      before.remainingResubmits === after.remainingResubmits ? progress.remainingResubmits : after.remainingResubmits,
  };
}

/** Begins anew over the output of a job that is over: nothing is known but how often it has triggered before. */
export function begunAnew(initial: WatcherProgress, before: WatcherProgress): WatcherProgress {
  const { triggerCount, remainingResubmits } = before;
  return { ...initial, byHand: true, triggerCount, triggersBefore: triggerCount, remainingResubmits };
}
