/** Directives: how sbatch splits its lines, and the values of its options. */

import { describe, expect, it } from 'vitest';
import { checkScript } from '../../language/check/check-script.ts';
import { parseOptions } from '../../language/directives/directive.ts';
import { slurmOptions } from '../../language/directives/slurm-options.ts';
import { expandFileName, parseArraySpec, parseDependency, parseTimeLimit } from '../../language/directives/values.ts';
import { parseScript } from '../../language/script/parse-script.ts';

const directivesOf = (text: string) => parseScript(text).directives;

describe('lines', () => {
  const options = (line: string) =>
    directivesOf(`${line}\n`)[0]?.options.map(({ name, value }) => (value === undefined ? [name] : [name, value]));

  it.each([
    ['#SBATCH --time=1:00', [['time', '1:00']]],
    ['#SBATCH --time 1:00', [['time', '1:00']]],
    ['#SBATCH -t 1:00', [['time', '1:00']]],
    ['#SBATCH -t1:00', [['time', '1:00']]],
    [
      '#SBATCH --nodes=2 -n4 --exclusive -J "a b" # four',
      [['nodes', '2'], ['ntasks', '4'], ['exclusive'], ['job-name', 'a b']],
    ],
    ['#SBATCH--nodes=2', [['nodes', '2']]],
    ['#SBATCH\t--nodes=2', [['nodes', '2']]],
    [
      "#SBATCH --comment='a # b' --mem=4G#x",
      [
        ['comment', 'a # b'],
        ['mem', '4G'],
      ],
    ],
    ['#SBATCH --output=a\\ b\\#c', [['output', 'a b#c']]],
    ['#SBATCH --exclusive=user --nice --hold', [['exclusive', 'user'], ['nice'], ['hold']]],
    ['#SBATCH --exclusive user', [['exclusive']]],
    ['#SBATCH -Hv -N 2', [['hold'], ['verbose'], ['nodes', '2']]],
    [
      '#SBATCH --job=x --cpus-per-t=2',
      [
        ['job-name', 'x'],
        ['cpus-per-task', '2'],
      ],
    ],
    [
      '#SBATCH --tasks-per-node=3 --workdir=/x',
      [
        ['ntasks-per-node', '3'],
        ['chdir', '/x'],
      ],
    ],
    [
      '#SBATCH --no-such=1 --image x',
      [
        ['no-such', '1'],
        ['image', 'x'],
      ],
    ],
    ['#SBATCH gpu --time=1', []],
    ['#SBATCH', []],
    ['#SBATCH --', []],
    [
      '#PBS -l nodes=1 -N x',
      [
        ['l', 'nodes=1'],
        ['N', 'x'],
      ],
    ],
    ['#BSUB -q long', [['q', 'long']]],
    ['#$ -cwd -N x', [['cwd'], ['N', 'x']]],
    [
      '#flux: -N1 --queue=batch',
      [
        ['nodes', '1'],
        ['queue', 'batch'],
      ],
    ],
    ['# flux: -N1', [['nodes', '1']]],
  ])('%s', (line, wanted) => {
    expect(options(line)).toEqual(wanted);
  });

  it.each([' #SBATCH -n1', '##SBATCH -n1', '# SBATCH -n1', '#sbatch -n1', '#$x', 'echo "#SBATCH -n1"'])(
    'no directive: %s',
    (line) => {
      expect(directivesOf(line)).toEqual([]);
    },
  );

  it('have exact places', () => {
    const text = '#!/bin/bash\n#SBATCH -J "a b" --mem=4G # x\n';
    const [directive] = directivesOf(text);
    const shown = directive?.options.map((option) =>
      [option.span, option.nameSpan, option.valueSpan].map((span) => span && text.slice(span.start, span.end)),
    );
    expect(shown).toEqual([
      ['-J "a b"', '-J', '"a b"'],
      ['--mem=4G', '--mem', '4G'],
    ]);
    expect(directive).toMatchObject({ line: 1, scheduler: 'slurm', effective: true });
  });

  it('are effective up to the first command', () => {
    const effective = directivesOf(
      '#!/bin/bash\n#SBATCH -n1\n\n  # comment\n#SBATCH -t1\ntrue\n#SBATCH -N1\n#flux: -N1\n',
    ).map((each) => each.effective);
    expect(effective).toEqual([true, true, false, true]);
  });
});

describe('the option table', () => {
  it('has each name and letter once', () => {
    const names = slurmOptions.map(({ name }) => name);
    const letters = slurmOptions.flatMap(({ short }) => short ?? []);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(letters).size).toBe(letters.length);
  });

  it('reads command lines', () => {
    expect(parseOptions(['--time=5', '-n4', '-p', 'long', '--wrap', 'sleep 1', 'script.sh', '--mem=1'])).toEqual([
      { name: 'time', value: '5' },
      { name: 'ntasks', value: '4' },
      { name: 'partition', value: 'long' },
      { name: 'wrap', value: 'sleep 1' },
    ]);
  });
});

