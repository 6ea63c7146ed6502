/** What a run needs next: which units begin or go on, when to look again, or how it ended. Pure. */
import type { WorkflowScope } from '../../language/workflow/fill.ts';
import type { StepSpec, WorkflowSpec } from '../../language/workflow/spec.ts';
import { bearsFailure } from '../../language/workflow/trigger-rules.ts';
import type { JsonValue } from '../protocol.ts';
import { type RunState, triggerRecord, type UnitRef } from './run-state.ts';
import {
  earliest,
  type PlanInput,
  type RunFacts,
  type StepTask,
  type StepView,
  stepViews,
  viewSteps,
} from './step-views.ts';
import { mapOf, secondsOf } from './unit-plan.ts';

export type Outcome = 'completed' | 'failed' | 'cancelled';

export type RunTask =
  | StepTask
  /** The steps are over, or shall be: from now on only the clean-up runs. */
  | { readonly kind: 'end'; readonly outcome: Outcome; readonly reason: string }
  /** What still runs for this run is cancelled. */
  | { readonly kind: 'stop' }
  | { readonly kind: 'finish'; readonly outcome: Outcome; readonly reason: string };

export interface RunPlan {
  readonly tasks: readonly RunTask[];
  /** Seconds since the epoch: then there is something to do, if nothing happens before. */
  readonly wakeAt?: number;
}

export function planRun(input: PlanInput): RunPlan {
  const { spec, state, run, now, cancelled } = input;
  const { end } = state;
  if (end?.status !== 'completed') {
    const deadline = deadlineOf(spec, run, state);
    const main = stepViews(input);
    const verdict =
      cancelled !== undefined
        ? { outcome: 'cancelled' as const, reason: cancelled }
        : deadline !== undefined && now >= deadline
          ? { outcome: 'failed' as const, reason: 'the time of the run is over' }
          : verdictOf(spec.steps, main);
    if (verdict) return { tasks: [{ kind: 'end', ...verdict }] };
    return { tasks: main.flatMap(({ tasks }) => tasks), ...earliest([deadline, ...main.map(({ wakeAt }) => wakeAt)]) };
  }
  const { outcome, reason } = endOf(end.output);
  // Nothing has begun, so there is nothing to clean up.
  if (outcome === 'cancelled' && state.unitNames.length === 0 && (end.finished ?? now) < run.began)
    return { tasks: [{ kind: 'finish', outcome, reason }] };
  if (outcome !== 'completed' && state.stop?.status !== 'completed') return { tasks: [{ kind: 'stop' }] };
  const known = new Map(stepViews(input).map((view) => [view.step.key, view]));
  const cleanup = viewSteps(spec.cleanup, input, known, true);
  const open = cleanup.find(({ status }) => status === undefined);
  if (open) {
    return { tasks: cleanup.flatMap(({ tasks }) => tasks), ...earliest(cleanup.map(({ wakeAt }) => wakeAt)) };
  }
  const broken = cleanup.find(({ status, step }) => status === 'failed' && !step.continueOnError);
  if (broken && outcome === 'completed')
    return { tasks: [{ kind: 'finish', outcome: 'failed', reason: `clean-up ${broken.step.key}: ${broken.reason}` }] };
  return { tasks: [{ kind: 'finish', outcome, reason }] };
}

/** The scope of a unit's expressions: what the steps that are over have left. */
export function scopeOf(input: PlanInput, unit?: UnitRef): WorkflowScope {
  const { spec, state, run } = input;
  const views = [...stepViews(input), ...viewSteps(spec.cleanup, input, new Map(), true)];
  const over = views.filter(({ status }) => status !== undefined);
  const isMatrix = [...spec.steps, ...spec.cleanup].find(({ key }) => key === unit?.step)?.matrix !== undefined;
  const item = unit?.item === undefined ? undefined : state.items(unit.step)?.[unit.item];
  const { id, name, cluster, labels } = run;
  return {
    params: run.params,
    run: { id, name, cluster, labels, trigger: state.record(triggerRecord)?.output ?? null },
    steps: Object.fromEntries(over.map(({ step, result }) => [step.key, result])),
    ...(item === undefined ? {} : isMatrix ? { matrix: item } : { item }),
  };
}

function deadlineOf({ timeout }: WorkflowSpec, { began }: RunFacts, state: RunState): number | undefined {
  const seconds = secondsOf(timeout);
  // The time of a run of a schedule counts from when it was due.
  const due = state.record(triggerRecord)?.finished ?? 0;
  return seconds === undefined ? undefined : Math.max(began, due) + seconds;
}

function verdictOf(
  steps: readonly StepSpec[],
  views: readonly StepView[],
): { outcome: Outcome; reason: string } | undefined {
  const failed = views.filter(({ status, step }) => status === 'failed' && !step.continueOnError);
  const fatal = failed.find(({ step }) => !isLookedAt(step.key, steps));
  const isOver = views.every(({ status }) => status !== undefined);
  const [first] = fatal ? [fatal] : isOver ? failed : [];
  if (first) return { outcome: 'failed', reason: `step ${first.step.key}: ${first.reason ?? 'it failed'}` };
  return isOver ? { outcome: 'completed', reason: '' } : undefined;
}

/** Does a step that needs this one, or one that needs it in turn, start also after failures? Then the run goes on to it. */
function isLookedAt(key: string, steps: readonly StepSpec[]): boolean {
  const after = new Set([key]);
  for (let before = 0; before !== after.size; ) {
    before = after.size;
    for (const step of steps) if (step.needs.some((need) => after.has(need))) after.add(step.key);
  }
  after.delete(key);
  return steps.some((step) => after.has(step.key) && bearsFailure(step.triggerRule));
}

function endOf(output: JsonValue | undefined): { outcome: Outcome; reason: string } {
  const { outcome, reason } = mapOf(output);
  const known = (['completed', 'failed', 'cancelled'] as const).find((one) => one === outcome);
  return { outcome: known ?? 'failed', reason: typeof reason === 'string' ? reason : '' };
}
