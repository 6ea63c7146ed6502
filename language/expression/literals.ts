/** Values of Python's number and string literals. */
import type { Span } from '../text/span.ts';

/** undefined: not a number as Python writes it (`007`, `1__0`, `3x`). */
export function numberValue(text: string): number | bigint | undefined {
  const digits = text.replaceAll('_', '');
  if (/__|_$|_\.|\._|_[eE]|[eE]_/.test(text)) return undefined;
  if (/^0[xXoObB][0-9a-fA-F]+$/.test(digits)) {
    try {
      return BigInt(digits);
    } catch {
      return undefined;
    }
  }
  if (/^(0+|[1-9]\d*)$/.test(digits)) return BigInt(digits);
  return /^(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(digits) && /[.eE]/.test(digits) ? Number(digits) : undefined;
}

export interface TextPart {
  readonly text: string;
  /** Where it stands, as it is written. */
  readonly span: Span;
}

const simpleEscapes: { readonly [letter: string]: string } = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The characters of a string's body one by one, escapes resolved; `broken` for `\x4` and the like. */
export function decodeString(
  text: string,
  body: Span,
  raw: boolean,
): { readonly parts: readonly TextPart[]; readonly broken: readonly Span[] } {
  const parts: TextPart[] = [];
  const broken: Span[] = [];
  for (let at = body.start; at < body.end; ) {
    const found = !raw && text[at] === '\\' ? readEscape(text, at, body.end) : undefined;
    const length = found?.length ?? 1;
    const span = { start: at, end: at + length };
    if (found && found.value === undefined) broken.push(span);
    parts.push({ text: found?.value ?? text.slice(at, at + length), span });
    at += length;
  }
  return { parts, broken };
}

function readEscape(
  text: string,
  at: number,
  end: number,
): { readonly length: number; readonly value: string | undefined } {
  const letter = text[at + 1] ?? '';
  const simple = simpleEscapes[letter];
  if (simple !== undefined) return { length: 2, value: simple };
  const octal = /^[0-7]{1,3}/.exec(text.slice(at + 1, Math.min(at + 4, end)));
  if (octal) return { length: 1 + octal[0].length, value: String.fromCharCode(Number.parseInt(octal[0], 8)) };
  const digits = { x: 2, u: 4, U: 8 }[letter];
  if (digits !== undefined) {
    const hex = /^[0-9a-fA-F]*/.exec(text.slice(at + 2, Math.min(at + 2 + digits, end)))?.[0] ?? '';
    const code = Number.parseInt(hex, 16);
    const valid = hex.length === digits && code <= 0x10ffff;
    return { length: 2 + hex.length, value: valid ? String.fromCodePoint(code) : undefined };
  }
  // Python keeps the backslash of an escape that it does not know.
  if (letter === 'N') return { length: 2, value: undefined };
  return { length: Math.min(2, end - at), value: text.slice(at, Math.min(at + 2, end)) };
}
