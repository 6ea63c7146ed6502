/** What holds for any input: nothing throws, everything ends, places lie inside the text. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkScript } from '../../language/check/check-script.ts';
import { walk } from '../../language/expression/ast.ts';
import { evaluate } from '../../language/expression/evaluate.ts';
import { parseExpression } from '../../language/expression/parse.ts';
import { compilePattern } from '../../language/pattern/compile.ts';
import type { Problem } from '../../language/problem/problem.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import { interpolate, interpolateScript } from '../../language/template/interpolate.ts';
import { parseTemplate } from '../../language/template/parse-template.ts';
import type { Span } from '../../language/text/span.ts';
import { bindWatchers } from '../../language/watcher/spec.ts';
import { applyFix } from './support.ts';

const examples = ['train.sh', 'broken.sh'].map((name) =>
  readFileSync(join(import.meta.dirname, '..', '..', 'examples', name), 'utf8'),
);

/** Texts made of the words of a language, in any order. */
function soup(words: readonly string[], maxLength = 30): fc.Arbitrary<string> {
  return fc
    .array(
      fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...words) },
        { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) },
      ),
      { maxLength },
    )
    .map((parts) => parts.join(''));
}

const scriptWords = [
  '\n',
  '\n',
  '\n#WATCHER ',
  '\n#WATCHER_BEGIN\n',
  '\n#WATCHER_END\n',
  '\n# ',
  '\n#   - ',
  '\r\n',
  '#SBATCH ',
  ' ',
  '"',
  "'",
  '\\',
  '[',
  ']',
  '(',
  ')',
  '{',
  '}',
  ',',
  'name=',
  'pattern=',
  'pattern: ',
  'condition=',
  'condition: ',
  'captures: ',
  'captures=[',
  'actions:',
  'action=',
  'interval=',
  'type: ',
  'params: ',
  'loss',
  'float(loss) > 5',
  'notify(message="',
  '${loss}',
  '$1',
  'log_event()',
  'cancel_job',
  '--time=1',
  '-n',
  '#',
  '=',
  ':',
  '\t',
  '(\\d+)',
  '5',
  'true',
  'echo',
  '<<EOF',
  '😀',
  '\ufeff',
  '\u2028',
];
const conditionWords = [
  'loss',
  ' ',
  ' > ',
  '5',
  '1.5',
  '"a"',
  "'",
  '"',
  'f"{',
  '}"',
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ',',
  ':',
  '.',
  ' and ',
  ' or ',
  ' not ',
  ' in ',
  ' if ',
  ' else ',
  ' is ',
  '==',
  '=',
  '**',
  '*',
  '/',
  '//',
  '%',
  '-',
  'float',
  'len',
  'history',
  'previous',
  'lambda ',
  ' for ',
  'None',
  '&&',
  '!',
  ':=',
  '9'.repeat(30),
  '.strip()',
  '.split',
  '😀',
  '\\',
  '0x',
  '1e',
];
const patternWords = [
  'a',
  'b',
  '(',
  ')',
  '(?:',
  '(?P<n>',
  '(?i)',
  '(?x)',
  '[',
  ']',
  '^',
  '$',
  '*',
  '+',
  '?',
  '{2}',
  '{1,3}',
  '{',
  '|',
  '\\d',
  '\\b',
  '\\1',
  '\\',
  '.',
  '-',
  '(?=',
  '(?#',
  '#',
  '😀',
  'é',
  '{999}',
];

function expectInside(problems: readonly Problem[], text: string): void {
  const spans: readonly Span[] = problems.flatMap(({ span, fixes }) => [
    span,
    ...fixes.flatMap(({ edits }) => edits.map((edit) => edit.span)),
  ]);
  for (const { start, end } of spans) {
    if (!(0 <= start && start <= end && end <= text.length)) expect({ start, end }).toEqual(`inside 0…${text.length}`);
  }
}

function checkAny(text: string): void {
  const document = parseScript(text);
  const problems = checkScript(document);
  expectInside(problems, text);
  expect(problems.map(({ span }) => span.start)).toEqual(problems.map(({ span }) => span.start).sort((a, b) => a - b));
  const keys = problems.map(({ span, code }) => `${span.start} ${code}`);
  expect(new Set(keys).size).toBe(keys.length);
  expect(document.lines).toHaveLength(text.split('\n').length);
  const specs = bindWatchers(document);
  expect(JSON.parse(JSON.stringify(specs))).toEqual(specs);
  for (const spec of specs) if (spec.pattern !== undefined) expect(compilePattern(spec.pattern).problems).toEqual([]);
  for (const { fixes } of problems) for (const fix of fixes) checkScript(parseScript(applyFix(text, fix)));
}

