import { describe, expect, it } from 'vitest';
import { readTime } from '../../client/jobs/read-time.ts';

describe('times', () => {
  it.each([
    ['90s', 90],
    ['10m', 600],
    [' 1.5 H ', 5400],
    ['1d', 86_400],
    ['0.5s', 1],
  ])('%s', (text, seconds) => expect(readTime(text)).toBe(seconds));

  it.each(['', '10', '0s', 'h', '-1h', '1w', '1h30m'])('%s is none', (text) => expect(readTime(text)).toBeUndefined());
});
