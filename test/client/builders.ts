/** Jobs, clusters and entries with sensible values, for tests that care about one or two of them. */
import type { ClusterInfo, EventlogEntry, JobInfo, JsonValue } from '../../engine/protocol.ts';

export const noon = Date.UTC(2026, 10, 21, 12, 0, 0) / 1000;

export function job(changes: Partial<JobInfo> = {}): JobInfo {
  const jobId = changes.jobId ?? '3';
  const cluster = changes.cluster ?? 'local';
  return {
    key: `${cluster}/${jobId}`,
    cluster,
    jobId,
    name: 'train',
    state: 'running',
    submitted: noon - 60,
    started: noon - 50,
    watchers: [],
    logEnded: false,
    ...changes,
  };
}

export function cluster(changes: Partial<ClusterInfo> = {}): ClusterInfo {
  return { name: 'local', kind: 'local', scheduler: 'local', state: 'connected', source: 'built-in', ...changes };
}

export function entry(seq: number, name: string, context?: { readonly [key: string]: JsonValue }): EventlogEntry {
  return { seq, timestamp: noon - 60 + seq, observed: noon - 60 + seq, name, ...(context && { context }) };
}
