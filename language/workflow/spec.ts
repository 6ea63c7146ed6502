/** A workflow file as the engine runs it: plain JSON, so that it can be stored. Expressions are not filled in yet. */
import type { JsonValue } from '../actions/literal.ts';
import { stepGraph } from './check-graph.ts';
import { checkWorkflow } from './check-workflow.ts';
import type { StepNode, WorkflowDocument } from './node.ts';
import { type TriggerRule, triggerRules } from './trigger-rules.ts';
import { findPair, type YamlNode } from './yaml-tree.ts';

export type Verb =
  | 'submit'
  | 'run'
  | 'await_event'
  | 'await_job'
  | 'emit_event'
  | 'sleep'
  | 'approve'
  | 'notify'
  | 'workflow';

type JsonMap = { readonly [key: string]: JsonValue };

export interface StepSpec {
  /** Its id, or `step_N`, `cleanup_N` with N from 1: unique in the file. */
  readonly key: string;
  readonly verb: Verb;
  /** In the long form of the verb, e.g. `{ script }` for `submit: train.sh`. */
  readonly args: JsonMap;
  /** Keys of the steps that have to be over. */
  readonly needs: readonly string[];
  /** An expression, with or without `${{ }}`. */
  readonly condition?: string;
  readonly env: JsonMap;
  /** A duration: seconds, or text such as `2h`. */
  readonly timeout?: JsonValue;
  readonly onTimeout: 'fail' | 'continue';
  readonly retry: RetrySpec;
  readonly continueOnError: boolean;
  /** A list, or an expression for one. */
  readonly foreach?: JsonValue;
  /** Lists by name, or expressions for them, with `include` and `exclude`: see `combinations`. */
  readonly matrix?: JsonMap;
  readonly maxParallel?: number;
  /** Absent: no further item begins once one has failed, unless the run bears that. */
  readonly failFast?: boolean;
  /** Absent: none of those that it needs has failed, but for failures that the run bears. */
  readonly triggerRule?: TriggerRule;
  readonly cluster?: JsonValue;
}

export interface RetrySpec {
  /** The first time included. */
  readonly attempts: number;
  readonly backoff: 'fixed' | 'exponential';
  readonly base: JsonValue;
  readonly max: JsonValue;
  /** After which failures; absent: after every one. */
  readonly on?: readonly string[];
}

/** When runs of a schedule begin. */
export interface TriggerSpec {
  /** Schedules, or expressions for them. */
  readonly cron: readonly JsonValue[];
  readonly timezone?: JsonValue;
  /** Names of events, or expressions for them. */
  readonly events: readonly JsonValue[];
  readonly match?: string;
}

export interface WorkflowSpec {
  readonly on?: TriggerSpec;
  readonly name?: string;
  readonly cluster?: string;
  readonly timeout?: JsonValue;
  /** With their defaults. */
  readonly params: JsonMap;
  readonly steps: readonly StepSpec[];
  readonly cleanup: readonly StepSpec[];
}

/** The short form of a verb is the value of this key of its long form. */
const shortForms: { readonly [verb in Verb]: string } = {
  submit: 'script',
  run: 'command',
  await_event: 'name',
  await_job: 'job',
  emit_event: 'name',
  sleep: 'for',
  approve: 'question',
  notify: 'message',
  workflow: 'file',
};

/** Is it done once for each item of a list? */
export function isRepeated({ foreach, matrix }: Pick<StepSpec, 'foreach' | 'matrix'>): boolean {
  return foreach !== undefined || matrix !== undefined;
}

/** undefined: the file has errors; they are among the problems of `checkWorkflow`. */
export function bindWorkflow(document: WorkflowDocument): WorkflowSpec | undefined {
  const { root } = document;
  if (!root || checkWorkflow(document).some(({ severity }) => severity === 'error')) return undefined;
  const value = (key: string) => given(findPair(root, key)?.value);
  return {
    ...(typeof value('name') === 'string' && { name: String(value('name')) }),
    ...(typeof value('cluster') === 'string' && { cluster: String(value('cluster')) }),
    ...(value('timeout') !== undefined && { timeout: value('timeout') ?? null }),
    ...(isMap(value('on')) && { on: triggerOf(mapOf(value('on'))) }),
    params: Object.fromEntries(document.params.map((param) => [param.name, toJson(param.value)])),
    steps: bindSteps(document.steps, 'step'),
    cleanup: bindSteps(document.cleanup, 'cleanup'),
  };
}

function bindSteps(steps: readonly StepNode[], prefix: string): readonly StepSpec[] {
  const keys = steps.map(({ id, index }) => id || `${prefix}_${index + 1}`);
  return stepGraph(steps).map((needs, index) => {
    const step = steps[index];
    const verb = step?.verb;
    if (!step || !verb) throw new Error('a step without a verb has an error');
    const value = (key: string) => given(findPair(step.map, key)?.value);
    const name = verb.name as Verb;
    const short = toJson(verb.value);
    const condition = value('if');
    const { foreach, timeout, cluster } = {
      foreach: value('foreach'),
      timeout: value('timeout'),
      cluster: value('cluster'),
    };
    const maxParallel = value('max_parallel');
    const [failFast, matrix] = [value('fail_fast'), value('matrix')];
    const triggerRule = triggerRules.find((rule) => rule === value('trigger_rule'));
    return {
      key: keys[index] ?? '',
      verb: name,
      args: isMap(short) ? short : { [shortForms[name]]: short },
      needs: needs.map((needed) => keys[needed] ?? ''),
      ...(condition !== undefined && { condition: String(condition) }),
      env: mapOf(value('env')),
      ...(timeout !== undefined && { timeout }),
      onTimeout: value('on_timeout') === 'continue' ? 'continue' : 'fail',
      retry: retryOf(value('retry')),
      continueOnError: value('continue_on_error') === true,
      ...(foreach !== undefined && { foreach }),
      ...(isMap(matrix) && { matrix }),
      ...(typeof maxParallel === 'number' && { maxParallel }),
      ...(typeof failFast === 'boolean' && { failFast }),
      ...(triggerRule && { triggerRule }),
      ...(cluster !== undefined && { cluster }),
    };
  });
}

function triggerOf({ cron = [], timezone, event = [], match }: JsonMap): TriggerSpec {
  const list = (value: JsonValue) => (Array.isArray(value) ? value : [value]) as readonly JsonValue[];
  return {
    cron: list(cron),
    events: list(event),
    ...(timezone !== undefined && { timezone }),
    ...(match !== undefined && { match: String(match) }),
  };
}

function retryOf(value: JsonValue | undefined): RetrySpec {
  const written = mapOf(value);
  const attempts = isMap(value) ? (written.attempts ?? 3) : (value ?? 1);
  const { on } = written;
  return {
    attempts: typeof attempts === 'number' ? attempts : 1,
    backoff: written.backoff === 'fixed' ? 'fixed' : 'exponential',
    base: written.base ?? 30,
    max: written.max ?? 600,
    ...(on !== undefined && { on: (Array.isArray(on) ? on : [on]).map(String) }),
  };
}

function given(node: YamlNode | undefined): JsonValue | undefined {
  return node === undefined || (node.kind === 'scalar' && node.value === null) ? undefined : toJson(node);
}

function mapOf(value: JsonValue | undefined): JsonMap {
  return isMap(value) ? value : {};
}

function isMap(value: JsonValue | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toJson(node: YamlNode): JsonValue {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(toJson);
    case 'map':
      return Object.fromEntries(node.pairs.map(({ name, value }) => [name, toJson(value)]));
    case 'unread':
      return null;
  }
}
