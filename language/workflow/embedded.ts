/** `${{ … }}` in the texts of workflow files. */

import type { Expression } from '../expression/ast.ts';
import { parseExpression } from '../expression/parse.ts';
import { mapProblem, type Problem, problem, replaceFix } from '../problem/problem.ts';
import type { Fragment } from '../text/fragment.ts';
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';

export interface EmbeddedExpression {
  /** What stands between the braces; the expression's spans are offsets into it. */
  readonly fragment: Fragment;
  readonly expression: Expression;
  /** With its braces, in the document. */
  readonly span: Span;
}

/** Texts between expressions, and the expressions. */
export type TextPart = string | EmbeddedExpression;

export interface EmbeddedText {
  readonly parts: readonly TextPart[];
  readonly problems: readonly Problem[];
}

const opening = '${{';

export function hasExpression(text: string): boolean {
  return text.includes(opening);
}

export function parseEmbedded(fragment: Fragment): EmbeddedText {
  const { text } = fragment;
  const parts: TextPart[] = [];
  const problems: Problem[] = [];
  let at = 0;
  for (;;) {
    const start = text.indexOf(opening, at);
    if (start < 0) break;
    if (start > at) parts.push(text.slice(at, start));
    const bodyStart = start + opening.length;
    const close = closingBraces(text, bodyStart);
    const bodyEnd = close ?? text.length;
    at = close === undefined ? text.length : close + 2;
    if (close === undefined) problems.push(unclosed(fragment, start));
    const parsed = parseWhole(fragment.slice(bodyStart, bodyEnd), fragment.toSpan({ start, end: at }));
    parts.push(parsed.expression);
    if (close !== undefined) problems.push(...parsed.problems);
  }
  if (at < text.length) parts.push(text.slice(at));
  return { parts, problems };
}

/** A value that is an expression with or without braces, as of `if`. */
export function parseExpressionValue(fragment: Fragment): EmbeddedText {
  if (hasExpression(fragment.text)) return parseEmbedded(fragment);
  const { expression, problems } = parseWhole(fragment, fragment.span);
  return { parts: [expression], problems };
}

function parseWhole(fragment: Fragment, span: Span) {
  const { expression, problems } = parseExpression(fragment.text, 'workflow');
  return {
    expression: { fragment, expression, span },
    problems: problems.map((found) => mapProblem(found, (inner) => fragment.toSpan(inner))),
  };
}

function unclosed(fragment: Fragment, start: number): Problem {
  const end = fragment.toSpan({ start, end: fragment.text.length }).end;
  const fix = replaceFix(l10n.t('Add ` }}`'), { start: end, end }, ' }}');
  const span = fragment.toSpan({ start, end: start + opening.length });
  return problem('workflow/open-expression', span, l10n.t('This `${{` is never closed by `}}`.'), [fix]);
}

/** The `}}` that closes: not one in a text, and not that of a map in the expression. */
function closingBraces(text: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '"' || char === "'") {
      const end = endOfText(text, at, char);
      // A quote that is never closed hides nothing.
      if (end !== undefined) at = end;
    } else if (char === '{') depth++;
    else if (char === '}') {
      if (depth > 0) depth--;
      else if (text[at + 1] === '}') return at;
    }
  }
  return undefined;
}

function endOfText(text: string, start: number, quote: string): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at;
  }
  return undefined;
}
