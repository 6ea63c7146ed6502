/** The block form: lines of `# key: value` and `#   - item` between `#WATCHER_BEGIN` and `#WATCHER_END`. */

import type { ActionNode } from '../actions/node.ts';
import { parseAction } from '../actions/parse-action.ts';
import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import { Fragment } from '../text/fragment.ts';
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';
import { MapItem } from './map-item.ts';
import type { NameNode, PropertyNode, TextNode } from './node.ts';
import type { ParsedProperties } from './parse-inline.ts';
import { unquote } from './parse-list.ts';
import { findProperty, type PropertyInfo } from './properties.ts';
import { readPropertyValue } from './read-value.ts';
import { unquoteBlockValue } from './unquote.ts';

/** `lines` are those between BEGIN and END that are comments. */
export function parseBlock(document: string, lines: readonly Span[]): ParsedProperties {
  const parser = new BlockParser(document);
  for (const line of lines) parser.readLine(line);
  parser.endList();
  return parser;
}

/** A key without a value on its line: `- item` lines follow. */
interface OpenList {
  readonly key: NameNode;
  readonly info: PropertyInfo | undefined;
  readonly items: Fragment[];
  readonly actions: ActionNode[];
  /** Where a value would stand. */
  readonly valueSpan: Span;
  readonly lines: Span[];
  end: number;
}

class BlockParser implements ParsedProperties {
  readonly properties: PropertyNode[] = [];
  readonly problems: Problem[] = [];
  private readonly document: string;
  private list: OpenList | undefined;
  private mapItem: MapItem | undefined;

  constructor(document: string) {
    this.document = document;
  }

  readLine(line: Span): void {
    const source = this.document.slice(line.start, line.end);
    const lead = /^\s*#\s*/.exec(source)?.[0].length ?? 0;
    const content = this.document.slice(line.start + lead, line.end).trimEnd();
    // `#` alone is a blank line, `# # text` a comment.
    if (content === '' || content.startsWith('#')) return;
    const span = { start: line.start + lead, end: line.start + lead + content.length };
    const column = lead;
    const whole = withBreak(this.document, line);
    const pair = /^([A-Za-z_][\w-]*)[ \t]*:[ \t]*/.exec(content);
    if (this.mapItem && pair && column > this.mapItem.column) {
      this.list?.lines.push(whole);
      this.problems.push(...this.mapItem.addEntry(this.document, span, pair, column));
      return;
    }
    if (/^-(\s|$)/.test(content)) this.readItem(span, whole, column);
    else if (pair) this.readPair(span, whole, pair);
    else this.reportMalformed(span, content);
  }

  endList(): void {
    this.endMapItem();
    const { list } = this;
    this.list = undefined;
    if (!list) return;
    const { key, info, lines } = list;
    const base = { key, ...(info && { info }), span: { start: key.span.start, end: list.end }, lines };
    if (list.items.length + list.actions.length === 0) {
      const { value, problems } = readPropertyValue(info, list.valueSpan);
      this.problems.push(...problems);
      this.properties.push({ ...base, value });
      return;
    }
    const valueSpan = { start: list.items[0]?.span.start ?? list.actions[0]?.span.start ?? list.end, end: list.end };
    if (info?.type.kind === 'actions') {
      this.properties.push({ ...base, value: { kind: 'actions', items: list.actions, span: valueSpan } });
      return;
    }
    const items = list.items.map(unquote);
    this.properties.push({ ...base, value: { kind: 'list', items, span: valueSpan } });
    if (info && info.type.kind !== 'captures' && info.type.kind !== 'states') {
      this.problems.push(
        problem('watcher/wrong-type', valueSpan, l10n.t('`{0}` takes one value, not a list.', key.text)),
      );
    }
  }

  private endMapItem(): void {
    if (!this.mapItem) return;
    this.problems.push(...this.mapItem.endProblems(this.document));
    this.list?.actions.push(this.mapItem.toAction());
    this.mapItem = undefined;
  }

  private readPair(span: Span, line: Span, pair: RegExpExecArray): void {
    this.endList();
    const [whole, name = ''] = pair;
    const key = { text: name, span: { start: span.start, end: span.start + name.length } };
    const info = findProperty(name);
    const valueStart = span.start + whole.length;
    if (valueStart >= span.end) {
      const at = this.document.indexOf(':', key.span.end) + 1;
      const valueSpan = { start: at, end: at };
      this.list = { key, info, items: [], actions: [], valueSpan, lines: [line], end: span.end };
      return;
    }
    const fragment = Fragment.of(this.document, { start: valueStart, end: span.end });
    const unquoted = unquoteBlockValue(fragment, info);
    const read = readPropertyValue(info, unquoted.value);
    this.problems.push(...unquoted.problems, ...read.problems);
    this.properties.push({ key, ...(info && { info }), value: read.value, span, lines: [line] });
  }

  private readItem(span: Span, line: Span, column: number): void {
    this.endMapItem();
    const dash = /^-[ \t]*/.exec(this.document.slice(span.start, span.end))?.[0].length ?? 1;
    const fragment = Fragment.of(this.document, { start: Math.min(span.start + dash, span.end), end: span.end });
    const { list } = this;
    if (!list) {
      const words = l10n.t(
        'This item belongs to no list: a key without a value, such as `actions:`, must stand before it.',
      );
      this.problems.push(problem('watcher/stray-item', span, words));
      return;
    }
    list.end = span.end;
    list.lines.push(line);
    if (list.info?.type.kind !== 'actions') {
      list.items.push(fragment);
      return;
    }
    const pair = /^([A-Za-z_][\w-]*)[ \t]*:(?:[ \t]+|$)/.exec(fragment.text);
    if (pair) {
      this.mapItem = new MapItem(fragment.span.start, column);
      this.problems.push(...this.mapItem.addEntry(this.document, fragment.span, pair, column + dash));
      return;
    }
    this.addAction(list, unquote(fragment));
  }

  private addAction(list: OpenList, item: TextNode): void {
    const { action, problems } = parseAction(item.fragment);
    if (action.name === '' && problems.length === 0) {
      this.problems.push(problem('watcher/missing-value', action.span, l10n.t('An action is missing here.')));
    }
    this.problems.push(...problems);
    list.actions.push(action);
  }

  private reportMalformed(span: Span, content: string): void {
    const dash = /^-(?=[A-Za-z_"'])/.exec(content);
    const equals = /^([A-Za-z_][\w-]*)\s*=\s*/.exec(content);
    if (dash) {
      const at = { start: span.start, end: span.start + 1 };
      const fix = replaceFix(l10n.t('Add a blank'), at, '- ');
      this.problems.push(
        problem('watcher/malformed-line', span, l10n.t('A blank must follow the dash of an item.'), [fix]),
      );
    } else if (equals && findProperty(equals[1] ?? '')) {
      const at = { start: span.start + (equals[1] ?? '').length, end: span.start + equals[0].length };
      const fix = replaceFix(l10n.t('Replace with `: `'), at, ': ');
      this.problems.push(
        problem('watcher/malformed-line', span, l10n.t('In a block a property is written `key: value`.'), [fix]),
      );
    } else {
      const words = l10n.t('In a block each line is `key: value` or `- item`; a comment is written `# # text`.');
      const fix = replaceFix(l10n.t('Make it a comment'), { start: span.start, end: span.start }, '# ');
      this.problems.push(problem('watcher/malformed-line', span, words, [fix]));
    }
  }
}

function withBreak(document: string, { start, end }: Span): Span {
  const lineBreak = /^\r?\n/.exec(document.slice(end, end + 2))?.[0] ?? '';
  return { start, end: end + lineBreak.length };
}
