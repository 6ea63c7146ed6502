import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineScanner } from '../../../engine/watch/line-scanner.ts';
import { type LinePosition, maxLineBytes, type OutputLine, stripAnsi } from '../../../engine/watch/lines.ts';
import { compilePattern } from '../../../language/pattern/compile.ts';
import { LineAutomaton } from '../../../language/pattern/line-automaton.ts';
import { randomSource } from '../../language/python.ts';
import { randomPattern } from '../../language/random-pattern.ts';
import { type ReferenceLine, referenceLines } from '../../support/reference-lines.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const reader = (...patterns: string[]) => ({ automaton: new LineAutomaton(patterns) });
/** Matches every line. */
const everything = reader('');

/** Feeds chunks, each in portions of what lines of `enough` bytes come to. */
function scan(chunks: readonly Uint8Array[], by = everything, enough?: number): OutputLine[] {
  const scanner = new LineScanner(by);
  return [...chunks.flatMap((chunk) => pushAll(scanner, chunk, enough)), ...scanner.end().lines];
}

function pushAll(scanner: LineScanner, chunk: Uint8Array, enough?: number): OutputLine[] {
  const lines: OutputLine[] = [];
  for (let at = 0; at < chunk.length; ) {
    const batch = scanner.push(chunk.subarray(at), enough);
    expect(batch.taken).toBeGreaterThan(0);
    at += batch.taken;
    lines.push(...batch.lines);
  }
  return lines;
}

const plain = ({ text, number, endOffset, cut }: OutputLine): ReferenceLine => ({ text, number, endOffset, cut });

function cutAt(all: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const edges = [0, ...cuts.map((cut) => Math.min(cut, all.length)).sort((a, b) => a - b), all.length];
  return edges.slice(1).map((edge, index) => all.subarray(edges[index], edge));
}

const texts = (text: string) => scan([bytes(text)]).map((line) => line.text);

describe('lines', () => {
  it.each([
    ['a\nb\n', ['a', 'b']],
    ['a\r\nb\r\n', ['a', 'b']],
    ['10%\r20%\r30%\n', ['10%', '20%', '30%']],
    ['a\n\nb', ['a', '', 'b']],
    ['a\r\n\r\nb', ['a', '', 'b']],
    ['no end', ['no end']],
    ['', []],
    ['\u001b[31mred\u001b[0m\n', ['red']],
    ['\u001b]0;title\u0007text\n', ['text']],
  ])('%j', (text, expected) => expect(texts(text)).toEqual(expected));

  it('replaces invalid UTF-8', () => {
    expect(scan([new Uint8Array([0x61, 0xff, 0x62, 0x0a])])[0]?.text).toBe('a\ufffdb');
  });

  it('cuts endless lines, says so, and keeps count', () => {
    const lines = scan([bytes('x'.repeat(maxLineBytes)), bytes('y'.repeat(maxLineBytes)), bytes('\nnext\n')]);
    expect(lines.map((line) => [line.text.length, line.cut, line.number])).toEqual([
      [maxLineBytes, true, 1],
      [4, false, 2],
    ]);
    expect(lines[0]?.text.endsWith('x')).toBe(true);
  });

  it('hands out a line that is too long whatever is looked for', () => {
    const [line] = scan([bytes(`${'x'.repeat(maxLineBytes + 1)}\n`)], reader('y'));
    expect(line?.cut).toBe(true);
  });

  it('counts the lines that match nothing', () => {
    const batch = new LineScanner(reader('x')).push(bytes('a\nb\r\nx\nc'));
    expect([batch.count, batch.lines.map((line) => line.number)]).toEqual([3, [3]]);
  });
});

/** Bytes that tell apart: line ends, escape sequences whole and broken, UTF-8 whole and broken. */
const pieces = [
  ...['a', 'b', 'c', 'A', '1', '.', ',', '_', ' ', 'loss: 1.5'].map(bytes),
  ...['é', 'É', 'σ', 'ſ', 'K', '😀', '٣', '\u00a0', '\ufeff', '\u2028', '\ufffd'].map(bytes),
  ...['\n', '\r', '\r\n', '\0', '\u001b', '\u001b[1m', '\u001b[0;', '\u001b]0;a', '\u0007', '\u001b\\', '\u001bP'].map(
    bytes,
  ),
  ...[[0xff], [0xc3], [0xa9], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80]].map((some) =>
    Uint8Array.from(some),
  ),
];
const output = fc
  .array(fc.constantFrom(...pieces), { maxLength: 60 })
  .map((parts): Uint8Array => new Uint8Array(Buffer.concat(parts)));
const cuts = fc.array(fc.nat(200), { maxLength: 10 });

