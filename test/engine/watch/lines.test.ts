import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter, maxLineBytes, type OutputLine, stripAnsi } from '../../../engine/watch/lines.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function split(chunks: readonly Uint8Array[]): OutputLine[] {
  const splitter = new LineSplitter();
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}

const texts = (text: string) => split([bytes(text)]).map((line) => line.text);

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
    expect(split([new Uint8Array([0x61, 0xff, 0x62, 0x0a])])[0]?.text).toBe('a\ufffdb');
  });

  it('cuts endless lines, says so, and keeps count', () => {
    const lines = split([bytes('x'.repeat(maxLineBytes)), bytes('y'.repeat(maxLineBytes)), bytes('\nnext\n')]);
    expect(lines.map((line) => [line.text.length, line.cut, line.number])).toEqual([
      [maxLineBytes, true, 1],
      [4, false, 2],
    ]);
    expect(lines[0]?.text.endsWith('x')).toBe(true);
  });

  const output = fc
    .array(fc.constantFrom('a', 'loss: 1.5', 'ü€😀', '\n', '\r', '\r\n', '\u001b[1m', '\u001b'), { maxLength: 40 })
    .map((parts) => bytes(parts.join('')));

  it('gives the same lines however the bytes are cut', () => {
    fc.assert(
      fc.property(output, fc.array(fc.nat(200), { maxLength: 10 }), (all, cuts) => {
        const edges = [0, ...cuts.map((cut) => Math.min(cut, all.length)).sort((a, b) => a - b), all.length];
        const chunks = edges.slice(1).map((edge, index) => all.subarray(edges[index], edge));
        expect(split(chunks)).toEqual(split([all]));
      }),
    );
  });

  it('goes on from its position as if it had never stopped', () => {
    fc.assert(
      fc.property(output, fc.nat(200), (all, cut) => {
        const at = Math.min(cut, all.length);
        const first = new LineSplitter();
        const before = first.push(all.subarray(0, at));
        const { position } = first;
        const second = new LineSplitter(position);
        const after = [...second.push(all.subarray(position.offset)), ...second.end()];
        expect([...before, ...after]).toEqual(split([all]));
      }),
    );
  });
});

describe('escape sequences', () => {
  it('leaves other text alone', () => {
    expect(stripAnsi('plain [31m text')).toBe('plain [31m text');
  });
});
