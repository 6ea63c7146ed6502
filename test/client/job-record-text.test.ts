import { describe, expect, it } from 'vitest';
import { jobRecordText } from '../../client/jobs/job-record-text.ts';
import { entry, job, noon } from './builders.ts';

const script = '#!/bin/bash\n#SBATCH -n 4\n./train\n';
const parts = (changes: Partial<Parameters<typeof jobRecordText>[0]> = {}) => ({
  job: job(),
  submission: { script, options: [] },
  usage: null,
  eventlog: [],
  ...changes,
});

describe('what a job was, for a comparison', () => {
  it('is how it was submitted, what came of it, and its script', () => {
    const watcher = { name: 'loss', state: 'active' as const, failures: 0, captures: {}, line: 3 };
    const text = jobRecordText({
      job: job({
        key: 'kuma/7',
        cluster: 'kuma',
        jobId: '7',
        state: 'failed',
        status: 768,
        ended: noon + 3550,
        timeLimitSeconds: 7200,
        partition: 'gpu',
        nodes: 'n[1-2]',
        workdir: '/scratch/run',
        resubmitOf: 'kuma/5',
        memo: { why: 'a larger batch' },
        watchers: [{ ...watcher, matchCount: 12, triggerCount: 1 }],
      }),
      submission: { script, options: ['--time=2:00:00'], scriptPath: '/home/me/train.sh' },
      usage: { cpus: 8, cpuSeconds: 3600, memoryBytes: 1.5e9, requestedMemoryBytes: 4e9, steps: [] },
      eventlog: [
        entry(1, 'metric', { name: 'loss', value: 0.5 }),
        entry(2, 'metric', { name: 'accuracy', value: 0.8 }),
        entry(3, 'metric', { name: 'loss', value: 0.25 }),
      ],
    });
    expect(text.split('\n').filter((line) => !/^submitted: /.test(line))).toEqual([
      'job: kuma/7',
      'name: train',
      'submitted once more from: kuma/5',
      'state: failed',
      'end: exit code 3',
      'waited: 10 s',
      'ran: 1 h',
      'time limit: 2 h',
      'partition: gpu',
      'nodes: n[1-2]',
      'CPUs: 8',
      'CPU time: 1 h',
      'memory used: 1500.0 MB',
      'memory allocated: 4000.0 MB',
      'working directory: /scratch/run',
      'watchers:',
      '  loss: 12 matches, 1 trigger',
      'last values of its metrics:',
      '  accuracy = 0.8',
      '  loss = 0.25',
      'notes:',
      '  why: a larger batch',
      'options beside those of the script:',
      '  --time=2:00:00',
      'script: /home/me/train.sh',
      // printf '#!/bin/bash\n#SBATCH -n 4\n./train\n' | sha256sum
      'SHA-256: 37549f67b8b0fa8f3997fcb8b88f3a0ecf3be8bfc2aee9b61a92de9849817779',
      '',
      ...script.split('\n'),
    ]);
  });

  it('leaves out what nobody knows', () => {
    const text = jobRecordText(parts({ job: job({ state: 'pending', started: undefined as never }) }));
    expect(text).not.toMatch(/^(end|ran|waited|CPUs|nodes|watchers|script)/m);
  });

  it('shows control characters of a job as what they are', () => {
    const text = jobRecordText(parts({ job: job({ name: 'a\u001b[31mb' }) }));
    expect(text).not.toContain('\u001b');
  });
});
