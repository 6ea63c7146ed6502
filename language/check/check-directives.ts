/** Checks of a script's directives: those that the scheduler does not read. */
import type { Directive } from '../directives/directive.ts';
import { type Problem, problem } from '../problem/problem.ts';
import type { ScriptDocument } from '../script/parse-script.ts';
import { readShellText } from '../script/shell-text.ts';

export function checkDirectives(document: ScriptDocument, directives: readonly Directive[]): readonly Problem[] {
  const quotes = directives.flatMap(({ effective, openQuote, scheduler }) => {
    if (!effective || !openQuote || scheduler !== 'slurm') return [];
    return [problem('directive/open-quote', openQuote, 'This quote is never closed: sbatch refuses the script.')];
  });
  return [...quotes, ...checkIgnored(document, directives)];
}

/** A directive after the first command, unless it is text of a here-document, of a quotation, or of a template. */
function checkIgnored(document: ScriptDocument, directives: readonly Directive[]): readonly Problem[] {
  const late = directives.filter((directive) => !directive.effective && directive.options.length > 0);
  if (late.length === 0 || isTemplate(document.text)) return [];
  const text = readShellText(document.lines.map(({ span }) => document.text.slice(span.start, span.end)));
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
  return `${directive.scheduler === 'pbs' ? 'PBS' : 'Slurm'} ignores this: directives end at the first command, on line ${command}.`;
}

/** Marks of the usual template languages. */
export function isTemplate(text: string): boolean {
  return /\{\{.*?\}\}|\{%.*?%\}|<%.*?%>|%%\w+%%|@@?[A-Za-z]\w*@@?(?![\w.])|^\s*#SBATCH.*(\{\w+\}|<\w+>)/m.test(text);
}