describe('any bytes, however they are cut', () => {
  it('gives the lines of the plainest way', () => {
    fc.assert(
      fc.property(output, cuts, fc.constantFrom(1, 300, undefined), (all, edges, enough) => {
        expect(scan(cutAt(all, edges), everything, enough).map(plain)).toEqual(referenceLines(all));
      }),
      { numRuns: 500 },
    );
  });

  it('goes on from its position as if it had never stopped', () => {
    fc.assert(
      fc.property(output, fc.nat(200), (all, cut) => {
        const first = new LineScanner(everything);
        const before = first.push(all.subarray(0, Math.min(cut, all.length))).lines;
        const position: LinePosition = first.position;
        const second = new LineScanner(everything, position);
        const after = [...second.push(all.subarray(position.offset)).lines, ...second.end().lines];
        expect([...before, ...after].map(plain)).toEqual(referenceLines(all));
      }),
    );
  });

  it('misses no line that a pattern matches', () => {
    const random = randomSource(7);
    let matched = 0;
    let skipped = 0;
    for (let round = 0; round < 400; round++) {
      const sources = Array.from({ length: 1 + random(4) }, () => randomPattern(random, 2));
      const patterns = sources.map((source) => compilePattern(source).pattern);
      const by = reader(...sources);
      for (let turn = 0; turn < 5; turn++) {
        const parts = Array.from({ length: random(60) }, () => pieces[random(pieces.length)] ?? bytes(''));
        const all = new Uint8Array(Buffer.concat(parts));
        const edges = Array.from({ length: random(6) }, () => random(all.length + 1));
        const expected = referenceLines(all);
        const found = scan(cutAt(all, edges), by, random(2) === 0 ? 1 : undefined);
        skipped += expected.length - found.length;
        expect(found.map(plain)).toEqual(found.map(({ number }) => expected[number - 1]));
        for (const line of expected) {
          const mayMatch = found.find(({ number }) => number === line.number)?.mayMatch;
          patterns.forEach((pattern, index) => {
            if (!pattern?.search(line.text)) return;
            matched++;
            expect({ sources, line, index, mayMatch: mayMatch?.[index] }).toMatchObject({ mayMatch: 1 });
          });
        }
      }
    }
    // Else nothing was tried.
    expect(matched).toBeGreaterThan(1000);
    expect(skipped).toBeGreaterThan(500);
  });

  it('stays right when there are more states than are kept, and more than may be built', () => {
    const letters = Array.from({ length: 80 }, (_, index) => String.fromCharCode(33 + index));
    const wide = letters.map((letter) => `\\${letter}`.replace(/\\(\w)/, '$1!')).join('|');
    const patterns = ['a[ab]{9}b', 'b[ab]{7}a$', wide];
    const random = randomSource(3);
    const all = bytes(Array.from({ length: 60_000 }, () => 'aaabbbb\n'[random(8)]).join(''));
    const by = reader(...patterns);
    const before = by.automaton.generation;
    const found = scan(cutAt(all, [10_000, 10_001, 45_000]), by);
    expect(by.automaton.generation).toBeGreaterThan(before);
    const compiled = patterns.map((source) => compilePattern(source).pattern);
    const numbers = new Set(found.map(({ number }) => number));
    const matching = referenceLines(all).filter(({ text }) => compiled.some((pattern) => pattern?.search(text)));
    expect(matching.length).toBeGreaterThan(50);
    expect(matching.filter(({ number }) => !numbers.has(number))).toEqual([]);
  });

  it('keeps count of the quiet lines that it passes over', () => {
    const random = randomSource(11);
    const by = reader('needle', '^end$');
    const quiet = ['step 1 loss 0.5', 'nee', '', 'ü', 'end.', 'x'.repeat(150)];
    let hits = 0;
    for (let round = 0; round < 60; round++) {
      const rare = [2, 20, 400, 5000][round % 4] ?? 2;
      const text = Array.from({ length: 1500 }, () => {
        const odd = random(rare) === 0;
        const line = odd
          ? ['a needle', 'end', '\u001b[1mneedle', 'x\ry', '\u001b[m'][random(5)]
          : quiet[random(quiet.length)];
        return `${line}${odd && random(3) === 0 ? '\r\n' : '\n'}`;
      }).join('');
      const all = bytes(text);
      const expected = referenceLines(all);
      const edges = Array.from({ length: random(3) }, () => random(all.length));
      const found = scan(cutAt(all, edges), by, random(2) === 0 ? 2000 : undefined);
      const matching = expected.filter((line) => /needle|^end$/.test(line.text));
      hits += matching.length;
      expect(found.map(plain).filter((line) => /needle|^end$/.test(line.text))).toEqual(matching);
      const counter = new LineScanner(by);
      expect(counter.push(all).count + counter.end().count).toBe(expected.length);
      expect(counter.position).toEqual({ offset: all.length, line: expected.length + 1, afterReturn: false });
    }
    expect(hits).toBeGreaterThan(5000);
  });

  it('looks for other patterns from one chunk to the next', () => {
    const by = { ...reader('a') };
    const scanner = new LineScanner(by);
    expect(scanner.push(bytes('xb')).lines).toEqual([]);
    by.automaton = new LineAutomaton(['xb']);
    expect(scanner.push(bytes('c\na\nxb\n')).lines.map((line) => line.number)).toEqual([1, 3]);
  });
});

describe('escape sequences', () => {
  it('leaves other text alone', () => {
    expect(stripAnsi('plain [31m text')).toBe('plain [31m text');
  });

  it('hides no match, and makes none', () => {
    const colours = 'lo\u001b[1mss: 2\n\u001b[31mloss\u001b[0m! 3\nloss \u001b[2m: 4\n';
    expect(scan([bytes(colours)], reader('loss: \\d')).map((line) => line.number)).toEqual([1]);
  });
});
