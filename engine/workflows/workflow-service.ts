/** Workflow runs: starting, going on with what was stored, waking what waits, ending. */
import { randomUUID } from 'node:crypto';
import type { Backend, WorkflowRun } from 'openworkflow/internal';
import { isRepeated } from '../../language/workflow/spec.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { EmittedEvent } from '../protocol/actions.ts';
import type { RunInfo, StartedRun, StartRunParams } from '../protocol/workflows.ts';
import type { JobInfo, JsonValue } from '../protocol.ts';
import type { Publisher } from '../publisher.ts';
import type { Store } from '../store/store.ts';
import type { RunEffects } from './effects.ts';
import { type FilePlace, fileAt, placeOf, placeWords } from './file-place.ts';
import { approvalEvent, eventsOfSignal } from './perform.ts';
import { keptResults, planRetry, RetryError } from './plan-retry.ts';
import { RunArchive, UnknownRunError } from './run-archive.ts';
import { RunExecutor } from './run-executor.ts';
import { RunLog, type RunLogDependencies, runKey } from './run-log.ts';
import { InvalidWorkflowError, runInput } from './run-params.ts';
import { unitRef } from './run-state.ts';
import { type RunConfig, type RunInput, RunStore, runConfig } from './run-store.ts';
import { latestEvent, scheduleScope, triggerWait } from './run-trigger.ts';
import type { RunsDatabase } from './runs-database.ts';

/** The events of people and jobs, as runs need them. */
export interface RunEvents {
  /** Under this name, with duplicates, the oldest first. */
  list(name: string): readonly EmittedEvent[];
  emit(event: { readonly name: string; readonly payload: JsonValue; readonly source: string }): void;
}

export interface WorkflowServiceDependencies {
  readonly backend: Backend;
  readonly database: RunsDatabase;
  readonly store: Store;
  readonly events: RunEvents;
  readonly effects: (service: WorkflowService) => RunEffects;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publisher: Publisher;
  readonly onRun: (run: RunInfo) => void;
  /** After how many days runs that are over are forgotten; 0: never. */
  readonly keepDays: () => number;
}

const leaseMs = 30_000;
const heartbeatMs = 10_000;
/** How often the store is asked for runs whose time has come, or that others have woken. */
const pollMs = 500;
/** While the store cannot be asked it is asked ever more seldom, but so often. */
const longestPollMs = 8_000;
/** Runs that are worked on at the same time; those that sleep do not count. */
const mostAtOnce = 50;
const cleanEveryMs = 3_600_000;
const cleanedAtOnce = 1000;
/** So many of the runs that are over are looked at for what was not told of them. */
const lookedBack = 200;

export class WorkflowService {
  readonly #deps: WorkflowServiceDependencies;
  readonly #runs: RunStore;
  readonly #archive: RunArchive;
  readonly #effects: RunEffects;
  readonly #active = new Map<string, RunExecutor>();
  readonly #logs = new Map<string, RunLog>();
  #cancelTimer = () => {};
  #cancelCleaning = () => {};
  /** What dead engines left is not told from what this one works on before `start` is through. */
  #started = false;
  #ticking = false;
  #again = false;
  /** Times in a row that the store could not be asked. */
  #vain = 0;
  #disposed = false;

