/** Hostile or machine-made text of a megabyte: it is checked in linear time (in quadratic time these would not end). */
import { expect, it } from 'vitest';
import { refusalOf } from '../../engine/schedulers/local-job.ts';
import { checkScript } from '../../language/check/check-script.ts';
import { parseArraySpec } from '../../language/directives/values.ts';
import { loginCommands } from '../../language/script/login-setup.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import { parseTemplate } from '../../language/template/parse-template.ts';

const megabyte = (unit: string) => unit.repeat(Math.ceil(1_000_000 / unit.length));

it.each([
  ['template marks without an end', `#SBATCH -t 1\n${megabyte('{{')}`, 'script/no-shebang'],
  ['large arrays', '#SBATCH -a 0-4000000\n'.repeat(100), 'directive/duplicate-option'],
  ['srun without options', `#SBATCH -t 1 -n 1\n${megabyte('srun ')}`, 'script/no-shebang'],
  ['options on one line', `#SBATCH${' -v'.repeat(50_000)} -n1`, 'directive/no-time-limit'],
  ['blank lines', `#SBATCH -t x${megabyte('\n')}`, 'directive/bad-value'],
  ['lines with blanks', `#SBATCH -t x${megabyte(' \n')}`, 'directive/bad-value'],
  ['punctuation behind a time', `#SBATCH -t ${megabyte(',')}x`, 'directive/bad-value'],
  ['brackets of LSF', `#BSUB -J a${megabyte('[1')}`, 'directive/bad-value'],
  ['quotes of Flux', `#flux: -N1 --job-name=${megabyte('"""a"""')}"`, 'directive/open-quote'],
  ['punctuation of Flux', `#flux: -N1 --requires=${megabyte(';')}`, 'directive/stray-word'],
  ['a text that is never closed', `#WATCHER pattern="${megabyte(' ')}\n`, 'watcher/unclosed-text'],
  ['a list that is never closed', `#WATCHER actions=[${megabyte(' ')}x`, 'action/syntax'],
  ['a trap', `#SBATCH -t 1 --signal=B:USR1@9\n${megabyte('trap ')}\n`, 'directive/signal-without-trap'],
  ['commas of a condition', `#WATCHER pattern=a condition="${megabyte(',')}"`, 'condition/too-long'],
  ['operators of a condition', `#WATCHER pattern=a condition="${megabyte('^')}"`, 'condition/too-long'],
  ['terms of a condition', `#WATCHER pattern=a condition="${megabyte('a and ')}a"`, 'condition/too-long'],
  ['escapes of a condition', `#WATCHER pattern=a condition="${megabyte('\\"')}"`, 'condition/too-long'],
  [
    'blanks of a pattern',
    `#WATCHER_BEGIN\n# pattern: a${megabyte(' ')}b # c\n# action: cancel_job()\n#WATCHER_END`,
    'watcher/comment-in-value',
  ],
])('%s', (_, script, code) => {
  expect(checkScript(parseScript(script)).map((found) => found.code)).toContain(code);
});

it('variables that are never closed, or one inside of the other', () => {
  expect(parseTemplate(megabyte('${a:-'))).toHaveLength(1);
  const deep = parseTemplate('${a:-'.repeat(150_000) + '}'.repeat(150_000));
  expect(deep.map(({ kind }) => kind)).toEqual(['variable']);
});

it('commands of the login node', () => {
  const script = parseScript(`#LOGIN_SETUP_BEGIN${megabyte('\n')}true\n\n#LOGIN_SETUP_END\n`);
  expect(loginCommands(script.loginSetup).endsWith('\ntrue\n')).toBe(true);
});

it.each([
  ['0-4000000', 'at most 1000'],
  ['0-4000000:2', 'at most 1000'],
  [`${megabyte('0-4000000,')}1`, 'at most 1000'],
  ['0-999999999', 'Invalid job array specification'],
])('arrays are counted, not written out: %.12s', (array, words) => {
  expect(refusalOf(new Map([['array', array]]))).toContain(words);
  expect(parseArraySpec(array)).toBeUndefined();
});

it('an index of many ranges counts once', () => {
  expect(refusalOf(new Map([['array', `${megabyte('7,')}8`]]))).toBeUndefined();
});
