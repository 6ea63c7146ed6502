import { describe, expect, it } from 'vitest';
import type { Connection, ExecOptions, ExecResult } from '../../../engine/clusters/connection.ts';
import { RefusalError, SchedulerUnavailableError } from '../../../engine/schedulers/scheduler.ts';
import { keysKeptSeconds, Slurm } from '../../../engine/schedulers/slurm.ts';
import { slurmRecording } from '../../support/recordings.ts';

type Answer = Partial<ExecResult>;

/** `env -u A -u B program …`: the program and its arguments. */
function withoutEnv(line: readonly string[]): readonly string[] {
  const start = line.findIndex((word, index) => index > 0 && word !== '-u' && line[index - 1] !== '-u');
  return line.slice(start);
}

/** A fake connection: answers by program, and notes what was run. The real ones are tested in test/cluster/. */
function slurmWith(answers: { readonly [program: string]: Answer | ((argv: readonly string[]) => Answer) }) {
  const calls: { argv: readonly string[]; options: ExecOptions; line: readonly string[] }[] = [];
  const connection = {
    exec: async (line: readonly string[], options: ExecOptions = {}): Promise<ExecResult> => {
      const argv = withoutEnv(line);
      calls.push({ argv, options, line });
      const given = answers[argv[0] ?? ''];
      const answer = typeof given === 'function' ? given(argv) : given;
      const stdout = answer?.stdout ?? '';
      // Rows are easier to read with another delimiter.
      return {
        status: 0,
        stderr: '',
        ...answer,
        stdout: argv[0] === 'sacct' ? stdout.replaceAll('|', '\u001f') : stdout,
      };
    },
  } as Connection;
  const slurm = new Slurm({
    cluster: 'c',
    connection: async () => connection,
    user: 'me',
    version: 'Slurm 22.05.8',
    clock: { now: () => 1000 },
  });
  return { slurm, calls, programs: () => calls.map(({ argv }) => argv[0]) };
}

const row = (id: string, state: string) =>
  [id, state, 'None', 'debug', 'test', 'normal', '1', 'n1', '100', '110', '0', '/w', 'job'].join('\u001f');
const request = { script: '#!/bin/sh\ntrue\n', name: 'job.sh', options: ['--mem=1G'], key: 'k-1' };

describe('submitting', () => {
  it('sends the script on stdin, names the job after the file, and marks it with the key', async () => {
    const { slurm, calls } = slurmWith({ sbatch: { stdout: '17\n' } });
    expect(await slurm.submit({ ...request, workdir: '/scratch/me' })).toBe('17');
    expect(calls[0]).toMatchObject({
      argv: ['sbatch', '--parsable', '--job-name=job.sh', '--mem=1G', '--comment=vigil:k-1'],
      options: { lane: 'scheduler', stdin: request.script, cwd: '/scratch/me' },
    });
  });

  it('leaves the name and the comment of the script alone', async () => {
    const { slurm, calls } = slurmWith({ sbatch: { stdout: '17;cluster\n' } });
    const script = '#!/bin/sh\n#SBATCH -J mine --comment="two words"\ntrue\n';
    expect(await slurm.submit({ ...request, script })).toBe('17;cluster');
    expect(calls[0]?.argv).toEqual(['sbatch', '--parsable', '--mem=1G', '--comment=two words vigil:k-1']);
  });

  it('reads the id behind what a site prints before it', async () => {
    const { slurm } = slurmWith({ sbatch: { stdout: 'Welcome!\nYour balance: 100 h\n4711\n' } });
    expect(await slurm.submit(request)).toBe('4711');
  });

  it('asks whether a job would be taken: with all it would be submitted with, and no job to come of it', async () => {
    const stderr = 'sbatch: Job 9 to start at 1234 using 2 processors on nodes n1 in partition debug\n';
    const { slurm, calls } = slurmWith({ sbatch: { stderr } });
    expect(await slurm.test({ ...request, workdir: '/w', env: { A: 'b' } })).toMatchObject({ expectedStart: 1234 });
    expect(calls.map(({ argv }) => argv)).toEqual([
      ['sbatch', '--test-only', '--parsable', '--job-name=job.sh', '--mem=1G', '--comment=vigil:k-1'],
    ]);
    expect(calls[0]?.options).toMatchObject({ stdin: request.script, env: { A: 'b', SLURM_TIME_FORMAT: '%s' } });
  });

  it('tells a refusal of the test from no answer to it', async () => {
    const answer = (status: number, stderr: string) => slurmWith({ sbatch: { status, stderr } }).slurm.test(request);
    await expect(answer(1, 'allocation failure: Node count specification invalid')).rejects.toThrow(RefusalError);
    await expect(answer(1, 'allocation failure: Unable to contact slurm controller')).rejects.toThrow(
      SchedulerUnavailableError,
    );
  });

  it.each([
    [
      'sbatch-bad-partition',
      'invalid partition specified: nosuch\nBatch job submission failed: Invalid partition name specified',
    ],
    ['sbatch-bad-time', 'Invalid --time specification'],
  ])('passes on the words of sbatch: %s', async (name, words) => {
    const { exit_code: status, stderr } = slurmRecording(name);
    const { slurm } = slurmWith({ sbatch: { status, stderr } });
    const refusal = await slurm.submit(request).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RefusalError);
    expect(refusal).toMatchObject({ words });
  });
});

