/** Addresses of Vigil's read-only documents: which job, and which of its texts. The path is for people, the query for us. */
import type { JobInfo, JobKey } from '../../engine/protocol.ts';

export const outputScheme = 'vigil-output';
export const scriptScheme = 'vigil-script';
export const fileScheme = 'vigil-file';
export const searchScheme = 'vigil-search';

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
export function scriptUri(job: Pick<JobInfo, 'key' | 'cluster' | 'jobId' | 'name' | 'scriptPath'>): UriParts {
  const original = job.scriptPath?.split(/[\\/]/).at(-1) ?? `${fileName(job.name)}.sh`;
  return {
    scheme: scriptScheme,
    path: `/${fileName(job.cluster)}/${job.jobId}/${original}`,
    query: JSON.stringify({ job: job.key }),
  };
}

/** A file on the cluster of a job. */
export interface FileDocument {
  readonly job: JobKey;
  /** Absolute there. */
  readonly path: string;
  /** A line of it, and its first byte: only what is around it is shown. */
  readonly around?: { readonly offset: number; readonly line: number };
}

/** The document of a file; its name is the file's, which gives it the colours of its language. */
export function fileUri(
  job: Pick<JobInfo, 'key' | 'cluster'>,
  path: string,
  around?: FileDocument['around'],
): UriParts {
  const file: FileDocument = { job: job.key, path, ...(around ? { around } : {}) };
  return {
    scheme: fileScheme,
    path: `/${fileName(job.cluster)}${path.startsWith('/') ? '' : '/'}${path}`,
    query: JSON.stringify(file),
  };
}

/** The inverse of `fileUri`. */
export function parseFileUri(uri: { readonly query: string }): FileDocument | undefined {
  const parsed = parseQuery(uri.query);
  const job: unknown = Reflect.get(parsed, 'job');
  const path: unknown = Reflect.get(parsed, 'path');
  if (typeof job !== 'string' || typeof path !== 'string') return undefined;
  const place: unknown = Reflect.get(parsed, 'around');
  const offset: unknown = Reflect.get(Object(place), 'offset');
  const line: unknown = Reflect.get(Object(place), 'line');
  const isPlace = typeof offset === 'number' && typeof line === 'number';
  return { job, path, ...(isPlace ? { around: { offset, line } } : {}) };
}

/** The inverse; `undefined` for an address that is not one of ours. */
export function parseJobUri(uri: { readonly query: string }): JobDocument | undefined {
  const parsed = parseQuery(uri.query);
  const job: unknown = Reflect.get(parsed, 'job');
  const stream: unknown = Reflect.get(parsed, 'stream');
  if (typeof job !== 'string') return undefined;
  return stream === 'stdout' || stream === 'stderr' ? { job, stream } : { job };
}

function parseQuery(query: string): object {
  try {
    return Object(JSON.parse(query));
  } catch {
    return {};
  }
}

/** Job names may hold anything, slashes too. */
function fileName(name: string): string {
  return name.replace(/[^\p{L}\p{N}._-]+/gu, '_').slice(0, 100) || '_';
}
