/** Was an action's wish fulfilled before, by an engine that died, or over a connection that broke, before it knew? */
import type { Scheduler } from '../schedulers/scheduler.ts';
import { isEnded } from '../schedulers/transitions.ts';

/** The job is over, ends this very moment, or is forgotten: there is nothing to cancel. */
export async function isOver(scheduler: Scheduler, jobId: string): Promise<boolean> {
  const jobs = await scheduler.describe(jobId);
  return jobs.every(({ state }) => isEnded(state) || state === 'completing');
}

/** It waits in the queue again, or has restarted more often than when the wish was written down. */
export async function isRequeued(scheduler: Scheduler, jobId: string, restarts: number): Promise<boolean> {
  const jobs = await scheduler.describe(jobId);
  return jobs.some((job) => job.state === 'pending' || (job.restarts ?? 0) > restarts);
}
