/** Brackets and commas of an action's arguments, with strings respected. */
import type { Span } from '../text/span.ts';

/** Calls `visit` for each character outside of strings, with the depth of brackets before it; stops when it gives true. */
function scan(
  text: string,
  from: number,
  end: number,
  visit: (char: string, at: number, depth: number) => boolean,
): number | undefined {
  let depth = 0;
  for (let at = from; at < end; at++) {
    const char = text[at] ?? '';
    if (char === '"' || char === "'") {
      at = stringEnd(text, at, end);
      continue;
    }
    if (visit(char, at, depth)) return at;
    if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth = Math.max(0, depth - 1);
  }
  return undefined;
}

/** Offset of the quote that closes the one at `start`; the last offset when there is none. */
function stringEnd(text: string, start: number, end: number): number {
  for (let at = start + 1; at < end; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === text[start]) return at;
  }
  return end - 1;
}

/** Offset of the bracket that closes the one at `open`. */
export function findClose(text: string, open: number, end: number): number | undefined {
  return scan(text, open + 1, end, (char, _at, depth) => depth === 0 && ')]}'.includes(char));
}

/** The arguments between commas, without blanks around them; empty ones are left out. */
export function splitArguments(text: string, inside: Span): readonly Span[] {
  const parts: Span[] = [];
  let from = inside.start;
  const add = (to: number) => {
    const source = text.slice(from, to);
    const start = from + source.length - source.trimStart().length;
    const end = from + source.trimEnd().length;
    if (start < end) parts.push({ start, end });
    from = to + 1;
  };
  scan(text, inside.start, inside.end, (char, at, depth) => {
    if (char === ',' && depth === 0) add(at);
    return false;
  });
  add(inside.end);
  return parts;
}
