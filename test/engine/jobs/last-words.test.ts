import { describe, expect, it } from 'vitest';
import { endFromOutput } from '../../../engine/jobs/last-words.ts';
import { slurmRecording } from '../../support/recordings.ts';

describe('how a job ended, told from its output', () => {
  it.each([
    ['output-timeout', 'timeout'],
    ['output-cancelled', 'cancelled'],
  ])('%s, as recorded', (name, state) => {
    const { stdout } = slurmRecording(name);
    const jobId = /\*\*\* JOB (\d+) ON/.exec(stdout)?.[1] ?? '';
    expect(endFromOutput(stdout, jobId)).toBe(state);
    expect(endFromOutput(stdout, '999999')).toBeUndefined();
  });

  it.each([
    ['slurmstepd: error: Detected 1 oom-kill event(s) in StepId=30.batch.', '30', 'out_of_memory'],
    [
      'slurmstepd-n1: error: StepId=30.batch exceeded memory limit (67203072 > 52428800), being killed',
      '30',
      'out_of_memory',
    ],
    [
      'slurmstepd: error: *** JOB 24 ON n1 CANCELLED AT 2026-11-20T22:33:31 DUE TO NODE FAILURE, SEE LOG ***',
      '16_4',
      'node_fail',
    ],
    ['slurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-20T22:33:31 DUE TO PREEMPTION ***', '7;far', 'preempted'],
    ['slurmstepd: error: *** STEP 7.0 ON n1 CANCELLED AT 2026-11-20T22:33:31 ***', '7', undefined],
    ['echo: *** JOB 7 ON n1 CANCELLED AT 2026-11-20T22:33:31 ***', '7', undefined],
    ['all is well', '7', undefined],
  ])('%s', (line, jobId, state) => expect(endFromOutput(`epoch 1\n${line}\n`, jobId)).toBe(state));
});
