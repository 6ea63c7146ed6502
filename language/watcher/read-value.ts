/** Turns the text of a value into the node that its property wants: a text, a list, or actions. */

import { parseAction } from '../actions/parse-action.ts';
import { findClose, splitArguments } from '../actions/split.ts';
import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import type { Fragment } from '../text/fragment.ts';
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';
import type { TextNode, ValueNode } from './node.ts';
import { parseList } from './parse-list.ts';
import type { PropertyInfo } from './properties.ts';

interface ReadValue {
  readonly value: ValueNode;
  readonly problems: readonly Problem[];
}

/** A span instead of a text stands for a missing value. */
export function readPropertyValue(info: PropertyInfo | undefined, value: TextNode | Span): ReadValue {
  if (!('kind' in value)) {
    const span = { start: value.start, end: value.start };
    return {
      value: { kind: 'missing', span },
      problems: [problem('watcher/missing-value', span, l10n.t('A value is missing here.'))],
    };
  }
  switch (info?.type.kind) {
    case 'captures':
    case 'states':
      return { value: { ...parseList(value.fragment), span: value.span }, problems: unclosedList(value.fragment) };
    case 'actions':
      return readActions(value);
    default:
      return { value, problems: [] };
  }
}

function unclosedList(fragment: Fragment): readonly Problem[] {
  const { text } = fragment;
  if (!text.startsWith('[') || text.endsWith(']')) return [];
  const at = fragment.toSpan({ start: text.length, end: text.length });
  const open = fragment.toSpan({ start: 0, end: 1 });
  return [
    problem('watcher/unclosed-list', open, l10n.t('This `[` is never closed.'), [
      replaceFix(l10n.t('Add `]`'), at, ']'),
    ]),
  ];
}

/** One action, or several in brackets. */
function readActions(value: TextNode): ReadValue {
  const { text } = value.fragment;
  const close = text.startsWith('[') ? findClose(text, 0, text.length) : undefined;
  const ranges =
    close === text.length - 1 ? splitArguments(text, { start: 1, end: close }) : [{ start: 0, end: text.length }];
  const parsed = ranges.map((range) => parseAction(value.fragment.slice(range.start, range.end)));
  const items = parsed.map(({ action }) => action);
  return { value: { kind: 'actions', items, span: value.span }, problems: parsed.flatMap(({ problems }) => problems) };
}
