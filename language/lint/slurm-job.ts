/** What the `#SBATCH` lines of a script ask for, component by component: what the lints of directives look at. */

import type { Directive, DirectiveOption } from '../directives/directive.ts';
import { type Fix, replaceFix } from '../problem/problem.ts';
import { shellTextOf } from '../script/document-facts.ts';
import type { ScriptDocument } from '../script/parse-script.ts';
import type { ShellText } from '../script/shell-text.ts';
import * as l10n from '../text/l10n.ts';

export interface PlacedOption extends DirectiveOption {
  readonly directive: Directive;
}

/** The options of one component of a heterogeneous job; of any other job all of them. */
export type Component = readonly PlacedOption[];

export interface SlurmJob {
  readonly document: ScriptDocument;
  /** Those that sbatch reads. */
  readonly directives: readonly [Directive, ...Directive[]];
  readonly components: readonly Component[];
  /** The interpreter is a shell, as far as the `#!` line tells. */
  readonly isShell: boolean;
  /** Which lines stand in here-documents and quotations; read when it is asked for. */
  shellText(): ShellText;
}

/** Undefined where sbatch reads no directive. */
export function slurmJob(document: ScriptDocument, directives: readonly Directive[]): SlurmJob | undefined {
  const [first, ...rest] = directives.filter(({ scheduler, effective }) => scheduler === 'slurm' && effective);
  if (!first) return undefined;
  const components: PlacedOption[][] = [[]];
  for (const directive of [first, ...rest]) {
    if (separatesComponents(document.text, directive)) components.push([]);
    for (const option of directive.options) components.at(-1)?.push({ ...option, directive });
  }
  const shellText = () => shellTextOf(document);
  return { document, directives: [first, ...rest], components, isShell: isShellScript(document), shellText };
}

/** `#SBATCH hetjob` (`packjob` before Slurm 20.02) begins the next component. */
export function separatesComponents(text: string, { prefixSpan, span }: Directive): boolean {
  return /^\s+(hetjob|packjob)\b/.test(text.slice(prefixSpan.end, span.end));
}

/** The option that counts: the last one of the name. */
export function optionOf(component: Component, name: string): PlacedOption | undefined {
  return component.findLast((option) => option.name === name);
}

/** A whole number that is written out; `1-4` is its least. */
export function countOf(component: Component, name: string): number | undefined {
  const value = optionOf(component, name)?.value;
  const match = /^(\d+)(?:-\d+)?$/.exec(value ?? '');
  return match ? Number(match[1]) : undefined;
}

export function isShellScript({ text, shebang }: ScriptDocument): boolean {
  return !shebang || /\b(ba|da|z|k|a)?sh\b/.test(text.slice(shebang.start, shebang.end));
}

/** The commands of the script outside of here-documents and quotations, each a line with its number (from 0) and its offset. */
export function commandLines(
  job: Pick<SlurmJob, 'document' | 'shellText'>,
): readonly { readonly source: string; readonly line: number; readonly start: number }[] {
  const { document } = job;
  return document.lines.flatMap(({ kind, span }, line) => {
    if (kind !== 'command' || job.shellText().inside[line]) return [];
    return [{ source: document.text.slice(span.start, span.end), line, start: span.start }];
  });
}

/** Those of the command lines that hold `word`, found without a look at the others. */
export function linesWith(
  word: string,
  { document, shellText }: Pick<SlurmJob, 'document' | 'shellText'>,
): readonly { readonly source: string; readonly start: number }[] {
  const { text, lines } = document;
  const found: { source: string; start: number }[] = [];
  let at = text.indexOf(word);
  for (const [line, { kind, span }] of lines.entries()) {
    if (at < 0) break;
    if (at >= span.end) continue;
    if (kind === 'command' && !shellText().inside[line])
      found.push({ source: text.slice(span.start, span.end), start: span.start });
    at = text.indexOf(word, span.end);
  }
  return found;
}

/** Takes an option out, with its line where nothing else stands on it. */
export function removeOption(document: ScriptDocument, option: PlacedOption): Fix {
  const { directive } = option;
  const stands = /[^\s]/g;
  stands.lastIndex = directive.prefixSpan.end;
  const first = stands.exec(document.text)?.index ?? document.text.length;
  stands.lastIndex = option.span.end;
  const next = stands.exec(document.text)?.index ?? document.text.length;
  if (first >= option.span.start && (next >= directive.span.end || document.text[next] === '#')) {
    const feed = document.text.indexOf('\n', directive.span.end);
    const end = feed < 0 ? document.text.length : feed + 1;
    return replaceFix(l10n.t('Remove `{0}`', option.spelling), { start: directive.span.start, end }, '');
  }
  let { start } = option.span;
  while (start > 0 && /\s/.test(document.text[start - 1] ?? '')) start--;
  return replaceFix(l10n.t('Remove `{0}`', option.spelling), { start, end: option.span.end }, '');
}
