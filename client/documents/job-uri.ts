/** Addresses of Vigil's read-only documents: which job, and which of its texts. The path is for people, the query for us. */
import type { JobInfo, JobKey } from '../../engine/protocol.ts';

export const outputScheme = 'vigil-output';
export const scriptScheme = 'vigil-script';

export type OutputStream = 'stdout' | 'stderr';

export interface JobDocument {
  readonly job: JobKey;
  /** Absent: the script. */
  readonly stream?: OutputStream;
}

export interface UriParts {
  readonly scheme: string;
  readonly path: string;
  readonly query: string;
}

/** The document of a job's output; its name ends in `.log`, which gives it the colours of logs. */
export function outputUri(job: JobInfo, stream: OutputStream): UriParts {
  const name =
    stream === 'stdout' ? `${fileName(job.name)}-${job.jobId}.log` : `${fileName(job.name)}-${job.jobId}.err.log`;
  return {
    scheme: outputScheme,
    path: `/${fileName(job.cluster)}/${name}`,
    query: JSON.stringify({ job: job.key, stream }),
  };
}

/** The document of a job's script as it was submitted. */
export function scriptUri(job: JobInfo): UriParts {
  const original = job.scriptPath?.split(/[\\/]/).at(-1) ?? `${fileName(job.name)}.sh`;
  return {
    scheme: scriptScheme,
    path: `/${fileName(job.cluster)}/${job.jobId}/${original}`,
    query: JSON.stringify({ job: job.key }),
  };
}

/** The inverse; `undefined` for an address that is not one of ours. */
export function parseJobUri(uri: { readonly query: string }): JobDocument | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(uri.query);
  } catch {
    return undefined;
  }
  const job: unknown = Reflect.get(Object(parsed), 'job');
  const stream: unknown = Reflect.get(Object(parsed), 'stream');
  if (typeof job !== 'string') return undefined;
  return stream === 'stdout' || stream === 'stderr' ? { job, stream } : { job };
}

/** Job names may hold anything, slashes too. */
function fileName(name: string): string {
  return name.replace(/[^\p{L}\p{N}._-]+/gu, '_').slice(0, 100) || '_';
}
