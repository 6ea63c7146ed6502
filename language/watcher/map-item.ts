/** An action in its map form: `- type: NAME`, then deeper lines `params: {…}` and `condition: …`. */

import type { ActionNode, ParameterNode } from '../actions/node.ts';
import { parseParameterMap } from '../actions/parse-action.ts';
import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import { Fragment } from '../text/fragment.ts';
import * as l10n from '../text/l10n.ts';
import { nearestName } from '../text/nearest.ts';
import type { Span } from '../text/span.ts';
import type { TextNode } from './node.ts';
import { unquote } from './parse-list.ts';
import { findProperty } from './properties.ts';
import { unquoteBlockValue } from './unquote.ts';

const keys = ['type', 'params', 'condition'];

export class MapItem {
  /** Of the dash. */
  readonly column: number;
  private readonly start: number;
  private end: number;
  private name: { readonly text: string; readonly span: Span } | undefined;
  private readonly seen = new Set<string>();
  private readonly parameters: ParameterNode[] = [];
  /** `params:` with nothing behind it, and the lines that were meant for it. */
  private open: { readonly place: Span; readonly column: number; readonly entries: OpenEntry[] } | undefined;

  constructor(start: number, column: number) {
    this.start = start;
    this.end = start;
    this.column = column;
  }

  /** `pair` is the key with its colon at the start of `span`. */
  addEntry(document: string, span: Span, pair: RegExpExecArray, column: number): readonly Problem[] {
    const [whole, key = ''] = pair;
    this.end = span.end;
    const nameSpan = { start: span.start, end: span.start + key.length };
    const fragment = Fragment.of(document, { start: Math.min(span.start + whole.length, span.end), end: span.end });
    if (this.open && column > this.open.column) {
      this.open.entries.push({ name: key, nameSpan, value: unquote(fragment), span });
      return [];
    }
    if (!keys.includes(key)) return [unknownKey(key, nameSpan)];
    if (this.seen.has(key)) return [problem('watcher/duplicate-key', nameSpan, l10n.t('`{0}` is given twice.', key))];
    this.seen.add(key);
    if (key === 'params' && fragment.text === '') {
      this.open = { place: { start: nameSpan.end, end: span.end }, column, entries: [] };
      return [];
    }
    if (fragment.text === '')
      return [problem('watcher/missing-value', fragment.span, l10n.t('A value is missing here.'))];
    if (key === 'type') {
      const { fragment: name } = unquote(fragment);
      this.name = { text: name.text, span: name.span };
      return [];
    }
    if (key === 'condition') {
      const { value, problems } = unquoteBlockValue(fragment, findProperty('condition'));
      this.parameters.push({ name: 'condition', nameSpan, value: value.fragment, span });
      return problems;
    }
    const { parameters, problems } = parseParameterMap(fragment);
    this.parameters.push(...parameters);
    return problems;
  }

  /** What is known only when all lines of the item are read. */
  endProblems(document: string): readonly Problem[] {
    if (!this.open) return [];
    const { place, entries } = this.open;
    const last = entries.at(-1);
    if (!last)
      return [
        problem('watcher/missing-value', { start: place.end, end: place.end }, l10n.t('A value is missing here.')),
      ];
    const map = `{${entries.map(({ name, value }) => `${JSON.stringify(name)}: ${literalText(value)}`).join(', ')}}`;
    const whole = { start: place.start, end: last.span.end };
    // A comment or anything else between the lines would be lost.
    const isAll = document.slice(whole.start, whole.end).split('\n').length === entries.length + 1;
    const fixes = isAll ? [replaceFix(l10n.t('Write `params: {0}`', map), whole, `: ${map}`)] : [];
    const words = l10n.t('Parameters are written on the line of `params`, as a map: `params: {0}`.', map);
    const first = entries[0] ?? last;
    return [problem('watcher/malformed-line', { start: first.span.start, end: last.span.end }, words, fixes)];
  }

  toAction(): ActionNode {
    const meant = (this.open?.entries ?? []).map(({ name, nameSpan, value, span }): ParameterNode => {
      const literal = {
        kind: 'literal',
        value: value.fragment.text,
        span: { start: 0, end: value.fragment.text.length },
      } as const;
      return { name, nameSpan, value: value.fragment, span, literal };
    });
    const nameSpan = this.name?.span ?? { start: this.start, end: this.start };
    return {
      name: this.name?.text ?? '',
      nameSpan,
      parameters: [...this.parameters, ...meant],
      span: { start: this.start, end: this.end },
    };
  }
}

interface OpenEntry {
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: TextNode;
  readonly span: Span;
}

/** A value of YAML as Python writes it. */
function literalText({ fragment, quoted }: TextNode): string {
  const { text } = fragment;
  if (!quoted && /^-?\d+(\.\d+)?$/.test(text)) return text;
  if (!quoted && /^(true|false)$/i.test(text)) return /^t/i.test(text) ? 'True' : 'False';
  return JSON.stringify(text);
}

function unknownKey(key: string, span: Span): Problem {
  const near = nearestName(key, keys);
  const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), span, near)] : [];
  return problem(
    'watcher/unknown-key',
    span,
    l10n.t('An action has no `{0}`: it is `type`, `params` or `condition`.', key),
    fixes,
  );
}
