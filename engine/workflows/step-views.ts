/** How far the steps of a run are, and what each needs next. Pure. */
import { createHash } from 'node:crypto';
import { combinationKey } from '../../language/workflow/matrix.ts';
import { isRepeated, type StepSpec, type WorkflowSpec } from '../../language/workflow/spec.ts';
import { type NeedState, triggerVerdict } from '../../language/workflow/trigger-rules.ts';
import type { RunLabels } from '../protocol/workflows.ts';
import type { JsonValue } from '../protocol.ts';
import { type JsonMap, type RunState, type UnitRef, type UnitState, unitName } from './run-state.ts';
import { mapOf, type UnitNeed, unitNeed } from './unit-plan.ts';

export interface RunFacts {
  readonly id: string;
  readonly name: string;
  readonly cluster: string;
  /** When its time began to count, in seconds since the epoch. */
  readonly began: number;
  readonly params: JsonMap;
  readonly labels: RunLabels;
  /** Results of steps that an earlier run has done for this one. */
  readonly kept: { readonly [step: string]: JsonMap };
}

export interface PlanInput {
  readonly spec: WorkflowSpec;
  readonly state: RunState;
  readonly run: RunFacts;
  readonly now: number;
  /** Somebody wants it to end. */
  readonly cancelled?: string;
}

export type StepTask =
  /** Work out the list of a `foreach`. */
  | { readonly kind: 'items'; readonly step: StepSpec }
  /** What it needs has not ended as its trigger rule wants. */
  | { readonly kind: 'skip'; readonly step: StepSpec; readonly isBlocked: boolean; readonly why: string }
  /** Its condition decides whether it begins. */
  | { readonly kind: 'act' | 'wait'; readonly step: StepSpec; readonly unit: UnitRef; readonly attempt: number }
  | { readonly kind: 'check'; readonly step: StepSpec; readonly unit: UnitRef; readonly attempt: number };

export interface StepView {
  readonly step: StepSpec;
  /** undefined: not over. */
  readonly status?: 'completed' | 'failed' | 'skipped';
  /** Skipped because of a failure before it. */
  readonly isBlocked?: boolean;
  readonly result: JsonMap;
  readonly reason?: string;
  readonly tasks: readonly StepTask[];
  readonly wakeAt?: number;
}

/** How far the steps are, in the order of the file; without those of the clean-up. */
export function stepViews(input: PlanInput): readonly StepView[] {
  return viewSteps(input.spec.steps, input, new Map());
}

/** `isCleanup`: there a step that failed keeps none from running. */
export function viewSteps(
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
    const needs = step.needs.map((need) => views.get(need));
    const view = hasBegun(step, input.state) ? viewStep(step, input) : viewUnbegun(step, needs, input, isCleanup);
    views.set(step.key, view);
    found.push(view);
  }
  return steps.flatMap((step) => found.filter((view) => view.step === step));
}

/** It starts when all that it needs is over, and ended as its trigger rule wants; else it is skipped. */
function viewUnbegun(
  step: StepSpec,
  needs: readonly (StepView | undefined)[],
  input: PlanInput,
  isCleanup: boolean,
): StepView {
  const waits = { step, result: {}, tasks: [] };
  if (input.run.kept[step.key]) return viewStep(step, input);
  if (needs.some((need) => need?.status === undefined)) return waits;
  const states = needs.map((need) => needState(need, step.triggerRule === undefined));
  const verdict = triggerVerdict(step.triggerRule ?? (isCleanup ? 'all_done' : 'none_failed'), states);
  if (verdict === 'start') return viewStep(step, input);
  const isBlocked = verdict === 'block';
  const failed = needs.flatMap((need) => (need && (need.status === 'failed' || need.isBlocked) ? [need.step.key] : []));
  const ends = step.needs.map((need, index) => `${need} ${states[index]}`).join(', ');
  const why = isBlocked ? `not started, because of ${failed.join(', ')}` : `${step.triggerRule}: ${ends}`;
  return { ...waits, tasks: [{ kind: 'skip', step, isBlocked, why }] };
}

/** `isBorne`: a failure that the run bears is none. */
function needState(need: StepView | undefined, isBorne: boolean): NeedState {
  if (!need?.status) throw new Error('a need that is not over has no end');
  if (need.isBlocked) return 'blocked';
  return need.status === 'failed' && isBorne && need.step.continueOnError ? 'completed' : need.status;
}

function hasBegun(step: StepSpec, state: RunState): boolean {
  // A step that is skipped as a whole is skipped as a single unit.
  return isBegun(state.unit({ step: step.key })) || (isRepeated(step) && state.items(step.key) !== undefined);
}

const isBegun = ({ attempts, first }: UnitState) => attempts >= first;

function viewStep(step: StepSpec, input: PlanInput): StepView {
  const kept = input.run.kept[step.key];
  if (kept) return { step, status: kept.status === 'skipped' ? 'skipped' : 'completed', result: kept, tasks: [] };
  const whole = input.state.unit({ step: step.key });
  const isWhole = isBegun(whole);
  if (isWhole && whole.skipped && whole.act?.status === 'completed') {
    const isBlocked = whole.act.data.isBlocked === true;
    return { step, status: 'skipped', isBlocked, result: { status: 'skipped', attempts: 0 }, tasks: [] };
  }
  // Of a step with items only skipping it begins a unit of the whole.
  if (isWhole || !isRepeated(step)) {
    const unit = { step: step.key };
    const need = needOf(step, unit, input);
    const { attempts } = input.state.unit(unit);
    if (need.kind === 'over') {
      const error = need.status === 'failed' ? need.failure.message : null;
      const result = { timed_out: false, ...need.result, status: need.status, attempts, error };
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
    failed && (step.failFast ?? !step.continueOnError)
      ? 0
      : Math.max(0, (step.maxParallel ?? Number.POSITIVE_INFINITY) - begun.length);
  const active = [...begun, ...fresh.slice(0, Number.isFinite(room) ? room : fresh.length)];
  if (active.length === 0) {
    const results = needs.map(({ unit, need }, index) => {
      const { attempts } = input.state.unit(unit);
      const known = need.kind === 'over' ? { ...need.result, status: need.status } : { status: 'skipped' };
      return { ...known, attempts, ...(step.matrix && { matrix: items[index] ?? null }) };
    });
    const status = failed ? 'failed' : 'completed';
    const why = failed?.need.kind === 'over' ? mapFailure(failed.need, unitName(failed.unit)) : {};
    return {
      step,
      status,
      result: { status, items: results, ...(step.matrix && { cells: byCombination(items, results) }) },
      tasks: [],
      ...why,
    };
  }
  const parts = active.map(({ unit, need }) => tasksOf(step, unit, need, input.now));
  return {
    step,
    result: {},
    tasks: parts.flatMap(({ tasks }) => tasks),
    ...earliest(parts.map(({ wakeAt }) => wakeAt)),
  };
}

function byCombination(items: readonly JsonValue[], results: readonly JsonMap[]): JsonMap {
  return Object.fromEntries(results.map((result, index) => [combinationKey(mapOf(items[index])), result]));
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
): { tasks: readonly StepTask[]; wakeAt?: number } {
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

/** The earliest of them, in seconds since the epoch. */
export function earliest(times: readonly (number | undefined)[]): { wakeAt?: number } {
  const known = times.filter((time) => time !== undefined);
  return known.length > 0 ? { wakeAt: Math.min(...known) } : {};
}
