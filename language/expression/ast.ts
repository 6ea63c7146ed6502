/** The tree of a condition: the part of Python's expressions that section 6 of the language allows. Spans are offsets into its text. */
import type { Span } from '../text/span.ts';

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**';
export type ComparisonOperator = '<' | '<=' | '>' | '>=' | '==' | '!=' | 'in' | 'not in' | 'is' | 'is not';

export interface Comparison {
  readonly operator: ComparisonOperator;
  readonly operatorSpan: Span;
  readonly operand: Expression;
}

export interface Keyword {
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: Expression;
}

/** A replacement field of an f-string: `{value!conversion:spec}`. */
export interface FormatField {
  readonly value: Expression;
  readonly conversion?: 'r' | 's' | 'a';
  readonly spec: readonly FormatPart[];
}

export type FormatPart = string | FormatField;

export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | bigint | boolean | null; readonly span: Span }
  | { readonly kind: 'name'; readonly name: string; readonly span: Span }
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[]; readonly span: Span }
  | {
      readonly kind: 'dict';
      readonly entries: readonly { readonly key: Expression; readonly value: Expression }[];
      readonly span: Span;
    }
  | { readonly kind: 'unary'; readonly operator: '-' | '+' | 'not'; readonly operand: Expression; readonly span: Span }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly operatorSpan: Span;
      readonly span: Span;
    }
  | {
      readonly kind: 'logical';
      readonly operator: 'and' | 'or';
      readonly left: Expression;
      readonly right: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'comparison';
      readonly first: Expression;
      readonly rest: readonly Comparison[];
      readonly span: Span;
    }
  | {
      readonly kind: 'conditional';
      readonly test: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
      readonly span: Span;
    }
  | { readonly kind: 'subscript'; readonly target: Expression; readonly index: Expression; readonly span: Span }
  | {
      readonly kind: 'slice';
      readonly target: Expression;
      readonly start?: Expression;
      readonly stop?: Expression;
      readonly step?: Expression;
      readonly span: Span;
    }
  /** `target.name` without a call; only where the dialect has attributes. */
  | {
      readonly kind: 'attribute';
      readonly target: Expression;
      readonly name: string;
      readonly nameSpan: Span;
      readonly span: Span;
    }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly nameSpan: Span;
      readonly args: readonly Expression[];
      readonly keywords: readonly Keyword[];
      readonly span: Span;
    }
  | {
      readonly kind: 'method';
      readonly target: Expression;
      readonly name: string;
      readonly nameSpan: Span;
      readonly args: readonly Expression[];
      readonly keywords: readonly Keyword[];
      readonly span: Span;
    }
  | { readonly kind: 'format'; readonly parts: readonly FormatPart[]; readonly span: Span }
  /** What should stand here is missing or was refused with a problem. */
  | { readonly kind: 'missing'; readonly span: Span };

/** The expressions directly inside `expression`, in the order of the text. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'name':
    case 'missing':
      return [];
    case 'list':
    case 'tuple':
      return expression.items;
    case 'dict':
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case 'unary':
      return [expression.operand];
    case 'binary':
    case 'logical':
      return [expression.left, expression.right];
    case 'comparison':
      return [expression.first, ...expression.rest.map(({ operand }) => operand)];
    case 'conditional':
      return [expression.then, expression.test, expression.otherwise];
    case 'subscript':
      return [expression.target, expression.index];
    case 'slice':
      return [expression.target, expression.start, expression.stop, expression.step].filter(
        (part) => part !== undefined,
      );
    case 'attribute':
      return [expression.target];
    case 'call':
      return [...expression.args, ...expression.keywords.map(({ value }) => value)];
    case 'method':
      return [expression.target, ...expression.args, ...expression.keywords.map(({ value }) => value)];
    case 'format':
      return expression.parts.flatMap(fieldsOf);
  }
}

function fieldsOf(part: FormatPart): readonly Expression[] {
  return typeof part === 'string' ? [] : [part.value, ...part.spec.flatMap(fieldsOf)];
}

/** Calls `visit` for `expression` and everything inside it. */
export function walk(expression: Expression, visit: (expression: Expression) => void): void {
  visit(expression);
  for (const child of childrenOf(expression)) walk(child, visit);
}
