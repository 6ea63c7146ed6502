/** What is kept of one followed job: its record, its eventlog and its watchers, always in one transaction. */
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { EventlogEntry, JobInfo } from '../protocol.ts';
import type { Publisher } from '../publisher.ts';
import type { JobRecord, NewEvent } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { JobWatch } from '../watch/job-watch.ts';
import type { WatcherProgress } from '../watch/progress.ts';

export interface JobLogOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publisher: Publisher;
  readonly watch: JobWatch;
  readonly info: () => JobInfo;
  /** The store failed: what is in memory is ahead of what is kept. */
  readonly onBroken: () => void;
}

export class JobLog {
  readonly #options: JobLogOptions;
  #job: JobRecord;
  /** As they were stored last: what has not changed is not written again. */
  #saved: readonly (WatcherProgress | undefined)[];
  #ended = false;

  constructor(job: JobRecord, options: JobLogOptions) {
    this.#job = job;
    this.#options = options;
    this.#saved = options.watch.progress;
  }

  get job(): JobRecord {
    return this.#job;
  }

  /** Nothing is written any more. */
  end(): void {
    this.#ended = true;
  }

  /** To be called in `commit`. */
  append(events: readonly NewEvent[]): EventlogEntry[] {
    return this.#options.store.append(this.#job.key, events, this.#options.clock.now());
  }

  /** Events that happen now. */
  write(events: readonly Omit<NewEvent, 'timestamp'>[]): boolean {
    const timestamp = this.#options.clock.now();
    return this.commit(() => this.append(events.map((event) => ({ timestamp, ...event }))));
  }

  /**
   * One transaction, with all that the watchers have changed; what it logged is published when it is kept, not before.
   * False: the store failed, or this has ended. `job`: the record from now on, if it was kept.
   */
  commit(work: () => readonly EventlogEntry[], job = this.#job): boolean {
    if (this.#ended) return false;
    const { store, publisher, log, watch, info, onBroken } = this.#options;
    const progress = watch.progress;
    try {
      const entries = store.transaction(() => {
        const appended = work();
        this.#saveWatchers(progress);
        return appended;
      });
      this.#saved = progress;
      this.#job = job;
      if (entries.length > 0) publisher.eventlog(job.key, entries);
      publisher.job(info());
      return true;
    } catch (error) {
      log.error(`the eventlog of ${this.#job.key} cannot be written: ${String(error)}`);
      onBroken();
      return false;
    }
  }

  #saveWatchers(progress: readonly WatcherProgress[]): void {
    const { store, watch } = this.#options;
    const { key } = this.#job;
    progress.forEach((state, position) => {
      const spec = watch.specs[position];
      if (spec && state !== this.#saved[position]) store.saveWatcher(key, position, { spec, state });
    });
    for (const { watcher, points } of watch.takeHistory()) store.histories.add(key, watcher, points);
  }
}