describe('submitting without an answer', () => {
  it.each<[string, Answer]>([
    [
      'a time-out',
      { status: 1, stderr: 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n' },
    ],
    [
      'no controller',
      {
        status: 1,
        stderr: 'sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)\n',
      },
    ],
    ['a signal', { status: null, signal: 'SIGKILL' }],
    ['no id', { status: 0, stdout: 'Welcome!\n' }],
  ])('is no refusal: %s', async (_, sbatch) => {
    const { slurm } = slurmWith({ sbatch });
    const error = await slurm.submit(request).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SchedulerUnavailableError);
  });
});

/** What `observe` says, and of whom it is unsure. */
async function look(slurm: Slurm, ...jobIds: string[]) {
  const unsure: string[] = [];
  const jobs = await slurm.observe(jobIds, (jobId) => void unsure.push(jobId));
  return { states: Object.fromEntries(jobs.map((job) => [job.jobId, job.state])), unsure: unsure.sort(), jobs };
}

const account = (...starts: string[]) => ({
  stdout: starts.map((start) => `${start}|90|90|100|120|debug|test|normal|n1|/w|job`).join('\n'),
});
const down = { status: 1, stderr: 'sacct: error: slurm_persist_conn_open: failed to send persistent connection init' };
const unknownJob = { status: 1, stderr: slurmRecording('scontrol-unknown-job').stderr };

