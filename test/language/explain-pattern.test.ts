/** Patterns in words. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Explanation, explainPattern, explanationAt } from '../../language/pattern/explain.ts';

function shown(parts: readonly Explanation[], source: string, indent = ''): readonly string[] {
  return parts.flatMap(({ span, words, parts: inner }) => [
    `${indent}${source.slice(span.start, span.end)}: ${words}`,
    ...shown(inner, source, `${indent}  `),
  ]);
}

it.each([
  [
    '(?i)epoch (\\d+).*?loss: (?P<loss>[\\d.]+)$',
    [
      '(?i): for the whole pattern: upper and lower case are the same',
      'epoch : the text `epoch `, in upper or lower case',
      '(\\d+): group 1',
      '  \\d+: a digit; once or more',
      '.*?: any character but a line break; any number of times or not at all, as few as possible',
      'loss: : the text `loss: `, in upper or lower case',
      '(?P<loss>[\\d.]+): group 2, captured as `loss`',
      '  [\\d.]+: a character that is one of: a digit, `.`; once or more',
      '$: here the line ends',
    ],
  ],
  ['a|bc|', ['a|bc|: one of 3 alternatives', '  a: the text `a`', '  bc: the text `bc`', '  : nothing']],
  [
    '[^a-z\\s]{2,3}x?',
    [
      '[^a-z\\s]{2,3}: a character that is none of: `a` to `z`, white space; 2 to 3 times',
      'x?: the text `x`; once or not at all',
    ],
  ],
  ['\\[\\d{4}\\] ', ['\\[: the text `[`', '\\d{4}: a digit; 4 times', '\\] : the text `] `']],
  ['(?:ab){2,}', ['(?:ab){2,}: a group that captures nothing; 2 times or more', '  ab: the text `ab`']],
  [
    '(?a)\\w\\b',
    [
      '(?a): for the whole pattern: `\\d`, `\\w`, `\\s` are ASCII only',
      '\\w: a letter, a digit or `_` (ASCII only)',
      '\\b: here a word starts or ends',
    ],
  ],
  [' ', [' : the text a blank']],
  ['(a', []],
])('%s', (pattern, wanted) => {
  expect(shown(explainPattern(pattern), pattern)).toEqual(wanted);
});

it('finds the innermost part', () => {
  const parts = explainPattern('(?:ab|(c+))d');
  expect(explanationAt(parts, 7)?.words).toBe('the text `c`; once or more');
  expect(explanationAt(parts, 4)?.words).toBe('the text `ab`');
  expect(explanationAt(parts, 12)?.words).toBe('the text `d`');
});

const pieces = [
  'a',
  'bc',
  '\\d',
  '[x-z.]',
  '(',
  '(?:',
  '(?P<n>',
  ')',
  '|',
  '*',
  '+?',
  '{2,3}',
  '^',
  '$',
  '\\b',
  '.',
  '`',
  '(?i)',
];

it('each part lies in the one around it, in order', () => {
  const check = (parts: readonly Explanation[], start: number, end: number) => {
    let at = start;
    for (const part of parts) {
      expect(part.span.start).toBeGreaterThanOrEqual(at);
      expect(part.span.end).toBeLessThanOrEqual(end);
      at = part.span.end;
      check(part.parts, part.span.start, part.span.end);
    }
  };
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (words) => {
      const pattern = words.join('');
      check(explainPattern(pattern), 0, pattern.length);
    }),
    { numRuns: 500 },
  );
});
