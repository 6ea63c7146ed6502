/** Formatting of blocks, and watchers written in their other form. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseScript } from '../../language/script/parse-script.ts';
import { bindWatchers } from '../../language/watcher/spec.ts';
import { codeActionsAt } from '../../server/code-actions.ts';
import { formatBlocks } from '../../server/formatting.ts';
import { analyse, applyEdits, block, wholeRange } from './analysis.ts';

const format = (text: string) => {
  const analysis = analyse(text);
  return applyEdits(analysis, formatBlocks(analysis));
};
const meaning = (text: string) => bindWatchers(parseScript(text)).map(({ line: _, ...spec }) => spec);
const problems = (text: string) => parseScript(text).problems.map(({ code }) => code);

/** Lines of blocks, good and bad, in any order and layout. */
const scripts = fc
  .array(
    fc.tuple(
      fc.constantFrom('', ' ', '\t', '    '),
      fc.constantFrom('#', '# ', '#  ', '#   ', '#      ', '#\t', ''),
      fc.constantFrom(
        'name: a',
        'pattern: "(x) y"',
        'captures: [n]',
        'captures:',
        'condition: n == "1"',
        'actions:',
        'actions:  ',
        '- log_event()',
        '- notify(message="${n} a  b", level="info")',
        '- type: notify',
        '-   type:   notify',
        '-\tlog_event()',
        'name:b',
        'condition:   n == "2"',
        'params:{"message": "x"}',
        '- n',
        '-',
        'params: {"message": "x"}',
        'condition: len(n) > 2',
        'type: log',
        'flux: -n1',
        '# a comment',
        'oops',
        '-oops',
        '',
        'WATCHER_END',
        '#WATCHER_END',
        '#WATCHER_BEGIN',
        '#WATCHER pattern="x" action=log(message="(a, b)") condition="1 < 2"',
      ),
    ),
    { maxLength: 14 },
  )
  .map((lines) => `  #WATCHER_BEGIN\n${lines.map((parts) => parts.join('')).join('\n')}\n#WATCHER_END\necho\n`);

describe('formatting', () => {
  it('puts blanks where they belong, and changes nothing else', () => {
    expect(
      format(
        block(
          '#name:  a  b ',
          '#    pattern: "x"',
          '   # captures:',
          '#- n',
          '#',
          '## not mine',
          '# actions:',
          '#       - log_event()',
          '#- type: notify',
          '#    params: {"message":   "x"}',
          '#  condition: len(n) > 2',
          '# oops',
        ),
      ),
    ).toBe(
      block(
        '# name: a  b ',
        '# pattern: "x"',
        '# captures:',
        '#   - n',
        '#',
        '## not mine',
        '# actions:',
        '#   - log_event()',
        '#   - type: notify',
        '#     params: {"message":   "x"}',
        '#     condition: len(n) > 2',
        '# oops',
      ),
    );
  });

  it('puts one blank behind keys and dashes', () => {
    expect(format(block('#name:x', '#actions:', '#  -    log_event()', '# -  type:   log', '#   params:{}'))).toBe(
      block('# name: x', '# actions:', '#   - log_event()', '#   - type: log', '#     params: {}'),
    );
  });

  it('takes the indentation of the block', () => {
    expect(format('  #WATCHER_BEGIN\n#name: a\n  #WATCHER_END\n')).toBe(
      '  #WATCHER_BEGIN\n  # name: a\n  #WATCHER_END\n',
    );
  });

  it('leaves what may be a directive alone', () => {
    const text = '  #WATCHER_BEGIN\n#WATCHER_BEGIN\n #flux: -n1\n#WATCHER_END\necho\n';
    expect(format(text)).toBe(text);
  });

  it('of a range takes the blocks that it touches', () => {
    const analysis = analyse(`${block('#name: a')}${block('#name: b')}`);
    const at = analysis.positionAt(analysis.script.text.lastIndexOf('#name'));
    expect(applyEdits(analysis, formatBlocks(analysis, { start: at, end: at }))).toBe(
      `${block('#name: a')}${block('# name: b')}`,
    );
  });

  it('keeps what every script means, and has nothing to do a second time', () => {
    fc.assert(
      fc.property(scripts, (text) => {
        const formatted = format(text);
        expect(format(formatted)).toBe(formatted);
        expect(meaning(formatted)).toEqual(meaning(text));
        expect(problems(formatted)).toEqual(problems(text));
        expect(formatted.replace(/[ \t]/g, '')).toBe(text.replace(/[ \t]/g, ''));
      }),
      { numRuns: 2000 },
    );
  });
});

/** The script after the refactoring of this title; undefined when it is not offered. */
function refactor(text: string, title: string): string | undefined {
  const analysis = analyse(text);
  const actions = codeActionsAt(analysis, wholeRange(analysis), { diagnostics: [], only: ['refactor'] });
  const edits = actions.find((action) => action.title.startsWith(title))?.edit?.changes?.[analysis.uri];
  return edits && applyEdits(analysis, edits);
}