describe('values', () => {
  const noLimit = Number.POSITIVE_INFINITY;
  it.each([
    ['30', 1800],
    ['30:10', 1810],
    ['1:02:03', 3723],
    ['2-3', 2 * 86_400 + 3 * 3600],
    ['2-3:04', 2 * 86_400 + 3 * 3600 + 240],
    ['2-3:04:05', 2 * 86_400 + 3 * 3600 + 245],
    ['0:30', 30],
    ['0', noLimit],
    ['00:00:00', noLimit],
    ['UNLIMITED', noLimit],
    ['infinite', noLimit],
    ['-1', noLimit],
    ['', undefined],
    ['1h', undefined],
    ['1:2:3:4', undefined],
    ['1-', undefined],
  ])('time %j', (text, seconds) => {
    expect(parseTimeLimit(text)).toBe(seconds);
  });

  it.each([
    ['0-3', { indices: [0, 1, 2, 3] }],
    ['1,3,5-7', { indices: [1, 3, 5, 6, 7] }],
    ['0-10:4%2', { indices: [0, 4, 8], limit: 2 }],
    ['3,1,1-2', { indices: [1, 2, 3] }],
    ['[0-1]', { indices: [0, 1] }],
    ['5', { indices: [5] }],
    ['5-1', undefined],
    ['1-5%0', undefined],
    ['1-5:0', undefined],
    ['a', undefined],
    ['', undefined],
    ['0-99999999999', undefined],
  ])('array %j', (text, spec) => {
    expect(parseArraySpec(text)).toEqual(spec);
  });

  it.each([
    ['afterok:1', { any: false, terms: [{ type: 'afterok', jobs: [{ id: '1' }] }] }],
    [
      'afterok:1:2,afterany:3_4',
      {
        any: false,
        terms: [
          { type: 'afterok', jobs: [{ id: '1' }, { id: '2' }] },
          { type: 'afterany', jobs: [{ id: '3', task: '4' }] },
        ],
      },
    ],
    [
      'afterok:1?afternotok:2_*',
      {
        any: true,
        terms: [
          { type: 'afterok', jobs: [{ id: '1' }] },
          { type: 'afternotok', jobs: [{ id: '2', task: '*' }] },
        ],
      },
    ],
    ['after:5+10', { any: false, terms: [{ type: 'after', jobs: [{ id: '5', delayMinutes: 10 }] }] }],
    ['singleton', { any: false, terms: [{ type: 'singleton', jobs: [] }] }],
    ['afterok:1+5', undefined],
    ['afterok', undefined],
    ['afterok:', undefined],
    ['later:1', undefined],
    ['afterok:1,afterok:2?afterok:3', undefined],
  ])('dependency %j', (text, dependency) => {
    expect(parseDependency(text)).toEqual(dependency);
  });

  const names = { jobId: '12', jobName: 'train', userName: 'me', nodeName: 'n1' };
  it.each([
    ['slurm-%j.out', 'slurm-12.out'],
    ['%x-%u-%N.%%j', 'train-me-n1.%j'],
    ['%4j_%20j_%4x', '0012_0000000012_train'],
    ['%A_%a', '12_4294967294'],
    ['%J %s %t %n', '12.batch batch 0 0'],
    ['\\%j', '%j'],
    ['%q%', '%q%'],
  ])('file name %j', (pattern, wanted) => {
    expect(expandFileName(pattern, names)).toBe(wanted);
  });

  it('file names of array tasks', () => {
    expect(expandFileName('%A_%a_%3a_%b_%j', { ...names, jobId: '14', arrayJobId: '12', arrayTaskId: '17' })).toBe(
      '12_17_017_7_14',
    );
  });
});

describe('lines of Grid Engine that give no option', () => {
  const told = (script: string) =>
    checkScript(parseScript(`#!/bin/bash\n${script}`)).map(({ code, message }) => [
      code,
      /`(\w+)` is none/.exec(message)?.[1],
    ]);
  it.each([
    ['#$ -cwd\n#$ see the manual\n', [['directive/stray-word', 'see']]],
    ['#$ -cwd\ntrue\n#$ later too\n', [['directive/stray-word', 'later']]],
    ['#$ see the manual\n', []],
    ['#$ -cwd\n#$HOME is set\n#$ - x\n#$\n#$ 5 of them\n', []],
    ['#$ -cwd\ncat <<E\n#$ see the manual\nE\n', []],
    ['#$ -cwd\n#$ {{ options }}\n#$ see\n', []],
  ])('%j', (script, problems) => expect(told(script)).toEqual(problems));
});
