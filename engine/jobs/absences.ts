/** Counts how often something was looked for in vain: one look proves nothing, and neither does a laptop that slept. */
import type { Clock } from '../clock.ts';

/** Looks in vain before something is taken for gone. */
const enoughLooks = 3;
/** From the first of them to the last, on the engine's own clock. */
const enoughSeconds = 120;

export class Absences {
  readonly #clock: Clock;
  readonly #missed = new Map<string, { readonly since: number; readonly looks: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** One more look in vain. True when it may be taken for gone. */
  missed(what: string): boolean {
    const now = this.#clock.now();
    const { since, looks } = this.#missed.get(what) ?? { since: now, looks: 0 };
    this.#missed.set(what, { since, looks: looks + 1 });
    return looks + 1 >= enoughLooks && now - since >= enoughSeconds;
  }

  seen(what: string): void {
    this.#missed.delete(what);
  }
}
