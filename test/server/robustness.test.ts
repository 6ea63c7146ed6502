/** Every feature at every place of the examples, also cut off there as while typing, and in any text: they answer, and quickly. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Range } from 'vscode-languageserver-textdocument';
import {
  captureDefinition,
  captureHighlights,
  captureReferences,
  captureToRename,
  renamedCapture,
} from '../../server/captures.ts';
import { codeActionsAt } from '../../server/code-actions.ts';
import { completionsAt } from '../../server/completion.ts';
import { documentLinks } from '../../server/document-links.ts';
import { documentSymbols } from '../../server/document-symbols.ts';
import type { Analysis } from '../../server/documents.ts';
import { foldingRanges } from '../../server/folding.ts';
import { formatBlocks } from '../../server/formatting.ts';
import { hoverAt } from '../../server/hover.ts';
import { inlayHints } from '../../server/inlay-hints.ts';
import { selectionRanges } from '../../server/selection-ranges.ts';
import { semanticTokens } from '../../server/semantic-tokens.ts';
import { signatureAt } from '../../server/signature-help.ts';
import { analyse, wholeRange } from './analysis.ts';

const examples = ['train.sh', 'broken.sh'].map(
  (name) => [name, readFileSync(join(import.meta.dirname, '..', '..', 'examples', name), 'utf8')] as const,
);

function askAt(analysis: Analysis, offset: number): void {
  completionsAt(analysis, offset, false);
  hoverAt(analysis, offset);
  signatureAt(analysis, offset);
  captureHighlights(analysis, offset);
  captureDefinition(analysis, offset);
  captureReferences(analysis, offset, true);
  captureToRename(analysis, offset);
  renamedCapture(analysis, offset, 'other');
  selectionRanges(analysis, [analysis.positionAt(offset)]);
}

/** What is asked of a whole document; each answer lies inside of it. */
function askAbout(analysis: Analysis): void {
  const range = wholeRange(analysis);
  const inside = ({ start, end }: Range) => {
    expect(analysis.offsetAt(end)).toBeGreaterThanOrEqual(analysis.offsetAt(start));
    expect(analysis.offsetAt(end)).toBeLessThanOrEqual(analysis.script.text.length);
  };
  for (const symbol of documentSymbols(analysis)) {
    inside(symbol.range);
    // VS Code refuses all symbols of a document where one is wrong here.
    for (const each of [symbol, ...(symbol.children ?? [])]) {
      expect(analysis.offsetAt(each.selectionRange.start)).toBeGreaterThanOrEqual(analysis.offsetAt(each.range.start));
      expect(analysis.offsetAt(each.selectionRange.end)).toBeLessThanOrEqual(analysis.offsetAt(each.range.end));
    }
  }
  for (const fold of foldingRanges(analysis)) expect(fold.endLine).toBeLessThan(analysis.script.lines.length);
  for (const link of documentLinks(analysis)) inside(link.range);
  for (const edit of formatBlocks(analysis)) inside(edit.range);
  inlayHints(analysis, range);
  codeActionsAt(analysis, range, { diagnostics: [] });
  const { data } = semanticTokens(analysis);
  expect(data.every((number) => number >= 0)).toBe(true);
}

describe.each(examples)('%s', (_name, text) => {
  it('is answered about at every place', () => {
    const analysis = analyse(text);
    for (let offset = 0; offset <= text.length; offset++) {
      for (const { textEdit } of completionsAt(analysis, offset, true)) {
        if (!textEdit || !('range' in textEdit)) throw new Error('a proposal goes nowhere');
        expect(textEdit.range.start.line).toBe(textEdit.range.end.line);
        expect(analysis.offsetAt(textEdit.range.start)).toBeLessThanOrEqual(offset);
        expect(analysis.offsetAt(textEdit.range.end)).toBeGreaterThanOrEqual(offset);
      }
      askAt(analysis, offset);
    }
    askAbout(analysis);
  });

  it('is answered about while it is typed', () => {
    for (let length = 0; length <= text.length; length++) {
      const analysis = analyse(text.slice(0, length));
      askAt(analysis, length);
      askAbout(analysis);
      const at = analysis.positionAt(length);
      codeActionsAt(analysis, { start: at, end: at }, { diagnostics: [] });
    }
  });
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
      for (let offset = 0; offset <= analysis.script.text.length; offset++) askAt(analysis, offset);
    }),
    { numRuns: 1000 },
  );
});

it('a script of 10,000 lines is analysed in less than a second', () => {
  const text = `#!/bin/bash\n${'srun ./step\n'.repeat(9_900)}${'#WATCHER pattern="(a|b)+x" action=log_event(message="${1}")\n'.repeat(100)}`;
  const began = performance.now();
  analyse(text);
  expect(performance.now() - began).toBeLessThan(1000);
});