describe('looking when not all can be told', () => {
  it('asks accounting for tasks that left the queue before their siblings, also those that nobody saw', async () => {
    const { slurm, programs } = slurmWith({
      squeue: { stdout: `${row('16_4', 'RUNNING')}\n${row('16_5', 'PENDING')}` },
      sacct: account('16_1|FAILED|3:0', '16_2|COMPLETED|0:0', '16_4|PENDING|0:0', '16_[5-9]|PENDING|0:0'),
    });
    const { states, unsure } = await look(slurm, '16');
    expect(states).toEqual({ '16_1': 'failed', '16_2': 'completed', '16_4': 'running', '16_5': 'pending' });
    expect(unsure).toEqual([]);
    await look(slurm, '16');
    expect(programs()).toEqual(['squeue', 'sacct', 'squeue']);
  });

  it('is unsure of a job that accounting does not know to be over, and of its array', async () => {
    const { slurm } = slurmWith({
      sacct: account('7|RUNNING|0:0', '16_1|COMPLETED|0:0', '16_2|RUNNING|0:0'),
      scontrol: unknownJob,
    });
    const { states, unsure } = await look(slurm, '7', '16');
    expect(states).toEqual({ '16_1': 'completed' });
    expect(unsure).toEqual(['16', '16_2', '7']);
  });

  it('tells the others what squeue says when accounting is down, and how a job ended from the controller', async () => {
    const { slurm } = slurmWith({
      squeue: { stdout: `${row('1', 'RUNNING')}\n${row('8', 'FAILED')}` },
      sacct: down,
      scontrol: (argv) =>
        argv.includes('8') ? { stdout: slurmRecording('scontrol-show-job-failed').stdout } : unknownJob,
    });
    const { states, unsure, jobs } = await look(slurm, '1', '8', '9');
    expect(states).toEqual({ 1: 'running', 8: 'failed' });
    expect(jobs.find((job) => job.jobId === '8')).toMatchObject({ status: 768 });
    expect(unsure).toEqual(['9']);
  });

  it('believes squeue about the name: accounting may have only the end yet', async () => {
    const { slurm } = slurmWith({
      squeue: { stdout: row('5', 'COMPLETED') },
      sacct: { stdout: account('5|COMPLETED|0:0').stdout.replace(/job$/, 'allocation') },
    });
    expect((await look(slurm, '5')).jobs).toMatchObject([{ name: 'job', status: 0 }]);
  });

  it('is unsure of a job that the controller could not be asked for', async () => {
    const { slurm } = slurmWith({
      squeue: { stdout: `${row('1', 'RUNNING')}\n${row('8', 'FAILED')}` },
      sacct: { status: 1, stderr: 'Slurm accounting storage is disabled\n' },
      scontrol: { status: 1, stderr: 'slurm_load_jobs error: Socket timed out on send/recv operation' },
    });
    expect(await look(slurm, '1', '8')).toMatchObject({ states: { 1: 'running' }, unsure: ['8'] });
  });

  it('leaves jobs beyond the twentieth to the next look rather than telling their end without a status', async () => {
    const ids = Array.from({ length: 25 }, (_, index) => String(100 + index));
    const failed = slurmRecording('scontrol-show-job-failed').stdout;
    const { slurm } = slurmWith({
      squeue: { stdout: ids.map((id) => row(id, 'FAILED')).join('\n') },
      sacct: { status: 1, stderr: 'Slurm accounting storage is disabled\n' },
      scontrol: (argv) => ({ stdout: failed.replace(/JobId=\d+/, `JobId=${argv.at(-1)}`) }),
    });
    const { jobs, unsure } = await look(slurm, ...ids);
    expect(jobs.map((job) => job.status)).toEqual(Array(20).fill(768));
    expect(unsure).toEqual(ids.slice(20));
  });
});

describe('output paths', () => {
  it('are filled in with what only the node knows', async () => {
    const { slurm } = slurmWith({
      scontrol: (argv) =>
        argv.includes('node')
          ? { stdout: 'NodeName=n1 Arch=x86_64\n   NodeAddr=127.0.0.1 NodeHostName=vm.example.org Version=22.05.8\n' }
          : {
              stdout:
                'JobId=82 JobName=j\n   JobState=RUNNING\n   BatchHost=n1\n   StdErr=/w/%J-%s-%3t.err\n   StdOut=/w/a-%N-%%-82.out\n',
            },
    });
    expect(await slurm.describe('82')).toEqual([
      { jobId: '82', state: 'running', name: 'j', stdoutPath: '/w/a-vm-%-82.out', stderrPath: '/w/82-batch-000.err' },
    ]);
  });

  it('are on a node whose address it tells', async () => {
    const { slurm } = slurmWith({
      scontrol: { stdout: 'NodeName=n1 Arch=x86_64\n   NodeAddr=10.0.0.7 NodeHostName=vm\n' },
    });
    expect(await slurm.nodeAddress('82', 'n1')).toBe('10.0.0.7');
  });

  it('stay open while the job waits', async () => {
    const { slurm } = slurmWith({
      scontrol: { stdout: 'JobId=82 JobName=j\n   JobState=PENDING\n   StdOut=/w/%N.out\n' },
    });
    expect(await slurm.describe('82')).toMatchObject([{ stdoutPath: '/w/%N.out' }]);
  });
});

