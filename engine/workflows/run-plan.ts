/** What a run needs next: which units begin or go on, when to look again, or how it ended. Pure. */
import { createHash } from 'node:crypto';
import type { WorkflowScope } from '../../language/workflow/fill.ts';
import type { StepSpec, WorkflowSpec } from '../../language/workflow/spec.ts';
import type { JsonValue } from '../protocol.ts';
import { type JsonMap, type RunState, type UnitRef, type UnitState, unitName } from './run-state.ts';
import { mapOf, secondsOf, type UnitNeed, unitNeed } from './unit-plan.ts';

export type Outcome = 'completed' | 'failed' | 'cancelled';

export interface RunFacts {
  readonly id: string;
  readonly name: string;
  readonly cluster: string;
  /** When its time began to count, in seconds since the epoch. */
  readonly began: number;
  readonly params: JsonMap;
  /** Results of steps that an earlier run has done for this one. */
  readonly kept: { readonly [step: string]: JsonMap };
}

export type RunTask =
  /** Work out the list of a `foreach`. */
  | { readonly kind: 'items'; readonly step: StepSpec }
  /** Its condition decides whether it begins. */
  | { readonly kind: 'act' | 'wait'; readonly step: StepSpec; readonly unit: UnitRef; readonly attempt: number }
  | { readonly kind: 'check'; readonly step: StepSpec; readonly unit: UnitRef; readonly attempt: number }
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

export interface StepView {
  readonly step: StepSpec;
  /** undefined: not over. */
  readonly status?: 'completed' | 'failed' | 'skipped';
  readonly result: JsonMap;
  readonly reason?: string;
  readonly tasks: readonly RunTask[];
  readonly wakeAt?: number;
}

export interface PlanInput {
  readonly spec: WorkflowSpec;
  readonly state: RunState;
  readonly run: RunFacts;
  readonly now: number;
  /** Somebody wants it to end. */
  readonly cancelled?: string;
}

