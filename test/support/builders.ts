import type { JobRecord } from '../../engine/store/records.ts';
import type { WatcherSpec } from '../../language/watcher/spec.ts';

export function jobRecord(fields: Partial<JobRecord> = {}): JobRecord {
  return {
    key: 'test/7',
    cluster: 'test',
    jobId: '7',
    name: 'job',
    state: 'pending',
    phase: 'submitted',
    submitted: 100,
    restarts: 0,
    scriptHash: 'none',
    options: [],
    submitKey: 'key',
    ...fields,
  };
}

export function watcherSpec(fields: Partial<WatcherSpec> = {}): WatcherSpec {
  return {
    name: 'watcher-1',
    line: 0,
    captures: [],
    actions: [{ name: 'log_event', params: {} }],
    intervalSeconds: 60,
    outputType: 'stdout',
    maxFailures: 5,
    cooldownSeconds: 0,
    triggerOnJobEnd: false,
    triggerJobStates: ['completed', 'failed', 'timeout'],
    timerMode: false,
    timerIntervalSeconds: 30,
    remainingResubmits: 10,
    enabled: true,
    ...fields,
  };
}
