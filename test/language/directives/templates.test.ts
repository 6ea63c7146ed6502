/** Values that something else fills in before the script is submitted: of no scheduler's directives are they told to be wrong. */
import { expect, it } from 'vitest';
import { checkScript } from '../../../language/check/check-script.ts';
import { parseScript } from '../../../language/script/parse-script.ts';

const marks = [
  '{{ x }}',
  '{{x}}',
  '{x}',
  '{x:02d}',
  '{x!r}',
  '{x.y}',
  '{0}',
  '{}',
  '%XX%',
  '$XX',
  '$' + '{XX}',
  '!X',
  '<x>',
  '<%= x %>',
  '%(x)s',
  '%d',
  '@X@',
  '__X__',
  'XXX',
];

const lines = [
  '#SBATCH -t ¤',
  '#SBATCH -t¤',
  '#SBATCH --time=¤:00:00',
  '#SBATCH --array=0-¤',
  '#SBATCH --mem=¤G',
  '#SBATCH --gres=gpu:¤',
  '#SBATCH --nodes=¤-¤',
  '#SBATCH -N ¤ -n ¤',
  '#SBATCH --dependency=afterok:¤',
  '#SBATCH ¤',
  '#flux: ¤',
  '#flux: -N¤',
  '#flux: -N ¤ -n ¤',
  '#flux: --signal=¤@¤',
  '#flux: --requires=rank:¤',
  '#flux: -t ¤m',
  '#PBS ¤',
  '#PBS -l nodes=¤:ppn=¤,walltime=¤',
  '#PBS -l select=¤:ncpus=¤:mem=¤gb',
  '#PBS -l walltime=¤:00:00',
  '#PBS -J 0-¤',
  '#PBS -N ¤ -q ¤',
  '#BSUB ¤',
  '#BSUB -n ¤',
  '#BSUB -W ¤:00',
  '#BSUB -R "rusage[mem=¤]"',
  '#BSUB -J "a[1-¤]"',
  '#$ -pe mpi ¤',
  '#$ -pe ¤ ¤',
  '#$ -l h_rt=¤:00:00,h_vmem=¤G',
  '#$ -t 1-¤',
  '#$ -tc ¤',
  '#$ -p ¤',
];

// That sbatch fills in no variables is another matter, and told as such.
const others = ['directive/variable', 'directive/no-time-limit', 'directive/duplicate-option'];

it.each(lines)('%s', (line) => {
  const first = line.startsWith('#flux') ? '#flux: -n1\n' : '';
  const told = marks.flatMap((mark) => {
    const script = `#!/bin/bash\n${first}${line.replaceAll('¤', () => mark)}\ntrue\n`;
    const problems = checkScript(parseScript(script)).filter(({ code }) => !others.includes(code));
    return problems.map(({ message }) => `${mark}: ${message}`);
  });
  expect(told).toEqual([]);
});

it.each([
  ['#SBATCH -t {', 'directive/bad-value'],
  ['#SBATCH --mem=5%', 'directive/bad-value'],
  ['#SBATCH --array=0-3%2x', 'directive/bad-value'],
  ['#flux: -N<2', 'directive/bad-value'],
  ['#flux: hello', 'directive/flux-syntax'],
  ['#PBS -l walltime=1h', 'directive/bad-value'],
  ['#BSUB -n x', 'directive/bad-value'],
  ['#$ -t 1,2', 'directive/bad-value'],
])('no template: %s', (line, code) => {
  const first = line.startsWith('#flux') ? '#flux: -n1\n' : '';
  expect(checkScript(parseScript(`#!/bin/bash\n${first}${line}\n`)).map((found) => found.code)).toContain(code);
});
