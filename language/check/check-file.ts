/** Checks of the file as a whole, which sbatch makes too: the `#!` line and the line breaks. Only where there is something to submit. */
import { type Problem, problem, type Severity } from '../problem/problem.ts';
import type { ScriptDocument } from '../script/parse-script.ts';
import { isTemplate } from './check-directives.ts';

export function checkFile(document: ScriptDocument): readonly Problem[] {
  const submits = document.watchers.length > 0 || document.directives.some(({ effective }) => effective);
  if (!submits) return [];
  return [...checkShebang(document), ...checkLineBreaks(document)];
}

function checkShebang(document: ScriptDocument): readonly Problem[] {
  if (document.shebang) return [];
  const { text } = document;
  const firstLine = document.lines[0]?.span ?? { start: 0, end: 0 };
  const words = 'sbatch refuses a script whose first line does not start with `#!`, e.g. `#!/bin/bash`.';
  // What a template will make of its first line is not known.
  const severity: Severity =
    isTemplate(text) || !document.directives.some(({ effective, scheduler }) => effective && scheduler === 'slurm')
      ? 'warning'
      : 'error';
  const misplaced = /^(?:\ufeff|\s)+(?=#!)/.exec(text)?.[0];
  if (misplaced !== undefined) {
    const span = { start: 0, end: misplaced.length };
    const fix = { title: 'Remove what stands before `#!`', edits: [{ span, newText: '' }] };
    return [problem('script/no-shebang', span, words, [fix], severity)];
  }
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const fix = { title: 'Add `#!/bin/bash`', edits: [{ span: { start: 0, end: 0 }, newText: `#!/bin/bash${newline}` }] };
  return [problem('script/no-shebang', firstLine, words, [fix], severity)];
}

function checkLineBreaks(document: ScriptDocument): readonly Problem[] {
  const { text } = document;
  if (!text.includes('\r\n')) return [];
  const edits = [...text.matchAll(/\r(?=\n)/g)].map(({ index }) => ({
    span: { start: index, end: index + 1 },
    newText: '',
  }));
  const words = 'sbatch refuses a script with DOS line breaks (CRLF): save it with UNIX line breaks (LF).';
  const firstLine = document.lines[0]?.span ?? { start: 0, end: 0 };
  return [problem('script/dos-line-breaks', firstLine, words, [{ title: 'Use UNIX line breaks', edits }])];
}
