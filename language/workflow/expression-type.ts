/** The types of expressions in workflow files, as far as they are known before the run. */
import type { Expression } from '../expression/ast.ts';
import type { Span } from '../text/span.ts';
import { findStep } from './check-graph.ts';
import { resultFields, runFields } from './names.ts';
import type { StaticType, WorkflowDocument } from './node.ts';

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

const callTypes: { readonly [name: string]: StaticType } = {
  float: 'number',
  int: 'number',
  len: 'number',
  round: 'number',
  str: 'text',
  bool: 'flag',
  any: 'flag',
  all: 'flag',
  sorted: 'list',
};

const methodTypes: { readonly [name: string]: StaticType } = {
  lower: 'text',
  upper: 'text',
  strip: 'text',
  lstrip: 'text',
  rstrip: 'text',
  replace: 'text',
  startswith: 'flag',
  endswith: 'flag',
  isdigit: 'flag',
  split: 'list',
  count: 'number',
  find: 'number',
};

const entry = (table: { readonly [name: string]: StaticType }, name: string) =>
  (Object.hasOwn(table, name) ? table[name] : undefined) ?? 'any';

export function expressionType(document: WorkflowDocument, node: Expression): StaticType {
  const typeOf = (inner: Expression) => expressionType(document, inner);
  switch (node.kind) {
    case 'literal':
      return literalType(node.value);
    case 'list':
      return 'list';
    case 'dict':
      return 'map';
    case 'format':
      return 'text';
    case 'unary':
      return node.operator === 'not' ? 'flag' : numberOrAny(typeOf(node.operand));
    case 'comparison':
      return 'flag';
    case 'call':
      return entry(callTypes, node.name);
    case 'method':
      return entry(methodTypes, node.name);
    case 'logical':
      return same(typeOf(node.left), typeOf(node.right));
    case 'conditional':
      return same(typeOf(node.then), typeOf(node.otherwise));
    case 'binary':
      return binaryType(node.operator, typeOf(node.left), typeOf(node.right));
    case 'attribute':
    case 'subscript':
      return memberType(document, node);
    case 'name':
    case 'tuple':
    case 'slice':
    case 'missing':
      return 'any';
  }
}

function literalType(value: string | number | bigint | boolean | null): StaticType {
  if (value === null) return 'none';
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'flag' : 'number';
}

function numberOrAny(type: StaticType): StaticType {
  return type === 'number' || type === 'flag' ? 'number' : 'any';
}

function same(left: StaticType, right: StaticType): StaticType {
  return left === right ? left : 'any';
}

function binaryType(operator: string, left: StaticType, right: StaticType): StaticType {
  const numeric = numberOrAny(left) === 'number' && numberOrAny(right) === 'number';
  if (numeric) return 'number';
  if (operator === '+') return same(left, right);
  return operator === '%' && left === 'text' ? 'text' : 'any';
}

function memberType(document: WorkflowDocument, node: Expression): StaticType {
  const member = memberOf(node);
  if (!member) return 'any';
  const { target, name } = member;
  if (target.kind === 'name') {
    if (target.name === 'params') return document.params.find((param) => param.name === name)?.type ?? 'any';
    if (target.name === 'run') return (Object.hasOwn(runFields, name) ? runFields[name]?.type : undefined) ?? 'any';
    return 'any';
  }
  const outer = memberOf(target);
  if (outer?.target.kind !== 'name' || outer.target.name !== 'steps') return 'any';
  const step = findStep(document, outer.name);
  if (!step) return 'any';
  const fields = resultFields(step);
  return (Object.hasOwn(fields, name) ? fields[name]?.type : undefined) ?? 'any';
}
