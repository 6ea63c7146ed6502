import { describe, expect, it } from 'vitest';
import { takeUpEach } from '../../client/jobs/take-up-each.ts';

describe('takeUpEach', () => {
  const takeUp = (job: string) =>
    job === 'gone' ? Promise.reject(new Error('You have no such job.')) : Promise.resolve(`hpc/${job}`);

  it('takes up the others when one is refused, and tells what was said', async () => {
    const seen: string[] = [];
    const onNext = (job: string) => void seen.push(job);
    const result = await takeUpEach(['1', 'gone', '3'], { takeUp, onNext, isCancelled: () => false });
    expect(result).toEqual({ taken: ['hpc/1', 'hpc/3'], refused: ['You have no such job.'] });
    expect(seen).toEqual(['1', 'gone', '3']);
  });

  it('begins no other once it is cancelled, and keeps what it has', async () => {
    const seen: string[] = [];
    const onNext = (job: string) => void seen.push(job);
    const result = await takeUpEach(['1', '2', '3'], { takeUp, onNext, isCancelled: () => seen.length === 2 });
    expect(result).toEqual({ taken: ['hpc/1', 'hpc/2'], refused: [] });
  });
});
