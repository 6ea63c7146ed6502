/** The eventlogs of jobs as their readers see them: what the store has, and word of what is appended to it. */
import { type EventlogEntry, type EventlogName, eventlogPage, type JobKey } from '../protocol.ts';
import type { Publisher } from '../publisher.ts';
import type { Store } from '../store/store.ts';
import { lastEventOf, mainLog, runKeyPrefix } from './log-names.ts';
import type { EventSource } from './read-events.ts';

export class JobEventlogs {
  readonly #store: Store;
  readonly #readers = new Map<JobKey, Set<() => void>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** A job that is not known (any more) has an ended, empty log. */
  source(job: JobKey, log: EventlogName = mainLog): EventSource {
    return {
      name: job,
      read: (from) => this.#store.eventlog(job, from, log, eventlogPage),
      isEnded: () => this.#isEnded(job, log),
      onChanged: (listener) => this.#listen(job, listener),
    };
  }

  #isEnded(job: JobKey, log: EventlogName): boolean {
    const phase = this.#store.job(job)?.phase;
    if (phase === 'clean') return true;
    // What is no job, such as a run, ends with the last event of its own log; a run that is retried goes on after it.
    if (phase === undefined) return !this.#isRun(job) || this.#store.lastOf(job, ['clean', 'retry']) === 'clean';
    const last = log === mainLog ? undefined : lastEventOf(log);
    return last !== undefined && this.#store.hasEvent(job, last, log);
  }

  #isRun(key: JobKey): boolean {
    return key.startsWith(runKeyPrefix) && this.#store.hasEvent(key, 'submit');
  }

  #listen(job: JobKey, listener: () => void): () => void {
    const readers = this.#readers.get(job) ?? new Set();
    this.#readers.set(job, readers.add(listener));
    return () => {
      readers.delete(listener);
      if (readers.size === 0 && this.#readers.get(job) === readers) this.#readers.delete(job);
    };
  }

  /** Where engines share the store: others may have logged something. */
  lookAround(): void {
    for (const job of [...this.#readers.keys()]) this.#tell(job);
  }

  #tell(job: JobKey): void {
    for (const listener of [...(this.#readers.get(job) ?? [])]) listener();
  }

  /** The same publisher, which tells the readers here too. */
  announcing(publisher: Publisher): Publisher {
    const tell = (job: JobKey) => this.#tell(job);
    return {
      cluster: (info) => publisher.cluster(info),
      emitted: (event) => publisher.emitted(event),
      notification: (notification) => publisher.notification(notification),
      job: (info) => {
        publisher.job(info);
        if (info.logEnded) tell(info.key);
      },
      eventlog: (job: JobKey, entries: readonly EventlogEntry[], log?: EventlogName) => {
        publisher.eventlog(job, entries, log);
        tell(job);
      },
      forgotten: (job) => {
        publisher.forgotten(job);
        tell(job);
      },
    };
  }
}
