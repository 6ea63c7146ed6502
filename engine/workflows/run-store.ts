/**
 * Runs and their records, kept by OpenWorkflow's backends: workflow runs are runs, step attempts their records. Its worker
 * replays code; a workflow file is a graph, so what is used of it is the storage: leases, records, signals, on SQLite or
 * PostgreSQL.
 */
import type { Backend, StepAttempt, WorkflowRun } from 'openworkflow/internal';
import type { WorkflowSpec } from '../../language/workflow/spec.ts';
import type { RunLabels, WorkflowFile } from '../protocol/workflows.ts';
import type { JsonValue } from '../protocol.ts';
import type { Failure, JsonMap, RetryMark, RunRecord } from './run-state.ts';
import type { RunsDatabase } from './runs-database.ts';
import type { RunFacts } from './step-views.ts';
import { storable } from './storable.ts';
import { mapOf } from './unit-plan.ts';

/** What a run was started with. */
export interface RunInput extends WorkflowFile {
  readonly name: string;
  readonly spec: WorkflowSpec;
  readonly params: JsonMap;
  readonly cluster: string;
  readonly labels?: RunLabels;
  /** Of the run that started it as a step. */
  readonly parent?: string;
  /** Results of steps, from the run that this one retries. */
  readonly kept?: { readonly [step: string]: JsonMap };
  readonly retryOf?: string;
  /** It waits for what its file says under `on`, then sees to the next. */
  readonly schedule?: ScheduleInput;
}

export interface ScheduleInput {
  /** Number of the newest event that begins no run of it any more. */
  readonly since: number;
  /** The newest time of its cron that has fired. */
  readonly fired?: number;
}

/** What is kept beside a run's input, and changes. */
export interface RunConfig {
  /** When the run was to begin. */
  readonly startAt?: number;
  readonly retries?: readonly RetryMark[];
}

/** The results of steps that an earlier run has done for this one, and no retry does again. */
export function keptSteps(
  { kept = {} }: RunInput,
  retries: readonly RetryMark[],
): { readonly [step: string]: JsonMap } {
  return Object.fromEntries(
    Object.entries(kept).filter(([step]) => !retries.some(({ whole }) => whole.includes(step))),
  );
}

/** The facts of a run that its plan needs. */
export function runFacts(run: WorkflowRun): RunFacts {
  const input = run.input as unknown as RunInput;
  const { retries, began } = runConfig(run);
  const { name, cluster, params, labels = {} } = input;
  return { id: run.id, name, cluster, params, labels, kept: keptSteps(input, retries), began };
}

export function runConfig({ config, createdAt }: Pick<WorkflowRun, 'config' | 'createdAt'>) {
  const { startAt, retries = [] } = config as unknown as RunConfig;
  const created = seconds(createdAt);
  return {
    retries,
    ...(startAt === undefined ? {} : { startAt }),
    /** When its time began to count. */
    began: retries.at(-1)?.at ?? Math.max(startAt ?? 0, created),
  };
}

export const workflowName = 'vigil';
/** Records a page: the backends give no more at once. */
const pageSize = 1000;

export class RunStore {
  readonly backend: Backend;
  readonly #database: RunsDatabase;

  constructor(backend: Backend, database: RunsDatabase) {
    this.backend = backend;
    this.#database = database;
  }

  /** Once per key, as long as the run is kept; `startAt` in seconds since the epoch. */
  async create(
    input: RunInput,
    key: string | null,
    startAt?: number,
  ): Promise<{ readonly run: WorkflowRun; readonly isNew: boolean }> {
    const id = key === null ? undefined : this.#database.runOfKey(key);
    const known = id === undefined ? null : await this.backend.getWorkflowRun({ workflowRunId: id });
    if (known) return { run: known, isNew: false };
    return { run: await this.#insert(input, key, startAt), isNew: true };
  }

  #insert(input: RunInput, key: string | null, startAt: number | undefined): Promise<WorkflowRun> {
    return this.backend.createWorkflowRun({
      workflowName,
      version: null,
      idempotencyKey: key,
      config: (startAt === undefined ? {} : { startAt }) as JsonValue,
      context: null,
      input: storable(input as unknown as JsonValue),
      parentStepAttemptNamespaceId: null,
      parentStepAttemptId: null,
      availableAt: startAt === undefined ? null : new Date(startAt * 1000),
      deadlineAt: null,
    } as Parameters<Backend['createWorkflowRun']>[0]);
  }

