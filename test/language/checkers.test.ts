/** Patterns and conditions that are checked again and again. */
import { describe, expect, it } from 'vitest';
import { plainCheckers, rememberingCheckers } from '../../language/watcher/checkers.ts';

describe('checkers that remember', () => {
  it('keep the newest patterns', () => {
    const { pattern: check } = rememberingCheckers(2);
    const first = check('a(');
    expect(first.problems).toEqual(plainCheckers.pattern('a(').problems);
    expect(check('b').pattern?.search('ab')?.start).toBe(1);
    expect(check('a(')).toBe(first);
    const second = check('b');
    check('c');
    expect(check('b')).toBe(second);
    expect(check('a(')).not.toBe(first);
  });

  it('tell conditions by their captures too', () => {
    const { condition } = rememberingCheckers(10);
    const unknown = condition('float(loss) > 5', ['epoch']);
    expect(unknown.map(({ code }) => code)).toEqual(['condition/unknown-name']);
    expect(condition('float(loss) > 5', ['loss'])).toEqual([]);
    expect(condition('float(loss) > 5', ['epoch'])).toBe(unknown);
    for (const [text, captures] of [
      ['x\0y', []],
      ['x', ['y']],
      ['', []],
    ] as const)
      expect(condition(text, captures)).toEqual(plainCheckers.condition(text, captures));
  });
});
