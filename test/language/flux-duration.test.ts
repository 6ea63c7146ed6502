import { expect, it } from 'vitest';
import { parseFluxDuration } from '../../language/text/flux-duration.ts';

it.each([
  ['90', 90],
  ['0.5s', 0.5],
  ['.5m', 30],
  ['100ms', 0.1],
  ['2m', 120],
  ['1.5h', 5400],
  ['1d', 86_400],
  ['1e3', 1000],
  ['inf', Number.POSITIVE_INFINITY],
  ['', undefined],
  ['abc', undefined],
  ['-1', undefined],
  ['5 m', undefined],
  ['5w', undefined],
])('%s is %s seconds (RFC 23)', (text, seconds) => {
  expect(parseFluxDuration(text)).toBe(seconds);
});