  /** In the order they began. */
  async records(run: string): Promise<RunRecord[]> {
    const records: RunRecord[] = [];
    let after: string | undefined;
    do {
      const page = await this.backend.listStepAttempts({
        workflowRunId: run,
        limit: pageSize,
        ...(after ? { after } : {}),
      });
      records.push(...page.data.map(toRecord));
      after = page.pagination.next ?? undefined;
    } while (after !== undefined);
    return records;
  }

  async begin(
    owner: Owner,
    record: {
      readonly name: string;
      readonly data: JsonMap;
      readonly wait?: { readonly signal: string; readonly timeoutAt: number };
    },
  ): Promise<RunRecord> {
    const { name, data, wait } = record;
    const attempt = await this.backend.createStepAttempt({
      ...owner,
      stepName: name,
      kind: wait ? 'signal-wait' : 'function',
      config: storable(data) as never,
      context: wait
        ? {
            kind: 'signal-wait',
            signal: storable(wait.signal),
            timeoutAt: new Date(wait.timeoutAt * 1000).toISOString(),
          }
        : null,
    });
    return toRecord(attempt);
  }

  async complete(owner: Owner, id: string, output: JsonValue): Promise<RunRecord> {
    return toRecord(
      await this.backend.completeStepAttempt({ ...owner, stepAttemptId: id, output: storable(output) as never }),
    );
  }

  async fail(owner: Owner, id: string, { kind, message }: Failure): Promise<RunRecord> {
    return toRecord(
      await this.backend.failStepAttempt({
        ...owner,
        stepAttemptId: id,
        error: { name: kind, message: storable(message) },
      }),
    );
  }

  /** A run that is over goes on, as its new configuration says; false: it is not over. */
  reopen(run: string, config: RunConfig): boolean {
    return this.#database.reopen(run, JSON.stringify(config));
  }

  /** See `RunsDatabase.beginNow`. */
  beginNow(run: string): void {
    this.#database.beginNow(run);
  }

  /** See `RunsDatabase.removeEnded`. */
  removeEnded(until: number, limit: number): readonly string[] {
    return this.#database.removeEnded(until, limit);
  }

  /** Signals that came for a run are read with its records: kept, they would wake it for ever. */
  takeSignals(run: string): void {
    this.#database.takeSignals(run);
  }

  /** Wakes the runs that wait for `signal`. */
  async wake(signal: string): Promise<void> {
    await this.backend.sendSignal({ signal, data: null, idempotencyKey: null });
  }
}

/** Who writes: the store takes records only from the worker that has the run's lease. */
export interface Owner {
  readonly workflowRunId: string;
  readonly workerId: string;
}

/** OpenWorkflow wants a time-out for each wait: this far away means none. */
export const noTimeout = Date.UTC(9999, 0) / 1000;

const seconds = (date: Date) => date.getTime() / 1000;

function toRecord(attempt: StepAttempt): RunRecord {
  const { id, stepName: name, status, context, output, error, startedAt, createdAt, finishedAt, config } = attempt;
  const wait = context?.kind === 'signal-wait' ? context : undefined;
  const timeoutAt = wait && seconds(new Date(wait.timeoutAt));
  const failure = mapOf(error as JsonValue);
  return {
    id,
    name,
    status: status === 'succeeded' ? 'completed' : status,
    started: seconds(startedAt ?? createdAt),
    ...(finishedAt ? { finished: seconds(finishedAt) } : {}),
    data: mapOf(config as JsonValue),
    ...(output === null ? {} : { output: output as JsonValue }),
    ...(status === 'failed'
      ? { error: { kind: String(failure.name ?? 'failed'), message: String(failure.message ?? '') } }
      : {}),
    ...(wait ? { signal: wait.signal } : {}),
    ...(timeoutAt === undefined || timeoutAt >= noTimeout ? {} : { timeoutAt }),
  };
}
