/** A pattern in words, part by part, for people: what hover shows. */
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';
import type { Assertion, Category, PatternFlags, PatternNode, SetItem } from './ast.ts';
import { parsePattern } from './parse.ts';

export interface Explanation {
  /** Offsets into the pattern. */
  readonly span: Span;
  readonly words: string;
  /** Of a group, a repeat of a group, or alternatives. */
  readonly parts: readonly Explanation[];
}

/** The parts of a pattern in their order; none of one that is broken or refused. */
export function explainPattern(source: string): readonly Explanation[] {
  const { root } = parsePattern(source);
  if (!root) return [];
  const flags = /^\(\?([aiLmsux]+)\)/.exec(source);
  const parts = partsOf(root, source);
  if (!flags) return parts;
  const span = { start: 0, end: flags[0].length };
  return [{ span, words: flagWords(flags[1] ?? ''), parts: [] }, ...behind(parts, span.end)];
}

/** In the tree alternatives begin with the flags for the whole pattern. */
function behind(parts: readonly Explanation[], start: number): readonly Explanation[] {
  return parts.map(({ span, words, parts: inner }) => ({
    span: { start: Math.max(span.start, start), end: Math.max(span.end, start) },
    words,
    parts: behind(inner, start),
  }));
}

/** The innermost part at `offset`, which may be that at its right edge. */
export function explanationAt(parts: readonly Explanation[], offset: number): Explanation | undefined {
  const part =
    parts.find(({ span }) => span.start <= offset && offset < span.end) ??
    parts.find(({ span }) => span.end === offset);
  return part && (explanationAt(part.parts, offset) ?? part);
}

function partsOf(node: PatternNode, source: string): readonly Explanation[] {
  if (node.kind !== 'sequence') return [explain(node, source)];
  const parts: Explanation[] = [];
  for (let at = 0; at < node.items.length; ) {
    const run = literalRun(node.items, at);
    const [first] = run;
    const item = node.items[at];
    if (first && run.length > 1) {
      const last = run.at(-1) ?? first;
      const span = { start: first.span.start, end: last.span.end };
      parts.push({
        span,
        words: literalWords(
          run.map(({ char }) => char),
          first.flags,
        ),
        parts: [],
      });
    } else if (item) parts.push(explain(item, source));
    at += Math.max(run.length, 1);
  }
  return parts;
}

interface Literal {
  readonly char: number;
  readonly flags: PatternFlags;
  readonly span: Span;
}

/** Characters that stand for themselves, one after the other. */
function literalRun(items: readonly PatternNode[], from: number): readonly Literal[] {
  const run: Literal[] = [];
  for (const item of items.slice(from)) {
    const literal = asLiteral(item);
    if (!literal || (run[0] && run[0].flags.ignoreCase !== literal.flags.ignoreCase)) break;
    run.push(literal);
  }
  return run;
}

function asLiteral(node: PatternNode): Literal | undefined {
  if (node.kind !== 'set' || node.negated) return undefined;
  const [item, other] = node.items;
  if (item?.kind !== 'char' || other) return undefined;
  return { char: item.char, flags: node.flags, span: node.span };
}

function explain(node: PatternNode, source: string): Explanation {
  const plain = (words: string): Explanation => ({ span: node.span, words, parts: [] });
  switch (node.kind) {
    case 'set': {
      const literal = asLiteral(node);
      return plain(literal ? literalWords([literal.char], literal.flags) : setWords(node));
    }
    case 'any':
      return plain(node.flags.dotAll ? l10n.t('any character') : l10n.t('any character but a line break'));
    case 'assertion':
      return plain(assertionWords[node.assertion]());
    case 'refused':
      return plain(l10n.t('not supported here'));
    case 'sequence':
      return { span: node.span, words: l10n.t('one after the other'), parts: partsOf(node, source) };
    case 'branch':
      return {
        span: node.span,
        words: l10n.t('one of {0} alternatives', node.options.length),
        parts: alternatives(node, source),
      };
    case 'group':
      return { span: node.span, words: groupWords(node), parts: partsOf(node.body, source) };
    case 'repeat':
      return explainRepeat(node, source);
  }
}

function alternatives(node: PatternNode & { kind: 'branch' }, source: string): readonly Explanation[] {
  return node.options.map((option) => {
    const parts = partsOf(option, source);
    const [only] = parts;
    if (parts.length === 0) return { span: option.span, words: l10n.t('nothing'), parts };
    return only && parts.length === 1 ? only : { span: option.span, words: l10n.t('one after the other'), parts };
  });
}

