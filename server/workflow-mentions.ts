/** The things that a workflow file names – steps, parameters, events, files – and every place that names them. */
import { walk } from '../language/expression/ast.ts';
import { type Span, touches } from '../language/text/span.ts';
import { awaitedEvents, type EventName, emissions, fileReferences, mayBeSame } from '../language/workflow/events.ts';
import { memberOf } from '../language/workflow/expression-type.ts';
import type { PlacedExpression } from '../language/workflow/node.ts';
import type { WorkflowAnalysis } from './documents.ts';

export type Subject =
  | { readonly kind: 'step' | 'param'; readonly name: string }
  | { readonly kind: 'event'; readonly name: EventName }
  | { readonly kind: 'file'; readonly path: string };

/** A place where a subject is named. */
export interface Mention {
  readonly subject: Subject;
  readonly span: Span;
  readonly declares: boolean;
  /** Another file than the workflow, as it names it. */
  readonly file?: string;
}

/** In the workflow file itself. */
export function mentionAt(workflow: WorkflowAnalysis, offset: number): Mention | undefined {
  return mentions(workflow).find(({ span, file }) => file === undefined && touches(span, offset));
}

export function sameSubject(workflow: WorkflowAnalysis, subject: Subject): readonly Mention[] {
  return mentions(workflow).filter(({ subject: other }) => isSame(subject, other));
}

function isSame(a: Subject, b: Subject): boolean {
  if (a.kind === 'event') return b.kind === 'event' && mayBeSame(a.name, b.name);
  if (a.kind === 'file') return b.kind === 'file' && a.path === b.path;
  return a.kind === b.kind && a.name === b.name;
}

export function mentions({ document, provider }: Pick<WorkflowAnalysis, 'document' | 'provider'>): readonly Mention[] {
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