describe('the other form', () => {
  const inline =
    '  #WATCHER name="a b" pattern="x: \\"(\\d+)" captures=[n] condition="n == \'1\'" max_triggers=3 action=log_event(message="a, b") action=cancel';
  const lines = [
    '#WATCHER_BEGIN',
    '# name: a b',
    '# pattern: x: "(\\d+)',
    '# captures: [n]',
    "# condition: n == '1'",
    '# max_triggers: 3',
    '# actions:',
    '#   - log_event(message="a, b")',
    '#   - cancel',
    '#WATCHER_END',
  ];

  it('of a line is a block', () => {
    expect(refactor(`#!/bin/bash\n${inline}\r\necho`, 'Write as')).toBe(
      `#!/bin/bash\n  ${lines.join('\r\n  ')}\r\necho`,
    );
  });

  it('of a block is a line', () => {
    expect(refactor(lines.join('\n'), 'Write on')).toBe(
      `#WATCHER name="a b" pattern='x: "(\\d+)' captures=[n] condition="n == '1'" max_triggers=3 action=log_event(message="a, b") action=cancel`,
    );
    const map = block(
      '# pattern: x',
      '# actions:',
      '#   - type: notify',
      '#     params: {"message": "m"}',
      '#     condition: "1" < line',
    );
    expect(refactor(map, 'Write on')).toBe(
      '#!/bin/bash\n#WATCHER pattern=x action=notify(message="m", condition="\\"1\\" < line")\n',
    );
  });

  it.each([
    block('# pattern: x', '# # why', '# action: log'),
    block('# pattern: x', 'echo'),
    block('# pattern: ('),
    block('# pattern: x', '#WATCHER pattern="y"'),
    '#WATCHER_BEGIN\n# pattern: x\necho',
    block(`# pattern: a\\"b\\'c`),
  ])('is not offered where something would be lost: %j', (text) => {
    expect(refactor(text, 'Write on')).toBeUndefined();
  });

  const word = fc.constantFrom(
    'a',
    ' ',
    '"',
    "'",
    '\\',
    '\\d',
    '(',
    ')',
    '[b]',
    ',',
    ':',
    '#',
    '- ',
    '$x',
    '=',
    '{',
    '|',
    'é',
  );
  const text = fc.array(word, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));

  it('means the same', () => {
    let offered = 0;
    fc.assert(
      fc.property(text, text, text, fc.boolean(), (name, pattern, message, isBlock) => {
        const quoted = JSON.stringify(message);
        const script = isBlock
          ? block(
              `# name: ${name}`,
              `# pattern: ${pattern}`,
              '# timer_mode: yes',
              '# actions:',
              `#   - log_event ${message}`,
              `#   - notify(message=${quoted})`,
            )
          : `#!/bin/bash\n#WATCHER name="${name}" pattern='${pattern}' output=both action=notify(message=${quoted}, level=info)\n`;
        const other = refactor(script, isBlock ? 'Write on' : 'Write as');
        if (other === undefined) return;
        offered++;
        expect(other).not.toBe(script);
        expect(meaning(other)).toEqual(meaning(script));
        expect(meaning(script).length).toBe(1);
      }),
      { numRuns: 2000 },
    );
    expect(offered).toBeGreaterThan(100);
  });

  it('of the example means the same, there and back', () => {
    const example = readFileSync(join(import.meta.dirname, '..', '..', 'examples', 'train.sh'), 'utf8');
    const analysis = analyse(example);
    for (const { span } of analysis.script.watchers) {
      const at = analysis.positionAt(span.start);
      const [action] = codeActionsAt(analysis, { start: at, end: at }, { diagnostics: [], only: ['refactor.rewrite'] });
      const changed = applyEdits(analysis, action?.edit?.changes?.[analysis.uri] ?? []);
      expect(changed).not.toBe(example);
      expect(meaning(changed)).toEqual(meaning(example));
    }
  });
});

describe('a list of captures', () => {
  it.each([
    ['#WATCHER pattern="(?P<a>x)(y)" action=log', '#WATCHER pattern="(?P<a>x)(y)" captures=[a, group2] action=log'],
    [block('# pattern: (?P<a>x)', '# action: log'), block('# pattern: (?P<a>x)', '# captures: [a]', '# action: log')],
  ])('%j', (text, wanted) => expect(refactor(text, 'List the captures')).toBe(wanted));

  it.each([
    '#WATCHER pattern="x"',
    '#WATCHER pattern="(x)" captures=[a]',
    '#WATCHER pattern="(?P<line>x)"',
    '#WATCHER name=a',
  ])('is not offered for %s', (text) => expect(refactor(text, 'List the captures')).toBeUndefined());
});
