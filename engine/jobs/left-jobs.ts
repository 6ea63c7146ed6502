/** Where engines share a store: what none of them follows is taken over by one that knows its cluster. */
import type { Clock } from '../clock.ts';
import type { ClusterEntry } from '../clusters/directory.ts';
import type { Logger } from '../logger.ts';
import type { Ownership } from '../store/ownership.ts';

/** Before clusters are listed anew for jobs that could not be taken: files are read for it. */
const lookAgainSeconds = 300;

export interface LeftJobsOptions {
  readonly ownership: Ownership;
  readonly clock: Clock;
  readonly log: Logger;
  readonly knownClusters: () => Promise<readonly ClusterEntry[]>;
}

export class LeftJobs {
  readonly #options: LeftJobsOptions;
  /** Clusters whose jobs are for others: unknown here, or another machine's. Until when, in seconds since the epoch. */
  readonly #forOthers = new Map<string, number>();

  constructor(options: LeftJobsOptions) {
    this.#options = options;
  }

  /** Clusters are told anew, or this engine is another one: what was for others may be its own. */
  reconsider(): void {
    this.#forOthers.clear();
  }

  /** The clusters of which something was taken. Rejects with `StoreFailure`. */
  async takeOver(): Promise<readonly string[]> {
    const { ownership, clock, log, knownClusters } = this.#options;
    const left = ownership.leftClusters();
    for (const name of this.#forOthers.keys()) if (!left.includes(name)) this.#forOthers.delete(name);
    const wanted = left.filter((name) => (this.#forOthers.get(name) ?? 0) <= clock.now());
    if (wanted.length === 0) return [];
    const known = new Map((await knownClusters()).map((cluster) => [cluster.name, cluster]));
    const taken: string[] = [];
    for (const name of wanted) {
      const cluster = known.get(name);
      // Processes of a machine, and their records, are nobody else's.
      const onlyHere = cluster?.kind === 'local' && cluster.settings.scheduler === 'local';
      const count = cluster ? ownership.takeOver(name, onlyHere) : 0;
      if (count > 0) {
        taken.push(name);
        this.#forOthers.delete(name);
        log.info(`${count} jobs or submissions on ${name} that no engine had are this one's now`);
      } else if (!cluster || onlyHere) {
        if (!this.#forOthers.has(name)) {
          const why = cluster ? 'another machine has to follow them' : 'this engine knows no such cluster';
          log.info(`jobs or submissions on ${name} are left, which no engine has: ${why}`);
        }
        this.#forOthers.set(name, clock.now() + lookAgainSeconds);
      }
    }
    return taken;
  }
}
