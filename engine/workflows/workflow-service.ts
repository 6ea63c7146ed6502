/** Workflow runs: starting, going on with what was stored, waking what waits, ending. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Backend, WorkflowRun } from 'openworkflow/internal';
import { parseWorkflow } from '../../language/workflow/parse-workflow.ts';
import { bindWorkflow, type WorkflowSpec } from '../../language/workflow/spec.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { RunInfo, RunStatus, StartRunParams, WorkflowDescription } from '../protocol/workflows.ts';
import type { JobInfo, JsonValue } from '../protocol.ts';
import type { Publisher } from '../publisher.ts';
import type { Store } from '../store/store.ts';
import type { RunEffects } from './effects.ts';
import { RunExecutor } from './run-executor.ts';
import { stepInfos } from './run-info.ts';
import { RunLog, type RunLogDependencies, runKey } from './run-log.ts';
import { RunState } from './run-state.ts';
import { type RunInput, RunStore } from './run-store.ts';

export class UnknownRunError extends Error {}
export class InvalidWorkflowError extends Error {}

/** The events of people and jobs, as runs need them. */
export interface RunEvents {
  /** The first under this name; undefined: none yet. */
  payloadOf(name: string): JsonValue | undefined;
  emit(event: { readonly name: string; readonly payload: JsonValue; readonly source: string }): void;
}

export interface WorkflowServiceDependencies {
  readonly backend: Backend;
  readonly store: Store;
  readonly events: RunEvents;
  readonly effects: (service: WorkflowService) => RunEffects;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publisher: Publisher;
  readonly onRun: (run: RunInfo) => void;
  /** What waits, for which signals: to see after a start what came while no engine ran. */
  readonly waitingSignals: () => readonly string[];
}

const leaseMs = 30_000;
const heartbeatMs = 10_000;
/** How often the store is asked for runs whose time has come, or that others have woken. */
const pollMs = 500;
/** Runs that are worked on at the same time; those that sleep do not count. */
const mostAtOnce = 50;
const listedRuns = 200;

export class WorkflowService {
  readonly #deps: WorkflowServiceDependencies;
  readonly #runs: RunStore;
  readonly #effects: RunEffects;
  readonly #active = new Map<string, RunExecutor>();
  readonly #logs = new Map<string, RunLog>();
  #cancelTimer = () => {};
  #ticking = false;
  #again = false;
  #disposed = false;

  constructor(deps: WorkflowServiceDependencies) {
    this.#deps = deps;
    this.#runs = new RunStore(deps.backend);
    this.#effects = deps.effects(this);
  }

  /** Goes on with what there is. */
  async start(): Promise<void> {
    for (const signal of this.#deps.waitingSignals()) if (this.#hasCome(signal)) await this.#runs.wake(signal);
    this.#tick();
  }

  /** Is a run open? Then the engine must not end. */
  async isBusy(): Promise<boolean> {
    const { pending, running } = await this.#deps.backend.countWorkflowRuns();
    return pending + running > 0;
  }

  #hasCome(signal: string): boolean {
    const at = signal.indexOf(':');
    const [kind, name] = [signal.slice(0, at), signal.slice(at + 1)];
    if (kind === 'event') return this.#effects.events(name).length > 0;
    if (kind === 'job') return this.#effects.jobEnd(name) !== undefined;
    if (kind === 'run') return this.#effects.runEnd(name) !== undefined;
    return kind === 'run-control' && this.#cancelled(name) !== undefined;
  }