  constructor(deps: WorkflowServiceDependencies) {
    this.#deps = deps;
    this.#runs = new RunStore(deps.backend, deps.database);
    this.#archive = new RunArchive({
      runs: this.#runs,
      store: deps.store,
      now: () => deps.clock.now(),
      cancelled: (run, since) => this.#cancelled(run, since),
      forgotten: (run) => deps.publisher.forgotten(run),
    });
    this.#effects = deps.effects(this);
  }

  /** Goes on with what there is, and what has come while no engine ran. */
  async start(): Promise<void> {
    await this.#finishLogs();
    for (const signal of this.#deps.database.waitingSignals()) if (this.#hasCome(signal)) await this.#runs.wake(signal);
    this.#cleanByAge();
    this.#started = true;
    this.#tick();
  }

  /** Other engines are gone: what they left is gone on with here, too. */
  enginesEnded(): void {
    this.lookAround([]);
    if (this.#started) this.#inBackground(this.#finishLogs());
  }

  /** Other engines may have done what runs wait for: those that are at work look again, those that wait for `signals` wake. */
  lookAround(signals: readonly string[]): void {
    for (const executor of this.#active.values()) executor.poke();
    for (const signal of signals) this.#inBackground(this.#runs.wake(signal));
    this.#tick();
  }

  /** From time to time, as long as the settings say after how many days runs are forgotten; 0: never. */
  #cleanByAge(): void {
    if (this.#disposed) return;
    const days = this.#deps.keepDays();
    try {
      const count = days > 0 ? this.#archive.clean(days * 86_400, cleanedAtOnce) : 0;
      if (count > 0) this.#deps.log.info(`${count} runs that ended more than ${days} days ago were removed`);
    } catch (error) {
      this.#deps.log.warn(`old runs were not removed: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#cancelCleaning = this.#deps.clock.setTimeout(() => this.#cleanByAge(), cleanEveryMs);
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
    const several = eventsOfSignal(signal);
    if (several) return several.some((each) => this.#effects.events(each).length > 0);
    if (kind === 'job') return this.#effects.jobEnd(name) !== undefined;
    if (kind === 'run') return this.#effects.runEnd(name) !== undefined;
    return kind === 'run-control' && this.#cancelled(name, 0) !== undefined;
  }

  /** A retry voids what was wished before it (seconds since the epoch). */
  #cancelled(run: string, since: number): string | undefined {
    const wish = this.#deps.events.list(cancelEvent(run)).find(({ emitted }) => emitted > since);
    return wish && String(wish.payload);
  }

  /** Throws `InvalidWorkflowError` when the file has errors or a parameter does not fit. */
  async run({ key, startAt, isScheduled, ...params }: StartRunParams, parent?: string): Promise<StartedRun> {
    const input: RunInput = { ...runInput(params), ...(parent === undefined ? {} : { parent }) };
    if (isScheduled === true) return await this.#schedule(input, key ?? null);
    return this.#begin(await this.#runs.create(input, key ?? null, startAt));
  }

  async #schedule(input: RunInput, key: string | null): Promise<StartedRun> {
    const { on } = input.spec;
    if (!on)
      throw new InvalidWorkflowError(`${placeWords(placeOf(input))} does not say when to run: it has no \`on\`.`);
    const events = triggerWait(on, scheduleScope(input), this.#deps.clock.now()).events;
    const since = latestEvent(events, (name) => this.#effects.events(name));
    const started = await this.#runs.create({ ...input, schedule: { since } }, key);
    const what = ({ file, fileCluster, cluster, params }: Omit<StartRunParams, 'text'>) =>
      JSON.stringify([file, fileCluster, cluster, params]);
    const others = (await this.#archive.list({ status: 'pending', limit: Number.POSITIVE_INFINITY })).filter(
      (run) => run.schedule?.isWaiting === true && run.id !== started.run.id && what(run) === what(input),
    );
    const told = await this.#begin(started);
    for (const { id } of others) await this.cancel(id, 'it was scheduled again');
    return told;
  }

  async #begin({ run, isNew }: { readonly run: WorkflowRun; readonly isNew: boolean }): Promise<StartedRun> {
    const { name, file, fileCluster, cluster, params, labels, retryOf } = run.input as unknown as RunInput;
    const { startAt } = runConfig(run);
    const where = { file, file_cluster: fileCluster };
    const context = { name, ...where, cluster, params, labels, retry_of: retryOf, start_at: startAt };
    this.#logOf(run.id).add('submit', run.createdAt.getTime() / 1000, 'submit', context);
    if (this.#deps.store.ownership.isShared) this.#logs.delete(run.id);
    this.#tick();
    return { ...(await this.#tell(run)), isNew };
  }

  /** What is kept: listing, telling, dumping, forgetting. */
  get archive(): RunArchive {
    return this.#archive;
  }

  /**
   * Goes on with a run that is over: what has completed is kept, all else is done again; `from`: that step and what needs it,
   * too. `isNew`: as another run. Throws `RetryError`.
   */
  async retry(id: string, { from, isNew = false }: { readonly from?: string; readonly isNew?: boolean }) {
    const run = await this.#archive.run(id);
    const plan = await this.#archive.planInput(run);
    const input = run.input as unknown as RunInput;
    if (isNew) {
      const { parent: _, kept: _kept, schedule: _schedule, ...rest } = input;
      const kept = from === undefined ? {} : { kept: keptResults(plan, from) };
      return this.#begin(await this.#runs.create({ ...rest, ...kept, retryOf: id }, null));
    }
    const mark = planRetry(plan, from);
    const config = { ...(run.config as RunConfig), retries: [...runConfig(run).retries, mark] };
    if (!this.#runs.reopen(id, config)) throw new RetryError('The run is not over: cancel it first.');
    const again = await this.#archive.run(id);
    this.#logRetries(again);
    this.#tick();
    return this.#tell(again);
  }

  /** Also after the engine died between a retry and this. */
  #logRetries(run: WorkflowRun): void {
    for (const [index, { at, whole }] of runConfig(run).retries.entries())
      this.#logOf(run.id).add('retry', at, `retry/${index + 1}`, { retry: index + 1, whole });
  }

  async cancel(id: string, reason = 'cancelled'): Promise<void> {
    const { retries } = runConfig(await this.#archive.run(id));
    if (this.#cancelled(id, retries.at(-1)?.at ?? 0) === undefined)
      this.#deps.events.emit({ name: cancelEvent(id), payload: reason, source: runKey(id) });
    this.#runs.beginNow(id);
    await this.#wake(`run-control:${id}`);
  }

  /** @param step its key, or that of one of its items: `publish[3]`. Throws where it would answer nothing. */
  async approve(id: string, step: string, approved: boolean, by: string): Promise<void> {
    const { spec, state } = await this.#archive.planInput(await this.#archive.run(id));
    const { step: wanted, item } = unitRef(step);
    const asked = spec.steps.concat(spec.cleanup).find(({ key }) => key === wanted);
    if (asked?.verb !== 'approve') throw new UnknownRunError(`Run ${id} has no step ${step} that asks for approval.`);
    if (isRepeated(asked) !== (item !== undefined))
      throw new UnknownRunError(
        item === undefined
          ? `Step ${wanted} asks once for each of its items: answer ${wanted}[0], ${wanted}[1] and so on.`
          : `Step ${wanted} has no items: answer ${wanted}.`,
      );
    const { attempts, first } = state.unitNamed(step);
    const name = approvalEvent({ run: id, unit: step, attempt: Math.max(attempts, first) });
    this.#deps.events.emit({ name, payload: { approved, by }, source: by });
  }

  /** Something happened that runs may wait for. */
  async #wake(signal: string): Promise<void> {
    await this.#runs.wake(signal);
    for (const executor of this.#active.values()) executor.poke();
    this.#tick();
  }

  eventEmitted(name: string): void {
    const several = this.#deps.database.waitingForSeveral().filter((signal) => eventsOfSignal(signal)?.includes(name));
    for (const signal of [`event:${name}`, ...several]) this.#inBackground(this.#wake(signal));
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
    if (this.#disposed || !this.#started) return;
    if (this.#ticking) {
      this.#again = true;
      return;
    }
    this.#ticking = true;
    this.#cancelTimer();
    void this.#claimAll()
      .then(
        () => this.#claimed(),
        (error: unknown) => this.#notClaimed(error),
      )
      .then(() => {
        this.#ticking = false;
        const again = this.#again;
        this.#again = false;
        const afterMs = Math.min(longestPollMs, pollMs * 2 ** this.#vain);
        if (again && this.#vain === 0) this.#tick();
        else if (!this.#disposed) this.#cancelTimer = this.#deps.clock.setTimeout(() => this.#tick(), afterMs);
      });
  }

  #claimed(): void {
    if (this.#vain > 0) this.#deps.log.info('workflow runs: their store answers again');
    this.#vain = 0;
  }

  /** Said once, as long as it lasts. */
  #notClaimed(error: unknown): void {
    if (this.#vain++ > 0) return;
    this.#deps.log.error(`workflow runs: ${error instanceof Error ? error.message : String(error)}`);
  }

  async #claimAll(): Promise<void> {
    const { backend } = this.#deps;
    while (this.#active.size < mostAtOnce && !this.#disposed) {
      // By its beginning the leases of an engine that died are found.
      const workerId = `${this.#deps.store.ownership.owner}/${randomUUID()}`;
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
      cancelled: (id, since) => this.#cancelled(id, since),
      startNext: async (before, input) => (await this.#begin(await this.#runs.create(input, `next/${before}`))).id,
      onRecord: (_run, _input, record) => this.#logOf(run.id).record(record),
    });
    this.#active.set(run.id, executor);
    this.#logRetries(run);
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
      else if (end === 'sleeping') this.#tell(await this.#archive.run(run.id)).catch(() => undefined);
    } finally {
      clearInterval(heart);
      this.#active.delete(run.id);
      // Another engine may go on with it: what that logs is not known here.
      if (this.#deps.store.ownership.isShared) this.#logs.delete(run.id);
      this.#tick();
    }
  }

  /** An engine may die after it stored that a run is over and before it told anybody. */
  async #finishLogs(): Promise<void> {
    const { database, store, clock, log } = this.#deps;
    // Where engines share the store, another one may be about to.
    const until = clock.now() - (store.ownership.isShared ? leaseMs / 1000 : 0);
    for (const id of database.overLately(until, lookedBack)) {
      const last = store.eventlog(runKey(id)).findLast(({ name }) => name === 'clean' || name === 'retry');
      if (last?.name === 'clean') continue;
      // One that cannot be told must not keep all others from going on.
      await this.#over(id).catch((error: unknown) =>
        log.error(`the end of run ${id} cannot be told: ${String(error)}`),
      );
    }
  }

  async #over(id: string): Promise<void> {
    const run = await this.#archive.run(id);
    const info = await this.#tell(run);
    const { status, reason, retries = 0, finished = this.#deps.clock.now() } = info;
    const mark = (name: string) => (retries === 0 ? name : `${name}/${retries}`);
    this.#logOf(id).add('finish', finished, mark('finish'), { status, reason });
    this.#logOf(id).add('clean', finished, mark('clean'), {});
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
    const info = await this.#archive.info(run);
    this.#deps.onRun(info);
    return info;
  }

  /** How a run ended, for those that wait for it; from the eventlog, which is read at once. */
  endOf(run: string): { readonly outcome: string; readonly reason: string } | undefined {
    const finish = this.#deps.store.eventlog(runKey(run)).findLast(({ name }) => name === 'finish' || name === 'retry');
    if (finish?.name !== 'finish') return undefined;
    return { outcome: String(finish.context?.status), reason: String(finish.context?.reason ?? '') };
  }

  /** A child run, once per key; `read`: the text of its file. */
  async startChild(key: string, { parent, file, ...child }: ChildRun, read: () => Promise<string>): Promise<string> {
    const begun = this.#deps.database.runOfKey(key);
    if (begun !== undefined) return begun;
    const text = await read();
    const { labels = {} } = (await this.#archive.run(parent)).input as unknown as RunInput;
    return (await this.run({ ...child, ...fileAt(file), text, key, labels }, parent)).id;
  }

  dispose(): void {
    this.#disposed = true;
    this.#cancelTimer();
    this.#cancelCleaning();
    for (const executor of this.#active.values()) executor.abandon();
  }
}

export interface ChildRun {
  readonly file: FilePlace;
  readonly params: { readonly [name: string]: JsonValue };
  readonly cluster: string;
  /** The run whose step it is. */
  readonly parent: string;
}

const cancelEvent = (run: string) => `cancel:${run}`;
