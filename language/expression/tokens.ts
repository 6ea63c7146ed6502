/** The lexer of conditions. Total: what is no token becomes a `bad` one. */
import type { Span } from '../text/span.ts';

export interface StringToken extends Span {
  readonly kind: 'string';
  /** Lower-case, e.g. `rf`. */
  readonly prefix: string;
  /** What stands between the quotes. */
  readonly body: Span;
  readonly closed: boolean;
}

export type Token =
  | (Span & { readonly kind: 'number' | 'name' | 'operator' | 'bad' | 'end'; readonly text: string })
  | (StringToken & { readonly text: string });

const number =
  /(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*)?\.?(?:\d(?:_?\d)*)?(?:[eE][+-]?\d(?:_?\d)*)?)[\w.]*/y;
const name = /[\p{ID_Start}_]\p{ID_Continue}*/uy;
const string = /([a-zA-Z]{0,2})("""|'''|"|')/y;
const operator =
  /\*\*=?|\/\/=?|<<=?|>>=?|<=|>=|==|!=|<>|:=|->|&&|\|\||\.\.\.|[+\-*/%@&|^]=|[-+*/%@&|^~<>()[\]{},:.;=!?$\\`]/y;

/** Ends with an `end` token at `end`. */
export function tokenize(text: string, start = 0, end = text.length): readonly Token[] {
  const tokens: Token[] = [];
  let at = start;
  for (;;) {
    while (at < end && /\s/.test(text[at] ?? '')) at++;
    if (at >= end) {
      tokens.push({ kind: 'end', text: '', start: end, end });
      return tokens;
    }
    const token = readToken(text, at, end);
    tokens.push(token);
    at = token.end;
  }
}

function readToken(text: string, at: number, end: number): Token {
  const opening = matchAt(string, text, at, end);
  if (opening) return readString(text, at, end, opening[1] ?? '', opening[2] ?? '"');
  const char = text[at] ?? '';
  const isNumber = /\d/.test(char) || (char === '.' && /\d/.test(text[at + 1] ?? ''));
  if (isNumber) return plain('number', text, at, matchAt(number, text, at, end)?.[0] ?? char);
  const word = matchAt(name, text, at, end);
  if (word) return plain('name', text, at, word[0]);
  const symbol = matchAt(operator, text, at, end);
  if (symbol) return plain('operator', text, at, symbol[0]);
  return plain('bad', text, at, String.fromCodePoint(text.codePointAt(at) ?? 0));
}

function plain(kind: 'number' | 'name' | 'operator' | 'bad', source: string, start: number, text: string): Token {
  return { kind, text: source.slice(start, start + text.length), start, end: start + text.length };
}

function readString(text: string, start: number, end: number, prefix: string, quote: string): Token {
  const bodyStart = start + prefix.length + quote.length;
  let at = bodyStart;
  while (at < end && !text.startsWith(quote, at)) at += text[at] === '\\' ? 2 : 1;
  const bodyEnd = Math.min(at, end);
  const closed = bodyEnd + quote.length <= end && text.startsWith(quote, bodyEnd);
  const tokenEnd = closed ? bodyEnd + quote.length : end;
  const body = { start: bodyStart, end: closed ? bodyEnd : end };
  return {
    kind: 'string',
    text: text.slice(start, tokenEnd),
    prefix: prefix.toLowerCase(),
    body,
    closed,
    start,
    end: tokenEnd,
  };
}

function matchAt(pattern: RegExp, text: string, at: number, end: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  return match && match[0] !== '' && at + match[0].length <= end ? match : undefined;
}
