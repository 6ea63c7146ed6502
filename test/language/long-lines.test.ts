/** Scripts that programs write, with very long lines: they are checked in linear time (in quadratic time these would not end). */
import { expect, it } from 'vitest';
import { checkScript } from '../../language/check/check-script.ts';
import { parseScript } from '../../language/script/parse-script.ts';

it.each([
  ['template marks without an end', `#SBATCH -t 1\n${'{{'.repeat(200_000)}`, 'script/no-shebang'],
  ['large arrays', '#SBATCH -a 0-4000000\n'.repeat(100), 'directive/duplicate-option'],
  ['srun without options', `#SBATCH -t 1 -n 1\n${'srun '.repeat(200_000)}`, 'script/no-shebang'],
  ['options on one line', `#SBATCH${' -v'.repeat(50_000)} -n1`, 'directive/no-time-limit'],
])('%s', (_, script, code) => {
  expect(checkScript(parseScript(script)).map((found) => found.code)).toContain(code);
});
