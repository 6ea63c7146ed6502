/**
 * Drives one run as long as there is something to do: decides from what is stored, does it, stores what came of it. What is
 * stored is all there is, so it may be ended between any two writes and gone on with by anybody.
 */
import type { WorkflowRun } from 'openworkflow/internal';
import { fill, holds } from '../../language/workflow/fill.ts';
import { combinations, mostItems } from '../../language/workflow/matrix.ts';
import type { StepSpec } from '../../language/workflow/spec.ts';
import type { Clock } from '../clock.ts';
import { Event } from '../event.ts';
import type { Logger } from '../logger.ts';
import type { JsonValue } from '../protocol.ts';
import { NotNowError, type RunEffects } from './effects.ts';
import { placeOf } from './file-place.ts';
import { act, attemptData, failureOf, resolveWait, StepFailure, type StepSite, waitFor } from './perform.ts';
import { whenDue } from './run-due.ts';
import { planRun, type RunTask, scopeOf } from './run-plan.ts';
import { RunRecords } from './run-records.ts';
import {
  controlRecord,
  type Failure,
  type JsonMap,
  parseRecordName,
  type RunRecord,
  RunState,
  recordName,
  type UnitRef,
  unitName,
  unitRef,
} from './run-state.ts';
import { noTimeout, type RunInput, type RunStore, runConfig, runFacts } from './run-store.ts';
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
  readonly #facts: RunFacts;
  readonly #records: RunRecords;
  /** What was wished before counts no more, in seconds since the epoch. */
  readonly #since: number;
  readonly #inFlight = new Map<string, Promise<void>>();
  readonly #stop = new Event(Number.POSITIVE_INFINITY);
  /** How many flights are over: what was planned before the last of them ended is out of date. */
  #landed = 0;
  #wake = () => {};
  #lost: unknown;

  constructor(run: WorkflowRun, workerId: string, deps: ExecutorDependencies) {
    this.#deps = deps;
    this.#run = run;
    this.#input = run.input as unknown as RunInput;
    const { retries } = runConfig(run);
    const state = new RunState([], retries);
    this.#records = new RunRecords(state, deps.store, { workflowRunId: run.id, workerId }, (record) =>
      deps.onRecord(run, this.#input, record),
    );
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
    // What they told is read now; those that come from here on wake the run again. Before its first pass there are none.
    if (this.#run.attempts > 1) store.takeSignals(this.#run.id);
    await this.#records.read();
    if (!this.#records.state.record(controlRecord)) {
      // Cancelling and other wishes of people wake the run by this wait.
      const wait = { signal: `run-control:${this.#run.id}`, timeoutAt: noTimeout };
      await this.#records.begin({ name: controlRecord, data: {}, wait });
    }
    const ended = await this.#untilDue();
    if (ended) return ended;
    for (;;) {
      if (this.#stop.isSet() || this.#lost !== undefined) return 'lost';
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      const plan = planRun(this.#planInput());
      const finish = plan.tasks.find((task) => task.kind === 'finish');
      if (finish?.kind === 'finish') {
        await this.#records.finish(finish.outcome, finish.reason);
        return 'over';
      }
      const progressed = await this.#begin(plan.tasks);
      if (progressed) continue;
      if (this.#inFlight.size === 0 && !this.#stop.isSet()) {
        await this.#records.sleep(plan.wakeAt);
        return 'sleeping';
      }
      const late = plan.wakeAt === undefined ? undefined : this.#timer(plan.wakeAt - clock.now());
      await Promise.race([woken, ...this.#inFlight.values(), ...(late ? [late.passed] : [])]);
      late?.cancel();
    }
  }

  /** undefined: its steps may begin. */
  async #untilDue(): Promise<PassEnd | undefined> {
    if (!this.#input.schedule) return undefined;
    const { effects, clock, startNext } = this.#deps;
    const plan = this.#planInput();
    const due = await whenDue({
      records: this.#records,
      input: this.#input,
      scope: scopeOf(plan),
      effects,
      now: clock.now(),
      cancelled: plan.cancelled,
      startNext: (next) => startNext(this.#run.id, next),
    });
    if (due.kind === 'due') return undefined;
    if (due.kind === 'waiting') await this.#records.sleep(due.until);
    else await this.#records.finish('cancelled', due.reason);
    return due.kind === 'waiting' ? 'sleeping' : 'over';
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
      state: this.#records.state,
      run: this.#facts,
      now: this.#deps.clock.now(),
      ...(cancelled === undefined ? {} : { cancelled }),
    };
  }

  /** True when something has changed, so that the plan is another one now. */
  async #begin(tasks: readonly RunTask[]): Promise<boolean> {
    const landed = this.#landed;
    let progressed = false;
    for (const task of tasks) {
      // While the store was written something ended, which the plan would begin once more.
      if (landed !== this.#landed) return true;
      switch (task.kind) {
        case 'end':
          this.#abortActs();
          await this.#records.settle(this.#records.state.endRecord, {}, () => ({
            outcome: task.outcome,
            reason: task.reason,
          }));
          return true;
        case 'stop':
          this.#fly(this.#records.state.stopRecord, () => this.#stopAll());
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
    return progressed || landed !== this.#landed;
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
        this.#landed++;
        this.#inFlight.delete(name);
        this.#acts.delete(name);
      });
    this.#inFlight.set(name, flight);
  }

  #abortActs(): void {
    for (const end of this.#acts.values()) end.set(new StepFailure('failed', 'the run has ended'));
  }

  #site(step: StepSpec, unit: UnitRef, attempt: number): StepSite {
    const { cluster } = this.#input;
    const file = placeOf(this.#input);
    return { run: this.#run.id, unit: unitName({ ...unit, step: step.key }), attempt, file, cluster };
  }

  async #skip({ step, isBlocked, why }: Extract<RunTask, { kind: 'skip' }>): Promise<void> {
    const unit = { step: step.key };
    const data = { skipped: true, why, ...(isBlocked ? { isBlocked } : {}) };
    await this.#records.settle(recordName(unit, this.#records.state.unit(unit).first, 'act'), data, () => null);
  }

  async #listItems(step: StepSpec): Promise<boolean> {
    const scope = scopeOf(this.#planInput());
    const list = this.#attempt(() => {
      if (step.matrix) return combinations(mapOf(fill(step.matrix, scope)));
      const filled = fill(step.foreach ?? [], scope);
      if (!Array.isArray(filled)) throw new StepFailure('failed', `foreach of ${step.key} is no list`);
      if (filled.length > mostItems)
        throw new StepFailure('failed', `foreach of ${step.key} has ${filled.length} items, more than ${mostItems}`);
      return filled as readonly JsonValue[];
    });
    // A list that cannot be had is one item that fails.
    if ('failure' in list) {
      await this.#records.settle(this.#records.state.itemsRecord(step.key), { isMissing: true }, () => [null]);
      const unit = { step: step.key, item: 0 };
      await this.#failAct(step, unit, this.#records.state.unit(unit).first, {}, list.failure);
    } else await this.#records.settle(this.#records.state.itemsRecord(step.key), {}, () => list.value);
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
    const record = this.#records.state.record(name) ?? (await this.#records.begin({ name, data }));
    await this.#records.fail(record.id, failure);
  }

  /** What the attempt is about, from the store where it was begun; undefined: it is over already, skipped or failed. */
  async #prepare(step: StepSpec, unit: UnitRef, attempt: number): Promise<JsonMap | undefined> {
    const scope = scopeOf(this.#planInput(), unit);
    const site = this.#site(step, unit, attempt);
    const { first } = this.#records.state.unit(unit);
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
      await this.#records.settle(recordName(unit, attempt, 'act'), { skipped: true }, () => null);
    return prepared.value;
  }

  async #act(step: StepSpec, unit: UnitRef, attempt: number, signal: AbortSignal): Promise<void> {
    const { effects } = this.#deps;
    const name = recordName(unit, attempt, 'act');
    let record = this.#records.state.record(name);
    if (record?.data.skipped === true) {
      await this.#records.settle(name, record.data, () => null);
      return;
    }
    if (!record) {
      const prepared = await this.#prepare(step, unit, attempt);
      if (!prepared) return;
      record = await this.#records.begin({ name, data: prepared });
    }
    const { data } = record;
    const done = await this.#perform(
      () => act(step, this.#site(step, unit, attempt), data, effects, signal),
      name,
      signal,
    );
    if ('failure' in done) await this.#failed(step, record, done.failure);
    else await this.#records.complete(record.id, done.value);
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
    const isBorne =
      failure.kind === 'timeout' && step.onTimeout === 'continue' && record.data.timeoutSeconds !== undefined;
    if (!isBorne) return this.#records.fail(record.id, failure);
    return this.#records.complete(record.id, {
      timed_out: true,
      ...(step.verb === 'await_event' ? { payload: null } : {}),
    });
  }

  async #wait(step: StepSpec, unit: UnitRef, attempt: number): Promise<boolean> {
    const { clock } = this.#deps;
    const acted = this.#records.state.record(recordName(unit, attempt, 'act'));
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
    await this.#records.begin({ name: recordName(unit, attempt, 'wait'), data, wait: { signal, timeoutAt } });
    return true;
  }

  /** True when the wait is over. */
  async #check(step: StepSpec, unit: UnitRef, attempt: number): Promise<boolean> {
    const { clock, effects } = this.#deps;
    const wait = this.#records.state.record(recordName(unit, attempt, 'wait'));
    if (wait?.status !== 'running') return false;
    const acted = mapOf(this.#records.state.record(recordName(unit, attempt, 'act'))?.output);
    const scope = scopeOf(this.#planInput(), unit);
    const found = this.#attempt(() => resolveWait(step, wait, acted, effects, scope));
    if ('failure' in found) await this.#records.fail(wait.id, found.failure);
    else if (found.value && 'output' in found.value) await this.#records.complete(wait.id, found.value.output);
    else if (found.value) await this.#records.fail(wait.id, found.value.failure);
    else if (wait.timeoutAt !== undefined && clock.now() >= wait.timeoutAt) await this.#timedOut(step, wait, acted);
    else return false;
    return true;
  }

  async #timedOut(step: StepSpec, wait: RunRecord, acted: JsonMap): Promise<void> {
    const { effects } = this.#deps;
    if (step.verb === 'sleep') {
      await this.#records.complete(wait.id, {});
      return;
    }
    const end = async () => {
      if (step.verb === 'submit') await effects.cancelJob(String(acted.job));
      if (step.verb === 'workflow') await effects.cancelRun(String(acted.run_id), 'the time of its step is over');
    };
    await this.#perform(end, wait.name, this.#stop.signal);
    const failure = { kind: 'timeout', message: `the time of ${unitOf(wait)} is over` };
    await this.#failed(step, wait, failure);
  }

  /** After a failure, a time-out or a cancellation: what the run has started does not go on without it. */
  async #stopAll(): Promise<void> {
    const stop = this.#records.state.stopRecord;
    await Promise.all([...this.#inFlight].map(([name, flight]) => (name === stop ? undefined : flight)));
    const ended = new Event(Number.POSITIVE_INFINITY);
    ended.set(new StepFailure('failed', 'the run has ended'));
    for (const { step, unit, attempt, name } of this.#actsSoFar()) {
      // An engine died in it: only its key tells whether there is a job or a command.
      if (this.#records.state.record(name)?.status === 'running') await this.#act(step, unit, attempt, ended.signal);
      const record = this.#records.state.record(name);
      const { wait } = this.#records.state.unit(unit);
      if (record?.status === 'completed' && (wait === undefined || wait.status === 'running'))
        await this.#cancelEffects(record);
    }
    await this.#records.settle(stop, {}, () => null);
  }

  /** The acts of the latest attempts. */
  #actsSoFar() {
    return this.#records.state.unitNames.flatMap((name) => {
      const unit = unitRef(name);
      const { attempts: attempt, first } = this.#records.state.unit(unit);
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
}

const unitOf = ({ name }: RunRecord) => parseRecordName(name)?.unit ?? name;
