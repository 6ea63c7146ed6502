/** The inline form: `#WATCHER key=value key="text" action=call(…)`. */

import { findClose } from '../actions/split.ts';
import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import { Fragment } from '../text/fragment.ts';
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';
import type { PropertyNode, TextNode } from './node.ts';
import { findProperty } from './properties.ts';
import { readPropertyValue } from './read-value.ts';

export interface ParsedProperties {
  readonly properties: readonly PropertyNode[];
  readonly problems: readonly Problem[];
}

/** In `name= action=log()` the value is missing: the blank belongs to what follows. */
const attributeStart = /([A-Za-z_][\w-]*)([ \t]*)=((?:[ \t]+(?=\S)(?![A-Za-z_][\w-]*=(?!=)))?)/y;

/** `span` is what follows `#WATCHER` on its line. */
export function parseInline(document: string, span: Span): ParsedProperties {
  const parser = new InlineParser(document, span);
  parser.parse();
  return parser;
}

class InlineParser implements ParsedProperties {
  readonly properties: PropertyNode[] = [];
  readonly problems: Problem[] = [];
  private readonly document: string;
  private readonly end: number;
  private at: number;
  /** Start of text that belongs to no attribute. */
  private stray: number | undefined;

  constructor(document: string, span: Span) {
    this.document = document;
    this.at = span.start;
    this.end = span.end;
  }

  parse(): void {
    while (this.at < this.end) {
      if (/\s/.test(this.document[this.at] ?? '')) {
        this.at++;
        continue;
      }
      if (this.document[this.at] === '#') {
        this.reportComment();
        break;
      }
      const attribute = this.attributeAt(this.at);
      if (attribute) {
        this.endStray();
        this.parseAttribute(attribute);
      } else {
        this.stray ??= this.at;
        while (this.at < this.end && !/\s/.test(this.document[this.at] ?? '')) this.at++;
      }
    }
    this.endStray();
  }

  private attributeAt(at: number): RegExpExecArray | undefined {
    attributeStart.lastIndex = at;
    const match = attributeStart.exec(this.document);
    if (!match || at + match[0].length > this.end) return undefined;
    // In text that went astray `x == 5` is no attribute; a known key with blanks around its `=` is one.
    if (this.document[at + match[0].length] === '=') return undefined;
    const blanks = match[2] !== '' || match[3] !== '';
    return blanks && !findProperty(match[1] ?? '') ? undefined : match;
  }

  private parseAttribute(match: RegExpExecArray): void {
    const [whole, name = '', before = '', after = ''] = match;
    const start = this.at;
    const nameSpan = { start, end: start + name.length };
    const key = { text: name, span: nameSpan };
    if (before !== '' || after !== '') {
      const blanks = { start: nameSpan.end, end: start + whole.length };
      const fix = replaceFix(l10n.t('Remove the blanks'), blanks, '=');
      this.problems.push(
        problem('watcher/blank-around-equals', blanks, l10n.t('An inline watcher has no blanks around `=`.'), [fix]),
      );
    }
    this.at = start + whole.length;
    const value = this.readValue();
    const info = findProperty(name);
    const read = readPropertyValue(info, value);
    this.problems.push(...read.problems);
    this.properties.push({ key, ...(info && { info }), value: read.value, span: { start, end: this.at } });
  }

  /** A string, a list, a call or a bare word; undefined when there is none. */
  private readValue(): TextNode | Span {
    const start = this.at;
    const char = this.document[start] ?? '';
    if (start >= this.end || /\s/.test(char)) return { start, end: start };
    if (char === '"' || char === "'") return this.readString(start, char);
    const stop = this.bracketedEnd(start) ?? this.bareEnd(start);
    this.at = stop;
    return {
      kind: 'text',
      fragment: Fragment.of(this.document, { start, end: stop }),
      span: { start, end: stop },
      quoted: false,
    };
  }

