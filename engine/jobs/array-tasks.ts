/** A task of an array becomes a job of its own when it has started: with an eventlog, and with watchers made from the templates. */
import type { EventlogEntry, Timestamp } from '../protocol.ts';
import type { JobSnapshot } from '../schedulers/scheduler.ts';
import type { JobRecord } from '../store/records.ts';
import type { Store, StoredWatcher } from '../store/store.ts';
import { initialProgress, type WatcherProgress } from '../watch/progress.ts';
import { taskRecord } from './array.ts';

/** Writes the task down. */
export function addTask(
  store: Store,
  now: Timestamp,
  parent: JobRecord,
  snapshot: JobSnapshot,
): { readonly job: JobRecord; readonly entries: readonly EventlogEntry[] } {
  const job = taskRecord(parent, snapshot);
  const entries = store.transaction(() => {
    store.saveJob(job);
    store.saveWatchers(
      job.key,
      store.watchers(parent.key).map((template) => instanceOf(template, now)),
    );
    const context = { jobid: snapshot.jobId, array: parent.jobId, task: job.arrayTask?.index ?? 0 };
    return store.append(job.key, [{ timestamp: job.submitted, name: 'submit', context }], now);
  });
  return { job, entries };
}

/** It begins anew, but paused or stopped where the template is. */
function instanceOf({ spec, state: template }: StoredWatcher, now: Timestamp): StoredWatcher {
  const { state, reason } = template as WatcherProgress;
  const initial = initialProgress(spec, now);
  return { spec, state: state === 'active' ? initial : { ...initial, state, ...(reason ? { reason } : {}) } };
}
