import { describe, expect, it } from 'vitest';
import { formatFigure, isMet, percentile } from '../../bench/lib/figures.ts';

describe('figures of a bench', () => {
  it('takes the nearest rank', () => {
    expect(percentile([5, 1, 4, 2, 3], 0.5)).toBe(3);
    expect(percentile([1, 2, 3, 4], 0.99)).toBe(4);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it('judges the value, or its ratio to the peer', () => {
    expect(isMet({ what: 'a', value: 6, unit: 'ms', bar: { most: 5 } })).toBe(false);
    const beside = { what: 'a', value: 6, unit: 'MB/s', peer: { name: 'grep', value: 10 } };
    expect(isMet({ ...beside, bar: { least: 0.5, of: 'ratio' } })).toBe(true);
    expect(isMet({ ...beside, bar: { least: 0.7, of: 'ratio' } })).toBe(false);
    expect(isMet({ what: 'a', value: 6, unit: 'ms', bar: { least: 0.5, of: 'ratio' } })).toBe(false);
  });

  it('says what was missed', () => {
    expect(formatFigure({ what: 'p95', value: 6, unit: 'ms', bar: { most: 5 } })).toMatch(
      /6\.00 ms {3}\[NOT MET: at most 5\]/,
    );
  });
});
