/** The events that a workflow awaits, and those that its steps and the scripts that they submit emit. */

import { readWatchers } from '../check/check-watchers.ts';
import { parseScript, type ScriptDocument } from '../script/parse-script.ts';
import { parseTemplate } from '../template/parse-template.ts';
import type { Span } from '../text/span.ts';
import { hasExpression, parseEmbedded } from './embedded.ts';
import type { StepNode, WorkflowDocument } from './node.ts';
import { parseWorkflow } from './parse-workflow.ts';
import { findPair, type YamlScalar } from './yaml-tree.ts';

/** Gives the texts of files that a workflow file names; undefined: there is no such file. */
export interface ScriptProvider {
  /** @param path as it is written, relative to the workflow file */
  read(path: string): string | undefined;
}

/** Literal texts, and `undefined` for what is known only at run time. */
export type EventName = readonly (string | undefined)[];

export interface NamedEvent {
  readonly name: EventName;
  readonly span: Span;
}

export interface FileReference {
  readonly path: string;
  readonly span: Span;
  readonly kind: 'script' | 'workflow';
  readonly step: StepNode;
}

export interface Emission {
  readonly name: EventName;
  /** The file that emits, as the workflow names it; absent: the workflow itself. */
  readonly file?: string;
  /** In that file, or in the workflow. */
  readonly span: Span;
  /** In the workflow: the step's value that leads to the emission. */
  readonly through: Span;
}

/** The scalar of a step's verb that is its main value: the short form, or `key` of the long one. */
export function mainValue(step: StepNode, verb: string, key: string): YamlScalar | undefined {
  if (step.verb?.name !== verb) return undefined;
  const { value } = step.verb;
  const main = value.kind === 'map' ? findPair(value, key)?.value : value;
  return main?.kind === 'scalar' && main.value !== null ? main : undefined;
}

function allSteps(document: WorkflowDocument): readonly StepNode[] {
  return [...document.steps, ...document.cleanup];
}

/** Scripts and child workflows whose paths are known before the run. */
export function fileReferences(document: WorkflowDocument): readonly FileReference[] {
  return allSteps(document).flatMap((step) => {
    const script = mainValue(step, 'submit', 'script');
    const value = script ?? mainValue(step, 'workflow', 'file');
    if (!value || hasExpression(value.fragment.text)) return [];
    const kind = script ? ('script' as const) : ('workflow' as const);
    return [{ path: String(value.value), span: value.fragment.span, kind, step }];
  });
}

/** Is the path of every script and child known? */
export function knowsAllFiles(document: WorkflowDocument): boolean {
  const named = allSteps(document).filter(({ verb }) => verb?.name === 'submit' || verb?.name === 'workflow');
  return named.length === fileReferences(document).length;
}

export function awaitedEvents(document: WorkflowDocument): readonly NamedEvent[] {
  return allSteps(document).flatMap((step) => {
    const value = mainValue(step, 'await_event', 'name');
    const several = ['any_of', 'all_of'].flatMap((key) => {
      const list = step.verb?.value.kind === 'map' ? findPair(step.verb.value, key)?.value : undefined;
      return step.verb?.name === 'await_event' && list?.kind === 'list' ? list.items : [];
    });
    return [value, ...several].flatMap((each) =>
      each?.kind === 'scalar' && each.value !== null ? [{ name: nameParts(each), span: each.fragment.span }] : [],
    );
  });
}

function nameParts(value: YamlScalar): EventName {
  return parseEmbedded(value.fragment).parts.map((part) => (typeof part === 'string' ? part : undefined));
}

/** Without `provider` those of the workflow's own steps. A child workflow's own children count too. */
export function emissions(document: WorkflowDocument, provider?: ScriptProvider): readonly Emission[] {
  return emissionsOf(document, provider, new Set());
}

function emissionsOf(
  document: WorkflowDocument,
  provider: ScriptProvider | undefined,
  visited: Set<string>,
): readonly Emission[] {
  const own = allSteps(document).flatMap(ownEmissions);
  if (!provider) return own;
  const foreign = fileReferences(document).flatMap(({ path, span: through, kind }) => {
    const text = provider.read(path);
    if (text === undefined) return [];
    if (kind === 'script') {
      return scriptEmissions(parseScript(text)).map((emission) => ({ ...emission, file: path, through }));
    }
    if (visited.has(path)) return [];
    visited.add(path);
    return emissionsOf(parseWorkflow(text), undefined, visited).map((emission) => ({
      ...emission,
      file: path,
      through,
    }));
  });
  return [...own, ...foreign];
}

