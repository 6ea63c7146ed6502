/**
 * Drives one run as long as there is something to do: decides from what is stored, does it, stores what came of it. What is
 * stored is all there is, so it may be ended between any two writes and gone on with by anybody.
 */
import type { WorkflowRun } from 'openworkflow/internal';
import { fill, holds } from '../../language/workflow/fill.ts';
import { combinations } from '../../language/workflow/matrix.ts';
import type { StepSpec } from '../../language/workflow/spec.ts';
import type { Clock } from '../clock.ts';
import { Event } from '../event.ts';
import type { Logger } from '../logger.ts';
import type { JsonValue } from '../protocol.ts';
import { NotNowError, type RunEffects } from './effects.ts';
import { act, attemptData, resolveWait, StepFailure, type StepSite, waitFor } from './perform.ts';
import { planRun, type RunTask, scopeOf } from './run-plan.ts';
import {
  controlRecord,
  type Failure,
  type JsonMap,
  nextRecord,
  parseRecordName,
  type RunRecord,
  RunState,
  recordName,
  triggerRecord,
  type UnitRef,
  unitName,
  unitRef,
} from './run-state.ts';
import { noTimeout, type Owner, type RunInput, type RunStore, runConfig, runFacts } from './run-store.ts';
import { triggered, triggerWait } from './run-trigger.ts';
import type { PlanInput, RunFacts } from './step-views.ts';
import { mapOf, verbParts } from './unit-plan.ts';

export interface ExecutorDependencies {
  readonly store: RunStore;
  readonly effects: RunEffects;
  readonly clock: Clock;
  readonly log: Logger;
  /** Why the run is to end, if somebody has wanted that since then. */
  readonly cancelled: (run: string, since: number) => string | undefined;
  /** Makes the run of a schedule that waits next, once per run before it; resolves to its id. */
  readonly startNext: (run: string, input: RunInput) => Promise<string>;
  /** A record was read, written, or has ended. */
  readonly onRecord: (run: WorkflowRun, input: RunInput, record: RunRecord) => void;
}

const longestPauseMs = 60_000;

/** How a pass ended: the run is over, sleeps until something comes, or was left to another worker. */
export type PassEnd = 'over' | 'sleeping' | 'lost';

export class RunExecutor {
  readonly #deps: ExecutorDependencies;
  readonly #run: WorkflowRun;
  readonly #input: RunInput;
  readonly #owner: Owner;
  readonly #facts: RunFacts;
  readonly #state: RunState;
  /** What was wished before counts no more, in seconds since the epoch. */
  readonly #since: number;
  readonly #inFlight = new Map<string, Promise<void>>();
  readonly #stop = new Event(Number.POSITIVE_INFINITY);
  #wake = () => {};
  #lost: unknown;

  constructor(run: WorkflowRun, workerId: string, deps: ExecutorDependencies) {
    this.#deps = deps;
    this.#run = run;
    this.#input = run.input as unknown as RunInput;
    this.#owner = { workflowRunId: run.id, workerId };
    const { retries } = runConfig(run);
    this.#state = new RunState([], retries);
    this.#since = retries.at(-1)?.at ?? 0;
    this.#facts = runFacts(run);
  }

  /** Something may have come that it waits for, or a person wants it to end. */
  poke(): void {
    this.#wake();
  }

  /** Leaves the run as it is, at once: what is in flight is gone on with by whoever claims it next. */
  abandon(): void {
    this.#stop.set();
    this.#wake();
  }

