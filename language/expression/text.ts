/** Texts as Python has them: by code points, with `str()`, `repr()`, and numbers read from text. */
import { isSpace } from '../pattern/characters.ts';
import { checkInt } from './numbers.ts';
import { Dict, isList, limitError, type PythonError, type Value, valueError } from './values.ts';

/** 1 MiB, counted in characters. */
const maxLength = 1 << 20;

export function checkText(text: string): string {
  if (text.length > maxLength) throw tooLong();
  return text;
}

function tooLong(): PythonError {
  return limitError('a text of more than 1 MiB');
}

/** The characters: an array of them only where some need two UTF-16 units. */
export function codePoints(text: string): string | readonly string[] {
  return /[\ud800-\udbff]/.test(text) ? [...text] : text;
}

export function isSpaceText(char: string): boolean {
  return isSpace(char.codePointAt(0) ?? 0);
}

export function strip(text: string, sides: 'both' | 'left' | 'right', chars?: string): string {
  const set = chars === undefined ? undefined : new Set(chars);
  const drops = (char: string) => (set ? set.has(char) : isSpaceText(char));
  const points = [...text];
  let start = 0;
  let end = points.length;
  if (sides !== 'right') while (start < end && drops(points[start] ?? '')) start++;
  if (sides !== 'left') while (end > start && drops(points[end - 1] ?? '')) end--;
  return points.slice(start, end).join('');
}

/** `float(text)`. */
export function parseFloatText(text: string): number {
  const trimmed = asciiDigits(strip(text, 'both'));
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(trimmed);
  if (special) return special[2]?.toLowerCase() === 'nan' ? Number.NaN : Number(`${special[1]}Infinity`);
  if (/^[+-]?(\d(_?\d)*\.?(\d(_?\d)*)?|\.\d(_?\d)*)([eE][+-]?\d(_?\d)*)?$/.test(trimmed))
    return Number(trimmed.replaceAll('_', ''));
  throw valueError(`could not convert string to float: ${quoteText(text)}`);
}

/** `int(text, base)`. */
export function parseIntText(text: string, base: number): bigint {
  const invalid = () => valueError(`invalid literal for int() with base ${base}: ${quoteText(text)}`);
  const match = /^([+-]?)(0[xX]_?|0[oO]_?|0[bB]_?)?([0-9a-zA-Z](?:_?[0-9a-zA-Z])*)$/.exec(
    asciiDigits(strip(text, 'both')),
  );
  if (!match) throw invalid();
  const [, sign, prefix = '', body = ''] = match;
  const prefixBase = { x: 16, o: 8, b: 2 }[prefix[1]?.toLowerCase() ?? ''];
  let digits = body.replaceAll('_', '').toLowerCase();
  let radix = base;
  if (prefixBase !== undefined && (base === 0 || base === prefixBase)) radix = prefixBase;
  else if (prefix !== '') digits = prefix.replaceAll('_', '').toLowerCase() + digits;
  if (prefix.endsWith('_') && radix !== prefixBase) throw invalid();
  if (radix === 0) {
    if (/^0+[1-9]/.test(digits)) throw invalid();
    radix = 10;
  }
  let value = 0n;
  for (const digit of digits) {
    const worth = Number.parseInt(digit, 36);
    if (!(worth < radix)) throw invalid();
    value = checkInt(value * BigInt(radix) + BigInt(worth));
  }
  return sign === '-' ? -value : value;
}

/** Python reads the decimal digits of every script as digits. */
function asciiDigits(text: string): string {
  return text.replace(/[^\p{ASCII}]/gu, (char) => {
    if (!/\p{Nd}/u.test(char)) return char;
    let zero = char.codePointAt(0) ?? 0;
    // Decimal digits come in runs of ten, from zero to nine.
    let worth = 0;
    while (worth < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) {
      zero--;
      worth++;
    }
    return String(worth);
  });
}

export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [digits = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 16) {
    const fixed = String(value);
    return fixed.includes('.') ? fixed : `${fixed}.0`;
  }
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** `str(value)`. */
export function toText(value: Value): string {
  return typeof value === 'string' ? value : repr(value);
}

/** `repr(value)`. */
export function repr(value: Value): string {
  return new ReprWriter().write(value);
}

/** Stops as soon as the text is too long: nested lists can stand for far more text than memory holds. */
class ReprWriter {
  private length = 0;

  write(value: Value): string {
    if (value === null) return this.count('None');
    if (typeof value === 'string') {
      if (this.length + value.length > maxLength) throw tooLong();
      return this.count(quoteText(value));
    }
    if (typeof value === 'boolean') return this.count(value ? 'True' : 'False');
    if (typeof value === 'bigint') return this.count(value.toString());
    if (typeof value === 'number') return this.count(floatText(value));
    if (isList(value)) return `[${this.items(value)}]`;
    if (value instanceof Dict) {
      return `{${value
        .entries()
        .map(([key, item]) => `${this.write(key)}: ${this.write(item)}`)
        .join(', ')}}`;
    }
    return value.items.length === 1 ? `(${this.items(value.items)},)` : `(${this.items(value.items)})`;
  }

  private items(items: readonly Value[]): string {
    return items.map((item) => this.write(item)).join(', ');
  }

  private count(text: string): string {
    this.length += text.length + 2;
    if (this.length > maxLength) throw tooLong();
    return text;
  }
}

/** `repr` of a text; `asciiOnly` for `ascii()`. */
export function quoteText(text: string, asciiOnly = false): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const named: { readonly [char: string]: string } = {
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\\': '\\\\',
    [mark]: `\\${mark}`,
  };
  const body = Array.from(text, (char) => {
    const code = char.codePointAt(0) ?? 0;
    if (named[char] !== undefined) return named[char];
    const printable = char === ' ' || !/[\p{C}\p{Z}]/u.test(char);
    if (printable && !(asciiOnly && code > 126)) return char;
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
    if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
    return `\\U${code.toString(16).padStart(8, '0')}`;
  });
  return mark + body.join('') + mark;
}
