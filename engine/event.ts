/** Cancellation and time-outs by one small class; nothing here polls. */
import { type Clock, systemClock } from './clock.ts';

/** How long an event without a time of its own has, in seconds. */
export const defaultTimeoutSeconds = 300;

type Timers = Pick<Clock, 'now' | 'setTimeout'>;

/** Node takes no longer timers. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * A flag that is set once and waited for by any number, until it is cleared. Its time counts from when it was made or last
 * cleared; when it is over the flag stays as it is.
 */
export class Event {
  readonly #timeoutSeconds: number;
  readonly #clock: Timers;
  #controller = new AbortController();
  #began: number;

  /** `timeoutSeconds`: `Infinity` for no end. */
  constructor(timeoutSeconds: number = defaultTimeoutSeconds, clock: Timers = systemClock) {
    this.#timeoutSeconds = timeoutSeconds;
    this.#clock = clock;
    this.#began = clock.now();
  }

  /** All who wait go on; `reason` is that of `signal`. Setting it again changes nothing. */
  set(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  /** As new: its time begins anew, and `signal` is another one. Who waits waits on, for the next `set`. */
  clear(): void {
    this.#began = this.#clock.now();
    if (!this.isSet()) return;
    this.#controller = new AbortController();
  }

  isSet(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Aborted when it is set: for whatever takes an `AbortSignal`. It is not by a time-out. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Is its own time over? A flag that is set in time is not late. */
  checkTimeout(): boolean {
    return !this.isSet() && this.#remaining() <= 0;
  }

  /** true: it is set; false: so many seconds are over, or its own time is. */
  wait(timeoutSeconds: number = Number.POSITIVE_INFINITY): Promise<boolean> {
    const { signal } = this;
    const end = this.#clock.now() + Math.min(timeoutSeconds, this.#remaining());
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(true);
      let cancelTimer = () => {};
      const onSet = () => {
        cancelTimer();
        resolve(true);
      };
      const check = () => {
        const left = (end - this.#clock.now()) * 1000;
        if (left > 0) {
          cancelTimer = this.#clock.setTimeout(check, Math.min(left, longestTimerMs));
          return;
        }
        signal.removeEventListener('abort', onSet);
        resolve(false);
      };
      signal.addEventListener('abort', onSet, { once: true });
      if (end < Number.POSITIVE_INFINITY) check();
    });
  }

  #remaining(): number {
    return this.#began + this.#timeoutSeconds - this.#clock.now();
  }
}

/** Where so many parties wait for one another, again and again: a late one of a round never passes with the next. */
export class Barrier {
  readonly #parties: number;
  readonly #clock: Timers;
  #arrived = 0;
  #round: Event;

  constructor(parties: number, clock: Timers = systemClock) {
    if (!Number.isInteger(parties) || parties < 1) throw new RangeError('a barrier has at least one party');
    this.#parties = parties;
    this.#clock = clock;
    this.#round = new Event(Number.POSITIVE_INFINITY, clock);
  }

  /** true: all have arrived; false: so many seconds are over, and this one no longer counts. */
  async arrive(timeoutSeconds: number = Number.POSITIVE_INFINITY): Promise<boolean> {
    const round = this.#round;
    this.#arrived++;
    if (this.#arrived === this.#parties) {
      this.#arrived = 0;
      this.#round = new Event(Number.POSITIVE_INFINITY, this.#clock);
      round.set();
      return true;
    }
    if (await round.wait(timeoutSeconds)) return true;
    // All may have come while this was being told that its time is over.
    if (round.isSet()) return true;
    this.#arrived--;
    return false;
  }
}
