/** What Slurm is asked before a submission, and what is submitted with it, over SSH. */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { previewSubmit, readSubmission } from '../../engine/protocol/submit.ts';
import { cancelJob, errorCodes, listJobs } from '../../engine/protocol.ts';
import { EngineProcess } from '../support/engine-process.ts';

const directory = process.env.VIGIL_CLUSTER_DIR;
const sshConfigFile = process.env.VIGIL_CLUSTER_SSH_CONFIG ?? '';

let engine: EngineProcess;
beforeEach(() => {
  engine = new EngineProcess({ sshConfigFile });
});
afterEach(() => engine.dispose());

const preview = (script: string, options: readonly string[] = []) =>
  engine.client.connection.sendRequest(previewSubmit, {
    cluster: 'login',
    script,
    scriptPath: '/somewhere/job.sh',
    workdir: '/tmp',
    options,
  });

const queued = () => execFileSync('squeue', ['-h', '-u', 'vigiluser', '-o', '%i'], { encoding: 'utf8' });

describe.skipIf(!directory)('a dry run on Slurm over SSH', () => {
  it('tells where and when the job would start, and leaves nothing behind', async () => {
    await engine.connect();
    const before = queued();
    const script = '#!/bin/bash\n#SBATCH --time=5 -n 2\n#LOGIN_SETUP_BEGIN\ntouch ran\n#LOGIN_SETUP_END\ntrue\n';
    const told = await preview(script, ['--partition=debug', '--begin=now+1hour']);
    expect(told).toMatchObject({
      cluster: 'login',
      scheduler: 'slurm',
      name: 'job.sh',
      workdir: '/tmp',
      options: ['--time=5', '--ntasks=2', '--partition=debug', '--begin=now+1hour'],
      loginSetup: 'touch ran\n',
      forecast: { partition: 'debug', processors: 2 },
      warnings: [],
    });
    const inSeconds = (told.forecast?.expectedStart ?? 0) - Date.now() / 1000;
    expect(inSeconds).toBeGreaterThan(3500);
    expect(inSeconds).toBeLessThan(3700);
    expect(queued()).toBe(before);
    expect(await engine.client.connection.sendRequest(listJobs)).toEqual([]);
  });

  it('puts complaints and warnings at their directives', async () => {
    await engine.connect();
    const refused = await preview('#!/bin/bash\n#SBATCH --time=5\n#SBATCH --partition=nosuch\ntrue\n').catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({
      code: errorCodes.refused,
      data: { range: { start: { line: 2, character: 8 } }, words: expect.stringContaining('nosuch') },
    });
    const warned = await preview('#!/bin/bash\n#SBATCH -N 4\n#SBATCH -n 1\n#SBATCH --time=5\ntrue\n');
    expect(warned.warnings).toEqual([
      { words: "can't run 1 processes on 4 nodes, setting nnodes to 1", range: expect.anything() },
    ]);
    expect(warned.warnings[0]?.range?.start.line).toBe(1);
  });
});

describe.skipIf(!directory)('a submission that begins with another job', () => {
  it('waits for it, and tells how it was submitted', async () => {
    await engine.connect();
    const script = '#!/bin/bash\n#SBATCH --time=5\nsleep 300\n';
    const shared = { cluster: 'login', script, scriptPath: '/somewhere/job.sh', workdir: '/tmp' };
    const first = await engine.submit({ ...shared, options: ['--output=/dev/null'] });
    const options = ['--output=/dev/null', `--dependency=afterany:${first.jobId}`];
    const second = await engine.submit({ ...shared, options });
    await vi.waitFor(async () => expect((await engine.job(second.key)).reason).toBe('Dependency'), 30_000);
    const { connection } = engine.client;
    expect(await connection.sendRequest(readSubmission, { job: second.key })).toEqual({
      script,
      scriptPath: '/somewhere/job.sh',
      workdir: '/tmp',
      options,
    });
    await connection.sendRequest(cancelJob, { job: first.key });
    await engine.until(second.key, 'start');
    await connection.sendRequest(cancelJob, { job: second.key });
    await engine.until(second.key, 'clean');
  });

  it('is of an array task that task alone', async () => {
    await engine.connect();
    const script = '#!/bin/bash\n#SBATCH --time=5 --output=/dev/null\ntrue\n';
    const array = await engine.submit({ cluster: 'login', script, options: ['--array=3-4', '--exclusive'] });
    await engine.until(array.key, 'clean');
    const past = await engine.client.connection.sendRequest(readSubmission, { job: `${array.key}_4` });
    expect(past).toMatchObject({ script, options: ['--exclusive', '--array=4'] });
  });
});
