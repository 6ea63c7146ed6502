/** What the engine last told: clusters, jobs and the eventlogs somebody looked at. Kept when the engine goes away. */
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import type { ClusterInfo, EventlogEntry, JobInfo, JobKey } from '../../engine/protocol.ts';

export type StoreChange =
  /** `before`: the jobs as they were known. */
  | { readonly kind: 'all'; readonly before: ReadonlyMap<JobKey, JobInfo> }
  | { readonly kind: 'cluster'; readonly name: string }
  | { readonly kind: 'job'; readonly key: JobKey }
  | { readonly kind: 'events'; readonly key: JobKey }
  | { readonly kind: 'forgotten'; readonly key: JobKey };

/** What views read. */
export interface KnownState {
  readonly clusters: ReadonlyMap<string, ClusterInfo>;
  readonly jobs: ReadonlyMap<JobKey, JobInfo>;
  /** Only of jobs whose log was read once. */
  readonly eventlogs: ReadonlyMap<JobKey, readonly EventlogEntry[]>;
}

export class JobStore implements KnownState {
  readonly clusters = new Map<string, ClusterInfo>();
  readonly jobs = new Map<JobKey, JobInfo>();
  readonly eventlogs = new Map<JobKey, EventlogEntry[]>();
  readonly #changes = new Emitter<StoreChange>();

  readonly onChange: Event<StoreChange> = this.#changes.event;

  /** All clusters and jobs anew, as after connecting. Eventlogs of jobs that are still there stay. */
  replaceAll(clusters: readonly ClusterInfo[], jobs: readonly JobInfo[]): void {
    const before = new Map(this.jobs);
    this.clusters.clear();
    for (const cluster of clusters) this.clusters.set(cluster.name, cluster);
    this.jobs.clear();
    for (const job of jobs) this.jobs.set(job.key, job);
    for (const key of this.eventlogs.keys()) if (!this.jobs.has(key)) this.eventlogs.delete(key);
    this.#changes.fire({ kind: 'all', before });
  }

  setCluster(cluster: ClusterInfo): void {
    this.clusters.set(cluster.name, cluster);
    this.#changes.fire({ kind: 'cluster', name: cluster.name });
  }

  setJob(job: JobInfo): void {
    this.jobs.set(job.key, job);
    this.#changes.fire({ kind: 'job', key: job.key });
  }

  forget(key: JobKey): void {
    this.eventlogs.delete(key);
    if (this.jobs.delete(key)) this.#changes.fire({ kind: 'forgotten', key });
  }

  /** Where to go on reading the log of `key`: 0 when it was never read. */
  nextSeq(key: JobKey): number {
    return this.eventlogs.get(key)?.length ?? 0;
  }

  /**
   * Adds what is new of `entries` (consecutive, by `seq`) to a log that is kept or, at its first reading, begins at 0.
   * `false`: there is a gap before them, and nothing was added; the log has to be read from `nextSeq`.
   */
  append(key: JobKey, entries: readonly EventlogEntry[]): boolean {
    const log = this.eventlogs.get(key) ?? [];
    const first = entries[0]?.seq ?? 0;
    if (first > log.length) return false;
    const fresh = entries.filter((entry) => entry.seq >= log.length);
    log.push(...fresh);
    this.eventlogs.set(key, log);
    if (fresh.length > 0) this.#changes.fire({ kind: 'events', key });
    return true;
  }

  dispose(): void {
    this.#changes.dispose();
  }
}
