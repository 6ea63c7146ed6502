/** Jobs as clients see them: live where this engine follows them, else as the store has them. */
import { mainLog } from './eventlog/log-names.ts';
import { jobInfo } from './jobs/job-info.ts';
import type { EventlogEntry, EventlogName, JobInfo, JobKey, OtherEngine } from './protocol.ts';
import type { Publisher } from './publisher.ts';
import type { ChangeMark, ElsewhereChanges } from './store/change-table.ts';
import type { JobRecord } from './store/records.ts';
import type { Store } from './store/store.ts';
import type { WatcherProgress } from './watch/progress.ts';
import { watcherInfo } from './watch/watcher.ts';

export interface JobViewsOptions {
  readonly store: Store;
  /** To clients alone: what people are told about a job, the engine that follows it tells. */
  readonly publisher: Pick<Publisher, 'job' | 'eventlog'>;
  readonly isWatched: () => boolean;
  /** Of a job that this engine follows. */
  readonly live: (job: JobRecord) => JobInfo | undefined;
}

export class JobViews {
  readonly #options: JobViewsOptions;
  #mark: ChangeMark | undefined;
  /** Of the logs that the last look found longer, their last entries: the next look finds some of them once more. */
  #told = new Map<string, number>();

  constructor(options: JobViewsOptions) {
    this.#options = options;
  }

  info(job: JobRecord): JobInfo {
    return this.#options.live(job) ?? this.#stored(job, this.#options.store.ownership.otherOf(job.key));
  }

  all(): JobInfo[] {
    const { store, live } = this.#options;
    // What comes after this list is told.
    if (store.ownership.isShared) this.#mark ??= store.changes.mark();
    const others = store.ownership.others();
    return store.jobs().map((job) => live(job) ?? this.#stored(job, others.get(job.key)));
  }

  #stored(job: JobRecord, other: OtherEngine | undefined): JobInfo {
    const watchers = this.#options.store
      .watchers(job.key)
      .map(({ spec, state }) => watcherInfo(spec, state as WatcherProgress));
    return { ...jobInfo(job, watchers), ...(other && job.phase !== 'clean' ? { followedBy: other } : {}) };
  }

  /** Now and then, where engines share the store: tells clients what others have seen of their jobs. Throws `StoreFailure`. */
  lookAround(): void {
    const { store, isWatched } = this.#options;
    // Whoever attaches asks for all that there is: only what comes after that is missing.
    if (this.#mark === undefined || !isWatched()) {
      this.#mark = store.changes.mark();
      this.#told.clear();
      return;
    }
    const changes = store.changes.since(this.#mark);
    this.#mark = changes.mark;
    this.#tell(changes);
  }

  #tell({ jobs, entries }: ElsewhereChanges): void {
    const { publisher, live } = this.#options;
    const before = this.#told;
    this.#told = new Map();
    const logs = new Map<string, { job: JobKey; log: EventlogName; fresh: EventlogEntry[] }>();
    for (const { job, log, entry } of entries) {
      const name = `${log} ${job}`;
      this.#told.set(name, entry.seq);
      if (entry.seq <= (before.get(name) ?? -1)) continue;
      const one = logs.get(name) ?? { job, log, fresh: [] };
      one.fresh.push(entry);
      logs.set(name, one);
    }
    for (const { job, log, fresh } of logs.values()) publisher.eventlog(job, fresh, log === mainLog ? undefined : log);
    for (const { job, other } of jobs) if (!live(job)) publisher.job(this.#stored(job, other));
  }
}
