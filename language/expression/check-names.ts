/** The functions and methods that an expression calls, in conditions and in workflow files: those that do not exist. */

import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import { nearestName } from '../text/nearest.ts';
import type { Span } from '../text/span.ts';
import type { Expression } from './ast.ts';
import { methods } from './names.ts';

/** `functions`: those that may be called here. Spans are offsets into the expression's text. */
export function unknownCall(node: Expression, functions: readonly string[]): Problem | undefined {
  if (node.kind === 'call' && !functions.includes(node.name)) {
    const words = l10n.t('There is no function `{0}` here.', node.name);
    return unknownName('condition/unknown-function', node.name, node.nameSpan, functions, words);
  }
  // What begins with an underscore the parser has refused.
  if (node.kind === 'method' && !Object.hasOwn(methods, node.name) && !node.name.startsWith('_')) {
    const words = l10n.t('There is no method `{0}` here.', node.name);
    return unknownName('condition/unknown-function', node.name, node.nameSpan, Object.keys(methods), words);
  }
  return undefined;
}

/** With the nearest of the known names as a quick fix. */
export function unknownName(
  code: Problem['code'],
  name: string,
  span: Span,
  known: Iterable<string>,
  words: string,
): Problem {
  const near = nearestName(name, known);
  return problem(code, span, words, near ? [replaceFix(l10n.t('Replace with `{0}`', near), span, near)] : []);
}
