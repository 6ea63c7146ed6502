/**
 * Directives against a real Slurm: what sbatch refuses is reported, what it takes is not; and what the cluster says of itself
 * reaches the engine's clients and `vigil check`.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterFacts, connectCluster, disconnectCluster } from '../../engine/protocol.ts';
import { checkScript } from '../../language/check/check-script.ts';
import { pointInTime } from '../../language/directives/point-in-time.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import { EngineProcess } from '../support/engine-process.ts';

const directory = process.env.VIGIL_CLUSTER_DIR;
const sshConfigFile = process.env.VIGIL_CLUSTER_SSH_CONFIG ?? '';
const folder = mkdtempSync(join(tmpdir(), 'vigil-directives-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Refusals of sbatch itself, before it asks the controller: about the text, not about what the cluster has. */
const refusal = new RegExp(
  [
    '^sbatch: (?:error: )?(?:Invalid|invalid|unrecognized|option|"|Maximum|Try|Bad|Priority must|Numeric argument)',
    '^Invalid time specification',
    ': Unmatched ',
    'allocation failure: (?:Invalid (?:time specification|job array|feature|generic)|Job dependency problem)',
  ].join('|'),
  'm',
);

let scripts = 0;

/** A limit for the user, and a maintenance to come; the result takes both back. */
function limitAndReserve(): () => void {
  const slurm = (line: string) => execFileSync('sh', ['-c', line]);
  const limit = (jobs: number) => slurm(`sacctmgr -i modify user vigiluser set maxsubmit=${jobs}`);
  limit(200);
  slurm(
    'scontrol create reservation reservationname=upgrade starttime=now+2hours duration=120 flags=maint,ignore_jobs nodes=ALL user=root',
  );
  return () => {
    limit(-1);
    slurm('scontrol delete reservationname=upgrade');
  };
}

async function isRefused(directives: string): Promise<boolean> {
  const script = join(folder, `${scripts++}.sh`);
  writeFileSync(script, `#!/bin/bash\n${directives}\ntrue\n`, { mode: 0o755 });
  try {
    await promisify(execFile)('sbatch', ['--test-only', script]);
    return false;
  } catch (error) {
    return refusal.test((error as { stderr: string }).stderr);
  } finally {
    rmSync(script);
  }
}

/** Words that belong to no option are another check's, a warning; unknown options may be a plugin's. */
function isReported(line: string): boolean {
  return checkScript(parseScript(`#!/bin/bash\n${line}\ntrue\n`)).some(
    ({ code, severity }) =>
      severity === 'error' || ['directive/unknown-option', 'directive/ignored-text'].includes(code),
  );
}

/** `option: value ¦ value …`, going on in lines that begin with a blank; the values as they are written in a directive. */
const values = readFileSync(new URL('./support/directive-values.txt', import.meta.url), 'utf8')
  .trim()
  .split(/\n(?!\s)/)
  .map((entry) => {
    const colon = entry.indexOf(':');
    return {
      option: entry.slice(0, colon),
      texts: entry
        .slice(colon + 1)
        .split(/\s*(?:¦|\n)\s*/)
        .map((text) => text.trim()),
    };
  });

const lines = [
  '#SBATCH --hold=yes',
  '#SBATCH --gre=gpu:1',
  '#SBATCH --mem-per=3',
  '#SBATCH --exclus',
  '#SBATCH --task=2',
  '#SBATCH --no-such-option',
  '#SBATCH -n=4',
  "#SBATCH -J ''",
  '#SBATCH --hold ""',
  '#SBATCH -n 2 foo',
  '#SBATCH foo -n 2',
  '#SBATCH --time = 5',
  '#SBATCH --gpus=a:b:c',
  '#SBATCH --gres=gpu:a100:x',
  '#SBATCH --workdir=/tmp',
  '#SBATCH --time',
  '#SBATCH -n4 -N1-2',
  '#SBATCH -J "a b" --comment=\'c # d\' # e',
  '#SBATCH --job-name="x',
  '##SBATCH --time=x',
  '# SBATCH --time=x',
];

describe.skipIf(!directory)('sbatch refuses exactly what is reported', () => {
  it.each(values)('--$option', async ({ option, texts }) => {
    const directives = texts.map((text) => `#SBATCH --${option}=${text}`);
    const refused: string[] = [];
    for (const line of directives) if (await isRefused(line)) refused.push(line);
    expect(directives.filter(isReported)).toEqual(refused);
  });

  it.each(lines)('%s', async (line) => {
    expect(isReported(line)).toBe(await isRefused(line));
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
    const undo = limitAndReserve();
    await engine.client.connection.sendRequest(connectCluster, { cluster: 'login' });
    const facts = await ask().finally(undo);
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
    expect(facts?.partitions?.[0]).toMatchObject({ nodes: { total: 4 }, cpus: { total: 16 }, gpus: { total: 8 } });
    expect(facts?.shares).toEqual([expect.objectContaining({ account: 'test', share: expect.any(Number) })]);
    const twoHours = (facts?.maintenance?.[0]?.start ?? 0) + 7200;
    expect(facts?.maintenance).toEqual([
      { name: 'upgrade', start: expect.any(Number), end: twoHours, nodes: 'n[1-4]', isWholeCluster: true },
    ]);
    expect(facts?.accounts).toEqual([{ name: 'test', qos: ['normal'], limits: [{ maxSubmitted: 200 }] }]);
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

describe.skipIf(!directory)('a point in time, as the embedded scheduler reads it', () => {
  it.each([
    'now+1hour',
    'now + 90 minutes',
    'now+20',
    '23:59',
    '00:01',
    '11:59:30 pm',
    'noon',
    'teatime',
    'tomorrow',
    'tomorrow 08:00',
    '2030-01-20T12:34:00',
    '6/1',
    '12/31',
    '12/31/37-13:00',
    'uts1893456000',
  ])('is the one that Slurm takes: %s', (text) => {
    const slurm = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8' });
    const id = slurm('sbatch', '--parsable', '-o', '/dev/null', `--begin=${text}`, '--wrap', 'true').trim();
    const ours = pointInTime(text, new Date())?.getTime() ?? Number.NaN;
    const [, taken = ''] = /EligibleTime=(\S+)/.exec(slurm('scontrol', 'show', 'job', id)) ?? [];
    slurm('scancel', id);
    // Slurm tells local time; between the two "now" passes a moment.
    expect(Math.abs(new Date(taken).getTime() - ours)).toBeLessThanOrEqual(3000);
  });
});
