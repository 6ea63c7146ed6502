/** Lists of plain words: `[a, b]`, `a, b`, with or without quotes. */
import type { Fragment } from '../text/fragment.ts';
import type { ListNode, TextNode } from './node.ts';

/** Brackets around the list and quotes around its items are dropped; empty items are left out. */
export function parseList(fragment: Fragment): ListNode {
  const { text } = fragment;
  const bracketed = text.startsWith('[');
  const start = bracketed ? 1 : 0;
  const end = bracketed && text.endsWith(']') ? text.length - 1 : text.length;
  const items: TextNode[] = [];
  let from = start;
  while (from <= end) {
    const comma = text.indexOf(',', from);
    const to = comma < 0 || comma > end ? end : comma;
    const item = listItem(fragment, from, to);
    if (item) items.push(item);
    from = to + 1;
  }
  return { kind: 'list', items, span: fragment.span };
}

function listItem(fragment: Fragment, from: number, to: number): TextNode | undefined {
  const source = fragment.text.slice(from, to);
  const trimmed = source.trim();
  if (trimmed === '') return undefined;
  const start = from + source.indexOf(trimmed);
  return unquote(fragment.slice(start, start + trimmed.length));
}

/** A value in matching quotes loses the quotes; nothing else is unescaped. */
export function unquote(fragment: Fragment): TextNode {
  const { text, span } = fragment;
  const mark = text[0];
  const quoted = text.length >= 2 && (mark === '"' || mark === "'") && text.endsWith(mark);
  return { kind: 'text', fragment: quoted ? fragment.slice(1, text.length - 1) : fragment, span, quoted };
}