  /** Strings are raw; the only escape is a backslash before the string's own quote, and it goes. */
  private readString(start: number, mark: string): TextNode {
    const ranges: Span[] = [];
    const whole = Fragment.of(this.document, { start: start + 1, end: this.end });
    let from = start + 1;
    let at = start + 1;
    for (; at < this.end && this.document[at] !== mark; at++) {
      if (this.document[at] !== '\\' || at + 1 >= this.end) continue;
      if (this.document[at + 1] === mark) {
        ranges.push({ start: from, end: at });
        from = at + 1;
      }
      at++;
    }
    if (at >= this.end) return this.readUnclosed(start, mark);
    ranges.push({ start: from, end: at });
    this.at = at + 1;
    const base = start + 1;
    const fragment = whole.pick(ranges.map((range) => ({ start: range.start - base, end: range.end - base })));
    return { kind: 'text', fragment, span: { start, end: this.at }, quoted: true };
  }

  /** A string without its end stops before the next ` key=`. */
  private readUnclosed(start: number, mark: string): TextNode {
    const rest = this.document.slice(start, this.end);
    const next = /\s[A-Za-z_][\w-]*=/.exec(rest);
    const stop = start + rest.slice(0, next?.index).trimEnd().length;
    this.at = stop;
    const fix = replaceFix(l10n.t('Add {0}', mark), { start: stop, end: stop }, mark);
    this.problems.push(
      problem('watcher/unclosed-text', { start, end: start + 1 }, l10n.t('This text is never closed.'), [fix]),
    );
    const fragment = Fragment.of(this.document, { start: Math.min(start + 1, stop), end: stop });
    return { kind: 'text', fragment, span: { start, end: stop }, quoted: true };
  }

  /** The end of a list or call, if it is the whole value; with more text behind its bracket it is a bare word. */
  private bracketedEnd(start: number): number | undefined {
    const opening = /^(?:[A-Za-z_][\w-]*)?[([]/.exec(this.document.slice(start, this.end));
    if (!opening) return undefined;
    const open = start + opening[0].length - 1;
    const close = findClose(this.document, open, this.end);
    if (close === undefined) return this.unclosedEnd(open);
    return close + 1 >= this.end || /\s/.test(this.document[close + 1] ?? '') ? close + 1 : undefined;
  }

  private unclosedEnd(open: number): number {
    const rest = this.document.slice(open, this.end);
    const next = /\s([A-Za-z_][\w-]*)=(?=\S)/.exec(rest);
    const known = findProperty(next?.[1] ?? '') ? next?.index : undefined;
    return open + rest.slice(0, known).trimEnd().length;
  }

  private bareEnd(start: number): number {
    let at = start;
    while (at < this.end && !/\s/.test(this.document[at] ?? '')) at++;
    return at;
  }

  private endStray(): void {
    if (this.stray === undefined) return;
    const source = this.document.slice(this.stray, this.at).trimEnd();
    const span = { start: this.stray, end: this.stray + source.length };
    this.stray = undefined;
    this.reportStray(span);
  }

  private reportStray(span: Span): void {
    const last = this.properties.at(-1);
    const value = last && last.value.kind !== 'missing' ? last.value : undefined;
    const wasQuoted = value?.kind === 'text' && value.quoted;
    if (!last || !value || wasQuoted) {
      const fix = replaceFix(l10n.t('Remove it'), span, '');
      this.problems.push(
        problem('watcher/stray-text', span, l10n.t('This belongs to no property: write `key=value`.'), [fix]),
      );
      return;
    }
    const whole = { start: value.span.start, end: span.end };
    const source = this.document.slice(whole.start, whole.end);
    const mark = source.includes('"') && !source.includes("'") ? "'" : '"';
    const quoted = mark + source.replaceAll(mark, `\\${mark}`) + mark;
    const words = l10n.t('The value of `{0}` ended at the blank: put all of it in quotes.', last.key.text);
    this.problems.push(
      problem('watcher/stray-text', span, words, [replaceFix(l10n.t('Put the value in quotes'), whole, quoted)]),
    );
  }

  private reportComment(): void {
    this.endStray();
    const source = this.document.slice(this.at, this.end).trimEnd();
    const span = { start: this.at, end: this.at + source.length };
    const before = this.document.slice(0, this.at).trimEnd().length;
    const fix = replaceFix(l10n.t('Remove the comment'), { start: before, end: span.end }, '');
    this.problems.push(
      problem('watcher/stray-text', span, l10n.t('An inline watcher takes no comment behind it.'), [fix]),
    );
    this.at = this.end;
  }
}
