/** `vigil check`: formats, exit status, wrong usage. */
import { describe, expect, it } from 'vitest';
import { type CheckedProblem, runCheck } from '../../cli/check.ts';
import { UsageError } from '../../cli/io.ts';
import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';

const files: { readonly [path: string]: string } = {
  'good.sh': '#!/bin/bash\n#WATCHER pattern="x" action=log_event()\n',
  'bad.sh': '#!/bin/bash\n#WATCHER name="😀" pattern="x" action=notfy()\n',
  'warn.sh': '#!/bin/bash\n#SBATCH -n1\ntrue\n#SBATCH -t1\n',
  '.ssync/recipes/x.yaml': 'extends: gone\n',
  'pbs.sh': '#PBS -l nodes=1\n',
  'flow/a.vigil.yaml': 'steps:\n  - submit: emit.sh\n  - submit: gone.sh\n  - await_event: redy\n',
  'flow/b.vigil.yml': 'steps:\n  - submit: emit.sh\n  - await_event: redy\n',
  'flow/emit.sh': '#!/bin/bash\n#WATCHER pattern="x" action=emit_event(name="ready")\n',
};

const facts: ClusterFacts = { cluster: 'hpc', scheduler: 'slurm', gathered: 1 };

async function check(...argv: readonly string[]) {
  let stdout = '';
  let stderr = '';
  const io: Parameters<typeof runCheck>[1] = {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    isDirectory: () => undefined,
    readIfPresent: (path) => files[path.replace(`${process.cwd()}/`, '')],
    readFile: async (path) => {
      const text = files[path];
      if (text === undefined) throw new Error('ENOENT: no such file');
      return text;
    },
  };
  const status = await runCheck(argv, io, async (cluster) => (cluster === 'hpc' ? facts : null));
  return { status, stdout, stderr };
}

describe('vigil check', () => {
  it('says nothing about a good script', async () => {
    expect(await check('good.sh')).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('checks launch recipes', async () => {
    const { status, stdout } = await check('.ssync/recipes/x.yaml');
    expect(status).toBe(0);
    expect(stdout).toContain('.ssync/recipes/x.yaml:1:10: warning: There is no profile `gone`');
  });

  it('takes severities', async () => {
    expect(await check('bad.sh', '--severity', 'action/unknown=warning')).toMatchObject({ status: 0 });
    expect(await check('bad.sh', '--severity=action/unknown=off')).toEqual({ status: 0, stdout: '', stderr: '' });
    await expect(check('bad.sh', '--severity', 'action/unknwon=off')).rejects.toThrow('did you mean action/unknown');
    await expect(check('bad.sh', '--severity', 'action/unknown')).rejects.toThrow(UsageError);
  });

  it('prints a line for each problem', async () => {
    expect(await check('bad.sh')).toEqual({
      status: 1,
      stdout: 'bad.sh:2:39: error: There is no action `notfy`: did you mean `notify`? [action/unknown]\n',
      stderr: '',
    });
  });

  it('ends with 0 where there are warnings only', async () => {
    const { status, stdout } = await check('warn.sh', 'good.sh');
    expect(status).toBe(0);
    expect(stdout).toContain('warn.sh:4:1: warning: ');
  });

  it('prints JSON, lines and columns from 1, columns in UTF-16 units', async () => {
    const { status, stdout } = await check('good.sh', 'bad.sh', '--format', 'json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout) as CheckedProblem[]).toEqual([
      {
        file: 'bad.sh',
        line: 2,
        column: 39,
        endLine: 2,
        endColumn: 44,
        severity: 'error',
        code: 'action/unknown',
        message: 'There is no action `notfy`: did you mean `notify`?',
        fixes: [{ title: 'Replace with `notify`' }],
      },
    ]);
    expect((await check('good.sh', '--format=json')).stdout).toBe('[]\n');
  });

  it('prints SARIF', async () => {
    const log = JSON.parse((await check('bad.sh', '--format=sarif')).stdout);
    expect(log.version).toBe('2.1.0');
    expect(log.runs[0].results).toEqual([
      {
        ruleId: 'action/unknown',
        level: 'error',
        message: { text: 'There is no action `notfy`: did you mean `notify`?' },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'bad.sh' },
              region: { startLine: 2, startColumn: 39, endLine: 2, endColumn: 44 },
            },
          },
        ],
      },
    ]);
    expect(log.runs[0].tool.driver.rules.map(({ id }: { id: string }) => id)).toContain('action/unknown');
  });

  it('reads the scripts of a workflow file next to it', async () => {
    expect(await check('flow/a.vigil.yaml')).toEqual({
      status: 1,
      stdout:
        'flow/a.vigil.yaml:2:13: information: `emit.sh` emits the event `ready`, which no step awaits. [workflow/never-awaited]\n' +
        'flow/a.vigil.yaml:3:13: error: There is no script `gone.sh`. Paths are relative to this file. [workflow/missing-file]\n',
      stderr: '',
    });
    const { status, stdout } = await check('flow/b.vigil.yml');
    expect(status).toBe(0);
    expect(stdout).toContain(
      'flow/b.vigil.yml:3:18: warning: No step, and no watcher of a script submitted here, emits `redy`: did you mean `ready`?',
    );
  });

  it('checks for one scheduler', async () => {
    expect((await check('pbs.sh')).status).toBe(0);
    const { status, stdout } = await check('pbs.sh', '--scheduler', 'slurm');
    expect(status).toBe(1);
    expect(stdout).toContain('[script/no-shebang]');
  });

  it('names files that cannot be read, and checks the others', async () => {
    const { status, stdout, stderr } = await check('missing.sh', 'bad.sh');
    expect(status).toBe(2);
    expect(stderr).toBe('vigil check: cannot read missing.sh: ENOENT: no such file\n');
    expect(stdout).toContain('bad.sh:2:39');
  });

  it.each([[[]], [['a.sh', '--format', 'xml']], [['a.sh', '--scheduler', 'cron']], [['a.sh', '--loud']]])(
    'refuses %j',
    async (argv) => {
      await expect(check(...argv)).rejects.toThrow(UsageError);
    },
  );

  it('says when the engine knows nothing of the cluster, and checks all the same', async () => {
    const { status, stderr } = await check('bad.sh', '--cluster', 'other');
    expect(status).toBe(1);
    expect(stderr).toContain('the engine is not connected to other');
    expect((await check('good.sh', '--cluster', 'hpc')).stderr).toBe('');
  });
});
