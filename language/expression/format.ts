/** Format specifications of f-strings: `[[fill]align][sign][#][0][width][,][.precision][type]`. */
import { scaledInteger } from './numbers.ts';
import { checkText, floatText, toText } from './text.ts';
import { asNumber, type PythonError, typeError, typeName, type Value, valueError } from './values.ts';

interface Spec {
  readonly fill: string;
  readonly align: string;
  readonly sign: string;
  readonly alternate: boolean;
  readonly width: number;
  readonly grouping: string;
  readonly precision: number | undefined;
  readonly type: string;
}

/** `format(value, spec)`. */
export function formatValue(value: Value, text: string): string {
  if (text === '') return toText(value);
  if (typeof value !== 'string' && asNumber(value) === undefined) {
    throw typeError(`unsupported format string passed to ${typeName(value)}.__format__`);
  }
  const spec = parseSpec(text);
  if (typeof value === 'string') return formatText(value, spec);
  const number = typeof value === 'boolean' ? (value ? 1n : 0n) : value;
  if (typeof number === 'bigint') return formatInt(number, spec);
  return typeof number === 'number' ? formatFloat(number, spec) : '';
}

function parseSpec(text: string): Spec {
  const match = /^(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/su.exec(text);
  if (!match || match[4]) throw valueError('Invalid format specifier');
  const [, fill, align, sign = '-', , alternate, zero, width, grouping = '', precision, type = ''] = match;
  const spec = { sign, alternate: alternate !== undefined, grouping, type };
  return {
    ...spec,
    fill: fill ?? (zero ? '0' : ' '),
    align: align ?? (zero ? '=' : ''),
    width: Number(width ?? 0),
    precision: precision === undefined ? undefined : Number(precision),
  };
}

function unknownType(spec: Spec, value: Value): PythonError {
  return valueError(`Unknown format code '${spec.type}' for object of type '${typeName(value)}'`);
}

function formatText(value: string, spec: Spec): string {
  if (spec.type !== '' && spec.type !== 's') throw unknownType(spec, value);
  if (spec.sign !== '-') throw valueError('Sign not allowed in string format specifier');
  if (spec.align === '=') throw valueError("'=' alignment not allowed in string format specifier");
  if (spec.grouping) throw valueError(`Cannot specify '${spec.grouping}' with 's'.`);
  const cut = spec.precision === undefined ? value : [...value].slice(0, spec.precision).join('');
  return pad('', cut, spec, '<');
}

function formatInt(value: bigint, spec: Spec): string {
  const radix = { '': 10, d: 10, n: 10, b: 2, o: 8, x: 16, X: 16 }[spec.type];
  if (radix === undefined) {
    if ('eEfFgG%'.includes(spec.type)) return formatFloat(Number(value), spec);
    if (spec.type === 'c') return pad('', String.fromCodePoint(Number(value)), spec, '<');
    throw unknownType(spec, value);
  }
  if (spec.precision !== undefined) throw valueError('Precision not allowed in integer format specifier');
  let digits = (value < 0n ? -value : value).toString(radix);
  if (spec.type === 'X') digits = digits.toUpperCase();
  const prefix = spec.alternate && radix !== 10 ? `0${spec.type}` : '';
  return pad(signOf(value < 0n, spec) + prefix, group(digits, spec, radix === 10 ? 3 : 4), spec, '>');
}

function formatFloat(value: number, spec: Spec): string {
  if (!/^[eEfFgGn%]?$/.test(spec.type)) throw unknownType(spec, value);
  const negative = value < 0 || Object.is(value, -0);
  const size = Math.abs(value);
  let body: string;
  if (!Number.isFinite(size)) body = (Number.isNaN(size) ? 'nan' : 'inf') + (spec.type === '%' ? '%' : '');
  else body = finiteBody(size, spec);
  if (spec.type === 'E' || spec.type === 'F' || spec.type === 'G') body = body.toUpperCase();
  const whole = /^\d+/.exec(body)?.[0] ?? '';
  return pad(signOf(negative, spec), group(whole, spec, 3) + body.slice(whole.length), spec, '>');
}

function finiteBody(size: number, spec: Spec): string {
  const precision = checkPrecision(spec.precision ?? 6);
  switch (spec.type.toLowerCase()) {
    case 'f':
      return fixed(size, precision, spec.alternate);
    case '%':
      return `${fixed(size * 100, precision, spec.alternate)}%`;
    case 'e':
      return exponential(size, precision, spec.alternate);
    case '':
      if (spec.precision === undefined) return floatText(size);
      return general(size, Math.max(precision, 1), spec.alternate, true);
    default:
      return general(size, Math.max(precision, 1), spec.alternate, false);
  }
}

function checkPrecision(precision: number): number {
  if (precision > 1000) throw valueError('precision too big');
  return precision;
}

function fixed(size: number, precision: number, keepPoint: boolean): string {
  const digits = scaledInteger(size, precision)
    .toString()
    .padStart(precision + 1, '0');
  const point = digits.length - precision;
  return precision > 0 ? `${digits.slice(0, point)}.${digits.slice(point)}` : digits + (keepPoint ? '.' : '');
}

/** `precision + 1` significant digits and the decimal exponent of the first. */
function significant(size: number, precision: number): readonly [string, number] {
  if (size === 0) return ['0'.repeat(precision + 1), 0];
  let exponent = Number(size.toExponential(20).split('e')[1]);
  let digits = scaledInteger(size, precision - exponent).toString();
  if (digits.length > precision + 1) {
    exponent++;
    digits = digits.slice(0, -1);
  }
  return [digits, exponent];
}

function exponential(size: number, precision: number, keepPoint: boolean): string {
  const [digits, exponent] = significant(size, precision);
  const mantissa = precision > 0 || keepPoint ? `${digits[0]}.${digits.slice(1)}` : digits;
  return `${mantissa}${exponentText(exponent)}`;
}

function exponentText(exponent: number): string {
  return `e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** `g`: the shorter of fixed and exponential; without a type (`floatLike`) one more digit than a whole number has is kept. */
function general(size: number, precision: number, keepZeros: boolean, floatLike: boolean): string {
  const [digits, exponent] = significant(size, precision - 1);
  const useExponent = exponent < -4 || exponent >= precision - (floatLike && exponent >= 0 ? 1 : 0);
  const trim = (text: string) => (keepZeros ? text : text.replace(/\.?0+$/, ''));
  if (useExponent) {
    const mantissa = digits.length > 1 ? trim(`${digits[0]}.${digits.slice(1)}`) : digits;
    return mantissa + exponentText(exponent);
  }
  if (exponent < 0) return trim(`0.${'0'.repeat(-exponent - 1)}${digits}`);
  const whole = digits.slice(0, exponent + 1);
  const rest = digits.slice(exponent + 1);
  const text = rest ? trim(`${whole}.${rest}`) : whole + (keepZeros ? '.' : '');
  return floatLike && !text.includes('.') ? `${text}.0` : text;
}

function signOf(negative: boolean, spec: Spec): string {
  if (negative) return '-';
  return spec.sign === '-' ? '' : spec.sign;
}

function group(digits: string, spec: Spec, size: number): string {
  if (!spec.grouping) return digits;
  const grouped = digits.replace(new RegExp(`\\B(?=(?:[0-9a-fA-F]{${size}})+$)`, 'g'), spec.grouping);
  return grouped;
}

function pad(sign: string, body: string, spec: Spec, defaultAlign: string): string {
  checkText(' '.repeat(Math.min(spec.width, 1 << 21)));
  const missing = spec.width - [...sign, ...body].length;
  if (missing <= 0) return sign + body;
  const align = spec.align || defaultAlign;
  if (align === '=') return sign + spec.fill.repeat(missing) + body;
  const left = align === '>' ? missing : align === '^' ? Math.floor(missing / 2) : 0;
  return spec.fill.repeat(left) + sign + body + spec.fill.repeat(missing - left);
}
