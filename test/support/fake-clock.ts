import { type Clock, sleepOn } from '../../engine/clock.ts';

/** A clock that stands still until `advance` is called; timers run in order, with what they start in between. */
export class FakeClock implements Clock {
  #now: number;
  #timers: { at: number; callback: () => void }[] = [];

  constructor(startSeconds = 1_700_000_000) {
    this.#now = startSeconds;
  }

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, ms: number): () => void {
    const timer = { at: this.#now + ms / 1000, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  /** Lets `seconds` pass, running what is due and the promises that this settles. */
  async advance(seconds: number): Promise<void> {
    const end = this.#now + seconds;
    for (;;) {
      await flushPromises();
      const due = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = end;
    await flushPromises();
  }

  /** The computer sleeps: time passes, and no timer runs. */
  sleepThrough(seconds: number): void {
    this.#now += seconds;
  }

  get pendingTimers(): number {
    return this.#timers.length;
  }
}

/** Lets all promises settle that can without I/O. */
export async function flushPromises(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
