/** How people are told that a job has ended. Pure. */
import type { JobEndPolicy } from '../protocol/notifications.ts';
import type { JobState, UserNotification } from '../protocol.ts';
import type { JobRecord } from '../store/records.ts';

const words: { readonly [state in JobState]?: string } = {
  completed: 'has completed',
  failed: 'has failed',
  cancelled: 'was cancelled',
  timeout: 'ran into its time limit',
  out_of_memory: 'ran out of memory',
  node_fail: 'lost a node',
  boot_fail: 'failed: its nodes did not boot',
  deadline: 'missed its deadline',
  preempted: 'was preempted',
  lost: 'is not known to the scheduler any more',
};

/** `undefined`: nobody is to be told. A task that completed is told with its array. */
export function jobEndNotification(job: JobRecord, policy: JobEndPolicy): UserNotification | undefined {
  if (policy === 'none') return undefined;
  const isGood = job.state === 'completed' || job.state === 'cancelled';
  if (isGood && (policy === 'failures' || job.arrayTask)) return undefined;
  const status = job.state === 'failed' && job.status !== undefined ? exitWords(job.status) : '';
  return {
    level: isGood ? 'info' : 'error',
    message: `Job ${job.jobId} (${job.name}) on ${job.cluster} ${words[job.state] ?? `is ${job.state}`}${status}${ranFor(job)}.`,
    job: job.key,
    ended: job.state,
  };
}

function exitWords(status: number): string {
  const signal = status & 0x7f;
  return signal === 0 ? ` with status ${status >> 8}` : ` by signal ${signal}`;
}

function ranFor({ started, ended }: JobRecord): string {
  if (started === undefined || ended === undefined || ended < started) return '';
  const seconds = Math.round(ended - started);
  if (seconds < 120) return ` after ${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? ` after ${minutes} min` : ` after ${(minutes / 60).toFixed(1)} h`;
}