  async pass(): Promise<PassEnd> {
    const { store, clock } = this.#deps;
    // What they told is read now; those that come from here on wake the run again.
    store.takeSignals(this.#run.id);
    for (const record of await store.records(this.#run.id)) this.#keep(record);
    if (!this.#state.record(controlRecord)) {
      // Cancelling and other wishes of people wake the run by this wait.
      const wait = { signal: `run-control:${this.#run.id}`, timeoutAt: noTimeout };
      this.#keep(await store.begin(this.#owner, { name: controlRecord, data: {}, wait }));
    }
    if (!(await this.#isDue())) return this.#runOver ? 'over' : 'sleeping';
    for (;;) {
      if (this.#stop.isSet() || this.#lost !== undefined) return 'lost';
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      const plan = planRun(this.#planInput());
      const finish = plan.tasks.find((task) => task.kind === 'finish');
      if (finish?.kind === 'finish') {
        await this.#finish(finish.outcome, finish.reason);
        return 'over';
      }
      const progressed = await this.#begin(plan.tasks);
      if (progressed) continue;
      if (this.#inFlight.size === 0 && !this.#stop.isSet()) {
        await this.#sleep(plan.wakeAt);
        return 'sleeping';
      }
      const late = plan.wakeAt === undefined ? undefined : this.#timer(plan.wakeAt - clock.now());
      await Promise.race([woken, ...this.#inFlight.values(), ...(late ? [late.passed] : [])]);
      late?.cancel();
    }
  }

  #runOver = false;

  /** A run of a schedule begins when its time or its event has come; then another one waits for the next. */
  async #isDue(): Promise<boolean> {
    const { schedule, spec } = this.#input;
    const { store, clock, effects } = this.#deps;
    const { on } = spec;
    if (!schedule || !on) return true;
    const scope = scopeOf(this.#planInput());
    let wait = this.#state.record(triggerRecord);
    if (!wait) {
      const { signal, timeoutAt = noTimeout, data } = triggerWait(on, scope, clock.now());
      wait = await store.begin(this.#owner, { name: triggerRecord, data, wait: { signal, timeoutAt } });
      this.#keep(wait);
    }
    // It was cancelled while it waited, and then retried: it is no longer one of a schedule.
    if (wait.status === 'failed') return true;
    if (wait.status === 'running') {
      const cancelled = this.#planInput().cancelled;
      // Nothing has begun, so there is nothing to clean up; and none waits after it.
      if (cancelled !== undefined) return this.#unscheduled(wait, cancelled);
      const came = triggered(on, wait, schedule.since, scope, clock.now(), (name) => effects.events(name));
      if (!came) {
        await this.#sleep(wait.timeoutAt);
        return false;
      }
      wait = await store.complete(this.#owner, wait.id, came);
      this.#keep(wait);
    }
    if (this.#state.record(nextRecord)?.status !== 'completed') {
      const { seq } = mapOf(wait.output);
      const since = typeof seq === 'number' ? seq : schedule.since;
      const next = await this.#deps.startNext(this.#run.id, { ...this.#input, schedule: { since } });
      await this.#settle(nextRecord, {}, () => next);
    }
    return true;
  }

  async #unscheduled(wait: RunRecord, reason: string): Promise<false> {
    this.#keep(await this.#deps.store.fail(this.#owner, wait.id, { kind: 'cancelled', message: reason }));
    await this.#finish('cancelled', reason);
    this.#runOver = true;
    return false;
  }

  #timer(seconds: number): { readonly passed: Promise<void>; cancel(): void } {
    let cancel = () => {};
    const passed = new Promise<void>((resolve) => {
      cancel = this.#deps.clock.setTimeout(resolve, Math.min(Math.max(0, seconds) * 1000, 2 ** 31 - 1));
    });
    return { passed, cancel: () => cancel() };
  }

  #planInput(): PlanInput {
    const cancelled = this.#deps.cancelled(this.#run.id, this.#since);
    return {
      spec: this.#input.spec,
      state: this.#state,
      run: this.#facts,
      now: this.#deps.clock.now(),
      ...(cancelled === undefined ? {} : { cancelled }),
    };
  }

  #keep(record: RunRecord): void {
    this.#state.add(record);
    this.#deps.onRecord(this.#run, this.#input, record);
  }

  /** True when something changed at once, so that the plan is another one now. */
  async #begin(tasks: readonly RunTask[]): Promise<boolean> {
    let progressed = false;
    for (const task of tasks) {
      switch (task.kind) {
        case 'end':
          this.#abortActs();
          await this.#settle(this.#state.endRecord, {}, () => ({ outcome: task.outcome, reason: task.reason }));
          return true;
        case 'stop':
          this.#fly(this.#state.stopRecord, () => this.#stopAll());
          break;
        case 'items':
          progressed = (await this.#listItems(task.step)) || progressed;
          break;
        case 'skip':
          await this.#skip(task);
          progressed = true;
          break;
        case 'act':
          this.#fly(recordName(task.unit, task.attempt, 'act'), (signal) =>
            this.#act(task.step, task.unit, task.attempt, signal),
          );
          break;
        case 'wait':
          progressed = (await this.#wait(task.step, task.unit, task.attempt)) || progressed;
          break;
        case 'check':
          progressed = (await this.#check(task.step, task.unit, task.attempt)) || progressed;
          break;
        case 'finish':
          break;
      }
    }
    return progressed;
  }

  readonly #acts = new Map<string, Event>();

  /** Does something that takes time, once at a time by its name. */
  #fly(name: string, work: (signal: AbortSignal) => Promise<void>): void {
    if (this.#inFlight.has(name)) return;
    const end = new Event(Number.POSITIVE_INFINITY);
    this.#acts.set(name, end);
    const flight = work(end.signal)
      .catch((error: unknown) => {
        // The store refused: the lease is somebody else's, or the store is gone. Nothing more is done here.
        this.#lost ??= error;
        this.#deps.log.warn(`run ${this.#run.id}: ${name}: ${error instanceof Error ? error.message : String(error)}`);
      })
      .finally(() => {
        this.#inFlight.delete(name);
        this.#acts.delete(name);
      });
    this.#inFlight.set(name, flight);
  }

  #abortActs(): void {
    for (const end of this.#acts.values()) end.set(new StepFailure('failed', 'the run has ended'));
  }

  /** Stores a record that is begun and over at once; one that was begun before is gone on with. */
  async #settle(name: string, data: JsonMap, output: () => JsonValue): Promise<RunRecord> {
    const record = this.#state.record(name) ?? (await this.#deps.store.begin(this.#owner, { name, data }));
    const done =
      record.status === 'running' ? await this.#deps.store.complete(this.#owner, record.id, output()) : record;
    this.#keep(done);
    return done;
  }

  #site(step: StepSpec, unit: UnitRef, attempt: number): StepSite {
    const { file, cluster } = this.#input;
    return { run: this.#run.id, unit: unitName({ ...unit, step: step.key }), attempt, file, cluster };
  }

  async #skip({ step, isBlocked, why }: Extract<RunTask, { kind: 'skip' }>): Promise<void> {
    const unit = { step: step.key };
    const data = { skipped: true, why, ...(isBlocked ? { isBlocked } : {}) };
    await this.#settle(recordName(unit, this.#state.unit(unit).first, 'act'), data, () => null);
  }

  async #listItems(step: StepSpec): Promise<boolean> {
    const scope = scopeOf(this.#planInput());
    const list = this.#attempt(() => {
      if (step.matrix) return combinations(mapOf(fill(step.matrix, scope)));
      const filled = fill(step.foreach ?? [], scope);
      if (!Array.isArray(filled)) throw new StepFailure('failed', `foreach of ${step.key} is no list`);
      return filled as readonly JsonValue[];
    });
    // A list that cannot be had is one item that fails.
    if ('failure' in list) {
      await this.#settle(this.#state.itemsRecord(step.key), { isMissing: true }, () => [null]);
      const unit = { step: step.key, item: 0 };
      await this.#failAct(step, unit, this.#state.unit(unit).first, {}, list.failure);
    } else await this.#settle(this.#state.itemsRecord(step.key), {}, () => list.value);
    return true;
  }

  #attempt<T>(work: () => T): { readonly value: T } | { readonly failure: Failure } {
    try {
      return { value: work() };
    } catch (error) {
      return { failure: failureOf(error) };
    }
  }

  async #failAct(step: StepSpec, unit: UnitRef, attempt: number, data: JsonMap, failure: Failure): Promise<void> {
    const name = recordName({ ...unit, step: step.key }, attempt, 'act');
    const record = this.#state.record(name) ?? (await this.#deps.store.begin(this.#owner, { name, data }));
    this.#keep(await this.#deps.store.fail(this.#owner, record.id, failure));
  }

  /** What the attempt is about, from the store where it was begun; undefined: it is over already, skipped or failed. */
  async #prepare(step: StepSpec, unit: UnitRef, attempt: number): Promise<JsonMap | undefined> {
    const scope = scopeOf(this.#planInput(), unit);
    const site = this.#site(step, unit, attempt);
    const { first } = this.#state.unit(unit);
    const prepared = this.#attempt(() => {
      if (step.condition !== undefined && attempt === first && !holds(step.condition, scope)) return undefined;
      const data = attemptData(step, site, scope, this.#deps.clock.now());
      // What cannot be waited for is no attempt that waits.
      if (!verbParts[step.verb].acts) waitFor(step, site, data, {});
      return data;
    });
    if ('failure' in prepared) {
      await this.#failAct(step, unit, attempt, {}, prepared.failure);
      return undefined;
    }
    if (prepared.value === undefined)
      await this.#settle(recordName(unit, attempt, 'act'), { skipped: true }, () => null);
    return prepared.value;
  }

  async #act(step: StepSpec, unit: UnitRef, attempt: number, signal: AbortSignal): Promise<void> {
    const { store, effects } = this.#deps;
    const name = recordName(unit, attempt, 'act');
    let record = this.#state.record(name);
    if (record?.data.skipped === true) {
      await this.#settle(name, record.data, () => null);
      return;
    }
    if (!record) {
      const prepared = await this.#prepare(step, unit, attempt);
      if (!prepared) return;
      record = await store.begin(this.#owner, { name, data: prepared });
      this.#keep(record);
    }
    const { data } = record;
    const done = await this.#perform(
      () => act(step, this.#site(step, unit, attempt), data, effects, signal),
      name,
      signal,
    );
    if ('failure' in done) this.#keep(await this.#failed(step, record, done.failure));
    else this.#keep(await store.complete(this.#owner, record.id, done.value));
  }

  /** What cannot be done now is tried again, after longer and longer, for as long as the run is ours. */
  async #perform<T>(
    work: () => Promise<T>,
    name: string,
    signal: AbortSignal,
  ): Promise<{ readonly value: T } | { readonly failure: Failure }> {
    for (let failures = 0; ; failures++) {
      try {
        return { value: await work() };
      } catch (error) {
        if (!(error instanceof NotNowError) || signal.aborted)
          return { failure: failureOf(signal.aborted ? signal.reason : error) };
        this.#deps.log.info(`run ${this.#run.id}: ${name} waits: ${error.message}`);
        await this.#deps.clock.sleep(Math.min(1000 * 2 ** failures, longestPauseMs), signal).catch(() => undefined);
        if (this.#stop.isSet()) throw error;
      }
    }
  }

  /** A time-out that the step is told to bear is no failure. */
  async #failed(step: StepSpec, record: RunRecord, failure: Failure): Promise<RunRecord> {
    const { store } = this.#deps;
    const isBorne =
      failure.kind === 'timeout' && step.onTimeout === 'continue' && record.data.timeoutSeconds !== undefined;
    if (!isBorne) return store.fail(this.#owner, record.id, failure);
    return store.complete(this.#owner, record.id, {
      timed_out: true,
      ...(step.verb === 'await_event' ? { payload: null } : {}),
    });
  }

