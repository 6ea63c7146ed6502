/** A run as people see it: its steps with what they wait for. Pure. */
import { isRepeated, type StepSpec, type WorkflowSpec } from '../../language/workflow/spec.ts';
import type { Question, StepInfo } from '../protocol/workflows.ts';
import type { JsonValue } from '../protocol.ts';
import { eventsOfSignal } from './perform.ts';
import { type JsonMap, type RunRecord, type RunState, type UnitRef, unitName } from './run-state.ts';
import { mapOf, type UnitNeed, unitNeed } from './unit-plan.ts';

/** `kept`: results of steps that an earlier run has done. */
export function stepInfos(
  spec: WorkflowSpec,
  state: RunState,
  kept: { readonly [step: string]: JsonMap } = {},
): readonly StepInfo[] {
  return [
    ...spec.steps.map((step) => keptInfo(step, kept[step.key]) ?? stepInfo(step, state, false)),
    ...spec.cleanup.map((step) => stepInfo(step, state, true)),
  ];
}

function keptInfo({ key, verb, needs }: StepSpec, result: JsonMap | undefined): StepInfo | undefined {
  if (!result) return undefined;
  const status = result.status === 'skipped' ? 'skipped' : 'completed';
  return { key, verb, needs, isCleanup: false, status, attempts: 0, detail: 'by the run that this one retries' };
}

function stepInfo(step: StepSpec, state: RunState, isCleanup: boolean): StepInfo {
  const { key, verb, needs } = step;
  const base = { key, verb, isCleanup, needs };
  const whole = state.unit({ step: key });
  if (!isRepeated(step) || (whole.attempts >= whole.first && whole.skipped))
    return { ...base, ...unitInfo(step, { step: key }, state) };
  const items = state.items(key);
  if (!items) return { ...base, status: 'pending', attempts: 0 };
  const infos = items.map((_, item) => unitInfo(step, { step: key, item }, state));
  const over = infos.filter(({ status }) => isOver(status)).length;
  const failed = infos.find(({ status }) => status === 'failed');
  const status = over === items.length ? (failed ? 'failed' : 'completed') : 'running';
  const attempts = infos.reduce((most, info) => Math.max(most, info.attempts), 0);
  return {
    ...base,
    status,
    attempts,
    items: { over, all: items.length },
    ...(failed?.detail && { detail: failed.detail }),
    ...asksOf(infos.flatMap(({ asks = [] }) => asks)),
  };
}

/** Of so many a run tells, which travels with each of its changes. */
const mostQuestions = 100;

function asksOf(questions: readonly Question[]): Pick<StepInfo, 'asks'> {
  return questions.length === 0 ? {} : { asks: questions.slice(0, mostQuestions) };
}

const isOver = (status: StepInfo['status']) => status === 'completed' || status === 'failed' || status === 'skipped';

type UnitInfo = Pick<StepInfo, 'status' | 'attempts' | 'waitsFor' | 'awaits' | 'waitsUntil' | 'detail' | 'asks'>;

function unitInfo(step: StepSpec, ref: UnitRef, state: RunState): UnitInfo {
  const unit = state.unit(ref);
  const { attempts, first, act, wait } = unit;
  if (attempts < first) return { status: 'pending', attempts };
  const need = unitNeed(step, unit, () => 0.5);
  switch (need.kind) {
    case 'act':
    case 'wait':
      return { status: 'running', attempts };
    case 'waiting':
      return {
        status: 'waiting',
        attempts,
        ...waitWords(wait),
        ...(need.until === undefined ? {} : { waitsUntil: need.until }),
        ...question(step, ref, attempts, wait?.data.args),
      };
    case 'retry':
      return { status: 'retrying', attempts, waitsUntil: need.at };
    case 'over':
      return {
        status: need.status,
        attempts,
        ...(typeof act?.data.why === 'string' && { detail: act.data.why }),
        ...reason(need),
      };
  }
}

function waitWords(wait: RunRecord | undefined): Pick<StepInfo, 'waitsFor' | 'awaits'> {
  if (wait?.signal === undefined) return {};
  const { signal } = wait;
  const several = eventsOfSignal(signal);
  const word = mapOf(wait.data.args).all_of === undefined ? 'or' : 'and';
  if (several) return { waitsFor: `event:${several.join(` ${word} `)}`, awaits: several };
  return { waitsFor: signal, ...(signal.startsWith('event:') && { awaits: [signal.slice('event:'.length)] }) };
}

function question(
  step: StepSpec,
  ref: UnitRef,
  attempt: number,
  args: JsonValue | undefined,
): Pick<StepInfo, 'detail' | 'asks'> {
  if (step.verb !== 'approve') return {};
  const text = String(mapOf(args).question ?? '');
  return { detail: text, asks: [{ unit: unitName(ref), text, attempt }] };
}

function reason(need: Extract<UnitNeed, { kind: 'over' }>): { detail?: string } {
  return need.status === 'failed' ? { detail: need.failure.message } : {};
}
