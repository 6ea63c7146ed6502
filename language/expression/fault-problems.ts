/** Problems for what the inference of types found: the parts of an expression that always raise, and equalities that never hold. */

import { type Fix, type Problem, problem, replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import type { Expression } from './ast.ts';
import type { Fault, Operand } from './infer.ts';
import { isNumeric, type Kind, typeInWords } from './types.ts';

/** `text` is the expression's; spans are offsets into it. */
export function faultProblem(text: string, fault: Fault): Problem {
  const { operands, span, error } = fault;
  const source = (node: Expression) => text.slice(node.span.start, node.span.end);
  // A number in a text is looked for as text.
  const isMembership = /^(not\s+)?in$/.test(text.slice(span.start, span.end));
  const asNumber = operands && !isMembership ? textAndNumber(operands) : undefined;
  if (asNumber) {
    const written = source(asNumber.node);
    const instead = `float(${written})`;
    const fix = replaceFix(l10n.t('Replace with `{0}`', instead), asNumber.node.span, instead);
    if (fault.kind === 'never-equal') {
      const words = l10n.t('`{0}` is text, which never equals a number. Write `{1}`.', written, instead);
      return problem('condition/never-equal', asNumber.node.span, words, [fix]);
    }
    const words = l10n.t('`{0}` is text: here that is a TypeError in Python. Write `{1}`.', written, instead);
    return problem('condition/text-as-number', asNumber.node.span, words, [fix]);
  }
  const fixes = operands ? literalFixes(operands, source) : [];
  if (fault.kind === 'never-equal') {
    const [left, right] = operands ?? [];
    const words = l10n.t(
      '{0} never equals {1}.',
      capital(left ? typeInWords(left.type) : ''),
      right ? typeInWords(right.type) : '',
    );
    return problem('condition/never-equal', span, words, fixes);
  }
  return problem('condition/always-raises', span, l10n.t('This always raises, in Python too: {0}.', error), fixes);
}

/** The one of two that is a text and is not written out, if the other is a number. */
function textAndNumber([left, right]: readonly [Operand, Operand]): Operand | undefined {
  if (isText(left) && left.type.value === undefined && isNumeric(right.type)) return left;
  return isText(right) && right.type.value === undefined && isNumeric(left.type) ? right : undefined;
}

const textual: ReadonlySet<Kind> = new Set(['str', 'none']);

function isText({ type }: Operand): boolean {
  return type.kinds.has('str') && [...type.kinds].every((kind) => textual.has(kind));
}

/** `float(loss) > "5"`: the number without quotes. `int(step) + "x"`: the number as text. */
function literalFixes(
  [left, right]: readonly [Operand, Operand],
  source: (node: Expression) => string,
): readonly Fix[] {
  const literal = [left, right].find(({ type }) => typeof type.value === 'string');
  const number = literal === left ? right : left;
  if (!literal || !isNumeric(number.type)) return [];
  const text = String(literal.type.value);
  if (/^-?\d+(\.\d+)?$/.test(text)) return [replaceFix(l10n.t('Replace with `{0}`', text), literal.node.span, text)];
  const instead = `str(${source(number.node)})`;
  return [replaceFix(l10n.t('Replace with `{0}`', instead), number.node.span, instead)];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
