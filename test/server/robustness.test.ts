/** Completion and hover at every place of the examples, also cut off there as while typing: they answer, and quickly. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { codeActionsAt } from '../../server/code-actions.ts';
import { completionsAt } from '../../server/completion.ts';
import { createAnalyser } from '../../server/documents.ts';
import { hoverAt } from '../../server/hover.ts';
import { defaultSettings } from '../../server/settings.ts';

const examples = ['train.sh', 'broken.sh'].map(
  (name) => [name, readFileSync(join(import.meta.dirname, '..', '..', 'examples', name), 'utf8')] as const,
);
const analysisOf = createAnalyser(() => defaultSettings);
const analyse = (text: string) => analysisOf(TextDocument.create('file:///job.sh', 'shellscript', 1, text));

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
      hoverAt(analysis, offset);
    }
  });

  it('is answered about while it is typed', () => {
    for (let length = 0; length <= text.length; length++) {
      const analysis = analyse(text.slice(0, length));
      completionsAt(analysis, length, false);
      hoverAt(analysis, length);
      const at = analysis.positionAt(length);
      codeActionsAt(analysis, { start: at, end: at }, { diagnostics: [] });
    }
  });
});

it('a script of 10,000 lines is analysed in less than a second', () => {
  const text = `#!/bin/bash\n${'srun ./step\n'.repeat(9_900)}${'#WATCHER pattern="(a|b)+x" action=log_event(message="${1}")\n'.repeat(100)}`;
  const began = performance.now();
  analyse(text);
  expect(performance.now() - began).toBeLessThan(1000);
});