describe('looking', () => {
  it('asks one question for all jobs that run', async () => {
    const { slurm, programs } = slurmWith({
      squeue: { stdout: `${row('1', 'RUNNING')}\n${row('2', 'RUNNING')}\n${row('3', 'RUNNING')}\n` },
    });
    const jobs = await slurm.observe(['1', '3']);
    expect(jobs.map((job) => job.jobId)).toEqual(['1', '3']);
    expect(programs()).toEqual(['squeue']);
  });

  it('asks accounting once for all that have ended or are gone', async () => {
    const sacct = ['1|COMPLETED|0:0', '9|FAILED|3:0']
      .map((start) => `${start}|90|90|100|120|debug|test|normal|n1|/w|job`)
      .join('\n');
    const { slurm, calls, programs } = slurmWith({
      squeue: { stdout: row('1', 'COMPLETED') },
      sacct: { stdout: sacct },
    });
    expect(await slurm.observe(['1', '9'])).toEqual([
      expect.objectContaining({ jobId: '1', state: 'completed', status: 0 }),
      expect.objectContaining({ jobId: '9', state: 'failed', status: 768 }),
    ]);
    expect(programs()).toEqual(['squeue', 'sacct']);
    expect(calls[1]?.argv).toContain('1,9');
  });

  it('asks the controller where there is no accounting, and accounting never again', async () => {
    const { slurm, programs } = slurmWith({
      squeue: { stdout: row('8', 'FAILED') },
      sacct: { status: 1, stderr: 'Slurm accounting storage is disabled\n' },
      scontrol: { stdout: slurmRecording('scontrol-show-job-failed').stdout },
    });
    expect(await slurm.observe(['8'])).toEqual([expect.objectContaining({ jobId: '8', state: 'failed', status: 768 })]);
    await slurm.observe(['8']);
    expect(programs()).toEqual(['squeue', 'sacct', 'scontrol', 'squeue', 'scontrol']);
  });

  it('asks the controller when accounting does not have the end yet', async () => {
    const { slurm } = slurmWith({
      squeue: { stdout: row('8', 'FAILED') },
      sacct: { stdout: '8|RUNNING|0:0|90|90|100|Unknown|debug|test|normal|n1|/w|job' },
      scontrol: { stdout: slurmRecording('scontrol-show-job-failed').stdout },
    });
    expect(await slurm.observe(['8'])).toEqual([expect.objectContaining({ state: 'failed', status: 768 })]);
  });

  it('leaves out a job that nobody knows', async () => {
    const { slurm } = slurmWith({ scontrol: { status: 1, stderr: slurmRecording('scontrol-unknown-job').stderr } });
    expect(await slurm.observe(['999'])).toEqual([]);
  });

  it('says that it could not ask, which is not "gone"', async () => {
    const { slurm } = slurmWith({
      squeue: { status: 1, stderr: 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)' },
    });
    await expect(slurm.observe(['1'])).rejects.toThrow(SchedulerUnavailableError);
    await expect(slurm.observe(['1'])).rejects.toThrow(
      'squeue on c: slurm_load_jobs error: Unable to contact slurm controller',
    );
  });
});

