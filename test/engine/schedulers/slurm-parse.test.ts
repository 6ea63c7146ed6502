import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeComponents } from '../../../engine/schedulers/het-jobs.ts';
import type { JobSnapshot } from '../../../engine/schedulers/scheduler.ts';
import {
  parseExitCode,
  parseSacct,
  parseScontrolJobs,
  parseSqueue,
  parseState,
  parseTime,
} from '../../../engine/schedulers/slurm-parse.ts';
import { slurmRecording } from '../../support/recordings.ts';

const line = (...fields: string[]) => fields.join('\u001f');

describe('states', () => {
  it.each([
    ['RUNNING', { state: 'running' }],
    ['CONFIGURING', { state: 'pending', configuring: true }],
    ['COMPLETING', { state: 'completing' }],
    ['CANCELLED by 1001', { state: 'cancelled', cancelledBy: 1001 }],
    ['CANCELLED+', { state: 'cancelled' }],
    ['OUT_OF_MEMORY', { state: 'out_of_memory' }],
    ['REQUEUE_HOLD', { state: 'pending' }],
    ['A_STATE_TO_COME', { state: 'running' }],
  ])('%s', (text, expected) => expect(parseState(text)).toEqual(expected));
});

describe('exit codes as wait statuses', () => {
  it.each([
    ['0:0', 0],
    ['3:0', 768],
    ['0:15', 15],
    ['0:53', 53],
    ['1:9', 265],
    ['', undefined],
  ])('%s', (text, status) => expect(parseExitCode(text)).toBe(status));
});

describe('times', () => {
  it.each([
    ['1795221000', 1795221000],
    ['Unknown', undefined],
    ['N/A', undefined],
    ['None', undefined],
    ['0', undefined],
    [undefined, undefined],
  ])('%s', (text, time) => expect(parseTime(text)).toBe(time));
});

// Lines as Slurm 22.05.8 prints them for our format with SLURM_TIME_FORMAT=%s.
describe('squeue', () => {
  it('reads a running job whose name holds a delimiter of other tools', () => {
    const text = line(
      '5',
      'RUNNING',
      'None',
      'debug',
      'test',
      'normal',
      '1',
      'n1',
      '1795221000',
      '1795221001',
      '1795221600',
      '/home/u',
      'odd | name x',
    );
    expect(parseSqueue(`${text}\n`)).toEqual([
      {
        jobId: '5',
        state: 'running',
        name: 'odd | name x',
        partition: 'debug',
        account: 'test',
        qos: 'normal',
        nodes: 'n1',
        workdir: '/home/u',
        priority: 1,
        submitted: 1795221000,
        started: 1795221001,
      },
    ]);
  });

  it('does not take the expected start of a pending job for its start', () => {
    const text = line(
      '7',
      'PENDING',
      'Resources',
      'debug',
      'test',
      'normal',
      '1',
      '',
      '1795221000',
      '1795229000',
      '1795229600',
      '/home/u',
      'x',
    );
    expect(parseSqueue(text)).toEqual([expect.objectContaining({ state: 'pending', reason: 'Resources' })]);
    expect(parseSqueue(text)[0]).not.toHaveProperty('started');
  });

  it('tells array tasks', () => {
    const text = line('16_3', 'RUNNING', 'None', 'debug', 'test', 'normal', '1', 'n1', '1', '2', '3', '/', 'arr');
    expect(parseSqueue(text)[0]?.arrayTask).toEqual({ parentJobId: '16', index: 3 });
  });

  it('passes over what is not a record', () => {
    expect(parseSqueue('Welcome to the cluster!\n\n')).toEqual([]);
  });
});

describe('sacct', () => {
  it('reads how a job ended', () => {
    const text = line(
      ...[
        '5',
        'FAILED',
        '3:0',
        '1795221000',
        '1795221000',
        '1795221000',
        '1795221003',
        'debug',
        'test',
        'normal',
        'n1',
      ],
      ...['/home/u', 'odd | name\u001fx'],
    );
    expect(parseSacct(text)).toEqual([
      expect.objectContaining({
        jobId: '5',
        state: 'failed',
        status: 768,
        ended: 1795221003,
        nodes: 'n1',
        name: 'odd | name\u001fx',
      }),
    ]);
  });

  it('has no nodes for a job that never ran, and knows who cancelled it', () => {
    const text = '12|CANCELLED by 1001|0:0|1|2|3|3|debug|test|normal|None assigned|/home/u|x'.replaceAll('|', '\u001f');
    const [job] = parseSacct(text);
    expect(job).toMatchObject({ state: 'cancelled', cancelledBy: 1001 });
    expect(job).not.toHaveProperty('nodes');
  });
});

