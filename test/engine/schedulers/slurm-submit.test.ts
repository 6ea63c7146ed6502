import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTestOnly } from '../../../engine/schedulers/slurm-submit.ts';

describe('what sbatch --test-only tells', () => {
  it.each([
    [
      'sbatch: Job 12 to start at 1795242431 using 16 processors on nodes n[1-4] in partition debug\n',
      { expectedStart: 1_795_242_431, processors: 16, nodes: 'n[1-4]', partition: 'debug', warnings: [] },
    ],
    // Of a heterogeneous job.
    [
      'sbatch: Job 17 to start at 1795242432 using 2 processors on n1\n',
      { expectedStart: 1_795_242_432, processors: 2, nodes: 'n1', warnings: [] },
    ],
    // A time without its zone says nothing.
    [
      'sbatch: Job 5 to start at 2026-11-21T06:28:37 using 1 processors on nodes n1 in partition debug\n',
      { processors: 1, nodes: 'n1', partition: 'debug', warnings: [] },
    ],
    [
      "sbatch: Warning: can't run 1 processes on 4 nodes, setting nnodes to 1\nsbatch: Job 19 to start at 7 using 1 processors on nodes n1 in partition debug\n",
      {
        expectedStart: 7,
        processors: 1,
        nodes: 'n1',
        partition: 'debug',
        warnings: ["can't run 1 processes on 4 nodes, setting nnodes to 1"],
      },
    ],
    ['', { warnings: [] }],
  ])('%j', (told, forecast) => expect(parseTestOnly(told)).toEqual(forecast));

  it('throws at nothing', () => {
    fc.assert(fc.property(fc.string(), (told) => Array.isArray(parseTestOnly(told).warnings)));
  });
});
