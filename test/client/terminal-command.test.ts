import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { terminalCommand } from '../../client/jobs/terminal-command.ts';
import { cluster, job } from './builders.ts';

const hpc = cluster({ name: 'hpc', kind: 'ssh', scheduler: 'slurm' });
const step = (id: string) =>
  `exec srun --jobid="$(squeue --noheader --states=R --jobs=${id} --format=%A | head -n 1)" --overlap --pty "\${SHELL:-/bin/sh}" -l`;

describe('a terminal in a job', () => {
  it('is a step of its allocation', () => {
    expect(terminalCommand(job({ cluster: 'hpc', jobId: '4711' }), hpc, undefined)).toEqual({
      program: 'ssh',
      args: ['-t', '--', 'hpc', `exec sh -c '${step('4711')}'`],
    });
    const ssh = { host: 'login.example.org', user: 'me', port: 2222 };
    expect(terminalCommand(job({ jobId: '16_2' }), { ...hpc, ssh }, '/home/me/my config')?.args).toEqual([
      ...['-F', '/home/me/my config', '-l', 'me', '-p', '2222', '-t', '--', 'login.example.org'],
      `exec sh -c '${step('16_2')}'`,
    ]);
    expect(terminalCommand(job({ jobId: '5' }), { ...hpc, kind: 'local' }, undefined)).toEqual({
      program: 'sh',
      args: ['-c', step('5')],
    });
  });

  it('is one of this machine for what runs on it', () => {
    expect(terminalCommand(job(), cluster(), undefined)).toBeUndefined();
  });

  it.each([
    [{ state: 'pending' as const }, hpc, /does not run/],
    [{ jobId: '16' + '_[1-3]' }, hpc, /no id of a single job/],
    [{ jobId: '1;reboot' }, hpc, /no id of a single job/],
    [{ jobId: 'f4vYcmef' }, { ...hpc, scheduler: 'flux' as const }, /a step of Slurm/],
  ])('cannot be had of %j', (changes, where, words) => {
    expect(() => terminalCommand(job(changes), where, undefined)).toThrow(words);
  });
});

// ssh gives its command to the login shell, whichever that is.
describe.skipIf(process.platform === 'win32')('the command of a terminal', () => {
  const shells = ['sh', 'bash', 'dash', 'csh', 'tcsh', 'fish', 'zsh'].filter((name) => existsSync(`/usr/bin/${name}`));
  it.each(shells)('is one for %s', (shell) => {
    const folder = mkdtempSync(join(tmpdir(), 'vigil-terminal-'));
    try {
      const program = (name: string, text: string) =>
        writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      program('squeue', 'echo 4713; echo 4714');
      program('srun', 'printf "[%s]" "$@"');
      const command = terminalCommand(job({ jobId: '16_2' }), hpc, undefined)?.args.at(-1) ?? '';
      const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, SHELL: '/bin/my shell' };
      const { stdout, stderr } = spawnSync(`/usr/bin/${shell}`, ['-c', command], { env, encoding: 'utf8' });
      expect(stdout, stderr).toBe('[--jobid=4713][--overlap][--pty][/bin/my shell][-l]');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
