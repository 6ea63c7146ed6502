/** When a cluster is looked at: over and over while something is open, at once when something probably changed, never too often. */
import type { Clock } from '../clock.ts';
import { isFresh, pollPeriod } from './poll-period.ts';

export interface LookingOptions {
  readonly clock: Clock;
  /** Resolves to whether something changed. */
  readonly look: () => Promise<boolean>;
  readonly onFailure: (error: unknown) => void;
  /** Is there anything to look for, and may it be? */
  readonly isWanted: () => boolean;
  /** Is a client attached? */
  readonly isWatched: () => boolean;
  /** From the end of one look to the next, whatever happens. */
  readonly minSeconds: () => number;
}

export class LookingLoop {
  readonly #options: LookingOptions;
  #cancel = () => {};
  #looking = false;
  #again = false;
  #lastLook = Number.NEGATIVE_INFINITY;
  #lastChange = 0;
  #idleLooks = 0;

  constructor(options: LookingOptions) {
    this.#options = options;
  }

  /** Something happened: others look often for a while. */
  changed(): void {
    this.#lastChange = this.#options.clock.now();
    this.#idleLooks = 0;
  }

  /** A look as soon as may be, or after the one that is under way. */
  now(): void {
    if (this.#looking) this.#again = true;
    else this.#later(0);
  }

  /** No look until `now` is called. */
  stop(): void {
    this.#cancel();
    this.#again = false;
  }

  #later(seconds: number): void {
    const { clock, isWanted, minSeconds } = this.#options;
    this.#cancel();
    if (!isWanted()) return;
    const floor = this.#lastLook + minSeconds() - clock.now();
    this.#cancel = clock.setTimeout(() => void this.#look(), Math.max(seconds, floor, 0) * 1000);
  }

  async #look(): Promise<void> {
    const { clock, look, onFailure, isWatched, minSeconds } = this.#options;
    this.#looking = true;
    try {
      if (await look()) this.changed();
      else this.#idleLooks++;
    } catch (error) {
      this.#idleLooks++;
      onFailure(error);
    }
    this.#looking = false;
    this.#lastLook = clock.now();
    const again = this.#again;
    this.#again = false;
    const situation = {
      now: clock.now(),
      lastChange: this.#lastChange,
      watched: isWatched(),
      minSeconds: minSeconds(),
    };
    if (isFresh(situation)) this.#idleLooks = 0;
    this.#later(again ? 0 : pollPeriod({ ...situation, idleLooks: this.#idleLooks }));
  }
}
