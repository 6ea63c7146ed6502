/** Performs a job's actions one after the other, in the order they were decided, and tries again what could not be asked. */
import type { ActionResult } from '../actions/action.ts';
import { isPassing } from '../actions/perform.ts';
import type { Clock } from '../clock.ts';
import type { ActionIntent } from '../store/records.ts';

export interface ActionQueueOptions {
  readonly clock: Clock;
  /** Rejects with what may pass (`isPassing`) when nobody could be asked: that is no result. */
  readonly perform: (intent: ActionIntent) => Promise<ActionResult>;
  /** Writes a result down. */
  readonly record: (intent: ActionIntent, result: ActionResult) => void;
  /** An action waits for the cluster; told once until one went through. */
  readonly onWaiting: (intent: ActionIntent, error: Error) => void;
}

/** Reading waits while more than this many actions do. */
const crowd = 1000;
/** So many results in a row before others (clients, timers) get their turn. */
const turnLength = 20;
const firstRetryMs = 1000;
const longestRetryMs = 30_000;

export class ActionQueue {
  readonly #options: ActionQueueOptions;
  readonly #waiting: ActionIntent[] = [];
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #room: (() => void)[] = [];

  constructor(options: ActionQueueOptions) {
    this.#options = options;
  }

  push(intents: readonly ActionIntent[]): void {
    this.#waiting.push(...intents);
    if (this.#waiting.length > 0 && !this.#stop.signal.aborted) this.#running ??= this.#run();
  }

  /** Everything that was decided is done. */
  async settled(): Promise<void> {
    while (this.#running !== undefined && !this.#stop.signal.aborted) await this.#running;
  }

  /** Resolves at once, or when there is room for more: `undefined` where there is. */
  room(): Promise<void> | undefined {
    if (this.#waiting.length <= crowd) return undefined;
    return new Promise((resolve) => this.#room.push(resolve));
  }

  /** What is not done has no result, so the next engine does it. */
  stop(): void {
    this.#stop.abort();
    this.#release();
  }

  async #run(): Promise<void> {
    // Not in the caller's turn: it may be in the middle of a batch of lines.
    await Promise.resolve();
    try {
      for (let count = 1; !this.#stop.signal.aborted; count++) {
        const intent = this.#waiting.shift();
        if (!intent) return;
        await this.#perform(intent);
        if (this.#waiting.length <= crowd) this.#release();
        if (count % turnLength === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      this.#running = undefined;
    }
  }

  async #perform(intent: ActionIntent): Promise<void> {
    const { clock, perform, record, onWaiting } = this.#options;
    for (let tries = 0; !this.#stop.signal.aborted; tries++) {
      try {
        const result = await perform(intent);
        if (!this.#stop.signal.aborted) record(intent, result);
        return;
      } catch (error) {
        if (!isPassing(error)) throw error;
        if (tries === 0) onWaiting(intent, error);
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
}
