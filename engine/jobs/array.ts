/** The job that stands for a whole array, told from its tasks, and the tasks as jobs of their own. Pure. */
import type { JobSnapshot } from '../schedulers/scheduler.ts';
import { isEnded } from '../schedulers/transitions.ts';
import type { JobRecord } from '../store/records.ts';

/**
 * One snapshot for the array `jobId` from those of its tasks: it runs from the first task's start to the last one's
 * end, and ends as its worst task did.
 */
export function arraySnapshot(jobId: string, tasks: readonly JobSnapshot[]): JobSnapshot | undefined {
  const [first] = tasks;
  if (!first) return undefined;
  const ended = tasks.every((task) => isEnded(task.state));
  const active = tasks.find((task) => task.state !== 'pending' && !isEnded(task.state));
  const begun = tasks.filter((task) => task.state !== 'pending' && task.started !== undefined);
  const unsuccessful = tasks.filter((task) => isEnded(task.state) && task.state !== 'completed');
  // A task's own end (a failure before a cancellation) says more than what was done to the others because of it.
  const worst = unsuccessful.find((task) => task.state !== 'cancelled') ?? unsuccessful[0] ?? first;
  const { arrayTask, stdoutPath, stderrPath, started, ended: endedAt, status, reason, ...shared } = first;
  const starts = begun.map((task) => task.started ?? 0);
  const ends = tasks.map((task) => task.ended ?? 0);
  const state = ended ? worst.state : active ? 'running' : begun.length > 0 ? 'running' : 'pending';
  return {
    ...shared,
    jobId,
    isArray: true,
    state,
    ...(state === 'pending' && reason ? { reason } : {}),
    ...(starts.length > 0 ? { started: Math.min(...starts) } : {}),
    ...(ended ? { ended: Math.max(...ends), status: worst.status ?? 0 } : {}),
  };
}

/** A task as a job of its own, before anything of it is known but that it began. */
export function taskRecord(parent: JobRecord, task: JobSnapshot): JobRecord {
  const { isArray, started, ended, status, reason, nodes, stdoutPath, stderrPath, ...shared } = parent;
  return {
    ...shared,
    key: `${parent.cluster}/${task.jobId}`,
    jobId: task.jobId,
    state: 'pending',
    phase: 'submitted',
    restarts: 0,
    arrayTask: { parent: parent.key, index: task.arrayTask?.index ?? 0 },
  };
}