  async #wait(step: StepSpec, unit: UnitRef, attempt: number): Promise<boolean> {
    const { store, clock } = this.#deps;
    const acted = this.#state.record(recordName(unit, attempt, 'act'));
    const data = acted?.data ?? (await this.#prepare(step, unit, attempt));
    if (!data) return true;
    const { signal, timeoutSeconds, until } = waitFor(
      step,
      this.#site(step, unit, attempt),
      data,
      mapOf(acted?.output),
    );
    const began = acted?.started ?? clock.now();
    const limit = timeoutSeconds === undefined ? noTimeout : began + timeoutSeconds;
    const timeoutAt = Math.min(until ?? limit, noTimeout);
    this.#keep(
      await store.begin(this.#owner, { name: recordName(unit, attempt, 'wait'), data, wait: { signal, timeoutAt } }),
    );
    return true;
  }

  /** True when the wait is over. */
  async #check(step: StepSpec, unit: UnitRef, attempt: number): Promise<boolean> {
    const { store, clock, effects } = this.#deps;
    const wait = this.#state.record(recordName(unit, attempt, 'wait'));
    if (wait?.status !== 'running') return false;
    const acted = mapOf(this.#state.record(recordName(unit, attempt, 'act'))?.output);
    const scope = scopeOf(this.#planInput(), unit);
    const found = this.#attempt(() => resolveWait(step, wait, acted, effects, scope));
    if ('failure' in found) this.#keep(await store.fail(this.#owner, wait.id, found.failure));
    else if (found.value && 'output' in found.value)
      this.#keep(await store.complete(this.#owner, wait.id, found.value.output));
    else if (found.value) this.#keep(await store.fail(this.#owner, wait.id, found.value.failure));
    else if (wait.timeoutAt !== undefined && clock.now() >= wait.timeoutAt) await this.#timedOut(step, wait, acted);
    else return false;
    return true;
  }

  async #timedOut(step: StepSpec, wait: RunRecord, acted: JsonMap): Promise<void> {
    const { store, effects } = this.#deps;
    if (step.verb === 'sleep') {
      this.#keep(await store.complete(this.#owner, wait.id, {}));
      return;
    }
    const end = async () => {
      if (step.verb === 'submit') await effects.cancelJob(String(acted.job));
      if (step.verb === 'workflow') await effects.cancelRun(String(acted.run_id), 'the time of its step is over');
    };
    await this.#perform(end, wait.name, this.#stop.signal);
    const failure = { kind: 'timeout', message: `the time of ${unitOf(wait)} is over` };
    this.#keep(await this.#failed(step, wait, failure));
  }

