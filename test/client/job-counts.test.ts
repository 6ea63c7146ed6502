import { describe, expect, it } from 'vitest';
import { JobStore } from '../../client/engine/job-store.ts';
import { countJobs, shortCounts } from '../../client/jobs/job-counts.ts';
import { job } from './builders.ts';

const now = 1_000_000;

describe('counting jobs', () => {
  const store = new JobStore();
  store.replaceAll(
    [],
    [
      job({ key: 'a/1', state: 'running' }),
      job({ key: 'a/2', state: 'completing' }),
      job({ key: 'a/3', state: 'pending' }),
      job({ key: 'a/4', state: 'pending' }),
      job({ key: 'a/4_1', state: 'pending', arrayTask: { parent: 'a/4', index: 1 } }),
      job({ key: 'a/4_2', state: 'running', arrayTask: { parent: 'a/4', index: 2 } }),
      job({ key: 'b/5', cluster: 'b', state: 'failed', ended: now - 60 }),
      job({ key: 'b/6', cluster: 'b', state: 'timeout', ended: now - 100_000 }),
      job({ key: 'b/7', cluster: 'b', state: 'completed', ended: now - 60 }),
      job({ key: 'b/8', cluster: 'b', state: 'cancelled', ended: now - 60 }),
    ],
  );

  it('counts tasks, not their array, and failures of a day', () => {
    expect(shortCounts(countJobs(store, now))).toBe('3R 2PD 1F');
  });

  it('counts those of one cluster', () => {
    expect(shortCounts(countJobs(store, now, 'b'))).toBe('1F');
    expect(shortCounts(countJobs(store, now, 'c'))).toBe('');
  });
});
