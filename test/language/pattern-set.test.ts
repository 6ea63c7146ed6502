import { describe, expect, it } from 'vitest';
import { PatternSets } from '../../language/pattern/pattern-set.ts';

describe('pattern sets', () => {
  it('are compiled once for all who search for the same', () => {
    const sets = new PatternSets();
    expect(sets.of(['a', undefined, '(b'])).toBe(sets.of(['a', undefined, '(b']));
    expect(sets.of(['a', 'c']).patterns[0]).toBe(sets.of(['a']).patterns[0]);
    expect(sets.of(['a', undefined, '(b']).patterns.map((pattern) => pattern?.source)).toEqual([
      'a',
      undefined,
      undefined,
    ]);
  });

  it('are forgotten when there are too many, those asked for longest ago first', () => {
    const sets = new PatternSets(2);
    const [a, b] = [sets.of(['a']), sets.of(['b'])];
    sets.of(['a']);
    sets.of(['c']);
    expect(sets.of(['a'])).toBe(a);
    expect(sets.of(['b'])).not.toBe(b);
  });
});
