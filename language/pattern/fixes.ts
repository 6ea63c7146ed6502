/** Quick fixes of broken patterns. Spans are offsets into the pattern. */
import { type Fix, replaceFix } from '../problem/problem.ts';

/** The character at `at` as itself. */
export function escapeFix(text: string, at: number): Fix {
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  return replaceFix(`Escape it: \`\\${char}\``, { start: at, end: at + char.length }, `\\${char}`);
}

export function closeFix(text: string, bracket: string): Fix {
  return replaceFix(`Add \`${bracket}\` at the end`, { start: text.length, end: text.length }, bracket);
}

export function removeFix(start: number, end: number): Fix {
  return replaceFix('Remove it', { start, end }, '');
}
