/** Checks of a script's directives: those that the scheduler does not read, and the options of those that it does. */

import { checkFacts } from '../directives/check-facts.ts';
import { checkOptions, type OptionCheck } from '../directives/check-options.ts';
import { dialectOf } from '../directives/dialect.ts';
import type { Directive } from '../directives/directive.ts';
import { isPlaceholder } from '../directives/placeholder.ts';
import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import { isTemplate, shellTextOf } from '../script/document-facts.ts';
import type { ScriptDocument } from '../script/parse-script.ts';
import * as l10n from '../text/l10n.ts';
import type { CheckOptions } from './check-watchers.ts';

export function checkDirectives(
  document: ScriptDocument,
  directives: readonly Directive[],
  { facts }: Pick<CheckOptions, 'facts'> = {},
): readonly Problem[] {
  const isQuoted = quotedLines(document);
  const read = directives.filter(({ effective, line }) => effective && !isQuoted(line));
  const quotes = read.flatMap(({ openQuote, scheduler }) => {
    if (!openQuote || (scheduler !== 'slurm' && scheduler !== 'flux')) return [];
    const { command } = dialectOf(scheduler);
    return [
      problem(
        'directive/open-quote',
        openQuote,
        l10n.t('This quote is never closed: {0} refuses the script.', command),
      ),
    ];
  });
  const siteOptions = facts?.options && new Set(facts.options.map(({ name }) => name));
  const check: OptionCheck = { isTemplate: isTemplate(document), ...(siteOptions && { siteOptions }) };
  const options = read.flatMap((directive) => checkOptions(directive, check));
  const slurm = read.filter(({ scheduler }) => scheduler === 'slurm');
  const beyond = facts && !check.isTemplate ? checkFacts(slurm, facts) : [];
  const prose =
    read.some(({ scheduler }) => scheduler === 'sge') && !check.isTemplate ? sgeProse(document, isQuoted) : [];
  return [...quotes, ...options, ...beyond, ...prose, ...checkIgnored(document, directives)];
}

/** `#$ see the manual` among the directives of Grid Engine: its qsub reads every line that begins with `#$`. */
function sgeProse({ text, lines }: ScriptDocument, isQuoted: (line: number) => boolean): readonly Problem[] {
  return lines.flatMap(({ kind, span }, line) => {
    const word = /^#\$\s+([A-Za-z]\S*)/.exec(text.slice(span.start, span.end))?.[1];
    if (kind !== 'comment' || word === undefined || isQuoted(line) || isPlaceholder(word)) return [];
    const mark = { start: span.start, end: span.start + 2 };
    const words = l10n.t(
      'qsub reads lines that begin with `#$` for options, and `{0}` is none. A comment begins with `#` alone.',
      word,
    );
    return [problem('directive/stray-word', mark, words, [replaceFix(l10n.t('Make it a comment'), mark, '#')])];
  });
}

/** LSF and Grid Engine read their directives everywhere: those in here-documents may be another script's. */
function quotedLines(document: ScriptDocument): (line: number) => boolean {
  const command = document.lines.findIndex(({ kind }) => kind === 'command');
  return (line) => {
    if (command < 0 || line < command) return false;
    const text = shellTextOf(document);
    return text.unsure || text.inside[line] === true;
  };
}

/** A directive after the first command, unless it is text of a here-document, of a quotation, or of a template. */
function checkIgnored(document: ScriptDocument, directives: readonly Directive[]): readonly Problem[] {
  const late = directives.filter(
    ({ effective, options, scheduler }) => !effective && options.length > 0 && scheduler !== 'flux',
  );
  if (late.length === 0 || isTemplate(document)) return [];
  const text = shellTextOf(document);
  if (text.unsure) return [];
  // A script with all its directives behind a command is as a rule written by a program, or writes another script.
  const someEffective = directives.some(({ effective }) => effective);
  if (!someEffective && text.inside.includes(true)) return [];
  const command = document.lines.findIndex(({ kind }) => kind === 'command') + 1;
  return late
    .filter((directive) => !text.inside[directive.line])
    .map((directive) => problem('directive/after-command', directive.span, ignoredWords(directive, command)));
}

function ignoredWords(directive: Directive, command: number): string {
  return l10n.t(
    '{0} ignores this: directives end at the first command, on line {1}.',
    directive.scheduler === 'pbs' ? 'PBS' : 'Slurm',
    command,
  );
}
