/** Sets of characters: `[a-z_]`, `[^\s,]`, as CPython's `re._parser` reads them. */
import * as l10n from '../text/l10n.ts';
import type { SetItem } from './ast.ts';
import { closeFix, escapeFix } from './fixes.ts';
import { parseEscape } from './parse-escape.ts';
import type { PatternError, PatternSource } from './source.ts';

export interface ParsedSet {
  readonly items: readonly SetItem[];
  readonly negated: boolean;
}

/** Reads the rest of a set whose `[` at `start` was just taken. */
export function parseSet(
  source: PatternSource,
  start: number,
  refuse: (what: string, start: number) => PatternError,
): ParsedSet {
  const items: SetItem[] = [];
  const negated = source.match('^');
  for (;;) {
    const token = takeFromSet(source, start);
    if (token === ']' && items.length > 0) return { items, negated };
    const from = setItem(source, token, refuse);
    if (!source.match('-')) {
      items.push(from);
      continue;
    }
    const that = takeFromSet(source, start);
    if (that === ']') {
      items.push(from, { kind: 'char', char: 45 });
      return { items, negated };
    }
    const to = setItem(source, that, refuse);
    if (from.kind !== 'char' || to.kind !== 'char' || to.char < from.char) {
      throw source.error(`bad character range ${token}-${that}`, token.length + 1 + that.length);
    }
    items.push({ kind: 'range', from: from.char, to: to.char });
  }
}

function takeFromSet(source: PatternSource, start: number): string {
  const token = source.get();
  if (token === undefined) {
    const fixes = [closeFix(source.text, ']'), escapeFix(source.text, start)];
    throw source.errorAt('unterminated character set', { start, end: source.tell() }, fixes);
  }
  return token;
}

function setItem(source: PatternSource, token: string, refuse: (what: string, start: number) => PatternError): SetItem {
  if (!token.startsWith('\\')) return { kind: 'char', char: token.codePointAt(0) ?? 0 };
  const start = source.tell() - token.length;
  const read = parseEscape(source, token);
  if (read.kind === 'char' || read.kind === 'category') return read;
  throw refuse(l10n.t('a character by its name, \\N{…}'), start);
}
