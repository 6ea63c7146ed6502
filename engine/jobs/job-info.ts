/** A job as clients see it, from what the store holds. Pure. */
import type { JobInfo, WatcherInfo } from '../protocol.ts';
import type { JobRecord } from '../store/records.ts';

export function jobInfo(job: JobRecord, watchers: readonly WatcherInfo[]): JobInfo {
  const { phase, restarts, scriptHash, options, submitKey, isArray, resubmitOf, cancelReason, ...shown } = job;
  return { ...shown, watchers, logEnded: phase === 'clean' };
}
