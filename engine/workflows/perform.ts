/** What the verbs of steps do: their acts, what they wait for, and when that has come. */
import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { fill, holds, type WorkflowScope } from '../../language/workflow/fill.ts';
import type { StepSpec } from '../../language/workflow/spec.ts';
import type { JsonValue } from '../protocol.ts';
import type { RunEffects } from './effects.ts';
import type { Failure, JsonMap, RunRecord } from './run-state.ts';
import { mapOf, secondsOf } from './unit-plan.ts';

/** A step's attempt that failed; `kind` is a word of `retry.on`. */
export class StepFailure extends Error {
  readonly kind: string;

  constructor(kind: string, message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface StepSite {
  readonly run: string;
  /** `train`, `sweep[3]`. */
  readonly unit: string;
  readonly attempt: number;
  /** Absolute path of the workflow file. */
  readonly file: string;
  readonly cluster: string;
}

/** Letters, digits and `-`, as the keys of submissions are: the same for the same attempt of the same run. */
export function effectKey({ run, unit, attempt }: StepSite): string {
  const digest = createHash('sha256').update(`${run}\0${unit}\0${attempt}`).digest('hex');
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}-${digest.slice(16, 20)}-${digest.slice(20, 32)}`;
}

/** What an attempt is about, filled in: stored when it begins, so that going on decides nothing anew. */
export function attemptData(step: StepSpec, site: StepSite, scope: WorkflowScope): JsonMap {
  // `match` is asked of each event that comes.
  const { match, ...args } = step.args;
  const timeoutSeconds = secondsOf(fill(step.timeout ?? args.timeout ?? null, scope));
  const cluster = step.cluster === undefined ? site.cluster : String(fill(step.cluster, scope));
  return {
    args: { ...mapOf(fill(args, scope)), ...(match === undefined ? {} : { match }) },
    env: textsOf(fill(step.env, scope)),
    cluster,
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  };
}

type Act = (site: StepSite, data: JsonMap, effects: RunEffects, signal: AbortSignal) => Promise<JsonMap> | JsonMap;

const acts: { readonly [verb: string]: Act } = {
  async submit(site, data, effects) {
    const args = mapOf(data.args);
    const job = await effects.submit(effectKey(site), {
      cluster: String(data.cluster),
      script: resolve(dirname(site.file), String(args.script)),
      env: { ...textsOf(data.env), ...textsOf(args.env) },
      options: textsOf(args.options),
    });
    return { job, job_id: job.slice(job.indexOf('/') + 1) };
  },
  async run(site, data, effects, signal) {
    const { timeoutSeconds } = data;
    const { exitCode, stdout } = await effects.runCommand(
      effectKey(site),
      {
        cluster: String(data.cluster),
        command: String(mapOf(data.args).command),
        env: textsOf(data.env),
        folder: dirname(site.file),
        ...(typeof timeoutSeconds === 'number' ? { timeoutSeconds } : {}),
      },
      signal,
    );
    if (exitCode !== 0) throw new StepFailure('failed', `the command ended with exit status ${exitCode}`);
    return { exit_code: exitCode, stdout };
  },
  emit_event(site, data, effects) {
    const { name, payload = null, from } = mapOf(data.args);
    const source = from === undefined ? `run/${site.run}/${site.unit}` : String(from);
    effects.emit(effectKey(site), { name: String(name), payload, source });
    return { name: String(name), payload };
  },
  notify(_site, data, effects) {
    const { message, level = 'info' } = mapOf(data.args);
    effects.notify({ level: String(level), message: String(message) });
    return {};
  },
  async workflow(site, data, effects) {
    const { file, params } = mapOf(data.args);
    const child = {
      file: resolve(dirname(site.file), String(file)),
      params: mapOf(params),
      cluster: String(data.cluster),
      parent: site.run,
    };
    return { run_id: await effects.startChild(effectKey(site), child) };
  },
};

/** Does what the verb does before it waits. Rejects with `StepFailure`, or with what makes it impossible to tell. */
export async function act(step: StepSpec, site: StepSite, data: JsonMap, effects: RunEffects, signal: AbortSignal) {
  const verb = Object.hasOwn(acts, step.verb) ? acts[step.verb] : undefined;
  if (!verb) throw new Error(`${step.verb} does nothing before it waits`);
  return await verb(site, data, effects, signal);
}

/** The signal that wakes a run which waits for this, and how long it waits at most. */
export function waitFor(
  step: StepSpec,
  site: StepSite,
  data: JsonMap,
  acted: JsonMap,
): { signal: string; timeoutSeconds?: number } {
  const args = mapOf(data.args);
  const limit = typeof data.timeoutSeconds === 'number' ? { timeoutSeconds: data.timeoutSeconds } : {};
  switch (step.verb) {
    case 'submit':
      return { signal: `job:${String(acted.job)}`, ...limit };
    case 'await_job':
      return { signal: `job:${String(args.job)}`, ...limit };
    case 'workflow':
      return { signal: `run:${String(acted.run_id)}`, ...limit };
    case 'await_event':
      return { signal: `event:${String(args.name)}`, ...limit };
    case 'approve':
      return { signal: `event:${approvalEvent(site)}`, ...limit };
    case 'sleep':
      return {
        signal: `sleep:${site.run}/${site.unit}/${site.attempt}`,
        timeoutSeconds: secondsOf(args.duration) ?? 0,
      };
    default:
      throw new Error(`${step.verb} waits for nothing`);
  }
}

/** The event that answers an `approve` step, with `{"approved": true}`; asked again, it is answered anew. */
export function approvalEvent({ run, unit, attempt }: Pick<StepSite, 'run' | 'unit' | 'attempt'>): string {
  return `approved:${run}/${unit}${attempt === 1 ? '' : `/${attempt}`}`;
}

/** What came, or undefined: not yet. A `Failure`: it came and is one. */
export function resolveWait(
  step: StepSpec,
  wait: RunRecord,
  acted: JsonMap,
  effects: RunEffects,
  scope: WorkflowScope,
): { readonly output: JsonMap } | { readonly failure: Failure } | undefined {
  const args = mapOf(wait.data.args);
  const name = wait.signal?.slice(wait.signal.indexOf(':') + 1) ?? '';
  switch (step.verb) {
    case 'submit':
    case 'await_job':
      return jobResult(name, effects);
    case 'workflow': {
      const end = effects.runEnd(String(acted.run_id));
      if (!end) return undefined;
      if (end.outcome === 'completed') return { output: {} };
      return {
        failure: {
          kind: 'failed',
          message: `the run ${String(acted.run_id)} has ${end.outcome === 'cancelled' ? 'been cancelled' : 'failed'}: ${end.reason}`,
        },
      };
    }
    case 'await_event':
      return eventResult(name, args, effects, scope);
    case 'approve': {
      const [answer] = effects.events(name);
      if (!answer) return undefined;
      const { approved } = mapOf(answer.payload);
      if (approved === true) return { output: { approved: true } };
      return { failure: { kind: 'failed', message: `it was not approved by ${answer.source}` } };
    }
    default:
      return undefined;
  }
}

function jobResult(job: string, effects: RunEffects) {
  const end = effects.jobEnd(job);
  if (end === undefined) return undefined;
  if (end === null) return { failure: { kind: 'failed', message: `there is no job ${job}` } };
  const { state, status = 0 } = end;
  const output = { job_id: job.slice(job.indexOf('/') + 1), job_state: state, exit_code: status >> 8 };
  if (state === 'completed' && status === 0) return { output };
  const kinds = ['timeout', 'out_of_memory', 'node_fail', 'boot_fail', 'preempted', 'deadline'];
  const how = state === 'failed' ? `exit status ${output.exit_code}` : state.replaceAll('_', ' ');
  return { failure: { kind: kinds.includes(state) ? state : 'failed', message: `job ${job} ended: ${how}` } };
}

function eventResult(name: string, args: JsonMap, effects: RunEffects, scope: WorkflowScope) {
  const { count, match } = args;
  const fitting = effects
    .events(name)
    .filter(({ payload }) => typeof match !== 'string' || holds(match, { ...scope, payload }));
  // Of one sender, and of a plain wait, the first counts.
  const bySource = new Map(fitting.toReversed().map((event) => [event.source, event]));
  const wanted = typeof count === 'number' ? count : 1;
  const first = fitting[0];
  if (!first || bySource.size < wanted) return undefined;
  if (typeof count !== 'number') return { output: { name, payload: first.payload } };
  const payloads = [...bySource.values()].toReversed().map((event) => event.payload);
  return { output: { name, payload: payloads.slice(0, wanted) } };
}

function textsOf(value: JsonValue | undefined): { [name: string]: string } {
  return Object.fromEntries(
    Object.entries(mapOf(value)).map(([name, inner]) => [name, inner === null ? '' : String(inner)]),
  );
}
