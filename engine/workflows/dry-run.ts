/** What a run would do, told before anything happens: what only the run will know stands as it is written. Pure. */
import { ExpressionError, fill, holds, type WorkflowScope } from '../../language/workflow/fill.ts';
import { combinations } from '../../language/workflow/matrix.ts';
import type { StepSpec, Verb, WorkflowSpec } from '../../language/workflow/spec.ts';
import type { JsonValue } from '../protocol.ts';
import type { JsonMap } from './run-state.ts';
import type { RunInput } from './run-store.ts';
import { scheduleScope } from './run-trigger.ts';
import { mapOf } from './unit-plan.ts';

export interface DryStep {
  readonly key: string;
  readonly verb: Verb;
  readonly isCleanup: boolean;
  readonly needs: readonly string[];
  readonly cluster: string;
  readonly args: JsonMap;
  readonly env: JsonMap;
  /** Its condition, where only the run will know; `false`: it does not hold, the step is skipped. */
  readonly condition?: string | false;
  /** How often it is done, where its list is known. */
  readonly items?: number;
  readonly attempts: number;
  readonly triggerRule?: string;
}

export function dryRun(
  spec: WorkflowSpec,
  run: Pick<RunInput, 'name' | 'cluster' | 'params' | 'labels'>,
): readonly DryStep[] {
  const scope = scheduleScope(run);
  const step = (one: StepSpec, isCleanup: boolean): DryStep => {
    const items = one.matrix
      ? attempt(() => combinations(mapOf(fill(one.matrix ?? {}, scope))))
      : filled(one.foreach ?? null, scope);
    const condition = conditionOf(one, scope);
    return {
      key: one.key,
      verb: one.verb,
      isCleanup,
      needs: one.needs,
      cluster: one.cluster === undefined ? run.cluster : String(filled(one.cluster, scope)),
      args: mapOf(filled(one.args, scope)),
      env: mapOf(filled(one.env, scope)),
      attempts: one.retry.attempts,
      ...(one.triggerRule ? { triggerRule: one.triggerRule } : {}),
      ...(condition === undefined ? {} : { condition }),
      ...(Array.isArray(items) ? { items: items.length } : {}),
    };
  };
  return [...spec.steps.map((one) => step(one, false)), ...spec.cleanup.map((one) => step(one, true))];
}

/** undefined: it has none, or it holds. */
function conditionOf({ condition }: StepSpec, scope: WorkflowScope): string | false | undefined {
  if (condition === undefined) return undefined;
  const known = attempt(() => holds(condition, scope));
  if (known === undefined) return condition;
  return known ? undefined : false;
}

function filled(value: JsonValue, scope: WorkflowScope): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => filled(item, scope));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner, scope)]));
  return attempt(() => fill(value, scope)) ?? value;
}

/** undefined: it names what only the run will know. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}
