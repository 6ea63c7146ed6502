/** Completion, hover and diagnostics of directives over LSP, with and without what a cluster says. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';
import { completionsAt } from '../../server/completion.ts';
import { hoverAt } from '../../server/hover.ts';
import { analyse } from './analysis.ts';
import { type LanguageClient, startInProcess } from './harness.ts';

const facts: ClusterFacts = {
  cluster: 'hpc',
  scheduler: 'slurm',
  gathered: 1,
  partitions: [
    { name: 'old', isDefault: false, state: 'down', timeLimitSeconds: null, features: [], gres: [] },
    {
      name: 'gpu',
      isDefault: false,
      state: 'up',
      timeLimitSeconds: 86_400,
      nodes: { free: 2, total: 8 },
      cpusPerNode: 64,
      features: ['a100', 'ib'],
      gres: ['gpu:a100:4'],
    },
    { name: 'debug', isDefault: true, state: 'up', timeLimitSeconds: 3600, nodes: { free: 4, total: 4 }, features: [] },
  ],
  accounts: [{ name: 'ml', qos: ['high'] }],
  qos: [{ name: 'normal' }, { name: 'high', maxWallSeconds: 7200 }],
  options: [{ name: 'uenv', argument: 'required', doc: 'use an environment' }],
};

let client: LanguageClient;
beforeEach(async () => {
  client = await startInProcess();
});
afterEach(() => client.stop());

async function complete(marked: string) {
  const script = `#!/bin/bash\n${marked}`;
  return client.complete(script.replace('¦', ''), script.indexOf('¦'));
}
const labels = async (marked: string) => (await complete(marked)).map(({ label }) => label);
async function hover(marked: string): Promise<string> {
  const script = `#!/bin/bash\n${marked}`;
  const found = await client.hover(script.replace('¦', ''), script.indexOf('¦'));
  const contents = found?.contents;
  return contents && typeof contents === 'object' && 'value' in contents ? contents.value : '';
}

describe('a cluster that is connected', () => {
  beforeEach(() => client.tellFacts(facts));

  it('completes its partitions, the default one first, with their state, limit and free nodes', async () => {
    const items = await complete('#SBATCH --partition=¦\n');
    expect(items.map(({ label, detail }) => [label, detail])).toEqual([
      ['debug', 'up · 1 h · 4 of 4 nodes free · default'],
      ['gpu', 'up · 1 d · 2 of 8 nodes free'],
      ['old', 'down · no time limit'],
    ]);
  });

  it.each([
    ['#SBATCH -p gpu,¦\n', ['debug', 'gpu', 'old']],
    ['#SBATCH -A ¦\n', ['ml']],
    ['#SBATCH -A ml\n#SBATCH --qos=¦\n', ['high']],
    ['#SBATCH -p gpu\n#SBATCH -C ¦\n', ['a100', 'ib']],
    ['#SBATCH -p gpu\n#SBATCH --constraint="ib&¦"\n', ['a100', 'ib']],
    ['#SBATCH -p gpu\n#SBATCH --gres=¦\n', ['gpu:a100:1']],
  ])('completes %j', async (marked, expected) => expect(await labels(marked)).toEqual(expected));

  it('replaces the item of a list, not all of it', async () => {
    const [item] = await complete('#SBATCH -p gpu,de¦\n');
    expect(item?.textEdit).toMatchObject({
      range: { start: { line: 1, character: 15 }, end: { line: 1, character: 17 } },
    });
  });

  it('offers the limit of the partition, and options of its plugins', async () => {
    expect(await labels('#SBATCH -p gpu\n#SBATCH --time=¦\n')).toContain('1-00:00:00');
    expect(await labels('#SBATCH --¦\n')).toContain('--uenv');
  });

  it('tells in hover what it says', async () => {
    expect(await hover('#SBATCH --parti¦tion=gpu\n')).toContain('`gpu` of `hpc`: up · 1 d · 2 of 8 nodes free');
    expect(await hover('#SBATCH --ue¦nv=x\n')).toContain('use an environment');
    expect(await hover('#SBATCH -q hi¦gh\n')).toContain('at most 2 h');
  });

  it('checks against it, and no more when it is gone', async () => {
    const script = '#!/bin/bash\n#SBATCH -p gpux -t 2:00\n';
    const codes = async () => (await client.open(script)).map(({ code }) => code);
    expect(await codes()).toEqual(['directive/unknown-name']);
    const next = client.nextDiagnostics();
    await client.tellFacts(null);
    expect((await next).diagnostics).toEqual([]);
  });
});

describe('without a cluster', () => {
  it.each([
    ['#SBATCH --partition=¦\n', []],
    ['#SBATCH --mail-type=END,¦\n', ['NONE', 'BEGIN', 'END', 'FAIL']],
    ['#flux: --urgency=¦\n', ['hold', 'default', 'expedite']],
    ['#PBS -j ¦\n', ['oe', 'eo', 'n']],
    ['#PBS -l ¦\n', ['walltime=']],
    ['#$ -j ¦\n', ['y', 'n']],
    ['#BSUB -R ¦\n', ['"span[hosts=1]"']],
  ])('completes %j', async (marked, expected) =>
    expect(await labels(marked)).toEqual(expected.length === 0 ? [] : expect.arrayContaining(expected)),
  );

  it.each([
    ['#flux: -¦\n', ['--time-limit', '--nslots']],
    ['#PBS -¦\n', ['-l', '-N']],
    ['#BSUB -¦\n', ['-W', '-nnodes']],
    ['#$ -cwd -¦\n', ['-pe', '-l']],
  ])('completes the options of %j', async (marked, expected) =>
    expect(await labels(marked)).toEqual(expect.arrayContaining(expected)),
  );

  it.each([
    ['#SBATCH -t¦ 120\n', ['-t, --time=<time>', '2 h', 'Default: the partition']],
    ['#SBATCH --arr¦ay=0-99%5\n', ['100 tasks, at most 5 at once', 'SLURM_ARRAY_TASK_ID']],
    ['#SBATCH -o %x-%¦j.out\n', ['`%x` the job’s name, `%j` the job id', 'must exist']],
    ['#SBATCH -d after¦ok:12:13?afterany:5\n', ['when 12 and 13 has ended well, or 5 has ended']],
    ['#SBATCH --sig¦nal=B:USR1@120\n', ['USR1 to the batch script, 2 min before the time limit']],
    ['#SBATCH --ima¦ge=x\n', ['Shifter']],
    ['#SBATCH --stepm¦gr\n', ['Since Slurm 24.05']],
    ['#flux: -t¦ 90\n', ['-t, --time-limit=MINUTES|FSD', '1 h 30 min']],
    ['#PBS -¦l walltime=7200\n', ['-l resource=value', 'walltime 2 h']],
    ['#BSUB -W¦ 120\n', ['Run limit', '2 h']],
    ['#$ -p¦e smp 4\n', ['Parallel environment']],
  ])('explains %j', async (marked, expected) => {
    const markdown = await hover(marked);
    for (const words of expected) expect(markdown).toContain(words);
  });
});

describe('half-typed input', () => {
  const lines = [
    '#SBATCH --partition=gpu,debug -A ml --constraint="a100&ib" --gres=gpu:a100:2 -t 1:00:00 # why',
    '#flux: -N2 --time-limit=90m --setattr=user.x="a b" --requires=rank:0-3',
    '#PBS -l select=2:ncpus=8:mem=4gb -j oe -N name',
    '#BSUB -W2:00 -n 4,8 -R "span[ptile=4] rusage[mem=4GB]" -J a[1-9]%2',
    '#$ -cwd -pe smp 4 -l h_rt=1:00:00,h_vmem=4G -m bea',
  ];

  it.each(lines)('%s: every prefix is answered, inside of what is typed', (line) => {
    for (let end = 1; end <= line.length; end++) {
      const text = `#!/bin/bash\n${line.slice(0, end)}\necho\n`;
      const analysis = { ...analyse(text), facts };
      const offset = '#!/bin/bash\n'.length + end;
      for (const item of completionsAt(analysis, offset, true)) {
        const range = item.textEdit && 'range' in item.textEdit ? item.textEdit.range : undefined;
        expect(range?.start.line).toBe(1);
        expect(range?.end.character).toBeLessThanOrEqual(end);
      }
      hoverAt(analysis, offset);
    }
  });

  it.each([
    ['#SBATCH -', '--time'],
    ['#SBATCH -p gpu --a', '--account'],
    ['#SBATCH --partition=g', 'gpu'],
    ['#SBATCH --partition=gpu,', 'debug'],
    ['#SBATCH --partition ', 'debug'],
    ['#SBATCH -C "a100&', 'ib'],
    ['#flux: -N2 --', '--nslots'],
    ['#PBS -l select=1 -', '-N'],
    ['#$ -cwd -p', '-pe'],
  ])('%j offers %s', (line, label) => {
    const text = `#!/bin/bash\n${line}\n`;
    const items = completionsAt({ ...analyse(text), facts }, '#!/bin/bash\n'.length + line.length, false);
    expect(items.map((item) => item.label)).toContain(label);
  });

  it('keeps the schedulers of a script apart', () => {
    const text =
      '#!/bin/bash\n#PBS -l walltime=2h\n#SBATCH -t 10 -p gpu\n#BSUB -W 1:00\n#$ -l h_rt=2h\n#flux: -t 1h -N1\n';
    const found = analyse(text).problems.filter(({ code }) => code.startsWith('directive/'));
    expect(found.map(({ code, span }) => [code, text.slice(span.start, span.end)])).toEqual([
      ['directive/bad-value', '2h'],
      ['directive/bad-value', '2h'],
    ]);
  });
});
