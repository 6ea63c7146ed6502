/** What stands at a place of a workflow file, and everything that belongs to the same thing: hover, definition, references. */
import type { Hover, Location } from 'vscode-languageserver';
import { walk } from '../language/expression/ast.ts';
import { functions, methods } from '../language/expression/names.ts';
import { LineIndex } from '../language/text/line-index.ts';
import { type Span, touches } from '../language/text/span.ts';
import { rootNames } from '../language/workflow/check-expressions.ts';
import { findStep } from '../language/workflow/check-graph.ts';
import { keysAt } from '../language/workflow/context.ts';
import {
  awaitedEvents,
  type EventName,
  emissions,
  fileReferences,
  mayBeSame,
  showEvent,
} from '../language/workflow/events.ts';
import { memberOf } from '../language/workflow/expression-type.ts';
import { resultFields, runFields } from '../language/workflow/names.ts';
import type { PlacedExpression } from '../language/workflow/node.ts';
import type { YamlNode } from '../language/workflow/yaml-tree.ts';
import { code } from './docs.ts';
import type { Analysis, WorkflowAnalysis } from './documents.ts';
import { keyDoc, parameterText, stepText } from './workflow-docs.ts';

type Subject =
  | { readonly kind: 'step' | 'param'; readonly name: string }
  | { readonly kind: 'event'; readonly name: EventName }
  | { readonly kind: 'file'; readonly path: string };

/** A place where a subject is named. */
interface Mention {
  readonly subject: Subject;
  readonly span: Span;
  readonly declares: boolean;
  /** Another file than the workflow, as it names it. */
  readonly file?: string;
}

export function workflowHover(analysis: Analysis, workflow: WorkflowAnalysis, offset: number): Hover | null {
  const { document } = workflow;
  const found = mentionAt(workflow, offset) ?? expressionNameAt(workflow, offset) ?? keyAt(document.root, [], offset);
  if (!found) return null;
  const value = 'markdown' in found ? found.markdown : subjectDoc(workflow, found.subject);
  return { range: analysis.rangeOf(found.span), contents: { kind: 'markdown', value } };
}

export function workflowDefinition(analysis: Analysis, workflow: WorkflowAnalysis, offset: number): Location[] {
  const found = mentionAt(workflow, offset);
  if (!found) return [];
  if (found.subject.kind === 'file') {
    const uri = workflow.uriOf(found.subject.path);
    const start = { line: 0, character: 0 };
    return uri === undefined ? [] : [{ uri, range: { start, end: start } }];
  }
  return locations(
    analysis,
    workflow,
    sameSubject(workflow, found.subject).filter(({ declares }) => declares),
  );
}

export function workflowReferences(
  analysis: Analysis,
  workflow: WorkflowAnalysis,
  offset: number,
  withDeclaration: boolean,
): Location[] {
  const found = mentionAt(workflow, offset);
  if (!found) return [];
  const all = sameSubject(workflow, found.subject);
  return locations(analysis, workflow, withDeclaration ? all : all.filter(({ declares }) => !declares));
}

function mentionAt(workflow: WorkflowAnalysis, offset: number): Mention | undefined {
  return mentions(workflow).find(({ span, file }) => file === undefined && touches(span, offset));
}

function sameSubject(workflow: WorkflowAnalysis, subject: Subject): readonly Mention[] {
  return mentions(workflow).filter(({ subject: other }) => isSame(subject, other));
}

function isSame(a: Subject, b: Subject): boolean {
  if (a.kind === 'event') return b.kind === 'event' && mayBeSame(a.name, b.name);
  if (a.kind === 'file') return b.kind === 'file' && a.path === b.path;
  return a.kind === b.kind && a.name === b.name;
}

function mentions({ document, provider }: WorkflowAnalysis): readonly Mention[] {
  const steps = [...document.steps, ...document.cleanup];
  return [
    ...document.expressions.flatMap(expressionMentions),
    ...steps.flatMap(({ id, idSpan, needs = [] }) => [
      ...(id === '' ? [] : [{ subject: { kind: 'step', name: id } as const, span: idSpan, declares: true }]),
      ...needs.map(({ name, span }) => ({ subject: { kind: 'step', name } as const, span, declares: false })),
    ]),
    ...document.params.map(({ name, nameSpan }) => ({
      subject: { kind: 'param', name } as const,
      span: nameSpan,
      declares: true,
    })),
    ...fileReferences(document).map(({ path, span }) => ({
      subject: { kind: 'file', path } as const,
      span,
      declares: false,
    })),
    ...awaitedEvents(document).map(({ name, span }) => ({
      subject: { kind: 'event', name } as const,
      span,
      declares: false,
    })),
    ...emissions(document, provider).map(({ name, span, file }) => ({
      subject: { kind: 'event', name } as const,
      span,
      declares: true,
      ...(file !== undefined && { file }),
    })),
  ];
}

