/** Quick fixes of broken patterns. Spans are offsets into the pattern. */

import { type Fix, replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';

/** The character at `at` as itself. */
export function escapeFix(text: string, at: number): Fix {
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  return replaceFix(l10n.t('Escape it: `\\{0}`', char), { start: at, end: at + char.length }, `\\${char}`);
}

export function closeFix(text: string, bracket: string): Fix {
  return replaceFix(l10n.t('Add `{0}` at the end', bracket), { start: text.length, end: text.length }, bracket);
}

export function removeFix(start: number, end: number): Fix {
  return replaceFix(l10n.t('Remove it'), { start, end }, '');
}