  #cancelled(run: string): string | undefined {
    const payload = this.#deps.events.payloadOf(cancelEvent(run));
    return payload === undefined ? undefined : String(payload);
  }

  /** Throws `InvalidWorkflowError` when the file has errors or a parameter does not fit. */
  async run({ file, text, params = {}, cluster, key, startAt }: StartRunParams, parent?: string): Promise<RunInfo> {
    const spec = specOf(file, text);
    const input: RunInput = {
      name: spec.name ?? basename(file).replace(/\.vigil\.ya?ml$/i, ''),
      spec,
      params: { ...spec.params, ...typedParams(params, spec.params) },
      cluster: cluster ?? spec.cluster ?? 'local',
      file,
      ...(parent === undefined ? {} : { parent }),
    };
    const run = await this.#runs.create(
      input,
      key ?? null,
      startAt === undefined ? undefined : new Date(startAt * 1000),
    );
    const { name, cluster: where, params: given } = input;
    this.#logOf(run.id).add('submit', run.createdAt.getTime() / 1000, 'submit', {
      name,
      file,
      cluster: where,
      params: given,
    });
    this.#tick();
    return this.#tell(run);
  }

  /** Throws `InvalidWorkflowError` when the file has errors. */
  describe(file: string, text: string): WorkflowDescription {
    const { name, cluster, params } = specOf(file, text);
    return { params, ...(name === undefined ? {} : { name }), ...(cluster === undefined ? {} : { cluster }) };
  }

  async list(status?: RunStatus, limit = listedRuns): Promise<RunInfo[]> {
    const page = await this.#deps.backend.listWorkflowRuns({ limit });
    const infos = await Promise.all(page.data.map((run) => this.#info(run)));
    return infos.filter((info) => status === undefined || info.status === status);
  }

  async get(id: string): Promise<RunInfo> {
    return this.#info(await this.#run(id));
  }

  async #run(id: string): Promise<WorkflowRun> {
    const run = await this.#deps.backend.getWorkflowRun({ workflowRunId: id });
    if (!run) throw new UnknownRunError(`There is no run ${id}: "vigil runs" lists them.`);
    return run;
  }

  async cancel(id: string, reason = 'cancelled'): Promise<void> {
    await this.#run(id);
    if (this.#cancelled(id) === undefined)
      this.#deps.events.emit({ name: cancelEvent(id), payload: reason, source: runKey(id) });
    await this.#wake(`run-control:${id}`);
  }

  async approve(id: string, step: string, approved: boolean, by: string): Promise<void> {
    const info = await this.get(id);
    const asked = info.steps.find(({ key }) => key === step.replace(/\[\d+\]$/, ''));
    if (asked?.verb !== 'approve') throw new UnknownRunError(`Run ${id} has no step ${step} that asks for approval.`);
    this.#deps.events.emit({ name: `approved:${id}/${step}`, payload: { approved, by }, source: by });
  }

  /** Something happened that runs may wait for. */
  async #wake(signal: string): Promise<void> {
    await this.#runs.wake(signal);
    for (const executor of this.#active.values()) executor.poke();
    this.#tick();
  }

  eventEmitted(name: string): void {
    this.#inBackground(this.#wake(`event:${name}`));
  }

  jobChanged({ key, logEnded }: JobInfo): void {
    if (logEnded) this.#inBackground(this.#wake(`job:${key}`));
  }

  #inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) =>
      this.#deps.log.error(`workflow runs: ${error instanceof Error ? error.message : String(error)}`),
    );
  }

  /** Claims what can be gone on with, now and from time to time. */
  #tick(): void {
    if (this.#disposed) return;
    if (this.#ticking) {
      this.#again = true;
      return;
    }
    this.#ticking = true;
    this.#cancelTimer();
    this.#inBackground(
      this.#claimAll().finally(() => {
        this.#ticking = false;
        const again = this.#again;
        this.#again = false;
        if (again) this.#tick();
        else if (!this.#disposed) this.#cancelTimer = this.#deps.clock.setTimeout(() => this.#tick(), pollMs);
      }),
    );
  }

  async #claimAll(): Promise<void> {
    const { backend } = this.#deps;
    while (this.#active.size < mostAtOnce && !this.#disposed) {
      const workerId = randomUUID();
      const run = await backend.claimWorkflowRun({ workerId, leaseDurationMs: leaseMs });
      if (!run) return;
      this.#inBackground(this.#execute(run, workerId));
    }
  }

  async #execute(run: WorkflowRun, workerId: string): Promise<void> {
    const { clock, log, backend } = this.#deps;
    const executor = new RunExecutor(run, workerId, {
      store: this.#runs,
      effects: this.#effects,
      clock,
      log,
      cancelled: (id) => this.#cancelled(id),
      onRecord: (_run, _input, record) => this.#logOf(run.id).record(record),
    });
    this.#active.set(run.id, executor);
    const heart = setInterval(() => {
      backend
        .extendWorkflowRunLease({ workflowRunId: run.id, workerId, leaseDurationMs: leaseMs })
        .catch((error: unknown) => {
          log.warn(`run ${run.id} was left: ${error instanceof Error ? error.message : String(error)}`);
          executor.abandon();
        });
    }, heartbeatMs);
    try {
      const end = await executor.pass();
      if (end === 'over') await this.#over(run.id);
      else if (end === 'sleeping') this.#tell(await this.#run(run.id)).catch(() => undefined);
    } finally {
      clearInterval(heart);
      this.#active.delete(run.id);
      this.#tick();
    }
  }

  async #over(id: string): Promise<void> {
    const run = await this.#run(id);
    const info = await this.#tell(run);
    const { status, reason } = info;
    this.#logOf(id).add('finish', info.finished ?? this.#deps.clock.now(), 'finish', { status, reason });
    this.#logOf(id).add('clean', info.finished ?? this.#deps.clock.now(), 'clean', {});
    this.#logs.delete(id);
    await this.#wake(`run:${id}`);
  }

  #logOf(run: string): RunLog {
    const { store, publisher, clock }: RunLogDependencies = this.#deps;
    const log = this.#logs.get(run) ?? new RunLog(run, { store, publisher, clock });
    this.#logs.set(run, log);
    return log;
  }

  async #tell(run: WorkflowRun): Promise<RunInfo> {
    const info = await this.#info(run);
    this.#deps.onRun(info);
    return info;
  }

  async #info(run: WorkflowRun): Promise<RunInfo> {
    const input = run.input as unknown as RunInput;
    const { name, file, cluster, params, parent, spec } = input;
    const state = new RunState(await this.#runs.records(run.id));
    const reason = run.error?.message ?? this.#cancelled(run.id);
    return {
      id: run.id,
      name,
      file,
      cluster,
      params,
      status: statusOf(run),
      created: run.createdAt.getTime() / 1000,
      ...(run.finishedAt ? { finished: run.finishedAt.getTime() / 1000 } : {}),
      ...(reason === undefined ? {} : { reason }),
      ...(parent === undefined ? {} : { parent }),
      steps: stepInfos(spec, state),
    };
  }

  /** How a run ended, for those that wait for it; from the eventlog, which is read at once. */
  endOf(run: string): { readonly outcome: string; readonly reason: string } | undefined {
    const finish = this.#deps.store.eventlog(runKey(run)).find(({ name }) => name === 'finish');
    if (!finish) return undefined;
    return { outcome: String(finish.context?.status), reason: String(finish.context?.reason ?? '') };
  }

  /** A child run, from its file, once per key. */
  async startChild(key: string, { parent, ...child }: ChildRun): Promise<string> {
    const text = await readFile(child.file, 'utf8');
    return (await this.run({ ...child, text, key }, parent)).id;
  }

  dispose(): void {
    this.#disposed = true;
    this.#cancelTimer();
    for (const executor of this.#active.values()) executor.abandon();
  }
}

