/** Verdicts of sbatch 22.05 on values of nothing, values that it takes for something else, and words behind the options. */
import { expect, it } from 'vitest';
import { checkScript } from '../../../language/check/check-script.ts';
import { parseScript } from '../../../language/script/parse-script.ts';

const found = (line: string) =>
  checkScript(parseScript(`#!/bin/bash\n#SBATCH --time=5\n${line}\ntrue\n`))
    .filter(({ severity }) => severity !== 'hint')
    .map(({ code, severity }) => `${severity} ${code}`);

it.each<[string, readonly string[]]>([
  ['#SBATCH --mem=', ['error directive/missing-value']],
  ['#SBATCH --ntasks=""', ['error directive/missing-value']],
  ['#SBATCH --nodes=', ['error directive/missing-value']],
  ['#SBATCH --signal=', ['error directive/missing-value']],
  ['#SBATCH --array=', ['warning directive/missing-value']],
  ['#SBATCH --exclusive=', ['warning directive/missing-value']],
  ['#SBATCH --core-spec=', ['warning directive/missing-value']],
  ['#SBATCH --comment=""', ['warning directive/missing-value']],
  ['#SBATCH --job-name=', ['warning directive/missing-value']],
  // A word of nothing ends the line for sbatch.
  ["#SBATCH -J ''", ['error directive/missing-value']],
  ['#SBATCH --hold ""', []],
  ['#SBATCH --hold "" -n x', ['warning directive/ignored-text']],
  ['#SBATCH -n=4', ['error directive/bad-value']],
  ['#SBATCH -J=name', ['warning directive/bad-value']],
  ['#SBATCH --nice==4', ['warning directive/bad-value']],
  ['#SBATCH --array=0-3%x', ['warning directive/bad-value']],
  ['#SBATCH --open-mode=a', ['warning directive/bad-value']],
  ['#SBATCH --dependency=afterok:1_[1-2]', ['warning directive/bad-value']],
  ['#SBATCH --gpus=gpu=2', ['warning directive/bad-value']],
  ['#SBATCH --gres=gpu:*', ['warning directive/bad-value']],
  ['#SBATCH --gres=gpu:1,', ['error directive/bad-value']],
  ['#SBATCH --constraint="a&"', ['warning directive/bad-value']],
  ['#SBATCH --propagate=stack', ['error directive/bad-value']],
  ['#SBATCH --priority=-1', ['error directive/bad-value']],
])('%s', (line, problems) => {
  expect(found(line)).toEqual(problems);
});
