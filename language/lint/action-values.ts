/** Checks of values inside of actions: keys given twice, modifications that the scheduler would refuse, metrics that are no numbers. */

import { findAction } from '../actions/catalogue.ts';
import { literalValue } from '../actions/literal.ts';
import type { ActionNode, ParameterNode } from '../actions/node.ts';
import { findLongOption, findShortOption } from '../directives/option-lookup.ts';
import { isPlaceholder } from '../directives/placeholder.ts';
import { parseTimeLimit } from '../directives/values.ts';
import { type Expression, walk } from '../expression/ast.ts';
import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';
import { parseDuration } from '../watcher/read-scalar.ts';

/** `captures`: the names that the watcher's pattern binds. */
export function checkActionValues(node: ActionNode, captures: readonly string[]): readonly Problem[] {
  const info = findAction(node.name);
  return node.parameters.flatMap((parameter) => {
    if (!parameter.literal) return bareMetric(info?.name, parameter, captures);
    const doubled = doubledKeys(parameter, parameter.literal);
    if (info?.name === 'resubmit' && parameter.name === 'modifications') {
      return [...doubled, ...modifications(parameter, parameter.literal)];
    }
    return [...doubled, ...quotedMetric(info?.name, parameter, captures)];
  });
}

/** Python takes the last one; nobody means that. */
function doubledKeys(parameter: ParameterNode, literal: Expression): readonly Problem[] {
  const problems: Problem[] = [];
  walk(literal, (node) => {
    if (node.kind !== 'dict') return;
    const seen = new Set<string>();
    for (const { key } of node.entries) {
      const name = key.kind === 'literal' ? String(key.value) : undefined;
      if (name !== undefined && seen.has(name)) {
        const span = parameter.value.toSpan(key.span);
        problems.push(problem('action/duplicate-parameter', span, l10n.t('The key `{0}` is given twice.', name)));
      }
      if (name !== undefined) seen.add(name);
    }
  });
  return problems;
}

function modifications(parameter: ParameterNode, literal: Expression): readonly Problem[] {
  if (literal.kind !== 'dict') return [];
  return literal.entries.flatMap(({ key, value }) => {
    const name = key.kind === 'literal' ? String(key.value).replace(/^--?/, '') : '';
    const info = name.length === 1 ? findShortOption(name) : findLongOption(name.replaceAll('_', '-'));
    const written = literalValue(value);
    if (!info || (typeof written !== 'string' && typeof written !== 'number')) return [];
    const text = String(written);
    const span = parameter.value.toSpan(value.span);
    if (text.includes('$') || isPlaceholder(text)) return [];
    const words = /^\s*[*+]/.test(text) ? relativeIssue(info.name, text) : info.form?.check(text)[0]?.message;
    return words === undefined ? [] : [problem('action/wrong-type', span, `\`${name}\`: ${words}`)];
  });
}

const times = new Set(['time', 'time-min']);

/** `*2`, `+8G`, `+2h`: a factor, or an amount of what the option counts. */
function relativeIssue(option: string, text: string): string | undefined {
  const [, sign, amount = ''] = /^\s*([*+])\s*(\S+)\s*$/.exec(text) ?? [];
  const isFactor = sign === '*' && /^\d+(\.\d+)?$/.test(amount) && Number(amount) > 0;
  const isTime = parseTimeLimit(amount) !== undefined || parseDuration(amount) !== undefined;
  const isAmount = sign === '+' && (times.has(option) ? isTime : /^\d+(\.\d+)?[KMGT]?B?$/i.test(amount));
  if (isFactor || isAmount) return undefined;
  const example = times.has(option) ? '+2h' : '+8G';
  return l10n.t('a relative value is a factor or an amount, `"*2"` or `"{0}"`.', example);
}

/** `store_metric(value=loss)`: text, which is no number. */
function bareMetric(
  action: string | undefined,
  parameter: ParameterNode,
  captures: readonly string[],
): readonly Problem[] {
  if (action !== 'store_metric' || parameter.name !== 'value') return [];
  return notANumber(parameter.value.text.trim(), parameter.value.span, captures);
}

function quotedMetric(
  action: string | undefined,
  parameter: ParameterNode,
  captures: readonly string[],
): readonly Problem[] {
  const written = parameter.literal && literalValue(parameter.literal);
  if (action !== 'store_metric' || parameter.name !== 'value' || typeof written !== 'string') return [];
  return notANumber(written.trim(), parameter.value.span, captures);
}

function notANumber(text: string, span: Span, captures: readonly string[]): readonly Problem[] {
  if (text === '' || text.includes('$') || Number.isFinite(Number(text)) || /^[+-]?(inf(inity)?|nan)$/i.test(text))
    return [];
  const isCapture = captures.includes(text);
  const fixes = isCapture ? [replaceFix(l10n.t('Replace with `"${{0}}"`', text), span, `"\${${text}}"`)] : [];
  const words = isCapture
    ? l10n.t('`value` takes a number: the capture is written `"${{0}}"`.', text)
    : l10n.t('`value` takes a number, or a text with a variable that is one, `"${loss}"`.');
  return [problem('action/wrong-type', span, words, fixes)];
}