function specOf(file: string, text: string): WorkflowSpec {
  const spec = bindWorkflow(parseWorkflow(text));
  if (spec) return spec;
  throw new InvalidWorkflowError(`${file} has errors: vigil check ${file} tells them. It was not started.`);
}

export interface ChildRun {
  readonly file: string;
  readonly params: { readonly [name: string]: JsonValue };
  readonly cluster: string;
  /** The run whose step it is. */
  readonly parent: string;
}

const cancelEvent = (run: string) => `cancel:${run}`;

function statusOf(run: WorkflowRun): RunStatus {
  switch (run.status) {
    case 'running':
    case 'sleeping':
      return run.workerId === null ? 'sleeping' : 'running';
    case 'succeeded':
    case 'completed':
      return 'completed';
    case 'canceled':
      return 'cancelled';
    case 'failed':
    case 'pending':
      return run.status;
  }
}

/** What is given, in the types of the defaults. Throws `InvalidWorkflowError`. */
export function typedParams(
  given: { readonly [name: string]: JsonValue },
  defaults: { readonly [name: string]: JsonValue },
): { [name: string]: JsonValue } {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (!Object.hasOwn(defaults, name)) {
        const known = Object.keys(defaults).join(', ') || 'none';
        throw new InvalidWorkflowError(`there is no parameter ${name}; there are: ${known}`);
      }
      return [name, typed(name, value, defaults[name] ?? null)];
    }),
  );
}

function typed(name: string, value: JsonValue, standard: JsonValue): JsonValue {
  if (typeof value !== 'string' || typeof standard === 'string' || standard === null) return value;
  if (typeof standard === 'number') {
    const number = value.trim() === '' ? Number.NaN : Number(value);
    if (Number.isFinite(number)) return number;
    throw new InvalidWorkflowError(`the parameter ${name} is a number, not "${value}"`);
  }
  if (typeof standard === 'boolean') {
    if (value === 'true' || value === 'false') return value === 'true';
    throw new InvalidWorkflowError(`the parameter ${name} is true or false, not "${value}"`);
  }
  try {
    return JSON.parse(value) as JsonValue;
  } catch {
    throw new InvalidWorkflowError(`the parameter ${name} is written as JSON, which "${value}" is not`);
  }
}
