/**
 * Performs a job's actions one after the other, in the order they were decided. What could not be asked is tried again
 * before the next one; what is to be tried later lets the others pass meanwhile.
 */
import { type ActionResult, TryLaterError } from '../actions/action.ts';
import type { Clock } from '../clock.ts';
import { ConnectionError } from '../clusters/connection.ts';
import { Event } from '../event.ts';
import { SchedulerUnavailableError } from '../schedulers/scheduler.ts';
import type { OpenIntent } from '../store/action-table.ts';
import type { ActionIntent } from '../store/records.ts';

export interface ActionQueueOptions {
  readonly clock: Clock;
  /** Rejects with `ConnectionError` or `SchedulerUnavailableError` when nobody could be asked, with `TryLaterError` when it is not over: that is no result. */
  readonly perform: (open: OpenIntent) => Promise<ActionResult>;
  /** Writes a result down. */
  readonly record: (intent: ActionIntent, result: ActionResult) => void;
  /** Writes down that it is tried again, and when; what it kept comes with it. */
  readonly defer: (open: OpenIntent, error: TryLaterError) => OpenIntent;
  /** An action waits for the cluster; told once until one went through. */
  readonly onWaiting: (intent: ActionIntent, error: Error) => void;
  /** Something else went wrong than any action may: it was not performed, nor is what waits behind it. */
  readonly onBroken: (error: unknown) => void;
}

/** Reading waits while more than this many actions do. */
const crowd = 1000;
/** So many results in a row before others (clients, timers) get their turn. */
const turnLength = 20;
const firstRetryMs = 1000;
const longestRetryMs = 30_000;
/** Timers of more than 2^31 ms run at once. */
const longestTimerMs = 3_600_000;

export class ActionQueue {
  readonly #options: ActionQueueOptions;
  readonly #waiting: OpenIntent[] = [];
  readonly #later = new Map<OpenIntent, { readonly cancel: () => void; readonly needsPerson: boolean }>();
  readonly #stop = new Event(Number.POSITIVE_INFINITY);
  #running: Promise<void> | undefined;
  #room: (() => void)[] = [];
  #empty: (() => void)[] = [];

  constructor(options: ActionQueueOptions) {
    this.#options = options;
  }

  push(opens: readonly OpenIntent[]): void {
    for (const open of opens) {
      if ((open.notBefore ?? 0) > this.#options.clock.now()) this.#delay(open);
      else this.#waiting.push(open);
    }
    this.#start();
  }

  #start(): void {
    if (this.#waiting.length > 0 && !this.#stop.isSet()) this.#running ??= this.#run();
  }

  #delay(open: OpenIntent, needsPerson = false): void {
    const { clock } = this.#options;
    const waitMs = Math.min(longestTimerMs, Math.max(0, ((open.notBefore ?? 0) - clock.now()) * 1000));
    const cancel = clock.setTimeout(() => {
      this.#later.delete(open);
      this.push([open]);
    }, waitMs);
    this.#later.set(open, { cancel, needsPerson });
  }

  /** Everything that was decided is done, or is to be tried later. */
  async settled(): Promise<void> {
    while (this.#running !== undefined && !this.#stop.isSet()) await this.#running;
  }

  /** Everything is done, also what was to be tried later. */
  async done(): Promise<void> {
    while (!this.#stop.isSet()) {
      await this.settled();
      if (this.#later.size === 0 || this.#stop.isSet()) return;
      await new Promise<void>((resolve) => this.#empty.push(resolve));
    }
  }

  /** A person came, or a password, that some of them wait for. */
  personCame(): void {
    for (const [open, { cancel, needsPerson }] of this.#later) {
      if (!needsPerson) continue;
      cancel();
      this.#later.delete(open);
      this.#waiting.push(open);
    }
    this.#start();
  }

  /** Resolves at once, or when there is room for more: `undefined` where there is. */
  room(): Promise<void> | undefined {
    if (!this.#isCrowded) return undefined;
    return new Promise((resolve) => this.#room.push(resolve));
  }

  get #isCrowded(): boolean {
    return this.#waiting.length + this.#later.size > crowd;
  }

  /** What is not done has no result, so the next engine does it. */
  stop(): void {
    this.#stop.set();
    for (const { cancel } of this.#later.values()) cancel();
    this.#later.clear();
    this.#release();
    this.#tellEmpty();
  }

  async #run(): Promise<void> {
    // Not in the caller's turn: it may be in the middle of a batch of lines.
    await Promise.resolve();
    try {
      for (let count = 1; !this.#stop.isSet(); count++) {
        const open = this.#waiting.shift();
        if (!open) return;
        await this.#perform(open);
        if (!this.#isCrowded) this.#release();
        if (count % turnLength === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      if (!this.#stop.isSet()) this.#options.onBroken(error);
    } finally {
      this.#running = undefined;
      this.#tellEmpty();
    }
  }

  async #perform(first: OpenIntent): Promise<void> {
    const { clock, perform, record, defer, onWaiting } = this.#options;
    for (let tries = 0; !this.#stop.isSet(); tries++) {
      try {
        const result = await perform(first);
        if (!this.#stop.isSet()) record(first.intent, result);
        return;
      } catch (error) {
        if (this.#stop.isSet()) return;
        if (error instanceof TryLaterError) {
          const deferred = defer(first, error);
          // Writing that down may have ended all of this.
          if (!this.#stop.isSet()) this.#delay(deferred, error.needsPerson);
          return;
        }
        if (!ConnectionError.is(error) && !(error instanceof SchedulerUnavailableError)) throw error;
        if (tries === 0) onWaiting(first.intent, error);
        const waitMs = Math.min(firstRetryMs * 2 ** tries, longestRetryMs);
        // Aborted: the loop ends.
        await clock.sleep(waitMs, this.#stop.signal).catch(() => undefined);
      }
    }
  }

  #release(): void {
    const waiting = this.#room;
    this.#room = [];
    for (const resolve of waiting) resolve();
  }

  #tellEmpty(): void {
    const waiting = this.#empty;
    this.#empty = [];
    for (const resolve of waiting) resolve();
  }
}
