/** Which document a file named in a job's output is: the script itself, a file of this machine, or one of the cluster. */
import { posix } from 'node:path';
import type { JobInfo } from '../../engine/protocol.ts';
import { fileUri, scriptUri, type UriParts } from '../documents/job-uri.ts';

export type SourceTarget =
  | { readonly kind: 'here'; readonly path: string }
  | { readonly kind: 'document'; readonly uri: UriParts; readonly path: string };

/** Where slurmd keeps the script of a running job, and where `local` does. */
const scriptCopy = /\/(?:slurm_script|script)$/;

/**
 * What a job prints is hostile: it can name any file, but only of the cluster it ran on, and only a person's click reads it.
 * @param home the home directory, where the files of its cluster are files of this machine; absent: they are not
 * @returns `undefined`: a relative path, and the working directory is not known
 */
export function sourceTarget(
  job: Pick<JobInfo, 'key' | 'cluster' | 'jobId' | 'name' | 'scriptPath' | 'workdir'>,
  written: string,
  home: string | undefined,
): SourceTarget | undefined {
  const inHome = /^~(\/.*)/s.exec(written)?.[1];
  if (inHome === undefined && !written.startsWith('/') && job.workdir === undefined) return undefined;
  // Where `~` is on a cluster its engine knows.
  const path =
    inHome === undefined
      ? posix.resolve(job.workdir ?? '/', written)
      : `${home ?? '~'}${posix.resolve('/', inHome.replace(/^\/+/, ''))}`;
  if (scriptCopy.test(path) && path.split('/').some((part) => isFolderOf(part, job.jobId)))
    return { kind: 'document', uri: scriptUri(job), path };
  if (home !== undefined) return { kind: 'here', path };
  return { kind: 'document', uri: fileUri(job, path), path };
}

/** slurmd's folder is `job00012`; that of `local` is `12`. */
function isFolderOf(part: string, jobId: string): boolean {
  const bare = jobId.split('_')[0] ?? jobId;
  return part === jobId || part.replace(/^job0*/, '') === bare;
}