describe('heterogeneous jobs, as recorded', () => {
  const components = [
    { offset: 0, state: 'pending', partition: 'debug' },
    { offset: 1, state: 'pending', partition: 'long' },
  ];

  it('are one job in the queue', () => {
    expect(mergeComponents(parseSqueue(slurmRecording('squeue-het').stdout))).toEqual([
      expect.objectContaining({ jobId: '92', state: 'pending', partition: 'debug,long', name: 'het.sh', components }),
    ]);
  });

  it('are one job for the controller, with the output of the first component', () => {
    expect(mergeComponents(parseScontrolJobs(slurmRecording('scontrol-show-job-het').stdout))).toEqual([
      expect.objectContaining({ jobId: '92', stdoutPath: '/tmp/slurm-92.out', components, expectedStart: 1795232006 }),
    ]);
  });

  it('end once, for accounting', () => {
    expect(mergeComponents(parseSacct(slurmRecording('sacct-het').stdout))).toEqual([
      expect.objectContaining({ jobId: '88', state: 'failed', status: 768, nodes: 'n2,n1', ended: 1795231589 }),
    ]);
  });
});

describe('whatever a command prints', () => {
  const pieces = fc.constantFrom(
    ...['\u001f', '\n', '|', '16+0', '16+1', '16_3', '16_[3-6%2]', 'RUNNING', 'CANCELLED by 7', 'NODE_FAIL+', 'N/A'],
    ...[
      'JobId=5',
      ' HetJobId=5',
      ' HetJobOffset=x',
      'ArrayTaskId=',
      '(null)',
      '1795221000',
      '3:0',
      'ü',
      '\u0000',
      '  ',
    ],
  );
  const output = fc.array(fc.oneof(pieces, fc.string())).map((parts) => parts.join(''));

  it.each([
    ['squeue', parseSqueue],
    ['sacct', parseSacct],
    ['scontrol', parseScontrolJobs],
  ])('is read without a throw, to jobs with an id and a known state: %s', (_, parse) => {
    fc.assert(
      fc.property(output, (text) => {
        for (const job of mergeComponents<JobSnapshot>(parse(text))) {
          expect(typeof job.jobId).toBe('string');
          expect(job.state).toMatch(/^[a-z_]+$/);
          for (const time of [job.submitted, job.started, job.ended]) {
            expect(time === undefined || Number.isFinite(time)).toBe(true);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('comes back from squeue as it was, whatever the name holds', () => {
    const name = fc
      .string({ minLength: 1 })
      .filter((text) => !/[\n\u001f]/.test(text) && !['', '(null)', 'Unknown'].includes(text));
    fc.assert(
      fc.property(fc.nat(), name, (id, text) => {
        const [job] = parseSqueue(
          line(String(id), 'RUNNING', 'None', 'p', 'a', 'q', '1', 'n1', '1', '2', '3', '/w', text),
        );
        expect(job).toMatchObject({ jobId: String(id), name: text, state: 'running' });
      }),
    );
  });
});

describe('time limits', () => {
  it.each([
    ['1795221600 10:00', 600],
    ['1795221600 1-00:30:00', 88_200],
    ['N/A UNLIMITED', undefined],
    ['N/A NOT_SET', undefined],
    ['N/A Partition_Limit', undefined],
    ['N/A', undefined],
  ])('of squeue: %s', (endAndLimit, seconds) => {
    const fields = ['5', 'RUNNING', 'None', 'p', 'a', 'q', '1', 'n1', '1', '2', endAndLimit, '/w', 'x'];
    expect(parseSqueue(line(...fields))[0]?.timeLimitSeconds).toBe(seconds);
  });

  it('of scontrol, as recorded', () => {
    const [job] = parseScontrolJobs(slurmRecording('scontrol-show-job-array').stdout);
    expect(job?.timeLimitSeconds).toBe(600);
  });
});

describe('times in other forms', () => {
  it.each([
    ['1795221000', 1795221000],
    ['2026-11-20T22:33:31', 1795214011],
    ['N/A', undefined],
    ['Unknown', undefined],
    ['0', undefined],
    ['', undefined],
  ])('%s is %s', (text, seconds) => expect(parseTime(text)).toBe(seconds));
});

describe('scontrol show job, as recorded', () => {
  const show = (name: string) => parseScontrolJobs(slurmRecording(name).stdout);

  it('gives resolved paths', () => {
    expect(show('scontrol-show-job-running')).toEqual([
      expect.objectContaining({
        jobId: '2',
        name: 'train',
        state: 'completed',
        status: 0,
        partition: 'debug',
        nodes: 'n1',
        workdir: '/cluster/home/hpcuser',
        stdoutPath: '/cluster/home/hpcuser/jobs/train-2.out',
        stderrPath: '/cluster/home/hpcuser/jobs/train-2.err',
      }),
    ]);
  });

  it.each([
    ['scontrol-show-job-failed', 'failed', 768],
    ['scontrol-show-job-segv', 'failed', 11],
    ['scontrol-show-job-timeout', 'timeout', 15],
  ])('%s', (name, state, status) => expect(show(name)[0]).toMatchObject({ state, status }));

  it('tells a requeued job by its restarts', () => {
    expect(show('scontrol-show-job-requeued')[0]).toMatchObject({ state: 'pending', restarts: 1, reason: 'BeginTime' });
  });

  it('tells the array from its tasks', () => {
    const [array, task] = show('scontrol-show-job-array');
    expect(array).toMatchObject({ jobId: '16', isArray: true, state: 'pending' });
    expect(task).toMatchObject({ jobId: '16_2', arrayTask: { parentJobId: '16', index: 2 }, state: 'running' });
  });
});
