import { describe, expect, it } from 'vitest';
import { combinationKey, combinations } from '../../../language/workflow/matrix.ts';

describe('a matrix', () => {
  it('combines its lists, the last one fastest', () => {
    expect(combinations({ a: [1, 2], b: ['x', 'y'] }).map(combinationKey)).toEqual(['1/x', '1/y', '2/x', '2/y']);
  });

  it('leaves out what has all values of an exclusion, and adds what is included', () => {
    const exclude = [{ a: 2 }, { a: 1, b: 'y' }];
    const include = [
      { a: 3, b: 'z', c: true },
      { a: 1, b: 'x' },
    ];
    expect(combinations({ a: [1, 2], b: ['x', 'y'], exclude, include })).toEqual(
      [
        { a: 1, b: 'x', c: null },
        { a: 3, b: 'z', c: true },
      ].toSorted((one, other) => Number(one.a) - Number(other.a)),
    );
    expect(combinations({ include: [{ a: 1 }, { b: 2 }] })).toEqual([
      { a: 1, b: null },
      { a: null, b: 2 },
    ]);
    expect(combinations({ a: [], b: [1] })).toEqual([]);
  });

  it('refuses what is no list', () => {
    expect(() => combinations({ a: 5 })).toThrow('the axis a of the matrix is no list');
    expect(() => combinations({ a: [1], include: ['x'] })).toThrow('include of the matrix is no list of maps');
  });

  it('has an end, told before anything is combined', () => {
    const axis = Array.from({ length: 5000 }, (_, n) => n);
    expect(() => combinations({ a: axis, b: axis, c: axis })).toThrow('more than 10000 combinations');
    expect(() =>
      combinations({ include: axis.map((a) => ({ a })).concat(axis.map((a) => ({ a: -a }))) }),
    ).not.toThrow();
    expect(combinations({ a: [...axis.slice(0, 100)], b: [...axis.slice(0, 100)] })).toHaveLength(10_000);
  });

  it('refuses combinations whose results would have one name', () => {
    expect(() => combinations({ dir: ['a/b', 'a'], file: ['c', 'b/c'] })).toThrow('are called a/b/c');
    expect(() => combinations({ a: [1, '1'] })).toThrow('are called 1');
  });
});
