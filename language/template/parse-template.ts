/** Finds the variables in a text: `$name`, `$3`, `${name}`, `${name:-default}`, `${name:+word}`, and `$$`. */
import type { Span } from '../text/span.ts';

export type TemplatePart =
  | { readonly kind: 'text'; readonly span: Span }
  /** `$$`. */
  | { readonly kind: 'dollar'; readonly span: Span }
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly span: Span;
      readonly nameSpan: Span;
      /** Written with braces. */
      readonly braced: boolean;
      /** `:-` gives `word` where the variable is unknown or empty, `:+` where it is not. */
      readonly operator?: ':-' | ':+';
      readonly word: readonly TemplatePart[];
    };

const name = /[A-Za-z_]\w*|\d+/y;

/** Words within words deeper than this are text: nobody writes them. */
const mostNested = 20;

/** The text that is parsed, and where its braces close. */
interface Source {
  readonly text: string;
  /** By the offset of `${`, that of its `}`; absent: it is never closed. */
  readonly closing: ReadonlyMap<number, number>;
}

/** The parts of `text` from `span.start` to `span.end`, one after the other without gaps. */
export function parseTemplate(text: string, span: Span = { start: 0, end: text.length }): readonly TemplatePart[] {
  return parseParts({ text, closing: closingBraces(text, span) }, span, 0);
}

function parseParts(source: Source, span: Span, depth: number): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let from = span.start;
  for (let at = span.start; at < span.end; ) {
    const part = source.text[at] === '$' ? parseDollar(source, at, span.end, depth) : undefined;
    if (!part) {
      at++;
      continue;
    }
    if (at > from) parts.push({ kind: 'text', span: { start: from, end: at } });
    parts.push(part);
    at = part.span.end;
    from = at;
  }
  if (span.end > from) parts.push({ kind: 'text', span: { start: from, end: span.end } });
  return parts;
}

function parseDollar(source: Source, start: number, end: number, depth: number): TemplatePart | undefined {
  const { text } = source;
  if (text[start + 1] === '$' && start + 1 < end) return { kind: 'dollar', span: { start, end: start + 2 } };
  if (text[start + 1] === '{') return parseBraced(source, start, end, depth);
  const found = nameAt(text, start + 1, end);
  if (!found) return undefined;
  const span = { start, end: start + 1 + found.length };
  return {
    kind: 'variable',
    name: found,
    span,
    nameSpan: { start: start + 1, end: span.end },
    braced: false,
    word: [],
  };
}

function parseBraced(source: Source, start: number, end: number, depth: number): TemplatePart | undefined {
  const { text, closing } = source;
  const found = nameAt(text, start + 2, end);
  if (!found) return undefined;
  const nameSpan = { start: start + 2, end: start + 2 + found.length };
  const variable = { kind: 'variable', name: found, nameSpan, braced: true } as const;
  if (text[nameSpan.end] === '}' && nameSpan.end < end) {
    return { ...variable, span: { start, end: nameSpan.end + 1 }, word: [] };
  }
  const operator = text.slice(nameSpan.end, nameSpan.end + 2);
  if (operator !== ':-' && operator !== ':+') return undefined;
  const close = closing.get(start);
  if (close === undefined || close >= end || depth >= mostNested) return undefined;
  const word = parseParts(source, { start: nameSpan.end + 2, end: close }, depth + 1);
  return { ...variable, span: { start, end: close + 1 }, operator, word };
}

function nameAt(text: string, at: number, end: number): string | undefined {
  name.lastIndex = at;
  const found = name.exec(text)?.[0];
  return found !== undefined && at + found.length <= end ? found : undefined;
}

/** Only `${` opens a brace that has to be closed, as in a shell. */
function closingBraces(text: string, { start, end }: Span): ReadonlyMap<number, number> {
  const closing = new Map<number, number>();
  const open: number[] = [];
  for (let at = start; at < end; at++) {
    if (text[at] === '$' && text[at + 1] === '{') {
      open.push(at);
      at++;
    } else if (text[at] === '}') {
      const opener = open.pop();
      if (opener !== undefined) closing.set(opener, at);
    }
  }
  return closing;
}
