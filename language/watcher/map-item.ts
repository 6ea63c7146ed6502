/** An action in its map form: `- type: NAME`, then deeper lines `params: {…}` and `condition: …`. */
import type { ActionNode, ParameterNode } from '../actions/node.ts';
import { parseParameterMap } from '../actions/parse-action.ts';
import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import { Fragment } from '../text/fragment.ts';
import { nearestName } from '../text/nearest.ts';
import type { Span } from '../text/span.ts';
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

  constructor(start: number, column: number) {
    this.start = start;
    this.end = start;
    this.column = column;
  }

  /** `pair` is the key with its colon at the start of `span`. */
  addEntry(document: string, span: Span, pair: RegExpExecArray): readonly Problem[] {
    const [whole, key = ''] = pair;
    this.end = span.end;
    const nameSpan = { start: span.start, end: span.start + key.length };
    const fragment = Fragment.of(document, { start: Math.min(span.start + whole.length, span.end), end: span.end });
    if (!keys.includes(key)) return [unknownKey(key, nameSpan)];
    if (this.seen.has(key)) return [problem('watcher/duplicate-key', nameSpan, `\`${key}\` is given twice.`)];
    this.seen.add(key);
    if (fragment.text === '') return [problem('watcher/missing-value', fragment.span, 'A value is missing here.')];
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

  toAction(): ActionNode {
    const nameSpan = this.name?.span ?? { start: this.start, end: this.start };
    return {
      name: this.name?.text ?? '',
      nameSpan,
      parameters: this.parameters,
      span: { start: this.start, end: this.end },
    };
  }
}

function unknownKey(key: string, span: Span): Problem {
  const near = nearestName(key, keys);
  const fixes = near ? [replaceFix(`Replace with \`${near}\``, span, near)] : [];
  return problem(
    'watcher/unknown-key',
    span,
    `An action has no \`${key}\`: it is \`type\`, \`params\` or \`condition\`.`,
    fixes,
  );
}
