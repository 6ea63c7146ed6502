/** Every feature at every place of the examples, also cut off there as while typing, and in any text: they answer, and quickly. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Range } from 'vscode-languageserver-textdocument';
import { codeActionsAt } from '../../server/code-actions.ts';
import { codeLenses } from '../../server/code-lenses.ts';
import { completionsAt } from '../../server/completion.ts';
import { documentLinks } from '../../server/document-links.ts';
import { documentSymbols } from '../../server/document-symbols.ts';
import type { Analysis } from '../../server/documents.ts';
import { foldingRanges } from '../../server/folding.ts';
import { formatBlocks } from '../../server/formatting.ts';
import { hoverAt } from '../../server/hover.ts';
import { inlayHints } from '../../server/inlay-hints.ts';
import { definitionAt, highlightsAt, referencesAt, renameableAt, renamedAt } from '../../server/navigation.ts';
import { selectionRanges } from '../../server/selection-ranges.ts';
import { semanticTokens } from '../../server/semantic-tokens.ts';
import { signatureAt } from '../../server/signature-help.ts';
import { workflowCompletions } from '../../server/workflow-completion.ts';
import { workflowHover } from '../../server/workflow-hover.ts';
import { workflowSelections } from '../../server/workflow-structure.ts';
import { analyse } from './analysis.ts';

const folder = join(import.meta.dirname, '..', '..', 'examples');
const examples = readdirSync(folder)
  .filter((name) => /\.(sh|ya?ml|py)$/.test(name))
  .map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);

/** The workflow files that are open beside the document. */
const others = [analyse('steps:\n  - submit: job.sh\n  - await_event: ready\n', 'file:///work/other.vigil.yaml')];

const uriOf = (name: string) => `file:///work/${name}`;

function textIn({ script, workflow }: Analysis): string {
  return workflow?.document.text ?? script.text;
}

function complete(analysis: Analysis, offset: number) {
  const { workflow } = analysis;
  return workflow
    ? workflowCompletions(analysis, workflow, offset, true)
    : completionsAt(analysis, offset, true, others);
}

function askAt(analysis: Analysis, offset: number): void {
  const { workflow } = analysis;
  const positions = [analysis.positionAt(offset)];
  if (workflow) workflowHover(analysis, workflow, offset);
  else hoverAt(analysis, offset, others);
  signatureAt(analysis, offset);
  highlightsAt(analysis, offset);
  definitionAt(analysis, offset);
  referencesAt(analysis, offset, true, others);
  renameableAt(analysis, offset);
  renamedAt(analysis, offset, 'other', others);
  if (workflow) workflowSelections(analysis, workflow, positions);
  else selectionRanges(analysis, positions);
  const [at] = positions;
  if (at) codeActionsAt(analysis, { start: at, end: at }, { diagnostics: [] });
}

/** What is asked of a whole document; each answer lies inside of it. */
function askAbout(analysis: Analysis): void {
  const range = analysis.rangeOf({ start: 0, end: textIn(analysis).length });
  const inside = ({ start, end }: Range) => {
    expect(analysis.offsetAt(end)).toBeGreaterThanOrEqual(analysis.offsetAt(start));
    expect(analysis.offsetAt(end)).toBeLessThanOrEqual(textIn(analysis).length);
  };
  for (const symbol of documentSymbols(analysis)) {
    inside(symbol.range);
    // VS Code refuses all symbols of a document where one is wrong here.
    for (const each of [symbol, ...(symbol.children ?? [])]) {
      expect(analysis.offsetAt(each.selectionRange.start)).toBeGreaterThanOrEqual(analysis.offsetAt(each.range.start));
      expect(analysis.offsetAt(each.selectionRange.end)).toBeLessThanOrEqual(analysis.offsetAt(each.range.end));
    }
  }
  const lineCount = textIn(analysis).split(/\r\n|\n|\r/).length;
  for (const fold of foldingRanges(analysis)) expect(fold.endLine).toBeLessThan(lineCount);
  for (const lens of codeLenses(analysis)) inside(lens.range);
  for (const link of documentLinks(analysis)) inside(link.range);
  for (const edit of formatBlocks(analysis)) inside(edit.range);
  inlayHints(analysis, range);
  codeActionsAt(analysis, range, { diagnostics: [] });
  const { data } = semanticTokens(analysis);
  expect(data.every((number) => number >= 0)).toBe(true);
}

/** Of the slower features every so many places are asked about. */
const step = 5;

describe.each(examples)('%s', (name, text) => {
  const whole = analyse(text, uriOf(name));

  it('is answered about at every place', () => {
    for (let offset = 0; offset <= text.length; offset++) {
      for (const { textEdit } of complete(whole, offset)) {
        if (!textEdit || !('range' in textEdit)) throw new Error('a proposal goes nowhere');
        expect(textEdit.range.start.line).toBe(textEdit.range.end.line);
        expect(whole.offsetAt(textEdit.range.start)).toBeLessThanOrEqual(offset);
        expect(whole.offsetAt(textEdit.range.end)).toBeGreaterThanOrEqual(offset);
      }
      if (offset % step === 0) askAt(whole, offset);
    }
    askAbout(whole);
  });

  it('is answered about while it is typed, and completion goes on', () => {
    let wanted = 0;
    let missed = 0;
    for (let length = 0; length <= text.length; length++) {
      const analysis = analyse(text.slice(0, length), uriOf(name));
      expect(analysis.problems.every(({ span }) => span.end <= length)).toBe(true);
      const proposed = complete(analysis, length);
      if (complete(whole, length).length > 0) {
        wanted++;
        if (proposed.length === 0) missed++;
      }
      if (length % step !== 0) continue;
      askAt(analysis, length);
      askAbout(analysis);
    }
    if (name.startsWith('train')) expect(wanted).toBeGreaterThan(100);
    // Where all of the text proposes something, what is typed so far does too; an event may be named further down.
    expect(missed).toBeLessThanOrEqual(name.endsWith('.sh') ? 0 : wanted * 0.03);
  });
});

