/** Quotes around the values of blocks, and the cases where it is not plain what belongs to them. */

import { parseExpression } from '../expression/parse.ts';
import { type Problem, problem } from '../problem/problem.ts';
import type { Fragment } from '../text/fragment.ts';
import * as l10n from '../text/l10n.ts';
import type { TextNode } from './node.ts';
import { unquote } from './parse-list.ts';
import type { PropertyInfo } from './properties.ts';

/**
 * A value in matching quotes loses them. `'a' == 'b'` is not in quotes, though it starts and ends with one: a condition that is a
 * whole expression as it stands, and has the same quote inside too, is taken as it stands.
 */
export function unquoteBlockValue(
  fragment: Fragment,
  info: PropertyInfo | undefined,
): { readonly value: TextNode; readonly problems: readonly Problem[] } {
  const { text } = fragment;
  const kind = info?.type.kind;
  const mark = text[0] ?? '';
  const asWritten: TextNode = { kind: 'text', fragment, span: fragment.span, quoted: false };
  if ((mark !== '"' && mark !== "'") || kind === undefined) return { value: unquote(fragment), problems: [] };
  const quotesInside = hasQuoteInside(text, mark);
  if (kind === 'condition') {
    const isWhole = quotesInside || !text.endsWith(mark) || text.length < 2;
    return {
      value: isWhole && parseExpression(text).problems.length === 0 ? asWritten : unquote(fragment),
      problems: [],
    };
  }
  const value = unquote(fragment);
  if (!value.quoted) {
    const words = l10n.t('The quote at the start has no partner at the end of the line, so it is part of the value.');
    return {
      value,
      problems: [
        problem('watcher/unbalanced-quote', { start: fragment.span.start, end: fragment.span.start + 1 }, words),
      ],
    };
  }
  if (kind === 'pattern' && quotesInside) {
    const words = l10n.t('The outer quotes are dropped: the pattern is `{0}`.', value.fragment.text);
    return { value, problems: [problem('watcher/ambiguous-quotes', value.span, words)] };
  }
  return { value, problems: [] };
}

/** Is there a quote like the first one between the first and the last character, with no backslash before it? */
function hasQuoteInside(text: string, mark: string): boolean {
  for (let at = 1; at < text.length - 1; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === mark) return true;
  }
  return false;
}
