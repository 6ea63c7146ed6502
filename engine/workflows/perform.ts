/** What the verbs of steps do: their acts, what they wait for, and when that has come. */
import { createHash } from 'node:crypto';
import { nextTime, parseCron } from '../../language/workflow/cron.ts';
import { fill, holds, type WorkflowScope } from '../../language/workflow/fill.ts';
import type { StepSpec } from '../../language/workflow/spec.ts';
import { isTimeZone, parseTime } from '../../language/workflow/zoned-time.ts';
import type { JsonValue } from '../protocol.ts';
import type { RunEffects } from './effects.ts';
import { beside, type FilePlace, folderOf } from './file-place.ts';
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
  /** The workflow file. */
  readonly file: FilePlace;
  readonly cluster: string;
}

/** Letters, digits and `-`, as the keys of submissions are: the same for the same attempt of the same run. */
export function effectKey({ run, unit, attempt }: StepSite): string {
  const digest = createHash('sha256').update(`${run}\0${unit}\0${attempt}`).digest('hex');
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}-${digest.slice(16, 20)}-${digest.slice(20, 32)}`;
}

/**
 * What an attempt is about, filled in: stored when it begins (`now`, in seconds since the epoch), so that going on decides
 * nothing anew. Throws `StepFailure`.
 */
export function attemptData(step: StepSpec, site: StepSite, scope: WorkflowScope, now: number): JsonMap {
  // `match` is asked of each event that comes.
  const { match, ...args } = step.args;
  const timeoutSeconds = secondsOf(fill(step.timeout ?? args.timeout ?? null, scope));
  const cluster = step.cluster === undefined ? site.cluster : String(fill(step.cluster, scope));
  const filled = mapOf(fill(args, scope));
  return {
    args: { ...filled, ...(match === undefined ? {} : { match }) },
    env: textsOf(fill(step.env, scope)),
    cluster,
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(step.verb === 'sleep' ? { until: wakeTime(filled, now) } : {}),
  };
}

/** In seconds since the epoch. */
function wakeTime(args: JsonMap, now: number): number {
  const zone = args.timezone === undefined ? undefined : String(args.timezone);
  if (zone !== undefined && !isTimeZone(zone)) throw new StepFailure('failed', `there is no time zone ${zone}`);
  if (args.cron !== undefined) return nextTime(parseCron(String(args.cron)), now, zone);
  if (args.until === undefined) {
    const seconds = secondsOf(args.for);
    if (seconds === undefined) throw new StepFailure('failed', `"${String(args.for)}" is no time to sleep for`);
    return now + seconds;
  }
  const until = parseTime(String(args.until), zone);
  if (until === undefined) throw new StepFailure('failed', `"${String(args.until)}" is no time to sleep until`);
  return until;
}

type Act = (site: StepSite, data: JsonMap, effects: RunEffects, signal: AbortSignal) => Promise<JsonMap> | JsonMap;

const acts: { readonly [verb: string]: Act } = {
  async submit(site, data, effects) {
    const args = mapOf(data.args);
    const job = await effects.submit(effectKey(site), {
      cluster: String(data.cluster),
      script: beside(site.file, String(args.script)),
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
        folder: folderOf(site.file),
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
      file: beside(site.file, String(file)),
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

/** The signal that wakes a run which waits for this, and how long, or until when, it waits at most. */
export function waitFor(
  step: StepSpec,
  site: StepSite,
  data: JsonMap,
  acted: JsonMap,
): { signal: string; timeoutSeconds?: number; until?: number } {
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
      return { signal: eventSignal(args), ...limit };
    case 'approve':
      return { signal: `event:${approvalEvent(site)}`, ...limit };
    case 'sleep':
      return {
        signal: `sleep:${site.run}/${site.unit}/${site.attempt}`,
        until: Number(data.until),
      };
    default:
      throw new Error(`${step.verb} waits for nothing`);
  }
}

function eventSignal(args: JsonMap): string {
  const { names } = wantedEvents(args);
  return args.name === undefined ? severalSignal(names) : `event:${String(args.name)}`;
}

/** Names of the events that are awaited, and whether all of them are. */
function wantedEvents({ name, any_of: any, all_of: all }: JsonMap): { names: readonly string[]; isAll: boolean } {
  const list = name === undefined ? (any ?? all) : [name];
  if (!Array.isArray(list) || list.length === 0)
    throw new StepFailure('failed', `${any === undefined ? 'all_of' : 'any_of'} is no list of names of events`);
  return { names: list.map(String), isAll: all !== undefined };
}

const severalPrefix = 'events:';

/** The signal of a wait for several events. */
export function severalSignal(names: readonly string[]): string {
  return `${severalPrefix}${JSON.stringify(names)}`;
}

/** What `severalSignal` put together; undefined: it is another signal. */
export function eventsOfSignal(signal: string): readonly string[] | undefined {
  return signal.startsWith(severalPrefix) ? (JSON.parse(signal.slice(severalPrefix.length)) as string[]) : undefined;
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
      return eventResult(args, effects, scope);
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

function eventResult(args: JsonMap, effects: RunEffects, scope: WorkflowScope) {
  const { count, match } = args;
  const { names, isAll } = wantedEvents(args);
  const fitting = names
    .flatMap((name) => effects.events(name))
    .filter(({ payload }) => typeof match !== 'string' || holds(match, { ...scope, payload }))
    .toSorted((a, b) => a.seq - b.seq);
  if (isAll) {
    const came = names.map((name) => fitting.find((event) => event.name === name));
    if (came.some((event) => event === undefined)) return undefined;
    return {
      output: { payload: Object.fromEntries(came.flatMap((event) => (event ? [[event.name, event.payload]] : []))) },
    };
  }
  // Of one sender, and of a plain wait, the first counts.
  const bySource = new Map(fitting.toReversed().map((event) => [event.source, event]));
  const wanted = typeof count === 'number' ? count : 1;
  const first = fitting[0];
  if (!first || bySource.size < wanted) return undefined;
  const { name } = first;
  if (typeof count !== 'number') return { output: { name, payload: first.payload } };
  const payloads = [...bySource.values()].toReversed().map((event) => event.payload);
  return { output: { name, payload: payloads.slice(0, wanted) } };
}

function textsOf(value: JsonValue | undefined): { [name: string]: string } {
  return Object.fromEntries(
    Object.entries(mapOf(value)).map(([name, inner]) => [name, inner === null ? '' : String(inner)]),
  );
}

/** Of what was thrown while a step was done. */
export function failureOf(error: unknown): Failure {
  if (error instanceof StepFailure) return { kind: error.kind, message: error.message };
  return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
}
