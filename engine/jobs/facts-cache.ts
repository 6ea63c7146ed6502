/** What a cluster said about itself, kept for a while: the scheduler is asked seldom, and never twice at once. */
import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';
import type { Clock } from '../clock.ts';
import type { Scheduler } from '../schedulers/scheduler.ts';

export const defaultMaxAgeSeconds = 300;
/** However fresh a client wants them: the controller has other things to do. */
const minAgeSeconds = 30;

export class FactsCache {
  readonly #clock: Clock;
  #known: ClusterFacts | undefined;
  #asking: Promise<ClusterFacts | undefined> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined: this scheduler has nothing to tell. Rejects as `Scheduler.facts` does. */
  async of(scheduler: Scheduler, maxAgeSeconds = defaultMaxAgeSeconds): Promise<ClusterFacts | undefined> {
    const age = this.#known ? this.#clock.now() - this.#known.gathered : Number.POSITIVE_INFINITY;
    if (age <= Math.max(maxAgeSeconds, minAgeSeconds)) return this.#known;
    this.#asking ??= this.#ask(scheduler).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(scheduler: Scheduler): Promise<ClusterFacts | undefined> {
    const facts = await scheduler.facts?.();
    this.#known = facts;
    return facts;
  }
}
