/** Values of options: what is wrong in them, where, and what was probably meant. */
import { describe, expect, it } from 'vitest';
import { dialectOf, type Scheduler } from '../../../language/directives/dialect.ts';
import type { Form } from '../../../language/directives/forms/form.ts';

function formOf(scheduler: Scheduler, option: string): Form {
  const form = dialectOf(scheduler).table.exact(option)?.form;
  if (!form) throw new Error(`no form of ${option}`);
  return form;
}

/** The wrong part, and what is put in its place. */
const wrongParts = (scheduler: Scheduler, option: string, value: string) =>
  formOf(scheduler, option)
    .check(value)
    .map(({ start, end, replacement }) => [value.slice(start, end), replacement]);

describe('good values', () => {
  it.each<[Scheduler, string, string]>([
    ['slurm', 'time', '30 1:30 90:00 1:00:00 1-0 1-12:30 1-00:00:00 0 UNLIMITED infinite 1-'],
    ['slurm', 'mem', '4G 4000 4000M 16GB 2t 0 512k'],
    ['slurm', 'nodes', '1 2-4 1k 0 1,3-5 2-8:2'],
    ['slurm', 'ntasks', '1 +3 007 100000'],
    ['slurm', 'array', '0 0-99 0-99%5 1,3,7 0-100:10 1-5,9%2 [1-4]'],
    [
      'slurm',
      'dependency',
      'afterok:1 afterany:1:2,afternotok:3 after:5+10 singleton 123 afterok:1?afterany:2 afterok:12_3',
    ],
    ['slurm', 'mail-type', 'ALL END,FAIL begin TIME_LIMIT_90,ARRAY_TASKS INVALID_DEPEND'],
    ['slurm', 'signal', 'USR1 B:USR1@120 SIGTERM@60 10@90 R:USR2@60 b:int'],
    ['slurm', 'gres', 'gpu gpu:2 gpu:a100:2,nvme:1 none gpu:1g.5gb:1 craynetwork:0'],
    ['slurm', 'gpus', '4 a100:2 v100:1,a100:1 a100'],
    ['slurm', 'tres-per-task', 'cpu=4 gres/gpu=1 gres/gpu:a100:1 license/matlab=2 cpu:2'],
    ['slurm', 'constraint', 'haswell haswell&gpu a|b [rack1|rack2] [(a|b)*1&(c)*2] gpu*2'],
    ['slurm', 'distribution', 'block cyclic:block plane=4 arbitrary block:cyclic:fcyclic *:block block,Pack'],
    [
      'slurm',
      'begin',
      'now now+1hour 16:00 2030-01-20T12:34:00 tomorrow noon 01/20 012030 now+60 0115-12:00 tomorrowT16:00 12:30pm',
    ],
    ['slurm', 'switches', '1 1@2:00:00 2@60'],
    ['slurm', 'export', 'ALL NONE ALL,A=1,B=x FOO,BAR'],
    ['slurm', 'output', 'slurm-%j.out %x-%A_%a.out a/%4j.log 100%%'],
    ['slurm', 'kill-on-invalid-dep', 'yes no'],
    ['slurm', 'exclusive', 'user mcs'],
    ['slurm', 'licenses', 'matlab matlab:2 a@b:1,c'],
    ['slurm', 'acctg-freq', '30 task=30,energy=10 0'],
    ['slurm', 'extra-node-info', '2 2:8 2:8:1 *:4'],
    ['slurm', 'nice', '100 -5 0'],
    ['flux', 'time-limit', '30 90s 1.5h 2d inf 1e3s 100ms'],
    [
      'pbs',
      'l',
      'walltime=1:00:00 nodes=2:ppn=8 select=1:ncpus=4:mem=8gb+1:ncpus=1 mem=4gb,walltime=24:00:00 nodes=n1+n2 ncpus=4 mine=x place=scatter:excl',
    ],
    ['pbs', 'J', '0-99 0-99:2 1-10%5'],
    ['lsf', 'W', '30 2:00 24:00 100/host'],
    ['lsf', 'n', '4 4,8'],
    ['lsf', 'J', 'name name[1-100] name[1-9:2]%3 a[1,3,5-7]'],
    ['lsf', 'R', 'span[ptile=4] select[type==any]rusage[mem=4000]'],
    ['sge', 'l', 'h_rt=1:00:00 h_vmem=4G mem_free=1.5G gpu=1 h_rt=3600 hostname=a|b'],
    ['sge', 't', '1 1-100 1-99:2'],
    ['sge', 'm', 'bea n e a,b,e'],
    ['sge', 'N', 'job my-job.1 a_b'],
    ['sge', 'tc', '20'],
  ])('%s %s: %s', (scheduler, option, values) => {
    for (const value of values.split(' ')) expect([value, wrongParts(scheduler, option, value)]).toEqual([value, []]);
  });
});

