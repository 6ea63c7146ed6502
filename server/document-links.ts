/** Links to the scripts that actions and workflow files submit, to child workflows, and to the output files whose names do not depend on the job. */
import type { DocumentLink } from 'vscode-languageserver';
import { findAction } from '../language/actions/catalogue.ts';
import { literalValue } from '../language/actions/literal.ts';
import type { ScriptDocument } from '../language/script/parse-script.ts';
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
  return [...scriptLinks(analysis.script), ...fileLinks(analysis.script)].flatMap(({ span, path, tooltip }) => {
    const target = resolve(analysis.uri, path);
    return target === undefined ? [] : [{ range: analysis.rangeOf(span), target, tooltip }];
  });
}

/** Scripts and child workflows; a name with an expression is known only when the workflow runs. */
function workflowLinks(analysis: Analysis, { document, uriOf }: WorkflowAnalysis): DocumentLink[] {
  return fileReferences(document).flatMap(({ path, span, kind }) => {
    const target = uriOf(path) ?? resolve(analysis.uri, path);
    return target === undefined ? [] : [{ range: analysis.rangeOf(span), target, tooltip: `Open the ${kind}` }];
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
      return [{ span, path, tooltip: 'Open the script' }];
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
    return [{ span: valueSpan, path, tooltip: 'Open the file' }];
  });
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
