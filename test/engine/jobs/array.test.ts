import { describe, expect, it } from 'vitest';
import { arraySnapshot } from '../../../engine/jobs/array.ts';
import type { JobSnapshot } from '../../../engine/schedulers/scheduler.ts';

const task = (index: number, fields: Partial<JobSnapshot>): JobSnapshot => ({
  jobId: `16_${index}`,
  state: 'pending',
  arrayTask: { parentJobId: '16', index },
  ...fields,
});

describe('an array from its tasks', () => {
  it('is pending while all are', () => {
    expect(arraySnapshot('16', [task(1, { reason: 'Priority' }), task(2, {})])).toMatchObject({
      state: 'pending',
      reason: 'Priority',
    });
  });

  it('runs from the first start', () => {
    const tasks = [task(1, { state: 'completed', started: 10, ended: 20, status: 0 }), task(2, { state: 'pending' })];
    expect(arraySnapshot('16', tasks)).toMatchObject({ jobId: '16', isArray: true, state: 'running', started: 10 });
  });

  it('ends with the last one, as the worst did', () => {
    const tasks = [
      task(1, { state: 'completed', started: 10, ended: 40, status: 0 }),
      task(2, { state: 'cancelled', started: 12, ended: 30, status: 15 }),
      task(3, { state: 'failed', started: 12, ended: 20, status: 256 }),
    ];
    expect(arraySnapshot('16', tasks)).toMatchObject({ state: 'failed', status: 256, started: 10, ended: 40 });
  });

  it('is unknown without tasks', () => expect(arraySnapshot('16', [])).toBeUndefined());
});
