import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputText } from '../../client/documents/output-text.ts';
import { progressFolds } from '../../client/documents/progress-folds.ts';
import { paletteColor, plainStyle, withRendition } from '../../client/documents/terminal-style.ts';
import { TerminalParser } from '../../client/documents/terminal-text.ts';
import { stripControls } from '../../client/text/plain-text.ts';

/** Each piece of the text with its style. */
function styled(raw: string) {
  const { text, spans } = new TerminalParser().parse(raw);
  return spans.map(({ start, end, style }) => [text.slice(start, end), style]);
}

describe('renditions', () => {
  it.each([
    ['31', { color: 1 }],
    ['1;4;93', { bold: true, underline: true, color: 11 }],
    ['104;3;9', { background: 12, italic: true, strike: true }],
    ['38;5;196', { color: 196 }],
    ['48;2;255;0;0;1', { background: 196, bold: true }],
    ['38:2::255:0:0', { color: 196 }],
    ['38:5:40;7', { color: 40, inverse: true }],
    ['58;5;1;31', { color: 1 }],
    ['38;5;900', {}],
    ['38;2;1', {}],
    ['5;8;77', {}],
    ['', {}],
  ])('%s', (parameters, style) => {
    expect(withRendition(plainStyle, parameters)).toEqual(style);
  });

  it('end one by one, or all at once', () => {
    const all = withRendition(plainStyle, '1;2;3;4;7;9;31;42');
    expect(withRendition(all, '22;23;24;27;29;39')).toEqual({ background: 2 });
    expect(withRendition(all, '49;22')).not.toHaveProperty('background');
    expect(withRendition(all, '0')).toEqual({});
    expect(withRendition(all, '')).toEqual({});
  });

  it('have xterm’s palette', () => {
    expect([16, 196, 231, 232, 255].map(paletteColor)).toEqual(['#000000', '#ff0000', '#ffffff', '#080808', '#eeeeee']);
  });
});

describe('what was printed for a terminal', () => {
  it('keeps its colours, and no other sequence', () => {
    expect(styled('a \u001b[31mred\u001b]8;;http://evil\u0007 link\u001b[2J\u001b[1;32m green\u001b[0m plain')).toEqual(
      [
        ['red link', { color: 1 }],
        [' green', { color: 2, bold: true }],
      ],
    );
  });

  const part = fc.constantFrom(
    'a',
    'ü',
    ' ',
    '\n',
    '\r',
    '\r\n',
    '\u001b[31m',
    '\u001b[0m',
    '\u001b[2K',
    '\u001b]0;t\u0007',
    '\u0007',
    '\u202e',
    '\u001b',
  );
  const parts = fc.array(part, { maxLength: 40 });

  it('is the text without control characters', () => {
    fc.assert(
      fc.property(parts, (printed) => {
        const raw = printed.join('');
        const { text, spans, returns } = new TerminalParser().parse(raw);
        expect(text).toBe(stripControls(raw));
        let last = 0;
        for (const { start, end } of spans) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          last = end;
        }
        expect(last).toBeLessThanOrEqual(text.length);
        for (const place of returns) expect(text[place]).toBe('\n');
      }),
    );
  });

  it('is the same however its bytes are cut', () => {
    fc.assert(
      fc.property(parts, fc.nat(80), (printed, cut) => {
        const bytes = new TextEncoder().encode(`${printed.join('')}end`);
        const [whole, cutUp] = [new OutputText(1000), new OutputText(1000)];
        whole.append(bytes);
        cutUp.append(bytes.subarray(0, cut));
        cutUp.append(bytes.subarray(cut));
        const colored = ({ terminalText: { text, spans, returns } }: OutputText) => {
          const styles = Array.from(text, () => '');
          for (const { start, end, style } of spans) styles.fill(JSON.stringify(style), start, end);
          return { text, styles, returns };
        };
        expect(colored(cutUp)).toEqual(colored(whole));
      }),
    );
  });

  it.each([
    ['a\rb', [1]],
    ['a\r\u001b[0m\nb', []],
    ['a\r\u001b[0mb', [1]],
    ['a\r\rb', [1, 2]],
    ['a\r\u0007\nb', [1]],
  ])('tells which line of %j takes the place of another, wherever it is cut', (printed, places) => {
    const bytes = new TextEncoder().encode(printed);
    for (const cut of bytes.keys()) {
      const output = new OutputText(1000);
      output.append(bytes.subarray(0, cut));
      output.append(bytes.subarray(cut));
      expect([cut, output.terminalText.returns]).toEqual([cut, places]);
    }
  });

  it('keeps colours and returns at their places when its beginning is dropped', () => {
    const output = new OutputText(100);
    for (let line = 0; line < 100; line += 1)
      output.append(new TextEncoder().encode(`\u001b[31mr${line}\u001b[0m x\ry\n`));
    const { text, spans, returns } = output.terminalText;
    expect(text.length).toBeLessThanOrEqual(125);
    expect(spans.length).toBeGreaterThan(5);
    for (const { start, end } of spans) expect(text.slice(start, end)).toMatch(/^r\d\d$/);
    expect(returns.length).toBeGreaterThan(5);
    for (const place of returns) expect(text.slice(place - 1, place + 2)).toBe('x\ny');
  });
});

describe('progress bars', () => {
  const foldsOf = (raw: string) => progressFolds(new TerminalParser().parse(raw)).map(({ start, end }) => [start, end]);

  it('are folded between their first update and their last', () => {
    expect(foldsOf('begin\n0%\r50%\r75%\r100%\r\nend\n1\r2\r3\nx\ry\n')).toEqual([
      [1, 3],
      [6, 7],
    ]);
    expect(foldsOf('a\nb\r\nc\n')).toEqual([]);
    expect(foldsOf('\r1%\r2%\r3%')).toEqual([[0, 2]]);
  });

  it('leave the last update in view', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a\r', 'b\n', 'c\r\n', '\u001b[K', 'd'), { maxLength: 30 }), (printed) => {
        const raw = printed.join('');
        const lineCount = stripControls(raw).split('\n').length;
        let last = -1;
        for (const { start, end } of progressFolds(new TerminalParser().parse(raw))) {
          expect(start).toBeGreaterThan(last);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThan(lineCount - 1);
          last = end;
        }
      }),
    );
  });
});
