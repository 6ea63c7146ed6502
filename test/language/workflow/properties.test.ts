/** What holds for any workflow file: nothing throws, places lie inside the text, the example is clean. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkWorkflow } from '../../../language/workflow/check-workflow.ts';
import { mayBeSame } from '../../../language/workflow/events.ts';
import { parseWorkflow } from '../../../language/workflow/parse-workflow.ts';
import { applyFix } from '../support.ts';

const examples = join(import.meta.dirname, '..', '..', '..', 'examples');
const example = readFileSync(join(examples, 'train-then-publish.vigil.yaml'), 'utf8');
const provider = {
  read: (path: string) => {
    const file = join(examples, path);
    return !path.includes('\0') && existsSync(file) && /\.sh$/.test(path) ? readFileSync(file, 'utf8') : undefined;
  },
};

function checkAny(text: string): void {
  const document = parseWorkflow(text);
  const problems = checkWorkflow(document, provider);
  const spans = problems.flatMap(({ span, fixes }) => [
    span,
    ...fixes.flatMap(({ edits }) => edits.map((edit) => edit.span)),
  ]);
  for (const { start, end } of [...spans, ...document.expressions.map(({ span }) => span)]) {
    if (!(0 <= start && start <= end && end <= text.length)) expect({ start, end }).toBe(`inside 0…${text.length}`);
  }
  for (const { fixes } of problems) for (const fix of fixes) parseWorkflow(applyFix(text, fix));
}

const words = [
  ...[
    '\n',
    '\n  ',
    '\n    ',
    '\n  - ',
    '\n    - ',
    ' ',
    ': ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    ', ',
    '"',
    "'",
    '|\n',
    '>',
    '#',
  ],
  ...[
    '&a ',
    '*a',
    '!!str ',
    '? ',
    '---\n',
    '\t',
    '\r\n',
    '\\',
    '\\"',
    '%',
    '<<: ',
    '😀',
    '\ufeff',
    '\u2028',
    'null',
    '~',
  ],
  ...[
    'steps:',
    'params:',
    'cleanup:',
    'submit: ',
    'run: ',
    'id: ',
    'needs: ',
    'await_event: ',
    'emit_event: ',
    'foreach: ',
    'matrix: ',
    'exclude: ',
    'trigger_rule: ',
  ],
  ...[
    'if: ',
    'timeout: ',
    'retry: ',
    'env: ',
    'name: ',
    'match: ',
    'workflow: ',
    'train.sh',
    '5',
    '1.5',
    '5m',
    'true',
    'x',
  ],
  ...['${{ ', ' }}', '${{', 'params.x', 'steps.x.', 'run.id', 'item', ' + ', 'f"{', '("'],
];

const soup = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...words) },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) },
    ),
    {
      maxLength: 40,
    },
  )
  .map((parts) => parts.join(''));

describe('workflow files', () => {
  it('with an anchor before a bracket keeps its places', () => checkAny('&a ]: '));

  it('of any words are read', () => {
    fc.assert(fc.property(soup, checkAny), { numRuns: 3000 });
  });

  it('are read at every length', () => {
    for (let length = 0; length <= example.length; length++) checkAny(example.slice(0, length));
  });

  it('are read with any line gone', () => {
    const lines = example.split('\n');
    lines.forEach((_, index) => {
      checkAny(lines.toSpliced(index, 1).join('\n'));
    });
  });

  it.each([
    '['.repeat(20_000),
    '- '.repeat(20_000),
    '{a: '.repeat(20_000),
    `steps:\n  - run: ${'${{ '.repeat(20_000)}`,
  ])('are read when they are nested deeply: %.20s…', (text) => checkAny(text));

  it('of the examples are clean', () => {
    expect(checkWorkflow(parseWorkflow(example), provider)).toEqual([]);
  });

  it('of 1,000 steps are checked quickly', () => {
    const step = (n: number) =>
      `  - id: s${n}\n    run: echo \${{ steps.s${Math.max(0, n - 1)}.stdout if run.id else '' }}\n    needs: ${n > 0 ? `[s${n - 1}]` : '[]'}\n`;
    const text = `steps:\n${Array.from({ length: 1000 }, (_, n) => step(n)).join('')}`;
    const began = performance.now();
    const problems = checkWorkflow(parseWorkflow(text));
    expect(problems.map(({ code }) => code)).toEqual(['workflow/not-before']);
    expect(performance.now() - began).toBeLessThan(3000);
  });
});

describe('names of events', () => {
  it.each([
    [['a'], ['a'], true],
    [['a'], ['b'], false],
    [['a:', undefined], ['a:1'], true],
    [['a:', undefined], ['a:'], true],
    [['a:', undefined], ['b:1'], false],
    [[undefined, ':x'], ['a:', undefined], true],
    [[undefined, 'x'], [undefined, 'y'], false],
    [[undefined], [], true],
    [[], ['a'], false],
  ])('%j and %j: %s', (a, b, same) => {
    expect(mayBeSame(a, b)).toBe(same);
    expect(mayBeSame(b, a)).toBe(same);
  });
});
