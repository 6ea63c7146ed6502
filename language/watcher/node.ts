/** The syntax tree of a watcher, the same for both forms. Spans are offsets into the document. */
import type { ActionNode } from '../actions/node.ts';
import type { Fragment } from '../text/fragment.ts';
import type { Span } from '../text/span.ts';
import type { PropertyInfo } from './properties.ts';

export interface NameNode {
  /** As it is written. */
  readonly text: string;
  readonly span: Span;
}

export interface TextNode {
  readonly kind: 'text';
  /** The value without its quotes. */
  readonly fragment: Fragment;
  /** With its quotes. */
  readonly span: Span;
  readonly quoted: boolean;
}

export interface MissingNode {
  readonly kind: 'missing';
  /** Empty: where the value should stand. */
  readonly span: Span;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly TextNode[];
  readonly span: Span;
}

export interface ActionsNode {
  readonly kind: 'actions';
  readonly items: readonly ActionNode[];
  readonly span: Span;
}

export type ValueNode = TextNode | ListNode | ActionsNode | MissingNode;

export interface PropertyNode {
  readonly key: NameNode;
  /** What the key means; absent for an unknown key. */
  readonly info?: PropertyInfo;
  readonly value: ValueNode;
  readonly span: Span;
  /** Of a block: the lines that it is written on, whole, with their breaks. Comments may stand between them. */
  readonly lines?: readonly Span[];
}

export interface WatcherNode {
  readonly form: 'inline' | 'block';
  /** Order in the file, from 1. */
  readonly number: number;
  /** Line of `#WATCHER` or `#WATCHER_BEGIN`, from 0. */
  readonly line: number;
  /** The keyword. */
  readonly keywordSpan: Span;
  readonly properties: readonly PropertyNode[];
  /** Of a block: from BEGIN to the end of END (or of the last line that belongs to it). */
  readonly span: Span;
}
