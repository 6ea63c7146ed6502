import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedFiles, parseStat, portionBytes, portions } from '../../../engine/uploads/upload-plan.ts';

const file = (path: string, bytes: number, modified = 7) => ({ path, bytes, modified, mode: 0o644 });

describe('what is sent', () => {
  it('is what is not there, or is there otherwise', () => {
    const there = parseStat(['3 7 ./same', '4 7 ./larger', '3 8 ./newer', '3 7 ./two\nlines', 'what?'].join('\0'));
    const files = ['same', 'larger', 'newer', 'two\nlines', 'missing'].map((path) => file(path, 3));
    expect(changedFiles(files, there).map(({ path }) => path)).toEqual(['larger', 'newer', 'missing']);
  });

  it('goes in portions: each file once, small ones together, large ones alone', () => {
    const sizes = fc.array(fc.oneof(fc.nat(100), fc.integer({ min: 1_000_000, max: 10_000_000 })), { maxLength: 50 });
    fc.assert(
      fc.property(sizes, (all) => {
        const files = all.map((bytes, index) => file(`f${index}`, bytes));
        const sent = portions(files);
        const names = sent.flatMap((one) => ('large' in one ? [one.large.path] : one.together.map(({ path }) => path)));
        expect(names.sort()).toEqual(files.map(({ path }) => path).sort());
        for (const one of sent) {
          if ('large' in one) expect(one.large.bytes).toBeGreaterThan(portionBytes);
          else expect(one.together.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(portionBytes);
        }
      }),
    );
  });
});
