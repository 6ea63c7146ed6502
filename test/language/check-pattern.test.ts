/** Patterns that are checked again and again. */
import { expect, it } from 'vitest';
import { checkPattern, rememberingChecker } from '../../language/pattern/check-pattern.ts';

it('are remembered, the newest of them', () => {
  const check = rememberingChecker(2);
  const first = check('a(');
  expect(first.problems).toEqual(checkPattern('a(').problems);
  expect(check('b').pattern?.search('ab')?.start).toBe(1);
  expect(check('a(')).toBe(first);
  const second = check('b');
  check('c');
  expect(check('b')).toBe(second);
  expect(check('a(')).not.toBe(first);
});