  /** After a failure, a time-out or a cancellation: what the run has started does not go on without it. */
  async #stopAll(): Promise<void> {
    const stop = this.#state.stopRecord;
    await Promise.all([...this.#inFlight].map(([name, flight]) => (name === stop ? undefined : flight)));
    const ended = new Event(Number.POSITIVE_INFINITY);
    ended.set(new StepFailure('failed', 'the run has ended'));
    for (const { step, unit, attempt, name } of this.#actsSoFar()) {
      // An engine died in it: only its key tells whether there is a job or a command.
      if (this.#state.record(name)?.status === 'running') await this.#act(step, unit, attempt, ended.signal);
      const record = this.#state.record(name);
      const { wait } = this.#state.unit(unit);
      if (record?.status === 'completed' && (wait === undefined || wait.status === 'running'))
        await this.#cancelEffects(record);
    }
    await this.#settle(stop, {}, () => null);
  }

  /** The acts of the latest attempts. */
  #actsSoFar() {
    return this.#state.unitNames.flatMap((name) => {
      const unit = unitRef(name);
      const { attempts: attempt, first } = this.#state.unit(unit);
      const step = this.#input.spec.steps.find(({ key }) => key === unit.step);
      if (!step || attempt < first) return [];
      return [{ step, unit, attempt, name: recordName(unit, attempt, 'act') }];
    });
  }

  /** A job that is only awaited is somebody else's: it is in no act. */
  async #cancelEffects({ name, output }: RunRecord): Promise<void> {
    const { effects } = this.#deps;
    const { job, run_id: child } = mapOf(output);
    const end = async () => {
      if (typeof job === 'string') await effects.cancelJob(job);
      if (typeof child === 'string') await effects.cancelRun(child, `its run ${this.#run.id} has ended`);
    };
    await this.#perform(end, name, this.#stop.signal);
  }

  async #sleep(wakeAt: number | undefined): Promise<void> {
    const { store } = this.#deps;
    const availableAt = new Date((wakeAt ?? noTimeout) * 1000);
    await store.backend.sleepWorkflowRun({ ...this.#owner, availableAt });
  }

  async #finish(outcome: 'completed' | 'failed' | 'cancelled', reason: string): Promise<void> {
    const { backend } = this.#deps.store;
    if (outcome === 'completed') await backend.completeWorkflowRun({ ...this.#owner, output: null });
    else if (outcome === 'cancelled') await backend.cancelWorkflowRun({ workflowRunId: this.#run.id });
    else {
      const retryPolicy = {
        initialInterval: '1s',
        backoffCoefficient: 1,
        maximumInterval: '1s',
        maximumAttempts: 1,
      } as const;
      await backend.failWorkflowRun({ ...this.#owner, error: { name: 'failed', message: reason }, retryPolicy });
    }
  }
}

const unitOf = ({ name }: RunRecord) => parseRecordName(name)?.unit ?? name;

function failureOf(error: unknown): Failure {
  if (error instanceof StepFailure) return { kind: error.kind, message: error.message };
  return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
}
