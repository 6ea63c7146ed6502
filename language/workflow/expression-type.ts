/** The types of expressions in workflow files, as far as they are known before the run. */
import type { Expression } from '../expression/ast.ts';
import { inferTypes, type TypeScope } from '../expression/infer.ts';
import { anyType, type Kind, type Type, typeOf } from '../expression/types.ts';
import type { Span } from '../text/span.ts';
import { findStep } from './check-graph.ts';
import { resultFields, runFields } from './names.ts';
import type { StaticType, StepNode, WorkflowDocument } from './node.ts';

export interface Member {
  readonly target: Expression;
  readonly name: string;
  readonly nameSpan: Span;
}

/** `target.name`, or `target["name"]`: then the place is that between the quotes. */
export function memberOf(node: Expression): Member | undefined {
  if (node.kind === 'attribute') return node;
  if (node.kind !== 'subscript' || node.index.kind !== 'literal' || typeof node.index.value !== 'string') {
    return undefined;
  }
  const { span, value } = node.index;
  const isPlain = span.end - span.start === value.length + 2;
  const nameSpan = isPlain ? { start: span.start + 1, end: span.end - 1 } : span;
  return { target: node.target, name: value, nameSpan };
}

/** What an expression gives, as far as it is known before the run. */
export function expressionType(document: WorkflowDocument, node: Expression, step?: StepNode): StaticType {
  return staticType(inferTypes(node, workflowTypes(document, step)).type);
}

/** The names of a workflow's expressions: what they stand for depends on the file, and on the step they are in. */
export function workflowTypes(document: WorkflowDocument, step?: StepNode): TypeScope {
  return {
    nameType: () => anyType,
    memberType: (node) => valueType(memberType(document, node, step), isOfStep(node)),
  };
}

/** Results of a step that was skipped are None. */
function isOfStep(node: Expression): boolean {
  const outer = memberOf(node)?.target;
  return outer !== undefined && outer.kind !== 'name';
}

const kindsOf: { readonly [type in StaticType]?: readonly Kind[] } = {
  text: ['str'],
  number: ['int', 'float'],
  flag: ['bool'],
  list: ['list'],
  map: ['dict'],
  none: ['none'],
};

function valueType(type: StaticType, mayBeNone: boolean): Type {
  const kinds = kindsOf[type];
  return kinds ? typeOf(...kinds, ...(mayBeNone ? (['none'] as const) : [])) : anyType;
}

function staticType({ kinds }: Type): StaticType {
  const known = [...kinds].filter((kind) => kinds.size === 1 || kind !== 'none');
  const fits = Object.entries(kindsOf).find(([, each]) => known.every((kind) => each?.includes(kind)));
  const name = staticTypes.find((type) => type === fits?.[0]);
  return known.length > 0 && name ? name : 'any';
}

const staticTypes: readonly StaticType[] = ['text', 'number', 'flag', 'list', 'map', 'none'];

function memberType(document: WorkflowDocument, node: Expression, user: StepNode | undefined): StaticType {
  const member = memberOf(node);
  if (!member) return 'any';
  const { target, name } = member;
  if (target.kind === 'name') {
    if (target.name === 'params') return document.params.find((param) => param.name === name)?.type ?? 'any';
    if (target.name === 'run') return (Object.hasOwn(runFields, name) ? runFields[name]?.type : undefined) ?? 'any';
    if (target.name === 'matrix') return user?.axes?.find((axis) => axis.name === name)?.type ?? 'any';
    return 'any';
  }
  const outer = memberOf(target);
  if (outer?.target.kind !== 'name' || outer.target.name !== 'steps') return 'any';
  const step = findStep(document, outer.name);
  if (!step) return 'any';
  const fields = resultFields(step);
  return (Object.hasOwn(fields, name) ? fields[name]?.type : undefined) ?? 'any';
}
