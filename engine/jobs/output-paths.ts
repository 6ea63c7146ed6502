/** Asks for the output paths of jobs that have begun to run: squeue and sacct do not tell them. */
import { inBatches } from '../schedulers/batches.ts';
import type { JobSnapshot, Scheduler } from '../schedulers/scheduler.ts';
import { isOpenPath } from '../schedulers/slurm-paths.ts';
import type { JobRecord } from '../store/records.ts';

export interface PathQuestion {
  readonly scheduler: Pick<Scheduler, 'describe'>;
  readonly seen: readonly JobSnapshot[];
  readonly stored: (jobId: string) => JobRecord | undefined;
  /** A job whose paths cannot be had now: is it to be left for a later look? */
  readonly mayWait: (jobId: string, why: string) => boolean;
}

/** At most this many questions in one look. */
const mostQuestions = 20;

/** `seen` with paths where they are new; without the jobs that wait for a look that can tell theirs. */
export async function withPaths({ scheduler, seen, stored, mayWait }: PathQuestion): Promise<JobSnapshot[]> {
  const lacking = seen.filter((snapshot) => lacksPaths(snapshot, stored(snapshot.jobId)));
  // With one question for all tasks of an array.
  const asked = [...new Set(lacking.map(questionOf))];
  const problems = new Map(asked.slice(mostQuestions).map((jobId) => [jobId, 'too many jobs began at once']));
  const described = await inBatches(asked.slice(0, mostQuestions), (jobId) =>
    scheduler.describe(jobId).catch((error: unknown): JobSnapshot[] => {
      problems.set(jobId, error instanceof Error ? error.message : String(error));
      return [];
    }),
  );
  const byId = new Map(described.flat().map((snapshot) => [snapshot.jobId, snapshot]));
  const waiting = new Set(
    lacking
      .filter((snapshot) => {
        const problem = problems.get(questionOf(snapshot));
        return problem !== undefined && !hasPath(stored(snapshot.jobId)) && mayWait(snapshot.jobId, problem);
      })
      .map(({ jobId }) => jobId),
  );
  return seen
    .filter((snapshot) => !waiting.has(snapshot.jobId))
    .map((snapshot) => {
      const { stdoutPath, stderrPath, workdir } = byId.get(snapshot.jobId) ?? {};
      const paths = Object.entries({ stdoutPath, stderrPath, workdir }).filter(([, value]) => value !== undefined);
      return { ...Object.fromEntries(paths), ...snapshot };
    });
}

function questionOf({ jobId, arrayTask }: JobSnapshot): string {
  return arrayTask?.parentJobId ?? jobId;
}

function hasPath(job: JobRecord | undefined): boolean {
  return job?.stdoutPath !== undefined && !isOpenPath(job.stdoutPath);
}

/** Asked at each start: only then is known which node it is, and a requeue may move it. */
function lacksPaths(snapshot: JobSnapshot, job: JobRecord | undefined): boolean {
  if (snapshot.stdoutPath !== undefined || snapshot.state === 'pending') return false;
  if (!job) return true;
  if (job.phase === 'finished' || job.phase === 'clean') return false;
  const again =
    (snapshot.restarts ?? 0) > job.restarts || (snapshot.started ?? 0) > (job.started ?? Number.POSITIVE_INFINITY) + 1;
  return job.stdoutPath === undefined || job.phase !== 'started' || again;
}
