/** Checks of the file as a whole, which schedulers make too: the `#!` line and the line breaks. Only where there is something to submit. */

import type { Directive } from '../directives/directive.ts';
import { type Problem, problem, replaceFix, type Severity } from '../problem/problem.ts';
import { isTemplate } from '../script/document-facts.ts';
import type { ScriptDocument } from '../script/parse-script.ts';
import * as l10n from '../text/l10n.ts';
import type { SchedulerChoice } from './check-watchers.ts';

/** `directives` are those of the chosen scheduler. A script without any, and without watchers, is none of our business. */
export function checkFile(
  document: ScriptDocument,
  directives: readonly Directive[],
  scheduler: SchedulerChoice,
): readonly Problem[] {
  const effective = directives.filter((directive) => directive.effective);
  if (scheduler === 'auto' && effective.length === 0 && document.watchers.length === 0) return [];
  const isStrict = (name: string) => name === 'slurm' || name === 'flux';
  const forStrict = isStrict(scheduler) || effective.some((directive) => isStrict(directive.scheduler));
  // What a template will make of the file is not known, and other schedulers are less strict.
  const severity: Severity = forStrict && !isTemplate(document) ? 'error' : 'warning';
  // Flux takes DOS line breaks.
  const onlyFlux = effective.length > 0 && effective.every((directive) => directive.scheduler === 'flux');
  return [...checkShebang(document, severity), ...(onlyFlux ? [] : checkLineBreaks(document, severity))];
}

function checkShebang(document: ScriptDocument, severity: Severity): readonly Problem[] {
  if (document.shebang) return [];
  const { text } = document;
  const firstLine = document.lines[0]?.span ?? { start: 0, end: 0 };
  const words = l10n.t(
    'A batch script starts with `#!` and its interpreter, e.g. `#!/bin/bash`: sbatch and flux batch refuse it otherwise.',
  );
  const misplaced = /^[\ufeff\s]+(?=#!)/.exec(text)?.[0];
  if (misplaced !== undefined) {
    const span = { start: 0, end: misplaced.length };
    return [
      problem(
        'script/no-shebang',
        span,
        words,
        [replaceFix(l10n.t('Remove what stands before `#!`'), span, '')],
        severity,
      ),
    ];
  }
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const fix = replaceFix(l10n.t('Add `#!/bin/bash`'), { start: 0, end: 0 }, `#!/bin/bash${newline}`);
  return [problem('script/no-shebang', firstLine, words, [fix], severity)];
}

function checkLineBreaks(document: ScriptDocument, severity: Severity): readonly Problem[] {
  const { text } = document;
  if (!text.includes('\r\n')) return [];
  const edits = [...text.matchAll(/\r(?=\n)/g)].map(({ index }) => ({
    span: { start: index, end: index + 1 },
    newText: '',
  }));
  const words = l10n.t('sbatch refuses a script with DOS line breaks (CRLF): save it with UNIX line breaks (LF).');
  const firstLine = document.lines[0]?.span ?? { start: 0, end: 0 };
  return [
    problem('script/dos-line-breaks', firstLine, words, [{ title: l10n.t('Use UNIX line breaks'), edits }], severity),
  ];
}
