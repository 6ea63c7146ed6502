/** YAML as a plain tree with places, whatever the text is; the only file that knows the YAML library. */

import { isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { type Problem, problem } from '../problem/problem.ts';
import { Fragment } from '../text/fragment.ts';
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';

export interface YamlScalar {
  readonly kind: 'scalar';
  /** null too where nothing is written: then the span is empty. */
  readonly value: string | number | boolean | null;
  /** As it is written, without quotes and their escapes. */
  readonly fragment: Fragment;
  readonly span: Span;
}

export interface YamlPair {
  readonly key: YamlScalar;
  readonly name: string;
  readonly value: YamlNode;
}

export interface YamlMap {
  readonly kind: 'map';
  readonly pairs: readonly YamlPair[];
  readonly span: Span;
}

export interface YamlList {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
  readonly span: Span;
}

/** What cannot be read; a problem says why. */
export interface YamlUnread {
  readonly kind: 'unread';
  readonly span: Span;
}

export type YamlNode = YamlScalar | YamlMap | YamlList | YamlUnread;

export interface YamlTree {
  readonly root?: YamlNode;
  readonly problems: readonly Problem[];
}

/** Total: never throws. */
export function parseYaml(text: string): YamlTree {
  try {
    return new TreeBuilder(text).build();
  } catch (error) {
    // The library recurses; deeply nested brackets use up the stack.
    if (!(error instanceof RangeError)) throw error;
    const words = l10n.t('The brackets or blocks are nested too deeply to be read.');
    return { problems: [problem('workflow/yaml', { start: 0, end: Math.min(1, text.length) }, words)] };
  }
}

class TreeBuilder {
  private readonly text: string;
  private readonly problems: Problem[] = [];

  constructor(text: string) {
    this.text = text;
  }

  build(): YamlTree {
    const parsed = parseDocument(this.text, { prettyErrors: false, uniqueKeys: false, logLevel: 'silent' });
    for (const found of parsed.errors) this.problems.push(this.syntaxProblem(found));
    const root = parsed.contents === null ? undefined : this.convert(parsed.contents, { start: 0, end: 0 });
    return { ...(root && { root }), problems: this.problems };
  }

  private syntaxProblem(found: { readonly message: string; readonly pos: readonly [number, number] }): Problem {
    const end = this.text.length;
    const start = Math.min(found.pos[0], end);
    const span = { start, end: Math.min(Math.max(found.pos[1], start), end) };
    const message = found.message.endsWith('.') ? found.message : `${found.message}.`;
    return problem('workflow/yaml', span, l10n.t('This is not valid YAML: {0}', message));
  }

  private convert(node: unknown, near: Span): YamlNode {
    if (isScalar(node)) return this.convertScalar(node, near);
    if (isMap(node)) {
      const span = this.span(node.range, near);
      const pairs = node.items.flatMap(({ key, value }) => this.convertPair(key, value, span));
      // Of broken text the library's range may begin behind the first key.
      const start = Math.min(span.start, pairs[0]?.key.span.start ?? span.start);
      return { kind: 'map', pairs, span: { start, end: span.end } };
    }
    if (isSeq(node)) {
      const span = this.span(node.range, near);
      return { kind: 'list', items: node.items.map((item) => this.convert(item, span)), span };
    }
    if (isAlias(node)) {
      const span = this.span(node.range, near);
      this.problems.push(problem('workflow/not-supported', span, l10n.t('Workflow files have no aliases (`*name`).')));
      return { kind: 'unread', span };
    }
    return this.missing(near);
  }

  private convertPair(key: unknown, value: unknown, near: Span): readonly YamlPair[] {
    const name = this.convert(key, near);
    if (name.kind === 'unread') return [];
    if (name.kind !== 'scalar') {
      this.problems.push(problem('workflow/not-supported', name.span, l10n.t('A key is a text, not a list or a map.')));
      return [];
    }
    const at = { start: name.span.end, end: name.span.end };
    // `on`, `1` and `null` are keys as they are written.
    return [{ key: name, name: name.fragment.text, value: this.convert(value, at) }];
  }

  private convertScalar(
    node: { readonly value: unknown; readonly type?: string; readonly range?: readonly number[] | null | undefined },
    near: Span,
  ): YamlScalar {
    const span = this.span(node.range, near);
    const { value } = node;
    const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
    return { kind: 'scalar', value: plain, fragment: this.fragment(span, node.type), span };
  }

  private fragment(span: Span, type: string | undefined): Fragment {
    if (type === 'QUOTE_DOUBLE') return this.unquote(span, '"', /\\["\\/]/g);
    if (type === 'QUOTE_SINGLE') return this.unquote(span, "'", /''/g);
    if (type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED') {
      const header = this.text.indexOf('\n', span.start);
      return Fragment.of(this.text, { start: header < 0 ? span.end : Math.min(header + 1, span.end), end: span.end });
    }
    return Fragment.of(this.text, span);
  }

  /** Without the quotes, and without the first character of each `escaped`. */
  private unquote(span: Span, quote: string, escaped: RegExp): Fragment {
    const start = Math.min(span.start + 1, span.end);
    const closed = span.end - start >= 1 && this.text[span.end - 1] === quote;
    const body = Fragment.of(this.text, { start, end: closed ? span.end - 1 : span.end });
    const ranges: Span[] = [];
    let from = 0;
    for (const { index } of body.text.matchAll(escaped)) {
      ranges.push({ start: from, end: index });
      from = index + 1;
    }
    return body.pick([...ranges, { start: from, end: body.text.length }]);
  }

  private missing(near: Span): YamlScalar {
    const span = { start: near.start, end: near.start };
    return { kind: 'scalar', value: null, fragment: Fragment.of(this.text, span), span };
  }

  private span(range: readonly number[] | null | undefined, near: Span): Span {
    const end = this.text.length;
    const start = Math.min(range?.[0] ?? near.start, end);
    return { start, end: Math.min(Math.max(range?.[1] ?? start, start), end) };
  }
}

export function findPair(map: YamlMap, name: string): YamlPair | undefined {
  return map.pairs.find((pair) => pair.name === name);
}

/** Is there no value at all? */
export function isMissing(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === null && node.span.start === node.span.end;
}
