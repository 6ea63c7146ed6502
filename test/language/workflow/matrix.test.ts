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
});
