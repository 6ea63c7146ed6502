/** Splits the rest of a directive line into words, by the rules of sbatch: quotes, backslashes, and `#` for a comment. */
import type { Span } from '../text/span.ts';

export interface Word {
  /** Quotes and backslashes removed. */
  readonly text: string;
  readonly span: Span;
  /** For each character of `text`, its offset in the document. */
  readonly offsets: readonly number[];
}

export interface Words {
  readonly words: readonly Word[];
  /** A quote that is never closed, which sbatch refuses. */
  readonly openQuote?: Span;
}

/** `span` is what follows the directive's prefix on the line. */
export function splitWords(document: string, span: Span): Words {
  const words: Word[] = [];
  for (let at = span.start; at < span.end; ) {
    const char = document[at] ?? '';
    if (/\s/.test(char)) at++;
    else if (char === '#') break;
    else {
      const { word, openQuote } = readWord(document, at, span.end);
      words.push(word);
      if (openQuote) return { words, openQuote };
      at = word.span.end;
    }
  }
  return { words };
}

function readWord(document: string, start: number, end: number): { readonly word: Word; readonly openQuote?: Span } {
  const offsets: number[] = [];
  let text = '';
  let quote: { readonly mark: string; readonly at: number } | undefined;
  let at = start;
  for (; at < end; at++) {
    let char = document[at] ?? '';
    if (char === '\\' && at + 1 < end) char = document[++at] ?? '';
    else if (quote) {
      if (char === quote.mark) {
        quote = undefined;
        continue;
      }
    } else if (char === '"' || char === "'") {
      quote = { mark: char, at };
      continue;
    } else if (/\s/.test(char) || char === '#') break;
    text += char;
    offsets.push(at);
  }
  const word = { text, span: { start, end: at }, offsets };
  return quote ? { word, openQuote: { start: quote.at, end: quote.at + 1 } } : { word };
}