describe('wrong values', () => {
  it.each<[Scheduler, string, string, readonly (readonly [string, string | undefined])[]]>([
    ['slurm', 'time', '2h', [['2h', '2:00:00']]],
    ['slurm', 'time', '1d12h', [['1d12h', '1-12:00:00']]],
    ['slurm', 'time', '90min', [['90min', '1:30:00']]],
    ['slurm', 'time', '24:00:00h', [['24:00:00h', '24:00:00']]],
    ['slurm', 'time', '1:00:00,', [['1:00:00,', '1:00:00']]],
    ['slurm', 'time', '2:00:00:00', [['2:00:00:00', '2-00:00:00']]],
    ['slurm', 'time', 'soon', [['soon', undefined]]],
    ['slurm', 'time', '1:', [['1:', undefined]]],
    ['slurm', 'mem', '1.5G', [['1.5G', '1536M']]],
    ['slurm', 'mem', '4GiB', [['4GiB', '4G']]],
    ['slurm', 'mem', '1P', [['1P', '1024T']]],
    ['slurm', 'mem', 'all', [['all', undefined]]],
    ['slurm', 'nodes', '4-2', [['4-2', '2-4']]],
    ['slurm', 'nodes', 'two', [['two', undefined]]],
    ['slurm', 'ntasks', '4.0', [['4.0', '4']]],
    ['slurm', 'ntasks', '0', [['0', undefined]]],
    ['slurm', 'array', '1-10,5-1', [['5-1', '1-5']]],
    ['slurm', 'array', '1-10%x', [['x', undefined]]],
    ['slurm', 'array', '1-10:0', [['1-10:0', undefined]]],
    ['slurm', 'dependency', 'afterk:12', [['afterk', 'afterok']]],
    ['slurm', 'dependency', 'afterok', [['afterok', undefined]]],
    ['slurm', 'mail-type', 'FAILED', [['FAILED', 'FAIL']]],
    ['slurm', 'mail-type', 'END,abort', [['abort', 'FAIL']]],
    ['slurm', 'signal', 'B:URS1@60', [['URS1', 'USR1']]],
    ['slurm', 'signal', 'USR1@2min', [['2min', undefined]]],
    [
      'slurm',
      'signal',
      'X:USR1@99999',
      [
        ['X', undefined],
        ['99999', undefined],
      ],
    ],
    ['slurm', 'gres', 'gpu:a:b:2', [['gpu:a:b:2', undefined]]],
    ['slurm', 'gpus', 'a100:two', [['a100:two', undefined]]],
    ['slurm', 'begin', 'now+2h', [['now+2h', 'now+2hours']]],
    ['slurm', 'begin', '16:60', [['16:60', undefined]]],
    ['slurm', 'propagate', 'stack', [['stack', 'STACK']]],
    ['slurm', 'distribution', 'plane=0', [['plane=0', undefined]]],
    ['slurm', 'nice', '2147483646', [['2147483646', undefined]]],
    ['slurm', 'priority', '-1', [['-1', undefined]]],
    ['slurm', 'switches', '0@5', [['0@5', undefined]]],
    ['slurm', 'constraint', 'a&&b', [['&&', '&']]],
    ['slurm', 'constraint', '[a|b', [['[', undefined]]],
    ['slurm', 'constraint', 'a)', [[')', undefined]]],
    ['slurm', 'distribution', 'blok', [['blok', undefined]]],
    ['slurm', 'begin', 'later', [['later', undefined]]],
    ['slurm', 'output', '%q-%j.out', [['%q', undefined]]],
    ['slurm', 'hint', 'nomultithraed', [['nomultithraed', 'nomultithread']]],
    ['slurm', 'open-mode', 'appand', [['appand', 'append']]],
    ['slurm', 'propagate', 'STACK,FOO', [['FOO', undefined]]],
    ['flux', 'time-limit', '1:30:00', [['1:30:00', '90m']]],
    ['flux', 'time-limit', '2 hours', [['2 hours', '2h']]],
    ['pbs', 'l', 'walltime=2h', [['2h', '2:00:00']]],
    ['pbs', 'l', 'wallltime=1:00:00', [['wallltime', 'walltime']]],
    ['pbs', 'l', 'mem=4gigs', [['4gigs', undefined]]],
    ['pbs', 'l', 'select=2:ppn=8', [['ppn', 'ncpus']]],
    ['pbs', 'p', '2000', [['2000', undefined]]],
    ['pbs', 'N', 'my job', [['my job', undefined]]],
    ['pbs', 'j', 'both', [['both', undefined]]],
    ['lsf', 'W', '1:00:00', [['1:00:00', '1:00']]],
    ['lsf', 'W', '2-00:00:00', [['2-00:00:00', '48:00']]],
    ['lsf', 'J', 'a[1-', [['[', undefined]]],
    ['lsf', 'R', 'span[ptile=4', [['[', undefined]]],
    ['sge', 'l', 'h_rt=2h', [['2h', undefined]]],
    ['sge', 'l', 'h_vmem=4GB', [['4GB', '4G']]],
    ['sge', 't', '0-10', [['0', undefined]]],
    ['sge', 't', '10-1', [['10-1', undefined]]],
    ['sge', 'pe', 'smp x', [['x', undefined]]],
    ['sge', 'pe', 'smp', [['smp', undefined]]],
    ['sge', 'tc', '2-4', [['2-4', undefined]]],
    ['sge', 'm', 'ABE', [['ABE', undefined]]],
    ['sge', 'N', '1st', [['1st', undefined]]],
    ['sge', 'N', 'a/b', [['/', undefined]]],
  ])('%s %s %s', (scheduler, option, value, parts) => {
    expect(wrongParts(scheduler, option, value)).toEqual(parts);
    // What is offered instead is good.
    const [issue] = formOf(scheduler, option).check(value);
    if (issue?.replacement === undefined) return;
    const mended = value.slice(0, issue.start) + issue.replacement + value.slice(issue.end);
    const left = wrongParts(scheduler, option, mended);
    expect(left.map(([text]) => text)).not.toContain(issue.replacement);
  });
});

it('no form throws, and all places are inside of the value', () => {
  const pieces = [
    '',
    ' ',
    ',',
    ':',
    '%',
    '@',
    '=',
    '-',
    '[',
    ']',
    '(',
    '1',
    '99999999999999999999',
    'a',
    'é',
    '\n',
    '&&',
    '+',
    '"',
  ];
  const values = pieces.flatMap((a) => pieces.flatMap((b) => [a + b, `gpu${a}1${b}`, `walltime=${a}${b}`]));
  for (const scheduler of ['slurm', 'flux', 'pbs', 'lsf', 'sge'] as const) {
    for (const { form } of dialectOf(scheduler).table.options) {
      for (const value of form ? values : []) {
        for (const { start, end, message } of form?.check(value) ?? []) {
          expect(message).not.toBe('');
          expect(start >= 0 && start <= end && end <= value.length).toBe(true);
        }
        form?.spell?.(value);
      }
    }
  }
});
