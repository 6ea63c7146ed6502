import { expect, it } from 'vitest';
import { storable } from '../../../engine/workflows/storable.ts';

it('keeps what every database takes, and marks the rest', () => {
  const kept = { text: 'a\n\u0001é😀', list: [1, null, true, { 'k\u00e9': 'v' }] };
  expect(storable(kept)).toEqual(kept);
  expect(storable({ stdout: 'a\0b', lone: '\ud83d x \ude00', 'k\0': ['\0'] })).toEqual({
    stdout: 'a\ufffdb',
    lone: '\ufffd x \ufffd',
    'k\ufffd': ['\ufffd'],
  });
});
