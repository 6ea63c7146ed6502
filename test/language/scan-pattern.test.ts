/** The scanner of patterns: its tokens, and that its groups are the parser's. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePattern } from '../../language/pattern/parse.ts';
import { scanPattern } from '../../language/pattern/scan-pattern.ts';

/** `kind:text` of each token. */
const tokens = (text: string) =>
  scanPattern(text).tokens.map(({ kind, span }) => `${kind} ${text.slice(span.start, span.end)}`);

describe('tokens', () => {
  it.each([
    ['a(b|c)*', ['group (', 'alternation |', 'group )', 'quantifier *']],
    ['(?P<n>\\d+?)', ['group (?P<', 'group-name n', 'group >', 'class \\d', 'quantifier +?', 'group )']],
    ['^[^]a)]{2,3}$', ['assertion ^', 'class [^]a)]', 'quantifier {2,3}', 'assertion $']],
    ['x{}\\.\\b.', ['escape \\.', 'assertion \\b', 'class .']],
    ['(?i)a(?:b)', ['group (?i)', 'group (?:', 'group )']],
    ['(?#a)b)', ['comment (?#a)', 'group )']],
    ['(?P<na', ['group (?P<', 'group-name na']],
    ['[a', ['class [a']],
    ['\\', ['escape \\']],
  ])('%s', (text, wanted) => expect(tokens(text)).toEqual(wanted));
});

describe('groups', () => {
  const groups = (text: string) =>
    scanPattern(text).groups.map(({ index, name, span }) => [index, name, text.slice(span.start, span.end)]);

  it.each([
    [
      '(a(?:b)(c))(?P<d>e)',
      [
        [1, undefined, '(a(?:b)(c))'],
        [2, undefined, '(c)'],
        [3, 'd', '(?P<d>e)'],
      ],
    ],
    [
      '\\((a)[(](b',
      [
        [1, undefined, '(a)'],
        [2, undefined, '(b'],
      ],
    ],
    ['(?x) # (no)\n (a)', [[1, undefined, '(a)']]],
    [
      '(?x: (a) # (\n)#(b)',
      [
        [1, undefined, '(a)'],
        [2, undefined, '(b)'],
      ],
    ],
  ])('%s', (text, wanted) => expect(groups(text)).toEqual(wanted));

  it.each(['#(a)(?x:(?i)b)', '#(?x)(a)', '((?x)a)'])('are not hidden by flags at a wrong place: %s', (text) => {
    // Python: global flags not at the start of the expression.
    expect(parsePattern(text).problems).toMatchObject([{ code: 'pattern/syntax' }]);
  });

  const parts =
    '( ) (?: (?P<a> (?P<bc> (?i) (?x) (?x: (?-x: (?# (?P=a) (?= \\( [ ] [^ {2} {,3} + ? | \\d a # \n ^'.split(' ');

  it('are those of the parser, wherever it has an answer', () => {
    let compared = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts, ' '), { maxLength: 12 }), (words) => {
        const text = words.join('');
        const scanned = scanPattern(text);
        for (const { span } of scanned.tokens) expect(span.end).toBeLessThanOrEqual(text.length);
        const { root, groupCount, groupNames } = parsePattern(text);
        if (!root) return;
        compared++;
        const named = scanned.groups.flatMap(({ name, index }) => (name === undefined ? [] : [[name, index]]));
        expect(scanned.groups.map(({ index }) => index)).toEqual(Array.from({ length: groupCount }, (_, at) => at + 1));
        expect(named).toEqual([...groupNames]);
      }),
      { numRuns: 20_000 },
    );
    expect(compared).toBeGreaterThan(100);
  });
});
