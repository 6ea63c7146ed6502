/** Patterns against CPython's `re`: match or not, the span of every group, and the place and words of every error. */
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../language/pattern/compile.ts';
import { askPython, pythonVersion, randomSource } from './python.ts';
import { randomLine, randomPattern } from './random-pattern.ts';

const version = pythonVersion();
/** Possessive quantifiers, atomic groups and the errors of global flags came with 3.11; `\B` changed with 3.14. */
const comparable = version !== undefined && version[0] === 3 && version[1] >= 11 && version[1] < 14;

const program = `
import json, re, sys
out = []
def u16(s, i): return len(s[:i].encode('utf-16-le')) // 2
for pattern, lines in json.load(sys.stdin):
    try:
        r = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as e:
        out.append({'error': getattr(e, 'msg', str(e)), 'pos': u16(pattern, e.pos) if isinstance(e, re.error) else 1})
        continue
    found = []
    for line in lines:
        m = r.search(line)
        found.append(None if m is None else [[u16(line, a), u16(line, b)] if a >= 0 else None for a, b in (m.span(g) for g in range(r.groups + 1))])
    out.append({'matches': found, 'names': dict(r.groupindex)})
print(json.dumps(out))
`;

type Answer =
  | { readonly error: string; readonly pos: number }
  | { readonly matches: readonly (readonly (readonly [number, number] | null)[] | null)[]; readonly names: object };

function ours(pattern: string, lines: readonly string[]): Answer | 'not supported' {
  const compiled = compilePattern(pattern);
  const [found] = compiled.problems;
  if (found?.code === 'pattern/not-supported') return 'not supported';
  if (found) return { error: found.message.replace(/^Broken pattern: (.*)\.$/, '$1'), pos: found.span.start };
  const matches = lines.map((line) => compiled.pattern?.search(line)?.spans.map((span) => span ?? null) ?? null);
  return { matches, names: Object.fromEntries(compiled.pattern?.groupNames ?? []) };
}

function compare(cases: readonly (readonly [string, readonly string[]])[]): number {
  const answers = askPython(program, cases) as Answer[];
  let compared = 0;
  cases.forEach(([pattern, lines], index) => {
    const answer = ours(pattern, lines);
    if (answer === 'not supported') return;
    expect({ pattern, lines, answer }).toEqual({ pattern, lines, answer: answers[index] });
    compared++;
  });
  return compared;
}

const table: readonly (readonly [string, readonly string[]])[] = [
  ['epoch (\\d+).*loss: ([\\d.]+)', ['epoch 3: loss: 0.25', 'loss: 1', 'epoch x', 'epoch 12 acc 3 loss: 7.5 end']],
  ['(?P<loss>\\d+\\.\\d+)', ['loss=12.5', 'none']],
  ['(?i)error|(?:out of memory)', ['ERROR', 'Out Of Memory', 'fine']],
  ['(?x) a b  # comment\n c', ['abc', 'a b c']],
  ['(?#note)x', ['x']],
  ['\\bé\\b', ['é', 'aé', 'é!', 'ñéñ']],
  ['(?i)[k-s]', ['\u212a', 'ſ', 'K', 't']],
  ['(?i)ı', ['I', 'i', 'ı', 'İ']],
  ['(?i)[^s]', ['ſ', 'S', 's', 'x']],
  ['(?ia)[k]', ['\u212a', 'K']],
  ['(a|b?)*', ['abab', 'b', '']],
  ['(a*)*', ['aab', 'b']],
  ['(a*)+', ['aab', 'b']],
  ['(|a)*', ['aab']],
  ['(a|)*b', ['aab']],
  ['(?:(a)|b)*', ['ab', 'ba']],
  ['(a?){3}', ['aa', 'aaaa']],
  ['(a??){2,4}?c', ['aac', 'c']],
  ['((a*)(b*))*c', ['aabbc', 'c']],
  ['(?:a(?=x)?)', ['a']],
  ['$', ['a\n', 'a\n\n']],
  ['(?m)^b$', ['a\nb\nc']],
  ['\\d{4}-\\d\\d', ['2024-01', '٢٠٢٤-٠١']],
  ['\\x41\\u00e9\\101', ['AéA']],
];

const broken = [
  '(',
  ')',
  'a(b',
  '[',
  '[a',
  '[b-a]',
  '[\\d-a]',
  '*a',
  'a**',
  'a{3,2}',
  '(?P<n>a)(?P<n>b)',
  '(?P<1>a)',
  '(?P<>a)',
  '(?P<n',
  '(?Px)',
  '(?P=x)',
  '\\',
  'a\\',
  '\\q',
  '[\\q]',
  '\\x1',
  '\\u12',
  '\\U12345678',
  '\\8',
  '(a)\\2',
  '(\\1)',
  '\\400',
  '[\\8]',
  '(?',
  '(?P',
  '(?z)',
  '(?i',
  '(?i-',
  '(?i-:a)',
  '(?-i)',
  '(?au:a)',
  '(?L)',
  '(?-a:a)',
  '(?i-i:a)',
  'a(?i)b',
  '(?#',
  'a|*',
  '(|*)',
  '^*',
  '\\b+',
  'x{2}{3}',
  '(?<a)',
  '(?<',
  'é(',
  '😀[',
  '(?iz:a)',
  '(?i-z:a)',
  'a{99999999999}',
  '\\N',
  '(?P<a b>c)',
  '((a)',
  '[]',
  '[^]',
  '[a-\\',
  '(?P<n>a',
  'a++b)',
  '(?:',
  '(?=a',
  '(?xi) (',
  '(?-',
  '\\N{',
];

describe.skipIf(!comparable)('patterns as CPython matches them', () => {
  it('agrees on a table', () => {
    expect(compare(table)).toBeGreaterThan(20);
  });

  it('agrees on the words and places of errors', () => {
    expect(compare(broken.map((pattern) => [pattern, []] as const))).toBeGreaterThan(50);
  });

  it('agrees on random patterns and lines', () => {
    const random = randomSource(20_240_501);
    const cases = Array.from({ length: 3000 }, () => {
      const pattern = randomPattern(random, 2);
      return [pattern, Array.from({ length: 4 }, () => randomLine(random))] as const;
    });
    expect(compare(cases)).toBeGreaterThan(2500);
  });

  it('agrees on the categories of every character of the Basic Multilingual Plane', () => {
    const chars = Array.from({ length: 0xd800 }, (_, char) => String.fromCharCode(char)).filter((char) =>
      /\p{Assigned}/u.test(char),
    );
    const known = askPython(
      'import json, sys, unicodedata\nprint(json.dumps([c for c in json.load(sys.stdin) if unicodedata.category(c) != "Cn"]))',
      chars,
    ) as string[];
    expect(
      compare(['\\d', '\\w', '\\s', '(?i)[a-z]', '(?i)[α-ω]', '(?i)ß'].map((pattern) => [pattern, known] as const)),
    ).toBe(6);
  });
});