export function planRun(input: PlanInput): RunPlan {
  const { spec, state, run, now, cancelled } = input;
  const { end } = state;
  if (end?.status !== 'completed') {
    const deadline = deadlineOf(spec, run);
    const main = stepViews(input);
    const verdict =
      cancelled !== undefined
        ? { outcome: 'cancelled' as const, reason: cancelled }
        : deadline !== undefined && now >= deadline
          ? { outcome: 'failed' as const, reason: 'the time of the run is over' }
          : verdictOf(main);
    if (verdict) return { tasks: [{ kind: 'end', ...verdict }] };
    return { tasks: main.flatMap(({ tasks }) => tasks), ...earliest([deadline, ...main.map(({ wakeAt }) => wakeAt)]) };
  }
  const { outcome, reason } = endOf(end.output);
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

/** How far the steps are, in the order of the file; without those of the clean-up. */
export function stepViews(input: PlanInput): readonly StepView[] {
  return viewSteps(input.spec.steps, input, new Map());
}

/** The scope of a unit's expressions: what the steps that are over have left. */
export function scopeOf(input: PlanInput, unit?: UnitRef): WorkflowScope {
  const { spec, state, run } = input;
  const views = [...stepViews(input), ...viewSteps(spec.cleanup, input, new Map(), true)];
  const over = views.filter(({ status }) => status !== undefined);
  const item = unit?.item === undefined ? undefined : state.items(unit.step)?.[unit.item];
  return {
    params: run.params,
    run: { id: run.id, name: run.name, cluster: run.cluster },
    steps: Object.fromEntries(over.map(({ step, result }) => [step.key, result])),
    ...(item === undefined ? {} : { item }),
  };
}

function deadlineOf({ timeout }: WorkflowSpec, { began }: RunFacts): number | undefined {
  const seconds = secondsOf(timeout);
  return seconds === undefined ? undefined : began + seconds;
}

function verdictOf(views: readonly StepView[]): { outcome: Outcome; reason: string } | undefined {
  const failed = views.find(({ status, step }) => status === 'failed' && !step.continueOnError);
  if (failed) return { outcome: 'failed', reason: `step ${failed.step.key}: ${failed.reason ?? 'it failed'}` };
  return views.every(({ status }) => status !== undefined) ? { outcome: 'completed', reason: '' } : undefined;
}

/** `inOrder`: of the clean-up, where a step that failed keeps none from running. */
function viewSteps(
  steps: readonly StepSpec[],
  input: PlanInput,
  known: ReadonlyMap<string, StepView>,
  isCleanup = false,
): readonly StepView[] {
  const views = new Map(known);
  // In an order in which each step comes after those that it needs; a cycle is an error of the file.
  const open = [...steps];
  const found: StepView[] = [];
  while (open.length > 0) {
    const next = open.findIndex(({ needs }) => needs.every((need) => views.has(need)));
    if (next < 0) break;
    const [step] = open.splice(next, 1);
    if (!step) break;
    const mayBegin = step.needs.every((need) => isPassed(views.get(need), isCleanup));
    const view = mayBegin || hasBegun(step, input.state) ? viewStep(step, input) : { step, result: {}, tasks: [] };
    views.set(step.key, view);
    found.push(view);
  }
  return steps.flatMap((step) => found.filter((view) => view.step === step));
}

function isPassed(view: StepView | undefined, isCleanup: boolean): boolean {
  if (view?.status === undefined) return false;
  return isCleanup || view.status !== 'failed' || view.step.continueOnError;
}

function hasBegun(step: StepSpec, state: RunState): boolean {
  if (step.foreach !== undefined) return state.items(step.key) !== undefined;
  return isBegun(state.unit({ step: step.key }));
}

const isBegun = ({ attempts, first }: UnitState) => attempts >= first;

function viewStep(step: StepSpec, input: PlanInput): StepView {
  const kept = input.run.kept[step.key];
  if (kept) return { step, status: kept.status === 'skipped' ? 'skipped' : 'completed', result: kept, tasks: [] };
  if (step.foreach === undefined) {
    const unit = { step: step.key };
    const need = needOf(step, unit, input);
    const { attempts } = input.state.unit(unit);
    if (need.kind === 'over') {
      const result = { ...need.result, status: need.status, attempts };
      return { step, status: need.status, result, tasks: [], ...mapFailure(need) };
    }
    return { step, result: {}, ...tasksOf(step, unit, need, input.now) };
  }
  return viewForeach(step, input);
}

function viewForeach(step: StepSpec, input: PlanInput): StepView {
  const items = input.state.items(step.key);
  if (!items) return { step, result: {}, tasks: [{ kind: 'items', step }] };
  const needs = items.map((_, item) => ({
    unit: { step: step.key, item },
    need: needOf(step, { step: step.key, item }, input),
  }));
  const failed = needs.find(({ need }) => need.kind === 'over' && need.status === 'failed');
  const begun = needs.filter(({ unit, need }) => need.kind !== 'over' && isBegun(input.state.unit(unit)));
  const fresh = needs.filter(({ unit }) => !isBegun(input.state.unit(unit)));
  // After a failure no further item begins; those that have begun are followed to their end.
  const room =
    failed && !step.continueOnError ? 0 : Math.max(0, (step.maxParallel ?? Number.POSITIVE_INFINITY) - begun.length);
  const active = [...begun, ...fresh.slice(0, Number.isFinite(room) ? room : fresh.length)];
  if (active.length === 0) {
    const results = needs.map(({ unit, need }) => {
      const { attempts } = input.state.unit(unit);
      return need.kind === 'over' ? { ...need.result, status: need.status, attempts } : { status: 'skipped', attempts };
    });
    const status = failed ? 'failed' : 'completed';
    const why = failed?.need.kind === 'over' ? mapFailure(failed.need, unitName(failed.unit)) : {};
    return { step, status, result: { status, items: results }, tasks: [], ...why };
  }
  const parts = active.map(({ unit, need }) => tasksOf(step, unit, need, input.now));
  return {
    step,
    result: {},
    tasks: parts.flatMap(({ tasks }) => tasks),
    ...earliest(parts.map(({ wakeAt }) => wakeAt)),
  };
}

function needOf(step: StepSpec, unit: UnitRef, { state, run }: PlanInput): UnitNeed {
  const known = state.unit(unit);
  return unitNeed(step, known, () => chanceOf(`${run.id}/${unitName(unit)}/${known.attempts}`));
}

/** From 0 to 1, the same for the same text. */
function chanceOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}

function tasksOf(
  step: StepSpec,
  unit: UnitRef,
  need: UnitNeed,
  now: number,
): { tasks: readonly RunTask[]; wakeAt?: number } {
  switch (need.kind) {
    case 'act':
    case 'wait':
      return { tasks: [{ kind: need.kind, step, unit, attempt: need.attempt }] };
    case 'waiting':
      return {
        tasks: [{ kind: 'check', step, unit, attempt: need.attempt }],
        ...(need.until === undefined ? {} : { wakeAt: need.until }),
      };
    case 'retry': {
      if (need.at > now) return { tasks: [], wakeAt: need.at };
      return tasksOf(step, unit, { kind: need.part, attempt: need.attempt }, now);
    }
    case 'over':
      return { tasks: [] };
  }
}

/** Why a unit failed; `of`: which, where a step has several. */
function mapFailure(need: Extract<UnitNeed, { kind: 'over' }>, of?: string): { reason?: string } {
  return need.status === 'failed' ? { reason: `${of === undefined ? '' : `${of}: `}${need.failure.message}` } : {};
}

function earliest(times: readonly (number | undefined)[]): { wakeAt?: number } {
  const known = times.filter((time) => time !== undefined);
  return known.length > 0 ? { wakeAt: Math.min(...known) } : {};
}

function endOf(output: JsonValue | undefined): { outcome: Outcome; reason: string } {
  const { outcome, reason } = mapOf(output);
  const known = (['completed', 'failed', 'cancelled'] as const).find((one) => one === outcome);
  return { outcome: known ?? 'failed', reason: typeof reason === 'string' ? reason : '' };
}
