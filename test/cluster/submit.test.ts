/** What Slurm is asked before a submission, and what is submitted with it, over SSH. */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { previewSubmit } from '../../engine/protocol/submit.ts';
import { errorCodes, listJobs } from '../../engine/protocol.ts';
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
