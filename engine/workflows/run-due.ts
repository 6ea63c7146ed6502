/** When a run of a schedule begins: before its steps it waits for its time or its event, and then sees to the next. */
import type { WorkflowScope } from '../../language/workflow/fill.ts';
import type { RunEffects } from './effects.ts';
import type { RunRecords } from './run-records.ts';
import { nextRecord, triggerRecord } from './run-state.ts';
import { noTimeout, type RunInput } from './run-store.ts';
import { triggered, triggerWait } from './run-trigger.ts';
import { mapOf } from './unit-plan.ts';

export interface DueDependencies {
  readonly records: RunRecords;
  readonly input: RunInput;
  readonly scope: WorkflowScope;
  readonly effects: Pick<RunEffects, 'events'>;
  /** Seconds since the epoch. */
  readonly now: number;
  /** Why it is to end. */
  readonly cancelled?: string | undefined;
  /** Makes the run that waits next, once; resolves to its id. */
  readonly startNext: (input: RunInput) => Promise<string>;
}

/** `waiting`: until then at most, in seconds since the epoch. */
export type Due =
  | { readonly kind: 'due' }
  | { readonly kind: 'waiting'; readonly until?: number | undefined }
  | { readonly kind: 'cancelled'; readonly reason: string };

/** May be ended between any two writes and gone on with by anybody, as all of a run. */
export async function whenDue(deps: DueDependencies): Promise<Due> {
  const { records, input, scope, effects, now, cancelled } = deps;
  const { schedule } = input;
  const { on } = input.spec;
  if (!schedule || !on) return { kind: 'due' };
  let wait = records.state.record(triggerRecord);
  if (!wait) {
    const { signal, timeoutAt = noTimeout, data } = triggerWait(on, scope, Math.max(now, schedule.fired ?? 0));
    wait = await records.begin({ name: triggerRecord, data, wait: { signal, timeoutAt } });
  }
  // It was cancelled while it waited, and then retried: it is no longer one of a schedule.
  if (wait.status === 'failed') return { kind: 'due' };
  if (wait.status === 'running') {
    // Nothing has begun, so there is nothing to clean up; and none waits after it.
    if (cancelled !== undefined) {
      await records.fail(wait.id, { kind: 'cancelled', message: cancelled });
      return { kind: 'cancelled', reason: cancelled };
    }
    const came = triggered(on, wait, schedule.since, scope, now, (name) => effects.events(name));
    if (!came) return { kind: 'waiting', until: wait.timeoutAt };
    wait = await records.complete(wait.id, came);
  }
  if (records.state.record(nextRecord)?.status !== 'completed') {
    const { seq } = mapOf(wait.output);
    const since = typeof seq === 'number' ? seq : schedule.since;
    // Clocks differ, and go back: a time that has fired does not come again.
    const fired = mapOf(wait.output).kind === 'cron' ? wait.timeoutAt : schedule.fired;
    const next = await deps.startNext({ ...input, schedule: { since, ...(fired === undefined ? {} : { fired }) } });
    await records.settle(nextRecord, {}, () => next);
  }
  return { kind: 'due' };
}
