/** Runs as they are kept: listing, telling, dumping and forgetting them. */
import type { WorkflowRun } from 'openworkflow/internal';
import { nameTest } from '../eventlog/select-events.ts';
import type { RunDump, RunInfo, RunStatus, RunsWanted } from '../protocol/workflows.ts';
import type { JobKey } from '../protocol.ts';
import type { Store } from '../store/store.ts';
import { fileAt, placeOf } from './file-place.ts';
import { eventsOfSignal } from './perform.ts';
import { stepInfos } from './run-info.ts';
import { runKey } from './run-log.ts';
import { RunState, triggerRecord } from './run-state.ts';
import { type RunInput, type RunStore, runConfig, runFacts } from './run-store.ts';
import type { PlanInput } from './step-views.ts';

export class UnknownRunError extends Error {}

export interface RunArchiveDependencies {
  readonly runs: RunStore;
  readonly store: Store;
  /** Seconds since the epoch. */
  readonly now: () => number;
  /** Why somebody has wanted it to end since then. */
  readonly cancelled: (run: string, since: number) => string | undefined;
  readonly forgotten: (run: JobKey) => void;
}

const listedRuns = 200;
/** Runs a page of the store. */
const pageSize = 200;

export class RunArchive {
  readonly #deps: RunArchiveDependencies;

  constructor(deps: RunArchiveDependencies) {
    this.#deps = deps;
  }

  /** Throws `UnknownRunError`. */
  async run(id: string): Promise<WorkflowRun> {
    const run = await this.#deps.runs.backend.getWorkflowRun({ workflowRunId: id });
    if (!run) throw new UnknownRunError(`There is no run ${id}: "vigil runs" lists them.`);
    return run;
  }

  /** The newest first. */
  async list({ status, name, labels = {}, limit = listedRuns }: RunsWanted): Promise<RunInfo[]> {
    const wanted = Object.entries(labels);
    const isLabelled = ({ labels: own = {} }: RunInput) => wanted.every(([label, value]) => own[label] === value);
    const isNamed = name === undefined ? () => true : nameTest(name);
    const found: RunInfo[] = [];
    let after: string | undefined;
    do {
      const page = await this.#deps.runs.backend.listWorkflowRuns({ limit: pageSize, ...(after ? { after } : {}) });
      for (const run of page.data) {
        if (found.length >= limit || !isNamed(inputOf(run).name) || !isLabelled(inputOf(run))) continue;
        // Whether one of a schedule waits for its time only its records tell.
        if (status !== undefined && statusOf(run) !== status && !inputOf(run).schedule) continue;
        const info = await this.info(run);
        if (status === undefined || info.status === status) found.push(info);
      }
      after = page.pagination.next ?? undefined;
    } while (after !== undefined && found.length < limit);
    return found;
  }

  async info(run: WorkflowRun): Promise<RunInfo> {
    const { name, cluster, params, labels, parent, spec, retryOf, schedule } = inputOf(run);
    const { retries, startAt } = runConfig(run);
    const state = await this.#state(run);
    const due = schedule && dueOf(state, run);
    const reason = run.error?.message ?? this.#deps.cancelled(run.id, retries.at(-1)?.at ?? 0);
    return {
      id: run.id,
      name,
      ...fileAt(placeOf(inputOf(run))),
      cluster,
      params,
      status: due?.isWaiting ? 'pending' : statusOf(run),
      created: seconds(run.createdAt),
      ...(due ? { schedule: due } : {}),
      ...(due?.at === undefined ? (startAt === undefined ? {} : { startAt }) : { startAt: due.at }),
      ...(run.finishedAt ? { finished: seconds(run.finishedAt) } : {}),
      ...(labels === undefined ? {} : { labels }),
      ...(reason === undefined ? {} : { reason }),
      ...(parent === undefined ? {} : { parent }),
      ...(retryOf === undefined ? {} : { retryOf }),
      ...(retries.length === 0 ? {} : { retries: retries.length }),
      steps: stepInfos(spec, state, runFacts(run).kept),
    };
  }

  async #state(run: WorkflowRun): Promise<RunState> {
    return new RunState(await this.#deps.runs.records(run.id), runConfig(run).retries);
  }

  /** What the plan of a run is made of, as it is now. */
  async planInput(run: WorkflowRun): Promise<PlanInput> {
    const state = await this.#state(run);
    return { spec: inputOf(run).spec, state, run: runFacts(run), now: this.#deps.now() };
  }

  /** Everything that is known of a run. */
  async dump(id: string): Promise<RunDump> {
    const run = await this.run(id);
    const records = await this.#deps.runs.records(id);
    return {
      run: await this.info(run),
      plan: inputOf(run).spec,
      retries: runConfig(run).retries,
      attempts: records.filter(({ signal }) => signal === undefined),
      waits: records.filter(({ signal }) => signal !== undefined),
      events: this.#deps.store.eventlog(runKey(id)),
    };
  }

  /**
   * Forgets runs that ended more than so many seconds ago, the oldest first, at most `limit`, with their eventlogs. The
   * result: how many those were.
   */
  clean(olderThanSeconds: number, limit: number): number {
    const ids = this.#deps.runs.removeEnded(this.#deps.now() - olderThanSeconds, limit);
    for (const id of ids) {
      this.#deps.store.forgetJob(runKey(id));
      this.#deps.forgotten(runKey(id));
    }
    return ids.length;
  }
}

/** What a run of a schedule waits for, or waited for, before its steps. */
function dueOf(state: RunState, { finishedAt }: WorkflowRun): NonNullable<RunInfo['schedule']> {
  const wait = state.record(triggerRecord);
  return {
    isWaiting: finishedAt === null && wait?.status !== 'completed',
    events: (wait && eventsOfSignal(wait.signal ?? '')) ?? [],
    ...(wait?.timeoutAt === undefined ? {} : { at: wait.timeoutAt }),
  };
}

const inputOf = (run: WorkflowRun) => run.input as unknown as RunInput;

const seconds = (date: Date) => date.getTime() / 1000;

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