describe('scripts', () => {
  it('of any words are read', () => {
    fc.assert(fc.property(soup(scriptWords), checkAny), { numRuns: 2000 });
  });

  it.each(examples)('are read at every length', (text) => {
    for (let length = 0; length <= text.length; length++) checkAny(text.slice(0, length));
  });

  it.each(examples)('are read with any line gone', (text) => {
    const lines = text.split('\n');
    lines.forEach((_, index) => {
      checkAny(lines.toSpliced(index, 1).join('\n'));
    });
  });

  it('are read in time linear in their length', () => {
    const text = `#!/bin/bash\n${'#WATCHER_BEGIN\n# pattern: "(x"\n'.repeat(5000)}${'#WATCHER a="'.repeat(5000)}`;
    const began = performance.now();
    bindWatchers(parseScript(`${text}${'('.repeat(20_000)}`));
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

describe('conditions', () => {
  it('of any words are parsed, and evaluated in bounded time', () => {
    const scope = { lookup: (name: string) => (name === 'loss' ? '2.5' : undefined), call: () => [1, 2] };
    fc.assert(
      fc.property(soup(conditionWords), (text) => {
        const { expression, problems } = parseExpression(text);
        expectInside(problems, text);
        walk(expression, ({ span }) => {
          if (!(0 <= span.start && span.start <= span.end && span.end <= text.length)) expect(span).toBe('inside');
        });
        const result = evaluate(expression, scope);
        if (!result.ok) expect(result.error).toMatch(/^[A-Za-z]+: /);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    '((((((((((10**10)**10)**10)**10)**10)**10)**10)**10)**10)**10)',
    '"x" * 10 ** 9',
    '[0] * 10 ** 9',
    '("x" * 1000000).replace("x", "yyyyyyyyyy")',
    'f"{1:>99999999}"',
    'f"{1:.999999f}"',
    'str([["x" * 1000000] * 100] * 100)',
    `${'('.repeat(200)}1${')'.repeat(200)}`,
    '-'.repeat(5000),
    `${'not '.repeat(5000)}1`,
    'sum([1] * 9999)',
    '2 ** 100000',
    '1 << 1000000',
    'round(10 ** 4000, -3999)',
    '[[[0] * 10000] * 10000] * 10000 == [[[0] * 10000] * 10000] * 10000',
    '("a " * 500000).split()',
    '("😀" * 500000)[::-1] < ("😀" * 500000)[::-1]',
    '"a" * 1000000 in "a" * 1000000 + "b"',
    '"a".split("") or 1',
  ])('%.60s stays within its bounds', (text) => {
    const began = performance.now();
    const { expression } = parseExpression(text);
    evaluate(expression, { lookup: () => undefined });
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

describe('patterns', () => {
  it('of any words are compiled or refused, and run', () => {
    const line = 'aaab ba éab😀 12\n';
    fc.assert(
      fc.property(soup(patternWords, 16), (source) => {
        const { pattern, problems } = compilePattern(source);
        expectInside(problems, source);
        expect(pattern === undefined).toBe(problems.length > 0);
        const match = pattern?.search(line);
        if (match) expect(line.slice(match.start, match.end)).toBe(match.groups[0]);
      }),
      { numRuns: 5000 },
    );
  });

  it.each(['(a+)+$', '(a|a)+$', '(?:a?){50}a{50}$', '(.*)*x', '([a-z]+)*\\d', '(?:(?:a|b|ab)*)*c'])(
    '%s takes time linear in the line',
    (source) => {
      const { pattern } = compilePattern(source);
      const time = (length: number) => {
        const began = performance.now();
        expect(pattern?.search(`${'a'.repeat(length)}!`)).toBeUndefined();
        return performance.now() - began;
      };
      time(1000);
      expect(time(65_535)).toBeLessThan(3000);
    },
  );
});

describe('templates', () => {
  const words = ['${', '}', '$', '$$', 'loss', 'x', ':-', ':+', '1', '10', ' ', '\\', '{', '"'];

  it('are cut into parts without gaps, and stay as they are without values', () => {
    fc.assert(
      fc.property(soup(words), (text) => {
        const parts = parseTemplate(text);
        expect(parts.map(({ span }) => text.slice(span.start, span.end)).join('')).toBe(text);
        expect(interpolateScript(text, () => undefined)).toBe(text);
        if (!/\$\$|:[-+]/.test(text)) expect(interpolate(text, () => undefined)).toBe(text);
      }),
      { numRuns: 3000 },
    );
  });
});
