/** Escapes of a pattern: `\d`, `\n`, `\x41`, `\101`, back-references, with the errors that CPython's `re._parser` raises. */

import { replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import type { Category } from './ast.ts';
import type { PatternSource } from './source.ts';

export type Escape =
  | { readonly kind: 'char'; readonly char: number }
  | { readonly kind: 'category'; readonly category: Category }
  | { readonly kind: 'assertion'; readonly letter: 'A' | 'b' | 'B' | 'Z' }
  | { readonly kind: 'back-reference' }
  | { readonly kind: 'named-character' };

const controls: { readonly [letter: string]: number } = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92 };

const categories: { readonly [letter: string]: Category } = {
  d: 'digit',
  D: 'not-digit',
  s: 'space',
  S: 'not-space',
  w: 'word',
  W: 'not-word',
};

const hexDigits: { readonly [letter: string]: number } = { x: 2, u: 4, U: 8 };

/** Reads on from `token`, a backslash and one character that was just taken. `groups` is undefined inside a set. */
export function parseEscape(source: PatternSource, token: string, groups?: GroupLookup): Escape {
  const letter = token.slice(1);
  const category = categories[letter];
  if (category) return { kind: 'category', category };
  if (groups && (letter === 'A' || letter === 'b' || letter === 'B' || letter === 'Z'))
    return { kind: 'assertion', letter };
  const control = controls[letter];
  if (control !== undefined) return { kind: 'char', char: control };
  const digits = hexDigits[letter];
  if (digits !== undefined) return parseHex(source, token, digits);
  if (letter === 'N') {
    if (!source.match('{')) throw source.error('missing {');
    source.getUntil('}', 'character name');
    return { kind: 'named-character' };
  }
  if (/^[0-9]$/.test(letter)) return parseDigits(source, token, groups);
  if (/^[a-zA-Z]$/.test(letter)) {
    const span = { start: source.tell() - token.length, end: source.tell() };
    const fix = replaceFix(l10n.t('Remove the backslash'), { start: span.start, end: span.start + 1 }, '');
    throw source.errorAt(`bad escape ${token}`, span, [fix]);
  }
  return { kind: 'char', char: letter.codePointAt(0) ?? 0 };
}

export interface GroupLookup {
  /** Groups opened so far. */
  readonly count: number;
  isOpen(index: number): boolean;
}

function parseHex(source: PatternSource, token: string, digits: number): Escape {
  const written = token + source.getWhile(digits, /^[0-9a-fA-F]$/);
  if (written.length !== digits + 2) throw source.error(`incomplete escape ${written}`, written.length);
  const char = Number.parseInt(written.slice(2), 16);
  if (char > 0x10ffff) throw source.error(`bad escape ${written}`, written.length);
  return { kind: 'char', char };
}

function parseDigits(source: PatternSource, token: string, groups: GroupLookup | undefined): Escape {
  const octal = /^[0-7]$/;
  if (!groups || token === '\\0') {
    if (!octal.test(token.slice(1))) throw source.error(`bad escape ${token}`, token.length);
    return octalEscape(source, token + source.getWhile(2, octal));
  }
  let written = token;
  if (/^[0-9]$/.test(source.next ?? '')) {
    written += source.get() ?? '';
    // Three octal digits are a character, anything else is a group's number.
    if (/^\\[0-7]{2}$/.test(written) && octal.test(source.next ?? ''))
      return octalEscape(source, written + (source.get() ?? ''));
  }
  const group = Number(written.slice(1));
  if (group > groups.count) throw source.error(`invalid group reference ${group}`, written.length - 1);
  if (groups.isOpen(group)) throw source.error('cannot refer to an open group', written.length);
  return { kind: 'back-reference' };
}

function octalEscape(source: PatternSource, written: string): Escape {
  const char = Number.parseInt(written.slice(1), 8);
  if (char > 0o377) throw source.error(`octal escape value ${written} outside of range 0-0o377`, written.length);
  return { kind: 'char', char };
}
