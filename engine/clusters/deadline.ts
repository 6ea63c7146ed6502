/** A time limit that stands still while a person is being asked: typing a code takes as long as it takes. */
import type { Prompter } from './prompter.ts';

export class Deadline {
  readonly #limitMs: number;
  #onExpired: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pauses = 0;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  start(onExpired: () => void): void {
    this.#onExpired = onExpired;
    this.#restart();
  }

  stop(): void {
    this.#onExpired = undefined;
    clearTimeout(this.#timer);
  }

  /** `prompter`, pausing the limit meanwhile. After an answer the whole time is there again. */
  pausedDuring(prompter: Prompter): Prompter {
    return {
      input: (prompt, signal) => this.pausedDuringWork(() => prompter.input(prompt, signal)),
      confirmHostKey: (prompt, signal) => this.pausedDuringWork(() => prompter.confirmHostKey(prompt, signal)),
      tell: (message) => prompter.tell(message),
    };
  }

  readonly pausedDuringWork = async <T>(work: () => Promise<T>): Promise<T> => {
    this.#pauses += 1;
    clearTimeout(this.#timer);
    try {
      return await work();
    } finally {
      this.#pauses -= 1;
      this.#restart();
    }
  };

  #restart(): void {
    clearTimeout(this.#timer);
    if (this.#onExpired && this.#pauses === 0) this.#timer = setTimeout(this.#onExpired, this.#limitMs);
  }
}
