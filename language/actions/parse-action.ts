/** The parser of actions: `name(key=value, …)`, a name alone, `name some text`, and the parameters of a block's map item. */

import type { Expression } from '../expression/ast.ts';
import { parseExpression } from '../expression/parse.ts';
import { mapProblem, type Problem, problem, replaceFix } from '../problem/problem.ts';
import type { Fragment } from '../text/fragment.ts';
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';
import { isLiteral } from './literal.ts';
import type { ActionNode, ParameterNode } from './node.ts';
import { findClose, splitArguments } from './split.ts';

export interface ParsedAction {
  readonly action: ActionNode;
  readonly problems: readonly Problem[];
}

/** Total. The fragment is one action, e.g. what stands after `- `. */
export function parseAction(fragment: Fragment): ParsedAction {
  const { text } = fragment;
  const start = text.length - text.trimStart().length;
  const end = text.trimEnd().length;
  const name = /^[A-Za-z_][\w-]*/.exec(text.slice(start))?.[0] ?? '';
  const afterName = start + name.length;
  const nameSpan = fragment.toSpan({ start, end: afterName });
  const span = fragment.toSpan({ start, end: Math.max(end, start) });
  const base = { name, nameSpan, span };
  if (name === '') return noName(fragment, base, { start, end: Math.max(end, start) });
  if (afterName >= end) return { action: { ...base, parameters: [] }, problems: [] };
  const open = afterName + (text.slice(afterName).length - text.slice(afterName).trimStart().length);
  if (text[open] === '(') return parseCall(fragment, base, open, end);
  if (open > afterName) {
    // ssync's short form: what follows the name is the message.
    const value = fragment.slice(open, end);
    const parameter: ParameterNode = {
      name: 'message',
      nameSpan: { start: value.span.start, end: value.span.start },
      value,
      span: value.span,
    };
    return { action: { ...base, parameters: [parameter] }, problems: [] };
  }
  const rest = fragment.toSpan({ start: open, end });
  return {
    action: { ...base, parameters: [] },
    problems: [problem('action/syntax', rest, l10n.t('After the name of an action `(` is expected.'))],
  };
}

function noName(fragment: Fragment, base: { name: string; nameSpan: Span; span: Span }, range: Span): ParsedAction {
  const action = { ...base, parameters: [] };
  if (range.start >= range.end) return { action, problems: [] };
  return {
    action,
    problems: [
      problem(
        'action/syntax',
        fragment.toSpan(range),
        l10n.t('An action starts with its name, e.g. `notify(message="…")`.'),
      ),
    ],
  };
}

function parseCall(
  fragment: Fragment,
  base: { name: string; nameSpan: Span; span: Span },
  open: number,
  end: number,
): ParsedAction {
  const { text } = fragment;
  const close = findClose(text, open, end);
  const inside = { start: open + 1, end: close ?? end };
  const problems: Problem[] = [];
  if (close === undefined) {
    const at = fragment.toSpan({ start: end, end });
    const fix = replaceFix(l10n.t('Add `)`'), at, ')');
    problems.push(
      problem('action/syntax', fragment.toSpan({ start: open, end: open + 1 }), l10n.t('This `(` is never closed.'), [
        fix,
      ]),
    );
  } else if (close + 1 < end) {
    const rest = fragment.toSpan({ start: close + 1, end });
    problems.push(
      problem('action/syntax', rest, l10n.t('Nothing may follow the `)` of an action.'), [
        replaceFix(l10n.t('Remove it'), rest, ''),
      ]),
    );
  }
  const parameters: ParameterNode[] = [];
  for (const range of splitArguments(text, inside)) {
    const parsed = parseParameter(fragment, range);
    parameters.push(parsed.parameter);
    problems.push(...parsed.problems);
  }
  const argumentsSpan = fragment.toSpan(inside);
  return { action: { ...base, parameters, argumentsSpan }, problems };
}

function parseParameter(
  fragment: Fragment,
  range: Span,
): { readonly parameter: ParameterNode; readonly problems: readonly Problem[] } {
  const source = fragment.text.slice(range.start, range.end);
  const span = fragment.toSpan(range);
  const match = /^([A-Za-z_][\w-]*)\s*=(?!=)\s*/.exec(source);
  const name = match?.[1] ?? '';
  const nameSpan = fragment.toSpan({ start: range.start, end: range.start + name.length });
  const valueStart = range.start + (match?.[0].length ?? 0);
  return parseValue(fragment, { start: valueStart, end: range.end }, { name, nameSpan, span });
}

/** A value is a Python literal, or else text without quotes, as ssync takes it. */
function parseValue(
  fragment: Fragment,
  range: Span,
  base: { readonly name: string; readonly nameSpan: Span; readonly span: Span },
): { readonly parameter: ParameterNode; readonly problems: readonly Problem[] } {
  const value = fragment.slice(range.start, range.end);
  if (value.text.trim() === '') return { parameter: { ...base, value }, problems: [] };
  const { expression, problems } = parseExpression(value.text);
  if (problems.length === 0 && isLiteral(expression))
    return { parameter: { ...base, value, literal: expression }, problems: [] };
  if (isPlainText(value.text)) return { parameter: { ...base, value }, problems: [] };
  return { parameter: { ...base, value, literal: missing(value) }, problems: literalProblems(value, problems) };
}

function missing(value: Fragment): Expression {
  return { kind: 'missing', span: { start: 0, end: value.text.length } };
}

/** Words, numbers with units, paths, `${variables}`: text whose quotes were left out. */
function isPlainText(text: string): boolean {
  return /^(?:[^()[\]{}"'=,$]|\$\{[^{}"']*\}|\$\w+|\$\$)+$/.test(text);
}

function literalProblems(value: Fragment, found: readonly Problem[]): readonly Problem[] {
  if (found.length === 0) {
    const words = l10n.t(
      'A parameter takes a literal: a text in quotes, a number, True, False, None, a list `[…]` or a map `{"key": value}`.',
    );
    return [problem('action/syntax', value.span, words)];
  }
  return found.map((each) => ({ ...mapProblem(each, (span) => value.toSpan(span)), code: 'action/syntax' as const }));
}

/** The entries of `params: {…}` in a map item, as parameters. */
export function parseParameterMap(fragment: Fragment): {
  readonly parameters: readonly ParameterNode[];
  readonly problems: readonly Problem[];
} {
  const { text } = fragment;
  const { expression, problems } = parseExpression(text);
  if (problems.length > 0) return { parameters: [], problems: literalProblems(fragment, problems) };
  if (expression.kind !== 'dict') {
    return {
      parameters: [],
      problems: [problem('action/syntax', fragment.span, l10n.t('`params` takes a map: `{"key": value}`.'))],
    };
  }
  const parameters: ParameterNode[] = [];
  const found: Problem[] = [];
  for (const { key, value } of expression.entries) {
    const nameSpan = fragment.toSpan(key.span);
    if (key.kind !== 'literal' || typeof key.value !== 'string') {
      found.push(problem('action/syntax', nameSpan, l10n.t('The name of a parameter is a text in quotes.')));
      continue;
    }
    const span = fragment.toSpan({ start: key.span.start, end: value.span.end });
    const parsed = parseValue(fragment, value.span, { name: key.value, nameSpan, span });
    parameters.push(parsed.parameter);
    found.push(...parsed.problems);
  }
  return { parameters, problems: found };
}
