/** Links to the scripts that actions, commands and workflow files submit, to child workflows, and to the output files whose names do not depend on the job. */

import type { DocumentLink } from 'vscode-languageserver';
import { findAction } from '../language/actions/catalogue.ts';
import { literalValue } from '../language/actions/literal.ts';
import { dialectOf, type Scheduler } from '../language/directives/dialect.ts';
import { readOptions } from '../language/directives/read-options.ts';
import { splitWords, type Word } from '../language/directives/words.ts';
import { isShellScript } from '../language/lint/slurm-job.ts';
import { shellTextOf } from '../language/script/document-facts.ts';
import type { ScriptDocument } from '../language/script/parse-script.ts';
import * as l10n from '../language/text/l10n.ts';
import type { Span } from '../language/text/span.ts';
import { fileReferences } from '../language/workflow/events.ts';
import type { Analysis, WorkflowAnalysis } from './documents.ts';

interface Link {
  readonly span: Span;
  readonly path: string;
  readonly tooltip: string;
}

export function documentLinks(analysis: Analysis): DocumentLink[] {
  const { workflow } = analysis;
  if (workflow) return workflowLinks(analysis, workflow);
  return [...scriptLinks(analysis.script), ...fileLinks(analysis.script), ...submittedLinks(analysis.script)].flatMap(
    ({ span, path, tooltip }) => {
      const target = resolve(analysis.uri, path);
      return target === undefined ? [] : [{ range: analysis.rangeOf(span), target, tooltip }];
    },
  );
}

/** Scripts and child workflows; a name with an expression is known only when the workflow runs. */
function workflowLinks(analysis: Analysis, { document, uriOf }: WorkflowAnalysis): DocumentLink[] {
  return fileReferences(document).flatMap(({ path, span, kind }) => {
    const target = uriOf(path) ?? resolve(analysis.uri, path);
    return target === undefined
      ? []
      : [
          {
            range: analysis.rangeOf(span),
            target,
            tooltip: kind === 'script' ? l10n.t('Open the script') : l10n.t('Open the workflow'),
          },
        ];
  });
}

/** `submit(script="next.sh")`; a name with variables is known only when the watcher triggers. */
function scriptLinks(script: ScriptDocument): readonly Link[] {
  const actions = script.watchers.flatMap(({ properties }) =>
    properties.flatMap(({ value }) => (value.kind === 'actions' ? value.items : [])),
  );
  return actions
    .filter(({ name }) => findAction(name)?.name === 'submit')
    .flatMap(({ parameters }) => parameters)
    .flatMap(({ name, value, literal }) => {
      const path = literal ? literalValue(literal) : value.text;
      if (name !== 'script' || typeof path !== 'string' || /[$\n]/.test(path)) return [];
      const mark = /^["']/.test(value.text) ? 1 : 0;
      const span = value.toSpan({ start: mark, end: Math.max(mark, value.text.trimEnd().length - mark) });
      return [{ span, path, tooltip: l10n.t('Open the script') }];
    });
}

const fileOptions = new Set(['output', 'error', 'input']);

/** sbatch takes a relative name from the working directory; `%` and a backslash make it depend on the job. */
function fileLinks(script: ScriptDocument): readonly Link[] {
  const options = script.directives
    .filter(({ scheduler, effective }) => scheduler === 'slurm' && effective)
    .flatMap((directive) => directive.options);
  const directory = options.findLast(({ name }) => name === 'chdir')?.value;
  return options.flatMap(({ name, value, valueSpan }) => {
    if (!fileOptions.has(name) || !value || !valueSpan || /[%\\$]/.test(value)) return [];
    const path = directory !== undefined && !value.startsWith('/') ? `${directory}/${value}` : value;
    return [{ span: valueSpan, path, tooltip: l10n.t('Open the file') }];
  });
}

const submitters: { readonly [command: string]: Scheduler } = { sbatch: 'slurm', qsub: 'pbs' };

/** `sbatch other.sh`, `qsub other.sh`, `bsub < other.sh` at the start of a command; a name with variables is known only when it runs. */
function submittedLinks(script: ScriptDocument): readonly Link[] {
  const { text, lines } = script;
  if (!/\b(sbatch|qsub|bsub)\b/.test(text) || !isShellScript(script)) return [];
  const { inside } = shellTextOf(script);
  return lines.flatMap(({ kind, span: { start, end } }, line) => {
    if (kind !== 'command' || inside[line]) return [];
    const commands = text.slice(start, end).matchAll(/(?:^|[;&|({`]|\b(?:then|do|else|if|!))\s*(sbatch|qsub|bsub)\s/g);
    return [...commands].flatMap(({ index, 0: { length }, 1: command = '' }) => {
      const from = start + index + length;
      const word = operandOf(text, command, { start: from, end });
      if (!word || word.text === '' || /[$`*?<>()|;&{}]/.test(text.slice(word.span.start, word.span.end))) return [];
      const mark = /^["']/.test(text.slice(word.span.start)) ? 1 : 0;
      const span = { start: word.span.start + mark, end: word.span.end - mark };
      return [{ span, path: word.text, tooltip: l10n.t('Open the script') }];
    });
  });
}

/** The script that the command gets; `rest` begins behind its name. */
function operandOf(text: string, command: string, rest: Span): Word | undefined {
  const length = /[;&|)`]/.exec(text.slice(rest.start, rest.end))?.index ?? rest.end - rest.start;
  const { words } = splitWords(text, { start: rest.start, end: rest.start + length });
  const scheduler = submitters[command];
  if (scheduler) return readOptions(words, dialectOf(scheduler)).strays[0];
  const redirected = /<(?![<&(])\s*(?=\S)/.exec(text.slice(rest.start, rest.start + length));
  const at = redirected ? rest.start + redirected.index + redirected[0].length : undefined;
  return at === undefined ? undefined : splitWords(text, { start: at, end: rest.start + length }).words[0];
}

/** undefined: a home directory, or a document that lies nowhere. */
function resolve(uri: string, path: string): string | undefined {
  if (path === '' || path.startsWith('~') || path === '/dev/null') return undefined;
  const hierarchical = /^([a-z][a-z0-9+.-]*:\/\/[^/]*)(\/.*)$/i.exec(uri);
  if (!hierarchical) return undefined;
  const [, origin = '', file = ''] = hierarchical;
  const encoded = path.split('/').map(encodeSegment).join('/');
  const segments: string[] = [];
  const whole = path.startsWith('/') ? encoded : `${file.slice(0, file.lastIndexOf('/'))}/${encoded}`;
  for (const segment of whole.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return `${origin}/${segments.join('/')}`;
}

/** Half of a surrogate pair cannot be encoded; it stands for no file. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment.replace(/[\ud800-\udfff]/gu, '\ufffd'));
}
