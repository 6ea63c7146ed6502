/** The search with a memory of failed decisions must find what the plain one finds, which is compared with CPython's elsewhere. */
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../language/pattern/compile.ts';
import { Machine, SearchStopped } from '../../language/pattern/machine.ts';
import { parsePattern } from '../../language/pattern/parse.ts';
import { compileProgram } from '../../language/pattern/program.ts';
import { randomSource } from './python.ts';
import { randomLine, randomPattern } from './random-pattern.ts';

function machine(source: string, cheapSteps?: number): Machine | undefined {
  const { root, groupCount } = parsePattern(source);
  const program = root && compileProgram(root, groupCount);
  return program && new Machine(program, cheapSteps);
}

/** Everywhere but inside a surrogate pair. */
const starts = (line: string) => (from: number) => {
  const inside = from > 0 && (line.codePointAt(from - 1) ?? 0) > 0xffff;
  return from > line.length ? -1 : inside ? from + 1 : from;
};

describe('a search with a memory', () => {
  it('finds what one without finds', () => {
    const random = randomSource(99);
    let found = 0;
    for (let round = 0; round < 4000; round++) {
      const source = randomPattern(random, 3);
      const [with_, without] = [machine(source, 0), machine(source, 1e6)];
      for (let turn = 0; turn < 4; turn++) {
        const line = randomLine(random) + randomLine(random);
        const expected = without?.search(line, starts(line));
        expect({ source, line, offsets: with_?.search(line, starts(line)) }).toEqual({
          source,
          line,
          offsets: expected,
        });
        if (expected) found++;
      }
    }
    expect(found).toBeGreaterThan(4000);
  });

  it('is taken up where the plain one would not end', () => {
    const line = `${'a'.repeat(40)}b`;
    const { pattern } = compilePattern('(a|a)*(a|a)*c|((a|aa)*)b');
    expect(pattern?.search(line)?.spans[4]).toEqual([39, 40]);
  });
});

describe('a search that would take too long', () => {
  it('is stopped', () => {
    const { pattern } = compilePattern('(?:\\w{0,70}x?){70}[!?]');
    expect(() => pattern?.search('w'.repeat(60_000))).toThrow(SearchStopped);
    expect(pattern?.search('w!')?.start).toBe(0);
  });
});
