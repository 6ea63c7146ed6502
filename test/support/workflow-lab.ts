import type { Backend } from 'openworkflow/internal';
import { BackendSqlite } from 'openworkflow/sqlite';
import { systemClock } from '../../engine/clock.ts';
import { silentLogger } from '../../engine/logger.ts';
import { GuardedDatabase } from '../../engine/store/guarded-database.ts';
import { SqliteDatabase } from '../../engine/store/sqlite-database.ts';
import { planRetry } from '../../engine/workflows/plan-retry.ts';
import { type PassEnd, RunExecutor } from '../../engine/workflows/run-executor.ts';
import { type RunRecord, RunState } from '../../engine/workflows/run-state.ts';
import { type RunInput, RunStore, runConfig, runFacts, type ScheduleInput } from '../../engine/workflows/run-store.ts';
import { RunsDatabase } from '../../engine/workflows/runs-database.ts';
import { parseWorkflow } from '../../language/workflow/parse-workflow.ts';
import { bindWorkflow } from '../../language/workflow/spec.ts';
import { FakeEffects } from './fake-effects.ts';

/** The engine died. */
export class Crash extends Error {}

const writes = new Set([
  'createWorkflowRun',
  'sleepWorkflowRun',
  'completeWorkflowRun',
  'failWorkflowRun',
  'cancelWorkflowRun',
  'createStepAttempt',
  'completeStepAttempt',
  'failStepAttempt',
]);

/** A store whose process dies before its n-th write, or right after it: from then on nothing works any more. */
export function mortal(
  backend: Backend,
  dieAt: number,
  after: boolean,
): { readonly backend: Backend; readonly count: () => number } {
  let count = 0;
  let isDead = false;
  const proxy = new Proxy(backend, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        if (isDead) throw new Crash('dead');
        const dies = writes.has(String(name)) && ++count === dieAt;
        if (dies && !after) isDead = true;
        if (isDead) throw new Crash('dies');
        const result = await method.apply(target, args);
        if (dies) isDead = true;
        if (isDead) throw new Crash('dies');
        return result;
      };
    },
  });
  return { backend: proxy, count: () => count };
}

/** A store of runs: by OpenWorkflow's interface, and beside it. */
export interface Runs {
  readonly backend: Backend;
  readonly database: RunsDatabase;
  /** The tables of both. */
  readonly file: GuardedDatabase;
}

export function runsInMemory(): Runs {
  // One that two connections share.
  const path = `file:${crypto.randomUUID()}?mode=memory&cache=shared`;
  const backend = BackendSqlite.connect(path);
  const file = new GuardedDatabase(new SqliteDatabase(path, []));
  return { backend, file, database: new RunsDatabase(file) };
}

let openRuns: () => Promise<Runs> = async () => runsInMemory();

/** Where the runs of laboratories made from now on are kept; in memory by default. */
export function keepRunsIn(open: () => Promise<Runs>): void {
  openRuns = open;
}

export const newLab = async () => new WorkflowLab(await openRuns());

/** Runs of one workflow text on a store of their own. */
export class WorkflowLab {
  readonly #file: GuardedDatabase;
  readonly backend: Backend;
  readonly database: RunsDatabase;
  readonly effects = new FakeEffects();
  readonly records: RunRecord[] = [];
  cancelled: string | undefined;
  #executor: RunExecutor | undefined;

  constructor({ backend, database, file }: Runs = runsInMemory()) {
    this.#file = file;
    this.backend = backend;
    this.database = database;
  }

  async start(
    text: string,
    params: { readonly [name: string]: number | string } = {},
    schedule?: ScheduleInput,
  ): Promise<string> {
    const document = parseWorkflow(text);
    const spec = bindWorkflow(document);
    if (!spec) throw new Error(`the file has errors: ${document.problems.map(({ message }) => message).join(' ')}`);
    const input = {
      name: spec.name ?? 'test',
      spec,
      params: { ...spec.params, ...params },
      cluster: 'test',
      file: '/w/test.vigil.yaml',
      ...(schedule && { schedule }),
    };
    const { run } = await new RunStore(this.backend, this.database).create(input, null);
    return run.id;
  }

  /** One pass of whoever claims the run; undefined: there is none to claim. */
  async pass(backend: Backend = this.backend): Promise<PassEnd | undefined> {
    const workerId = crypto.randomUUID();
    const run = await backend.claimWorkflowRun({ workerId, leaseDurationMs: 1 });
    if (!run) return undefined;
    this.#executor = new RunExecutor(run, workerId, {
      store: new RunStore(backend, this.database),
      effects: this.effects,
      clock: systemClock,
      log: silentLogger,
      cancelled: () => this.cancelled,
      startNext: async (before, input) => {
        const { run: next } = await new RunStore(backend, this.database).create(input, `next/${before}`);
        return next.id;
      },
      onRecord: (_run, _input, record) => void this.records.push(record),
    });
    return await this.#executor.pass();
  }

  poke(): void {
    this.#executor?.poke();
  }

  /** Wakes the run as the engine does, and lets it go on until it is over or sleeps again. */
  async wake(signal: string): Promise<PassEnd | undefined> {
    await new RunStore(this.backend, this.database).wake(signal);
    return await this.pass();
  }

  /** As if a wait of that run were over then (seconds since the epoch): the clock is not waited for. */
  async setTimeoutOf(run: string, name: string, time: number): Promise<void> {
    const at = new Date(time * 1000).toISOString();
    const where = 'WHERE workflow_run_id = ? AND step_name = ?';
    for (const { context } of this.#file.all(`SELECT context FROM step_attempts ${where}`, run, name)) {
      const changed = JSON.stringify({ ...JSON.parse(String(context)), timeoutAt: at });
      this.#file.run(`UPDATE step_attempts SET context = ? ${where}`, changed, run, name);
    }
    this.#file.run('UPDATE workflow_runs SET available_at = ? WHERE id = ?', at, run);
  }

  /** As the engine retries a run in place. */
  async retry(run: string, from?: string): Promise<void> {
    const store = new RunStore(this.backend, this.database);
    const known = await this.backend.getWorkflowRun({ workflowRunId: run });
    if (!known) throw new Error(`there is no run ${run}`);
    const { retries } = runConfig(known);
    const state = new RunState(await store.records(run), retries);
    const { spec } = known.input as unknown as RunInput;
    const mark = planRetry({ spec, state, run: runFacts(known), now: Date.now() / 1000 }, from);
    if (!store.reopen(run, { retries: [...retries, mark] })) throw new Error('the run is not over');
  }

  async status(run: string): Promise<string | undefined> {
    return (await this.backend.getWorkflowRun({ workflowRunId: run }))?.status;
  }

  async error(run: string): Promise<string | undefined> {
    return (await this.backend.getWorkflowRun({ workflowRunId: run }))?.error?.message;
  }

  /** What was done, in order. */
  get done(): readonly string[] {
    return [...this.effects.done.values()];
  }
}