describe('other clusters of the site (-M)', () => {
  it('are asked for the jobs that sbatch sent there, each with one question', async () => {
    const { slurm, calls } = slurmWith({
      squeue: (argv) => ({
        stdout: argv.includes('far') ? `${row('7', 'RUNNING')}\n${row('16_3', 'RUNNING')}` : row('7', 'PENDING'),
      }),
      scontrol: { stdout: slurmRecording('scontrol-show-job-running').stdout },
    });
    const { jobs } = await look(slurm, '7', '7;far', '16;far');
    expect(jobs.map((job) => [job.jobId, job.state])).toEqual([
      ['7', 'pending'],
      ['7;far', 'running'],
      ['16_3;far', 'running'],
    ]);
    expect(jobs[2]?.arrayTask).toEqual({ parentJobId: '16;far', index: 3 });
    expect(calls.filter(({ argv }) => argv[0] === 'squeue').map(({ argv }) => argv.slice(0, 3))).toEqual([
      ['squeue', '-h', '-r'],
      ['squeue', '-M', 'far'],
    ]);
    await slurm.cancel('7;far', 'USR1');
    await slurm.control('7;far', 'hold');
    await slurm.update('7;far', { TimeLimit: '5' });
    expect((await slurm.describe('2;far'))[0]?.jobId).toBe('2;far');
    expect(calls.slice(-4).map(({ argv }) => argv.join(' '))).toEqual([
      'scancel -M far --full --signal=USR1 7',
      'scontrol -M far hold 7',
      'scontrol -M far update JobId=7 TimeLimit=5',
      'scontrol -M far show job 2',
    ]);
  });

  it('do not keep each other from being told: of one that does not answer nothing is known', async () => {
    const down = { status: 1, stderr: 'Unable to contact slurm controller' };
    const { slurm } = slurmWith({
      squeue: (argv) => (argv.includes('down') ? down : { stdout: `${row('7', 'RUNNING')}\n` }),
      sacct: (argv) => (argv.includes('down') ? down : {}),
    });
    const unsure: string[] = [];
    const seen = await slurm.observe(['7;up', '8;down'], (id) => void unsure.push(id));
    expect(seen.map(({ jobId }) => jobId)).toEqual(['7;up']);
    expect(unsure).toEqual(['8;down']);
    await expect(slurm.observe(['8;down'])).rejects.toThrow(SchedulerUnavailableError);
  });

  it('are asked for a key, in their order', async () => {
    const { slurm, calls } = slurmWith({
      squeue: (argv) => ({ stdout: argv.includes('b') ? '16+0\u001fvigil:k-1\n' : '' }),
    });
    expect(await slurm.findByKey('k-1', ['a', 'b'])).toBe('16;b');
    expect(calls.map(({ argv }) => argv.slice(0, 3).join(' '))).toEqual(['squeue -M a', 'sacct -M a', 'squeue -M b']);
  });

  it('of a federation are asked once this one has given a job away', async () => {
    const { slurm, programs, calls } = slurmWith({
      squeue: (argv) => ({
        stdout: argv.includes('--federation') ? `${row('7', 'REVOKED')}\n${row('7', 'RUNNING')}` : row('7', 'REVOKED'),
      }),
    });
    expect((await look(slurm, '7')).states).toEqual({ 7: 'running' });
    expect((await look(slurm, '7')).states).toEqual({ 7: 'running' });
    expect(programs()).toEqual(['squeue', 'squeue', 'squeue']);
    expect(calls[2]?.argv).toContain('--federation');
  });
});

describe('a login node with a mind of its own', () => {
  it('does not sway what is asked: filters and formats of its users are unset, times are seconds in UTC', async () => {
    const { slurm, calls } = slurmWith({});
    await slurm.observe(['1']);
    await slurm.cancel('1');
    const words = (program: string) => calls.find(({ argv }) => argv[0] === program)?.line.join(' ');
    expect(words('squeue')).toMatch(/^env .*-u SQUEUE_PARTITION .*-u SQUEUE_STATES .*squeue /);
    expect(words('squeue')).toContain('-u SLURM_CLUSTERS ');
    expect(words('sacct')).toContain('-u SACCT_FORMAT ');
    expect(words('scancel')).toContain('-u SCANCEL_INTERACTIVE ');
    expect(calls[0]?.options.env).toEqual({ SLURM_TIME_FORMAT: '%s', TZ: 'UTC' });
  });

  it('leaves the user their own sbatch, but does not wait for the end of the job', async () => {
    const { slurm, calls } = slurmWith({ sbatch: { stdout: '17\n' } });
    await slurm.submit(request);
    expect(calls[0]?.line.slice(0, 4)).toEqual(['env', '-u', 'SBATCH_WAIT', 'sbatch']);
    expect(calls[0]?.options.env).toBeUndefined();
  });

  it('finds the job of a script that keeps sbatch quiet', async () => {
    const { slurm } = slurmWith({ squeue: { stdout: '18\u001fvigil:k-1\n' } });
    expect(await slurm.submit({ ...request, script: '#!/bin/sh\n#SBATCH --quiet\ntrue\n' })).toBe('18');
  });

  it('does without a column that its version does not have', async () => {
    const { slurm, calls } = slurmWith({
      sacct: (argv) =>
        argv.some((word) => word.includes('WorkDir'))
          ? { status: 1, stderr: 'sacct: error: Invalid field requested: "WorkDir"\n' }
          : { stdout: '9|FAILED|3:0|90|90|100|120|debug|test|normal|n1|job' },
    });
    expect(await slurm.observe(['9'])).toMatchObject([{ jobId: '9', state: 'failed', status: 768, name: 'job' }]);
    await slurm.observe(['9']);
    expect(calls.filter(({ argv }) => argv[0] === 'sacct')).toHaveLength(3);
  });
});