function groupWords({ index, name }: PatternNode & { kind: 'group' }): string {
  if (index === undefined) return l10n.t('a group that captures nothing');
  return name === undefined ? l10n.t('group {0}', index) : l10n.t('group {0}, captured as `{1}`', index, name);
}

function explainRepeat(node: PatternNode & { kind: 'repeat' }, source: string): Explanation {
  const { span } = node;
  const inner = explain(node.body, source);
  return { span, words: `${inner.words}; ${countWords(node)}`, parts: inner.parts };
}

function countWords({ min, max, greedy }: PatternNode & { kind: 'repeat' }): string {
  if (min === max) return timesWords(min);
  const words = rangeWords(min, max);
  return greedy ? words : l10n.t('{0}, as few as possible', words);
}

function rangeWords(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) {
    return min === 0 ? l10n.t('any number of times or not at all') : l10n.t('{0} or more', timesWords(min));
  }
  return min === 0 && max === 1 ? l10n.t('once or not at all') : l10n.t('{0} to {1} times', min, max);
}

function timesWords(count: number): string {
  return count === 1 ? l10n.t('once') : l10n.t('{0} times', count);
}

function literalWords(chars: readonly number[], flags: PatternFlags): string {
  const text = String.fromCodePoint(...chars);
  const words = l10n.t('the text {0}', quote(text));
  return flags.ignoreCase && text.toLowerCase() !== text.toUpperCase()
    ? l10n.t('{0}, in upper or lower case', words)
    : words;
}

function setWords({ items, negated, flags }: PatternNode & { kind: 'set' }): string {
  const words = items.map((item) => itemWords(item, flags));
  const [only] = words;
  if (only !== undefined && words.length === 1 && items[0]?.kind === 'category' && !negated) return only;
  const all = words.join(', ');
  return negated ? l10n.t('a character that is none of: {0}', all) : l10n.t('a character that is one of: {0}', all);
}

function itemWords(item: SetItem, flags: PatternFlags): string {
  if (item.kind === 'char') return quote(String.fromCodePoint(item.char));
  if (item.kind === 'range')
    return l10n.t('{0} to {1}', quote(String.fromCodePoint(item.from)), quote(String.fromCodePoint(item.to)));
  const words = categoryWords[item.category]();
  return flags.ascii ? l10n.t('{0} (ASCII only)', words) : words;
}

const categoryWords: { readonly [category in Category]: l10n.LaterText } = {
  digit: l10n.later('a digit'),
  'not-digit': l10n.later('anything but a digit'),
  space: l10n.later('white space'),
  'not-space': l10n.later('anything but white space'),
  word: l10n.later('a letter, a digit or `_`'),
  'not-word': l10n.later('anything but a letter, a digit or `_`'),
};

const assertionWords: { readonly [assertion in Assertion]: l10n.LaterText } = {
  'line-start': l10n.later('here a line starts'),
  'line-end': l10n.later('here a line ends'),
  'text-start': l10n.later('here the line starts'),
  'text-end-or-last-line': l10n.later('here the line ends'),
  'text-end': l10n.later('here the line ends'),
  boundary: l10n.later('here a word starts or ends'),
  'not-boundary': l10n.later('here no word starts or ends'),
};

const flagMeanings: { readonly [flag: string]: l10n.LaterText } = {
  a: l10n.later('`\\d`, `\\w`, `\\s` are ASCII only'),
  i: l10n.later('upper and lower case are the same'),
  m: l10n.later('`^` and `$` stand for each line'),
  s: l10n.later('`.` is a line break too'),
  x: l10n.later('white space and `#` comments in the pattern do not count'),
};

function flagWords(flags: string): string {
  const meanings = [...new Set(flags)].flatMap((flag) => flagMeanings[flag]?.() ?? []);
  return meanings.length > 0
    ? l10n.t('for the whole pattern: {0}', meanings.join('; '))
    : l10n.t('for the whole pattern: nothing new');
}

const names: { readonly [char: string]: l10n.LaterText } = {
  ' ': l10n.later('a blank'),
  '\t': l10n.later('a tabulator'),
  '\n': l10n.later('a line feed'),
  '\r': l10n.later('a carriage return'),
};

/** As Markdown. Text of the script is data: nothing in it is to be read as Markdown. */
function quote(text: string): string {
  const name = names[text];
  if (name !== undefined) return name();
  const shown = text.replace(/\p{C}/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
  const ticks = shown.includes('`') ? '``' : '`';
  const padding = /^`|`$|^ .* $/.test(shown) ? ' ' : '';
  return `${ticks}${padding}${shown}${padding}${ticks}`;
}
