/** The tree of a pattern in Python's `re` syntax. Flags are resolved: each node carries those that hold for it. */
import type { Span } from '../text/span.ts';

export interface PatternFlags {
  readonly ascii: boolean;
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly verbose: boolean;
}

export type Category = 'digit' | 'not-digit' | 'space' | 'not-space' | 'word' | 'not-word';

export type SetItem =
  | { readonly kind: 'char'; readonly char: number }
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  | { readonly kind: 'category'; readonly category: Category };

export type Assertion =
  | 'line-start'
  | 'line-end'
  | 'text-start'
  /** `$` without MULTILINE: the end, or before a line feed that ends the text. */
  | 'text-end-or-last-line'
  | 'text-end'
  | 'boundary'
  | 'not-boundary';

export type PatternNode =
  | {
      readonly kind: 'set';
      readonly items: readonly SetItem[];
      readonly negated: boolean;
      readonly flags: PatternFlags;
      readonly span: Span;
    }
  | { readonly kind: 'any'; readonly flags: PatternFlags; readonly span: Span }
  | { readonly kind: 'assertion'; readonly assertion: Assertion; readonly flags: PatternFlags; readonly span: Span }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[]; readonly span: Span }
  | { readonly kind: 'branch'; readonly options: readonly PatternNode[]; readonly span: Span }
  | {
      readonly kind: 'group';
      readonly index?: number;
      readonly name?: string;
      readonly body: PatternNode;
      readonly span: Span;
    }
  | {
      readonly kind: 'repeat';
      readonly min: number;
      /** Infinity for none. */
      readonly max: number;
      readonly greedy: boolean;
      readonly body: PatternNode;
      readonly span: Span;
    }
  /** Python knows it, this engine does not: it was refused with a problem. */
  | { readonly kind: 'refused'; readonly span: Span };

/** May `node` match without consuming a character? */
export function isNullable(node: PatternNode): boolean {
  switch (node.kind) {
    case 'set':
    case 'any':
      return false;
    case 'assertion':
    case 'refused':
      return true;
    case 'sequence':
      return node.items.every(isNullable);
    case 'branch':
      return node.options.some(isNullable);
    case 'group':
      return isNullable(node.body);
    case 'repeat':
      return node.min === 0 || isNullable(node.body);
  }
}