function ownEmissions(step: StepNode): readonly Emission[] {
  const emitted = mainValue(step, 'emit_event', 'name');
  if (emitted) {
    const { span } = emitted.fragment;
    return [{ name: nameParts(emitted), span, through: span }];
  }
  const command = mainValue(step, 'run', '');
  if (!command) return [];
  return printedEvents(command.fragment.text).map(({ name, start, end }) => {
    const span = command.fragment.toSpan({ start, end });
    return { name, span, through: span };
  });
}

/** Of the watchers of a script, and of the lines that it prints for Vigil. */
export function scriptEmissions(script: ScriptDocument): readonly NamedEvent[] {
  const { watchers } = readWatchers(script, {});
  const watched = watchers.flatMap(({ node }) =>
    node.properties
      .flatMap(({ value }) => (value.kind === 'actions' ? value.items : []))
      .flatMap((action) => {
        const parameter = action.parameters.find(({ name }) => name === 'name');
        if (action.name.toLowerCase() !== 'emit_event' || !parameter) return [];
        return [emittedName(parameter)];
      }),
  );
  const printed = script.lines
    .filter(({ kind }) => kind === 'command')
    .flatMap(({ span }) =>
      printedEvents(script.text.slice(span.start, span.end)).map(({ name, start, end }) => ({
        name,
        span: { start: span.start + start, end: span.start + end },
      })),
    );
  return [...watched, ...printed];
}

function emittedName({
  value,
  literal,
}: {
  value: { text: string; toSpan(span: Span): Span };
  literal?: unknown;
}): NamedEvent {
  const { text } = value;
  const quoted = literal !== undefined && /^(["']).*\1$/s.test(text);
  const range = quoted ? { start: 1, end: text.length - 1 } : { start: 0, end: text.length };
  const name = parseTemplate(text, range).map((part) => {
    if (part.kind === 'variable') return undefined;
    return part.kind === 'dollar' ? '$' : text.slice(part.span.start, part.span.end);
  });
  return { name, span: value.toSpan(range) };
}

/** `::event NAME` in what a job prints, and `vigil emit NAME`. What a shell fills in is not known. */
function printedEvents(text: string) {
  return Array.from(text.matchAll(/(?:::event|\bvigil\s+emit)\s+(["']?)([^\s"']+)\1/g), (match) => {
    const end = match.index + match[0].length - (match[1] ?? '').length;
    const word = match[2] ?? '';
    const pieces = word.split(/(\$\{\{.*?\}\}|\$\{[^}]*\}|\$\w+|\$\(.*|%s|\{\w*\})/);
    const name = pieces.map((piece, index) => (index % 2 === 1 ? undefined : piece)).filter((piece) => piece !== '');
    return { name, start: end - word.length, end };
  });
}

/** Can the two be the same name? */
export function mayBeSame(a: EventName, b: EventName): boolean {
  const left = tokens(a);
  const right = tokens(b);
  // Row by row: which prefixes of `right` can equal the prefix of `left`; `undefined` stands for any text.
  let row = Array.from({ length: right.length + 1 }, (_, j) => right.slice(0, j).every((token) => token === undefined));
  for (const token of left) {
    const next = [token === undefined && row[0] === true];
    for (let j = 1; j <= right.length; j++) {
      const other = right[j - 1];
      const wild = token === undefined || other === undefined;
      next[j] = wild ? row[j] === true || next[j - 1] === true : token === other && row[j - 1] === true;
      if (wild && row[j - 1] === true) next[j] = true;
    }
    row = next;
  }
  return row[right.length] === true;
}

function tokens(name: EventName): readonly (string | undefined)[] {
  return name.flatMap((part) => (part === undefined ? [undefined] : [...part]));
}

/** As a person would write it. */
export function showEvent(name: EventName): string {
  return name.map((part) => part ?? '…').join('');
}
