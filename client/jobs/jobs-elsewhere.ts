/** Takes up the person's jobs that were submitted elsewhere, on clusters that are connected: the view is to show all of them. */
import { type ClusterInfo, errorCodes, type JobState, type Timestamp } from '../../engine/protocol.ts';

interface JobElsewhere {
  readonly jobId: string;
  readonly submitted?: Timestamp;
  readonly state: JobState;
}

export interface JobsElsewhereOptions {
  readonly clusters: () => Iterable<ClusterInfo>;
  /** The setting, Workspace Trust, and whether anybody looks. */
  readonly isWanted: () => boolean;
  /** Those that wait or run and are not followed. */
  readonly list: (cluster: string) => Promise<readonly JobElsewhere[]>;
  readonly takeUp: (cluster: string, jobId: string) => Promise<unknown>;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly log: { info(message: string): void };
}

/** Taking one up is some three questions to the scheduler, many of which allow two a second. */
const pauseMs = 2_000;
/** A look; the next one goes on with what is left. */
const mostAtOnce = 30;

export class JobsElsewhere {
  readonly #options: JobsElsewhereOptions;
  readonly #looking = new Set<string>();
  /** Refused: they are not asked about again. */
  readonly #refused = new Set<string>();
  /** Since when each was connected as it was looked at. */
  readonly #looked = new Map<string, Timestamp | undefined>();
  #disposed = false;

  constructor(options: JobsElsewhereOptions) {
    this.#options = options;
  }

  /** Looks at all that are connected. */
  async update(): Promise<void> {
    if (!this.#options.isWanted()) return;
    await Promise.all([...this.#options.clusters()].filter(tellsOfOthers).map((cluster) => this.#look(cluster)));
  }

  /** Looks at one that has just connected. */
  clusterChanged(cluster: ClusterInfo): void {
    const { name, since } = cluster;
    const isLooked = this.#looked.has(name) && this.#looked.get(name) === since;
    if (this.#options.isWanted() && tellsOfOthers(cluster) && !isLooked) void this.#look(cluster);
  }

  async #look({ name: cluster, since }: ClusterInfo): Promise<void> {
    const { list, takeUp, pause, isWanted, log } = this.#options;
    if (this.#looking.has(cluster)) return;
    this.#looking.add(cluster);
    this.#looked.set(cluster, since);
    try {
      const jobs = (await list(cluster)).filter(({ jobId }) => !this.#refused.has(`${cluster}/${jobId}`));
      const wanted = [...jobs].sort((a, b) => (b.submitted ?? 0) - (a.submitted ?? 0)).slice(0, mostAtOnce);
      for (const [index, { jobId }] of wanted.entries()) {
        if (index > 0) await pause(pauseMs);
        if (this.#disposed || !isWanted()) return;
        await takeUp(cluster, jobId).catch((error: unknown) => {
          // All else says nothing of this job: the connection was lost, say.
          if (Reflect.get(Object(error), 'code') !== errorCodes.unknownJob) throw error;
          this.#refused.add(`${cluster}/${jobId}`);
          log.info(`job ${jobId} of ${cluster} was not taken up: ${words(error)}`);
        });
      }
    } catch (error) {
      // The connection was lost, or the scheduler does not answer: the views say so. The next look is another try.
      log.info(`jobs submitted elsewhere on ${cluster} are not known: ${words(error)}`);
    } finally {
      this.#looking.delete(cluster);
    }
  }

  dispose(): void {
    this.#disposed = true;
  }
}

const words = (error: unknown) => (error instanceof Error ? error.message : String(error));

function tellsOfOthers({ state, scheduler }: ClusterInfo): boolean {
  return state === 'connected' && scheduler === 'slurm';
}