describe('many jobs', () => {
  it('are asked for in one command line each two thousand', async () => {
    const ids = Array.from({ length: 4500 }, (_, index) => String(1_000_000 + index));
    const { slurm, calls } = slurmWith({
      sacct: (argv) => ({
        stdout: (argv.at(-1) ?? '')
          .split(',')
          .map((id) => `${id}|COMPLETED|0:0|90|90|100|120|debug|test|normal|n1|/w|job`)
          .join('\n'),
      }),
    });
    expect(await slurm.observe(ids)).toHaveLength(4500);
    const lengths = calls.filter(({ argv }) => argv[0] === 'sacct').map(({ argv }) => argv.join(' ').length);
    expect(lengths).toHaveLength(3);
    expect(Math.max(...lengths)).toBeLessThan(20_000);
  });

  it('do not wait for accounting that does not answer: it is left alone for longer and longer', async () => {
    const { slurm, calls } = slurmWith({ sacct: down, scontrol: unknownJob });
    const asked: number[] = [];
    for (let looks = 0; looks < 20; looks++) {
      const before = calls.filter(({ argv }) => argv[0] === 'sacct').length;
      expect((await look(slurm, '9')).unsure).toEqual(['9']);
      if (calls.filter(({ argv }) => argv[0] === 'sacct').length > before) asked.push(looks);
    }
    expect(asked).toEqual([0, 1, 4, 9, 18]);
  });
});

describe('orders without an answer', () => {
  it.each([
    ['cancel', (slurm: Slurm) => slurm.cancel('5')],
    ['hold', (slurm: Slurm) => slurm.control('5', 'hold')],
    ['update', (slurm: Slurm) => slurm.update('5', { TimeLimit: '1' })],
  ])('are no refusal: %s', async (_, order) => {
    const silent = { status: 1, stderr: 'slurm_kill_job error: Unable to contact slurm controller (connect failure)' };
    const { slurm } = slurmWith({ scancel: silent, scontrol: silent });
    await expect(order(slurm)).rejects.toThrow(SchedulerUnavailableError);
  });
});

describe('finding a job by its key', () => {
  it('looks in the queue, then in accounting', async () => {
    const queued = slurmWith({ squeue: { stdout: '1\u001fother\n16_[1-9]\u001fmy words vigil:k-1\n' } });
    expect(await queued.slurm.findByKey('k-1')).toBe('16');
    const gone = slurmWith({ sacct: { stdout: '5|\n7|vigil:k-1\n' } });
    expect(await gone.slurm.findByKey('k-1')).toBe('7');
    expect(await gone.slurm.findByKey('k-2')).toBeUndefined();
  });
});

describe('cancelling', () => {
  it('sends a signal to the steps of a job, else to its script and what that runs', async () => {
    const { slurm, calls } = slurmWith({ squeue: { stdout: '5.batch\n5.0\n' } });
    await slurm.cancel('5', 'USR1');
    await slurm.cancel('5');
    const bare = slurmWith({ squeue: { stdout: '5.batch\n' } });
    await bare.slurm.cancel('5', 'USR1');
    const scancel = [...calls, ...bare.calls].filter(({ argv }) => argv[0] === 'scancel');
    expect(scancel.map(({ argv }) => argv)).toEqual([
      ['scancel', '--signal=USR1', '5'],
      ['scancel', '5'],
      ['scancel', '--full', '--signal=USR1', '5'],
    ]);
  });

  it('tells why it failed', async () => {
    const { slurm } = slurmWith({
      scancel: { status: 210, stderr: 'scancel: error: Kill job error on job id 5: Access/permission denied\n' },
    });
    await expect(slurm.cancel('5')).rejects.toThrow(
      'scancel 5 on c failed: Kill job error on job id 5: Access/permission denied',
    );
  });
});

it.each([
  ['', 300],
  ['AccountingStoreFlags    = (null)\nMinJobAge               = 120 sec\n', 120],
  ['MinJobAge               = 0 sec\n', undefined],
  ['AccountingStoreFlags    = job_script,job_comment\nMinJobAge               = 300 sec\n', undefined],
])('knows from the configuration how long keys are found: %j', (config, seconds) => {
  expect(keysKeptSeconds(config)).toBe(seconds);
});
