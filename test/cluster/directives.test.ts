/**
 * Directives against a real Slurm: what sbatch refuses is reported, what it takes is not; and what the cluster says of itself
 * reaches the engine's clients and `vigil check`.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterFacts, connectCluster, disconnectCluster } from '../../engine/protocol.ts';
import { checkScript } from '../../language/check/check-script.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import { EngineProcess } from '../support/engine-process.ts';

const directory = process.env.VIGIL_CLUSTER_DIR;
const sshConfigFile = process.env.VIGIL_CLUSTER_SSH_CONFIG ?? '';
const folder = mkdtempSync(join(tmpdir(), 'vigil-directives-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Refusals of sbatch itself, before it asks the controller: about the text, not about what the cluster has. */
const refusal =
  /^sbatch: (?:error: )?(?:Invalid|invalid|unrecognized|option|"|Maximum|Try|Bad)|Invalid (?:time|job array|feature|generic)|is not a valid|Unmatched|unrecognized --|Job dependency problem/m;

async function isRefused(directives: string): Promise<boolean> {
  const script = join(folder, 'job.sh');
  writeFileSync(script, `#!/bin/bash\n${directives}\ntrue\n`, { mode: 0o755 });
  try {
    await promisify(execFile)('sbatch', ['--test-only', script]);
    return false;
  } catch (error) {
    return refusal.test((error as { stderr: string }).stderr);
  }
}

const values: { readonly [option: string]: readonly string[] } = {
  time: [
    '5',
    '1:30',
    '1:90:00',
    '0-1',
    '1-',
    '1-0:5',
    '1h',
    '5.5',
    '1:2:3:4',
    '1--2',
    ':30',
    '1:',
    'x',
    'INFINITE',
    '1-2-3',
    '5m',
  ],
  mem: ['4', '4K', '4KB', '4M', '4GB', '1.5G', '4GiB', '4P', '-1', 'x', '4 G', '4B'],
  nodes: ['1', '1-2', '2-1', '1k', '1-', '1.5', '1-2-3', 'x', '0'],
  ntasks: ['1', '0', '+2', '02', '1-2', '4k', '4.0', 'x', '-1'],
  'cpus-per-task': ['1', '0', 'x', '2.0'],
  'ntasks-per-node': ['1', 'x', '4k'],
  array: ['0', '0-3', '3-0', '0-3:2', '0-3:0', '1,3', '0-3%2', 'x', '1-x', '1-3:2,5', '0,', ',5'],
  dependency: ['singleton', 'afterok', 'foo:1', 'afterk:1'],
  'mail-type': ['END', 'end,fail', 'FAILED', 'FAIL,nonsense', 'TIME_LIMIT_90', 'START'],
  signal: [
    'USR1',
    'SIGUSR1',
    'B:USR1@60',
    'R:10@60',
    'FOO@10',
    'USR1@99999',
    'usr1@5',
    'SEGV',
    'WINCH',
    'USR1@x',
    'X:USR1',
  ],
  'open-mode': ['append', 'truncate', 'write'],
  hint: ['nomultithread', 'memory_bound', 'nonsense', 'memory_bound,nomultithread'],
  distribution: [
    'block',
    'cyclic',
    'plane=2',
    'block:cyclic',
    'block:cyclic:fcyclic',
    'nonsense',
    'block:nonsense',
    'arbitrary',
    'block,Pack',
    ':block',
    'block,',
  ],
  begin: [
    'now',
    'now+1hour',
    '16:00',
    'tomorrow',
    'noon',
    '2030-01-20T12:34:00',
    'later',
    'now+1fortnight',
    '01/20',
    'T12:00',
    'tomorrow16:00',
  ],
  'kill-on-invalid-dep': ['yes', 'no', 'maybe'],
  exclusive: ['user', 'mcs', 'nonsense'],
  'wait-all-nodes': ['0', '1', '2'],
  'acctg-freq': ['30', 'task=30', 'nonsense'],
  'cpu-freq': ['low', '2000000', 'Performance', 'low-high', 'nonsense'],
  'gres-flags': ['disable-binding', 'enforce-binding', 'nonsense'],
  constraint: ['a&&b', '[a|b', 'a|'],
  profile: ['none', 'all', 'task', 'nonsense', 'none,x', 'task,'],
  propagate: ['ALL', 'STACK', 'STACK,CORE', 'nonsense'],
  tmp: ['1', '1M', '1X'],
  mincpus: ['1', 'x'],
  'core-spec': ['1', 'x'],
  nice: ['10', 'x'],
  switches: ['1', '1@x'],
};

const lines = [
  ...Object.entries(values).flatMap(([option, texts]) => texts.map((text) => `#SBATCH --${option}=${text}`)),
  '#SBATCH --hold=yes',
  '#SBATCH --gre=gpu:1',
  '#SBATCH --mem-per=3',
  '#SBATCH --exclus',
  '#SBATCH --task=2',
  '#SBATCH --no-such-option',
  '#SBATCH --workdir=/tmp',
  '#SBATCH --time',
  '#SBATCH -n4 -N1-2',
  '#SBATCH -J "a b" --comment=\'c # d\' # e',
  '#SBATCH --job-name="x',
  '##SBATCH --time=x',
  '# SBATCH --time=x',
];

describe.skipIf(!directory)('sbatch refuses exactly what is reported', () => {
  it.each(lines)('%s', async (line) => {
    // Words that belong to no option are another check's, a warning; unknown options may be a plugin's.
    const problems = checkScript(parseScript(`#!/bin/bash\n${line}\ntrue\n`));
    const isReported = problems.some(
      ({ code, severity }) =>
        severity === 'error' || ['directive/unknown-option', 'directive/ignored-text'].includes(code),
    );
    const words = problems.map(({ message }) => message);
    expect({ line, isReported, words }).toEqual({ line, isReported: await isRefused(line), words });
  });
});

describe.skipIf(!directory)('what a cluster says of itself', () => {
  let engine: EngineProcess;
  beforeAll(async () => {
    engine = new EngineProcess({ sshConfigFile });
    await engine.connect();
  });
  afterAll(() => engine.dispose());
  const ask = () => engine.client.connection.sendRequest(clusterFacts, { cluster: 'login' });
  const check = (directives: string) => {
    const file = join(folder, 'check.sh');
    writeFileSync(file, `#!/bin/bash\n${directives}\ntrue\n`);
    try {
      return execFileSync('node', [join(engine.program, 'cli.js'), 'check', file, '--cluster', 'login'], {
        encoding: 'utf8',
        env: engine.environment as NodeJS.ProcessEnv,
      });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  };

  it('is not asked for while nobody is connected', async () => {
    expect(await ask()).toBeNull();
  });

  it('names its partitions, accounts, limits and options', async () => {
    await engine.client.connection.sendRequest(connectCluster, { cluster: 'login' });
    const facts = await ask();
    expect(facts?.missing).toBeUndefined();
    expect(
      facts?.partitions?.map(({ name, isDefault, timeLimitSeconds, state }) => ({
        name,
        isDefault,
        timeLimitSeconds,
        state,
      })),
    ).toEqual([
      { name: 'debug', isDefault: true, timeLimitSeconds: 3600, state: 'up' },
      { name: 'long', isDefault: false, timeLimitSeconds: null, state: 'up' },
      { name: 'down', isDefault: false, timeLimitSeconds: 3600, state: 'down' },
    ]);
    expect(facts?.partitions?.[0]?.nodes?.total).toBe(4);
    expect(facts?.accounts).toEqual([{ name: 'test', qos: ['normal'] }]);
    expect(facts?.limits).toMatchObject({ maxArraySize: 20_001, enforcesAccounts: true });
    expect(facts?.options?.map(({ name }) => name)).toEqual(expect.arrayContaining(['time', 'partition', 'gres']));
    // Kept for a while: the controller is not asked again.
    expect((await ask())?.gathered).toBe(facts?.gathered);
  });

  it('is what vigil check goes by', () => {
    expect(check('#SBATCH -p debug -t 30 -A test')).toBe('');
    expect(check('#SBATCH -p debgu -t 30')).toContain('login has no partition `debgu`: did you mean `debug`?');
    expect(check('#SBATCH -t 2-0')).toContain('more than the time limit of partition `debug`: 1 h');
    expect(check('#SBATCH -t 30 -A nosuch -N 9')).toMatch(/no account `nosuch`[\s\S]*has 4 nodes in all/);
  });

  it('is forgotten when the cluster is left', async () => {
    await engine.client.connection.sendRequest(disconnectCluster, { cluster: 'login' });
    expect(await ask()).toBeNull();
  });
});
