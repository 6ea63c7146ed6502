/** The syntax tree of an action, from a call or from a block's map item. Spans are offsets into the document. */
import type { Expression } from '../expression/ast.ts';
import type { Fragment } from '../text/fragment.ts';
import type { Span } from '../text/span.ts';

export interface ParameterNode {
  readonly name: string;
  /** Empty for a value without a name. */
  readonly nameSpan: Span;
  /** What was written as the value; empty when it is missing. */
  readonly value: Fragment;
  /** The value as a Python literal, its spans in `value`; absent for text without quotes. */
  readonly literal?: Expression;
  readonly span: Span;
}

export interface ActionNode {
  /** '' when it is missing. */
  readonly name: string;
  readonly nameSpan: Span;
  readonly parameters: readonly ParameterNode[];
  /** Between the parentheses of a call. */
  readonly argumentsSpan?: Span;
  readonly span: Span;
}
