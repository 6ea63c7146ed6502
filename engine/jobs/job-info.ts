/** A job as clients and as watchers see it, from what the store holds. Pure. */
import type { JobInfo, WatcherInfo } from '../protocol.ts';
import { isEnded } from '../schedulers/transitions.ts';
import type { JobRecord } from '../store/records.ts';
import type { JobFacts } from '../watch/scope.ts';

export function jobInfo(job: JobRecord, watchers: readonly WatcherInfo[]): JobInfo {
  const { phase, restarts, scriptHash, options, submitKey, cancelReason, ...shown } = job;
  return { ...shown, watchers, logEnded: phase === 'clean' };
}

/** `clockOffsetSeconds`: how far the cluster's clock, by which `started` is, is ahead of the one that watchers go by. */
export function jobFacts(job: JobRecord, user: string, clockOffsetSeconds = 0): JobFacts {
  const { jobId, name, cluster, workdir, state, started } = job;
  return {
    jobId,
    name,
    hostname: cluster,
    user,
    workdir: workdir ?? '',
    state,
    ...(isEnded(state) ? { endState: state } : {}),
    ...(started === undefined ? {} : { started: started - clockOffsetSeconds }),
  };
}

/** Slurm writes both streams to one file unless `--error` says otherwise. */
export function isOneFile({ stdoutPath, stderrPath }: JobRecord): boolean {
  return stderrPath === undefined || stderrPath === stdoutPath;
}
