import { describe, expect, it } from 'vitest';
import { withoutSteps } from '../../../engine/schedulers/slurm-job-id.ts';

describe('tasks as scancel takes them', () => {
  it.each([
    ['3', '3'],
    ['1-5,8', '1-5,8'],
    ['1-5:2,2-4', '1,3,5,2-4'],
    ['0-9:4', '0,4,8'],
    ['7-7', '7'],
  ])('%s', (written, taken) => expect(withoutSteps(written)).toBe(taken));

  it('are refused when they would not fit into a command', () => {
    expect(() => withoutSteps('0-100000:2')).toThrow('name fewer at a time');
  });
});