it.each([
  ['options', '#SBATCH -t ', '--a '],
  ['a word', '#SBATCH --', 'a'],
  ['sets that are never closed', '#WATCHER pattern="', '['],
  ['calls that are never closed', '#WATCHER pattern=a condition="', 'mean('],
  ['words of a condition', '#WATCHER pattern=a condition="', 'a'],
  ['variables that are never closed', '#WATCHER pattern=a action=notify(message="', '${a:-'],
])('a long line is answered about in linear time: %s', (_, begin, unit) => {
  const text = `#!/bin/bash\n${begin}${unit.repeat(200_000 / unit.length)} x\ntrue\n`;
  const analysis = analyse(text, uriOf('long.sh'));
  const end = text.length - '\ntrue\n'.length;
  complete(analysis, end);
  askAt(analysis, end);
  askAbout(analysis);
});

const words = [
  ...'\n \t()[]{}"\'\\$#:=,.-|*?<>é\ud83d\r'.split(''),
  ...[
    '\n#WATCHER ',
    '\n#WATCHER_BEGIN\n',
    '\n#WATCHER_END\n',
    '\n#SBATCH --',
    '\n# ',
    '\n#   - ',
    'name',
    'pattern: ',
    'pattern=',
  ],
  ...[
    'captures: [a, b]',
    'condition: ',
    'actions:',
    'action=',
    'notify(',
    'message="',
    '${a',
    '(?P<a>',
    'float(a)',
    'type: log',
  ],
  ...['params: {', 'previous["a"]', "f'{a}'", 'time=120', 'submit(script="', 'output=x'],
];

it('any text is answered about at every place', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 25 }), (parts) => {
      const analysis = analyse(parts.join(''));
      askAbout(analysis);
      for (let offset = 0; offset <= analysis.script.text.length; offset++) {
        complete(analysis, offset);
        askAt(analysis, offset);
      }
    }),
    { numRuns: 400 },
  );
});

const yamlWords = [
  ...'\n \t:-{}[],"\'#&*|>?$é\ud83d\r'.split(''),
  ...[
    '\n  ',
    '\n    ',
    '\n  - ',
    'steps:\n',
    'cleanup:\n',
    'params:\n  ',
    'id: a',
    'needs: [a]',
    'run: x',
    'submit: emit.sh',
  ],
  ...[
    'await_event: converged',
    'emit_event: { name: b',
    '${{ steps.a.',
    '${{ ',
    '}}',
    'params.lr',
    'if: steps.a.exit_code == 0',
  ],
  ...[
    'workflow: { file: child.vigil.yaml, params: { lr: 1 } }',
    'timeout: 7200',
    'retry: { on: [timeout] }',
    'foreach: [1, 2]',
    'item',
  ],
];

it('any workflow file is answered about at every place', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...yamlWords), { maxLength: 25 }), (parts) => {
      const text = parts.join('');
      const analysis = analyse(text, uriOf('flow.vigil.yaml'));
      expect(analysis.problems.every(({ span }) => 0 <= span.start && span.end <= text.length)).toBe(true);
      askAbout(analysis);
      for (let offset = 0; offset <= text.length; offset++) {
        complete(analysis, offset);
        askAt(analysis, offset);
      }
    }),
    { numRuns: 300 },
  );
});

/** A place, how much is taken away there, and what is put there instead. */
const mutation = fc.tuple(fc.nat(), fc.nat({ max: 30 }), fc.constantFrom('', ...words, ...yamlWords));

it.each(examples)('%s with accidents is answered about', (name, text) => {
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), fc.nat(), (mutations, place) => {
      let broken = text;
      for (const [at, removed, put] of mutations) {
        const from = at % (broken.length + 1);
        broken = broken.slice(0, from) + put + broken.slice(from + removed);
      }
      const analysis = analyse(broken, uriOf(name));
      expect(analysis.problems.every(({ span }) => span.end <= broken.length)).toBe(true);
      askAbout(analysis);
      for (const offset of [place % (broken.length + 1), ...mutations.map(([at]) => at % (broken.length + 1))]) {
        complete(analysis, offset);
        askAt(analysis, offset);
      }
    }),
    { numRuns: 40 },
  );
});

it('a script of 10,000 lines is analysed in less than a second', () => {
  const text = `#!/bin/bash\n${'srun ./step\n'.repeat(9_900)}${'#WATCHER pattern="(a|b)+x" action=log_event(message="${1}")\n'.repeat(100)}`;
  const began = performance.now();
  analyse(text);
  expect(performance.now() - began).toBeLessThan(1000);
});
