/** What a retry of a run does again, and what it keeps. Pure. */
import type { StepSpec, WorkflowSpec } from '../../language/workflow/spec.ts';
import { type JsonMap, type RetryMark, type RunState, type UnitRef, type UnitState, unitName } from './run-state.ts';
import { type PlanInput, type StepView, stepViews } from './step-views.ts';
import { unitNeed } from './unit-plan.ts';

export class RetryError extends Error {}

/**
 * Steps that have completed are kept; those that failed, were stopped or never began are done, and again whatever needs one
 * that is done again. `from`: that step too. Throws `RetryError` where nothing is left to do, or there is no such step.
 */
export function planRetry(input: PlanInput, from?: string): RetryMark {
  const { spec, state, now } = input;
  const { undone, whole } = doneAgain(input, from);
  if (undone.size === 0 && whole.size === 0)
    throw new RetryError('All of its steps have completed: name the step to begin with.');
  const units: { [unit: string]: number } = {};
  const reset = (unit: UnitRef) => {
    const { attempts } = state.unit(unit);
    if (attempts > 0) units[unitName(unit)] = attempts;
  };
  for (const step of spec.steps) if (lacksList(step, state)) whole.add(step.key);
  for (const { key } of spec.cleanup) whole.add(key);
  for (const step of [...spec.steps, ...spec.cleanup]) {
    const isWhole = whole.has(step.key);
    if (!isWhole && !undone.has(step.key)) continue;
    for (const unit of unitsOf(step, state)) if (isWhole || !hasCompleted(step, state.unit(unit))) reset(unit);
  }
  return { at: now, units, whole: [...whole] };
}

/** For a new run that begins with `from`: the results of the steps that it need not do. */
export function keptResults(input: PlanInput, from: string): { readonly [step: string]: JsonMap } {
  const { undone, whole } = doneAgain(input, from);
  const kept = stepViews(input).filter(({ step }) => !undone.has(step.key) && !whole.has(step.key));
  return Object.fromEntries(kept.map(({ step, result }) => [step.key, result]));
}

/** By key: steps that are not complete, and those that are done anew with all their items. */
function doneAgain(input: PlanInput, from: string | undefined) {
  const { spec } = input;
  if (from !== undefined && !spec.steps.some(({ key }) => key === from)) throw noStep(spec, from);
  const views = stepViews(input);
  const undone = new Set(views.filter((view) => !isDone(view)).map(({ step }) => step.key));
  const whole = new Set(from === undefined ? [] : [from]);
  // The steps are in the file's order, which need not be that of their needs.
  for (let before = -1; before !== whole.size; ) {
    before = whole.size;
    for (const { key, needs } of spec.steps)
      if (needs.some((need) => undone.has(need) || whole.has(need))) whole.add(key);
  }
  return { undone, whole };
}

function noStep({ steps }: WorkflowSpec, from: string): RetryError {
  return new RetryError(`It has no step ${from}; there are: ${steps.map(({ key }) => key).join(', ')}.`);
}

const isDone = ({ status }: StepView) => status === 'completed' || status === 'skipped';

/** Skipped as a whole, a step with items is one unit. */
function unitsOf({ key }: StepSpec, state: RunState): readonly UnitRef[] {
  return [{ step: key }, ...(state.items(key) ?? []).map((_, item) => ({ step: key, item }))];
}

/** The list itself could not be had: one item stands for it, which failed. */
function lacksList({ key }: StepSpec, state: RunState): boolean {
  return state.record(state.itemsRecord(key))?.data.isMissing === true;
}

function hasCompleted(step: StepSpec, unit: UnitState): boolean {
  const need = unitNeed(step, unit, () => 0);
  return need.kind === 'over' && need.status !== 'failed';
}
