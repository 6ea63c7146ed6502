/** How the jobs stand, in the few characters that a status bar has, as Slurm's users count them: `3R 2PD 1F`. Pure. */
import type { JobInfo, Timestamp } from '../../engine/protocol.ts';
import type { KnownState } from '../engine/job-store.ts';
import { isEnded } from './job-states.ts';

export interface JobCounts {
  readonly running: number;
  readonly pending: number;
  /** Ended within the last day, neither completed nor cancelled. */
  readonly failed: number;
}

const day = 86_400;

/** Of all jobs, or of one cluster. Array tasks count, the array that they belong to does not. */
export function countJobs(known: KnownState, now: Timestamp, cluster?: string): JobCounts {
  const parents = new Set([...known.jobs.values()].map((job) => job.arrayTask?.parent));
  const counts = { running: 0, pending: 0, failed: 0 };
  for (const job of known.jobs.values()) {
    if (parents.has(job.key) || (cluster !== undefined && job.cluster !== cluster)) continue;
    if (job.state === 'pending') counts.pending++;
    else if (!isEnded(job)) counts.running++;
    else if (hasFailed(job) && (job.ended ?? job.submitted) > now - day) counts.failed++;
  }
  return counts;
}

function hasFailed({ state }: JobInfo): boolean {
  return state !== 'completed' && state !== 'cancelled';
}

/** Empty when there is nothing to count. */
export function shortCounts({ running, pending, failed }: JobCounts): string {
  const parts = [
    [running, 'R'],
    [pending, 'PD'],
    [failed, 'F'],
  ] as const;
  return parts
    .filter(([number]) => number > 0)
    .map(([number, letters]) => `${number}${letters}`)
    .join(' ');
}
