/** A fixed number of places, given in turn to those who wait: each lane has its turn, and none may have all places. */

interface Waiting {
  readonly onTurn: () => void;
}

export class Turns<Lane extends string> {
  #free: number;
  readonly #placesPerLane: number;
  readonly #held = new Map<Lane, number>();
  /** In the order of their next turn. */
  readonly #waiting = new Map<Lane, Waiting[]>();

  /** `placesPerLane`: so many one lane may have at once, so that the others are not kept waiting by its long ones. */
  constructor(places: number, placesPerLane: number = places) {
    this.#free = places;
    this.#placesPerLane = placesPerLane;
  }

  /** Resolves with what gives the place back (once). Rejects with the signal's reason when aborted while waiting. */
  async take(lane: Lane, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#hasPlaceFor(lane)) this.#give(lane);
    else await this.#wait(lane, signal);
    let isGivenBack = false;
    return () => {
      if (isGivenBack) return;
      isGivenBack = true;
      this.#free += 1;
      this.#held.set(lane, this.#heldBy(lane) - 1);
      this.#callNext();
    };
  }

  #heldBy(lane: Lane): number {
    return this.#held.get(lane) ?? 0;
  }

  #hasPlaceFor(lane: Lane): boolean {
    return this.#free > 0 && this.#heldBy(lane) < this.#placesPerLane;
  }

  #give(lane: Lane): void {
    this.#free -= 1;
    this.#held.set(lane, this.#heldBy(lane) + 1);
  }

  /** The first lane in turn that may have a place; it goes to the end of the row. */
  #callNext(): void {
    for (const [lane, waiting] of this.#waiting) {
      const next = this.#hasPlaceFor(lane) ? waiting.shift() : undefined;
      if (!next) continue;
      this.#waiting.delete(lane);
      if (waiting.length > 0) this.#waiting.set(lane, waiting);
      this.#give(lane);
      next.onTurn();
      return;
    }
  }

  #wait(lane: Lane, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(lane) ?? [];
      const mine: Waiting = {
        onTurn: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      const onAbort = () => {
        const row = this.#waiting.get(lane) ?? [];
        row.splice(row.indexOf(mine), 1);
        if (row.length === 0) this.#waiting.delete(lane);
        reject(signal.reason);
      };
      waiting.push(mine);
      this.#waiting.set(lane, waiting);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
