/** Slurm directives against what a cluster says of itself. */
import { describe, expect, it } from 'vitest';
import { checkScript } from '../../../language/check/check-script.ts';
import type { ClusterFacts } from '../../../language/directives/cluster-facts.ts';
import { parseScript } from '../../../language/script/parse-script.ts';
import { applyFix } from '../support.ts';

const facts: ClusterFacts = {
  cluster: 'hpc',
  scheduler: 'slurm',
  gathered: 0,
  partitions: [
    {
      name: 'debug',
      isDefault: true,
      state: 'up',
      timeLimitSeconds: 3600,
      nodes: { free: 1, total: 4 },
      cpusPerNode: 8,
      memoryMebibytesPerNode: 16_000,
      features: ['ib'],
      gres: [],
    },
    {
      name: 'gpu',
      isDefault: false,
      state: 'up',
      timeLimitSeconds: 86_400,
      nodes: { free: 0, total: 20 },
      maxNodes: 8,
      cpusPerNode: 64,
      memoryMebibytesPerNode: 500_000,
      features: ['ib', 'a100'],
      gres: ['gpu:a100:4'],
      allowAccounts: ['ml'],
    },
    { name: 'old', isDefault: false, state: 'down', timeLimitSeconds: null, nodes: { free: 0, total: 2 } },
  ],
  accounts: [
    { name: 'ml', qos: ['normal', 'high'] },
    { name: 'bio', qos: ['normal'], partitions: ['debug'] },
  ],
  defaultAccount: 'bio',
  qos: [{ name: 'normal' }, { name: 'high', maxWallSeconds: 7200 }],
  limits: { maxArraySize: 1001, enforcesAccounts: true, enforcesQos: true },
  options: [{ name: 'uenv', argument: 'required' }],
};

const check = (directives: string, known: ClusterFacts = facts) => {
  const script = `#!/bin/bash\n${directives}`;
  return checkScript(parseScript(script), { facts: known })
    .filter(({ code }) => /^directive\/(unknown|beyond|no-access)/.test(code))
    .map(({ code, span, severity }) => `${severity} ${code.slice(10)} ${script.slice(span.start, span.end)}`);
};

describe('checks', () => {
  it.each([
    ['#SBATCH -p debug -t 30\n', []],
    ['#SBATCH -p debg\n', ['error unknown-name debg']],
    ['#SBATCH -p debug,gpux\n', ['error unknown-name gpux']],
    ['#SBATCH -A ml -p gpu -t 2:00:00\n', []],
    ['#SBATCH -A ML -p gpu\n', []],
    ['#SBATCH -A chem\n', ['error unknown-name chem']],
    ['#SBATCH -q hihg\n', ['error unknown-name hihg']],
    ['#SBATCH -t 2:00:00\n', ['error beyond-limit 2:00:00']],
    ['#SBATCH -t 2:00:00\n#SBATCH -t 30\n', []],
    ['#SBATCH -A ml -p debug,gpu -t 2:00:00\n', []],
    ['#SBATCH -p old -t 30-0\n', ['warning no-access old']],
    ['#SBATCH -A ml -p gpu -q high -t 12:00:00\n', ['warning beyond-limit 12:00:00']],
    ['#SBATCH -N 5\n', ['error beyond-limit 5']],
    ['#SBATCH -A ml -p gpu -N 9-12\n', ['error beyond-limit 9-12']],
    ['#SBATCH --mem=64G\n', ['error beyond-limit 64G']],
    ['#SBATCH -c 16\n', ['error beyond-limit 16']],
    ['#SBATCH -a 0-1001\n', ['error beyond-limit 0-1001']],
    ['#SBATCH -p gpu\n', ['error no-access gpu']],
    ['#SBATCH -A bio -p gpu\n', ['error no-access bio']],
    ['#SBATCH -A bio -q high\n', ['error no-access high']],
    ['#SBATCH -C a100\n', ['error unknown-name a100']],
    ['#SBATCH -A ml -p gpu -C "a100&ib"\n', []],
    ['#SBATCH --gres=gpu:1\n', ['error unknown-name gpu:1']],
    ['#SBATCH -A ml -p gpu --gres=gpu:a100:8\n', ['error beyond-limit gpu:a100:8']],
    ['#SBATCH -A ml -p gpu --gres=gpu:v100:1\n', ['error unknown-name gpu:v100:1']],
    ['#SBATCH --uenv=x --image=y\n', ['warning unknown-option --image']],
    // What is filled in later, or is for another cluster, is not judged.
    ['#SBATCH -p $P -A <account> -t {{ t }}\n', []],
    ['#SBATCH -M other -p debg\n', []],
    ['#SBATCH -p debug -t 30\n#SBATCH hetjob\n#SBATCH -A ml -p gpu -t 2:00:00\n', []],
    ['true\n#SBATCH -p debg\n', []],
    ['#PBS -q debg\n', []],
  ])('%j', (directives, expected) => expect(check(directives)).toEqual(expected));

  it('says no more than is known', () => {
    const bare: ClusterFacts = { cluster: 'hpc', scheduler: 'slurm', gathered: 0 };
    expect(check('#SBATCH -p x -A y -q z -t 99-0 -N 999 --mem=9T -C f --gres=gpu:9 -a 0-99999\n', bare)).toEqual([]);
    const lax = { ...facts, limits: { enforcesAccounts: false } };
    expect(check('#SBATCH -A chem\n', lax)).toEqual(['warning unknown-name chem']);
  });

  it('mends a name', () => {
    const script = '#!/bin/bash\n#SBATCH -p debg\n';
    const [found] = checkScript(parseScript(script), { facts }).filter(({ code }) => code === 'directive/unknown-name');
    const [fix] = found?.fixes ?? [];
    expect(fix && applyFix(script, fix)).toBe('#!/bin/bash\n#SBATCH -p debug\n');
  });
});