function expressionMentions({ expression, fragment }: PlacedExpression): readonly Mention[] {
  const found: Mention[] = [];
  walk(expression, (node) => {
    const member = memberOf(node);
    if (member?.target.kind !== 'name') return;
    const kind = { steps: 'step', params: 'param' }[member.target.name];
    if (kind !== 'step' && kind !== 'param') return;
    found.push({ subject: { kind, name: member.name }, span: fragment.toSpan(member.nameSpan), declares: false });
  });
  return found;
}

function locations(analysis: Analysis, workflow: WorkflowAnalysis, found: readonly Mention[]): Location[] {
  return found.flatMap(({ file, span }) => {
    if (file === undefined) return [{ uri: analysis.uri, range: analysis.rangeOf(span) }];
    const uri = workflow.uriOf(file);
    const text = workflow.provider?.read(file);
    if (uri === undefined || text === undefined) return [];
    const lines = new LineIndex(text);
    return [{ uri, range: { start: lines.positionAt(span.start), end: lines.positionAt(span.end) } }];
  });
}

function subjectDoc({ document, provider }: WorkflowAnalysis, subject: Subject): string {
  switch (subject.kind) {
    case 'step': {
      const step = findStep(document, subject.name);
      return step ? stepText(step) : `There is no step ${code(subject.name)}.`;
    }
    case 'param': {
      const param = document.params.find(({ name }) => name === subject.name);
      return param
        ? `Parameter ${code(param.name)}: ${code(parameterText(document, param))}`
        : `There is no parameter ${code(subject.name)}.`;
    }
    case 'file':
      return `${code(subject.path)}, relative to this file`;
    case 'event': {
      const emitters = emissions(document, provider).filter(({ name }) => mayBeSame(name, subject.name));
      const lines = emitters.map(
        ({ name, file }) => `- ${code(showEvent(name))} by ${file === undefined ? 'a step of this file' : code(file)}`,
      );
      const what =
        lines.length > 0 ? `emitted\n${[...new Set(lines)].join('\n')}` : 'emitted by nothing that is known here';
      return `Event ${code(showEvent(subject.name))}, ${what}`;
    }
  }
}

interface Described {
  readonly span: Span;
  readonly markdown: string;
}

function expressionNameAt({ document }: WorkflowAnalysis, offset: number): Described | undefined {
  const placed = document.expressions.find(({ span }) => touches(span, offset));
  const at = placed?.fragment.fromDocument(offset);
  if (!placed || at === undefined) return undefined;
  let found: Described | undefined;
  const tell = (span: Span, table: { readonly [name: string]: { signature: string; doc: string } }, name: string) => {
    const info = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!info || !touches(span, at)) return;
    found = { span: placed.fragment.toSpan(span), markdown: `${code(info.signature)}\n\n${info.doc}` };
  };
  walk(placed.expression, (node) => {
    if (node.kind === 'name') tell(node.span, rootNames(placed), node.name);
    else if (node.kind === 'call') tell(node.nameSpan, functions, node.name);
    else if (node.kind === 'method') tell(node.nameSpan, methods, node.name);
    const member = memberOf(node);
    if (!member) return;
    const outer = memberOf(member.target);
    const step =
      outer?.target.kind === 'name' && outer.target.name === 'steps' ? findStep(document, outer.name) : undefined;
    if (step) tell(member.nameSpan, resultFields(step), member.name);
    else if (member.target.kind === 'name' && member.target.name === 'run')
      tell(member.nameSpan, runFields, member.name);
  });
  return found;
}

function keyAt(node: YamlNode | undefined, path: readonly string[], offset: number): Described | undefined {
  if (node?.kind === 'list') {
    const item = node.items.find(({ span }) => touches(span, offset));
    return keyAt(item, [...path, '*'], offset);
  }
  if (node?.kind !== 'map') return undefined;
  for (const { key, name, value } of node.pairs) {
    const info = keysAt(path)?.find((each) => each.name === name);
    if (info && touches(key.span, offset)) return { span: key.span, markdown: `**${info.name}**\n\n${keyDoc(info)}` };
    if (touches(value.span, offset)) return keyAt(value, [...path, name], offset);
  }
  return undefined;
}
