/** Arithmetic as CPython does it: ints without bounds (but one), floats by IEEE 754 with Python's signs and errors. */
import { limitError, PythonError, valueError } from './values.ts';

/** About 4,200 decimal digits; Python has no bound but refuses to print more than 4,300. */
const maxBits = 14_000;

export function checkInt(value: bigint): bigint {
  if (value > intLimit || value < -intLimit) throw limitError(`a whole number of more than ${maxBits} bits`);
  return value;
}

const intLimit = 1n << BigInt(maxBits);

export function toFloat(value: number | bigint): number {
  if (typeof value === 'number') return value;
  const result = Number(value);
  if (!Number.isFinite(result)) throw new PythonError('OverflowError', 'int too large to convert to float');
  return result;
}

function zeroDivision(message: string): PythonError {
  return new PythonError('ZeroDivisionError', message);
}

export function floorDivideInt(a: bigint, b: bigint): bigint {
  if (b === 0n) throw zeroDivision('integer division or modulo by zero');
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

export function moduloInt(a: bigint, b: bigint): bigint {
  if (b === 0n) throw zeroDivision('integer modulo by zero');
  const remainder = a % b;
  return remainder !== 0n && remainder < 0n !== b < 0n ? remainder + b : remainder;
}

export function divideFloat(a: number, b: number): number {
  if (b === 0) throw zeroDivision('float division by zero');
  return a / b;
}

/** int / int is a float, correctly rounded however large the ints are. */
export function divideInt(a: bigint, b: bigint): number {
  if (b === 0n) throw zeroDivision('division by zero');
  const small = (value: bigint) =>
    value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= -BigInt(Number.MAX_SAFE_INTEGER);
  if (small(a) && small(b)) return Number(a) / Number(b);
  const negative = a < 0n !== b < 0n;
  const top = a < 0n ? -a : a;
  const bottom = b < 0n ? -b : b;
  // At least 66 bits of the quotient, with the rest as a sticky last bit, round like the exact quotient.
  const shift = BigInt(Math.max(0, bottom.toString(2).length - top.toString(2).length + 66));
  const scaled = top << shift;
  const quotient = ((scaled / bottom) << 1n) | (scaled % bottom === 0n ? 0n : 1n);
  const result = scaleDown(quotient, Number(shift) + 1);
  if (!Number.isFinite(result)) throw new PythonError('OverflowError', 'integer division result too large for a float');
  return negative ? -result : result;
}

function scaleDown(value: bigint, bits: number): number {
  let result = Number(value);
  for (let left = bits; left > 0; left -= 1000) result /= 2 ** Math.min(left, 1000);
  return result;
}

/** `floor(a / b)` and the remainder with the sign of `b`, as float_divmod of CPython. */
function divmodFloat(a: number, b: number): readonly [number, number] {
  let remainder = a % b;
  let quotient = (a - remainder) / b;
  if (remainder !== 0) {
    if (b < 0 !== remainder < 0) {
      remainder += b;
      quotient -= 1;
    }
  } else remainder = b < 0 || Object.is(b, -0) ? -0 : 0;
  if (quotient === 0) return [a / b < 0 || Object.is(a / b, -0) ? -0 : 0, remainder];
  const floor = Math.floor(quotient);
  return [quotient - floor > 0.5 ? floor + 1 : floor, remainder];
}

export function floorDivideFloat(a: number, b: number): number {
  if (b === 0) throw zeroDivision('float floor division by zero');
  return divmodFloat(a, b)[0];
}

export function moduloFloat(a: number, b: number): number {
  if (b === 0) throw zeroDivision('float modulo');
  return divmodFloat(a, b)[1];
}

export function power(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'bigint' && typeof b === 'bigint' && b >= 0n) return powerInt(a, b);
  const base = toFloat(a);
  const exponent = toFloat(b);
  if (base === 0 && exponent < 0) throw zeroDivision('0.0 cannot be raised to a negative power');
  // JavaScript has NaN for these two.
  if (base === 1 || exponent === 0) return 1;
  if (base === -1 && !Number.isFinite(exponent) && !Number.isNaN(exponent)) return 1;
  if (base < 0 && Number.isFinite(base) && Number.isFinite(exponent) && !Number.isInteger(exponent)) {
    throw valueError('a fractional power of a negative number is complex, which conditions do not have');
  }
  const result = base ** exponent;
  if (!Number.isFinite(result) && Number.isFinite(base) && Number.isFinite(exponent)) {
    throw new PythonError('OverflowError', "(34, 'Numerical result out of range')");
  }
  return result;
}

function powerInt(base: bigint, exponent: bigint): bigint {
  if (base === 0n || base === 1n) return exponent === 0n ? 1n : base;
  if (base === -1n) return exponent % 2n === 0n ? 1n : -1n;
  const bits = (base < 0n ? -base : base).toString(2).length;
  if (BigInt(bits - 1) * exponent > BigInt(maxBits)) throw limitError(`a whole number of more than ${maxBits} bits`);
  return checkInt(base ** exponent);
}

/** `value * 10 ** decimals`, rounded half to even exactly; `decimals` may be negative. */
export function scaledInteger(value: number, decimals: number): bigint {
  const [mantissa, exponent] = decompose(value);
  let top = mantissa;
  let bottom = 1n;
  if (decimals >= 0) top *= 10n ** BigInt(decimals);
  else bottom *= 10n ** BigInt(-decimals);
  if (exponent >= 0) top <<= BigInt(exponent);
  else bottom <<= BigInt(-exponent);
  return roundHalfEven(top, bottom);
}

/** `top / bottom` (which is positive), half to even. */
export function roundHalfEven(top: bigint, bottom: bigint): bigint {
  const floor = floorDivideInt(top, bottom);
  const twice = (top - floor * bottom) * 2n;
  const up = twice > bottom || (twice === bottom && floor % 2n !== 0n);
  return up ? floor + 1n : floor;
}

/** A finite float as `mantissa * 2 ** exponent`. */
function decompose(value: number): readonly [bigint, number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n;
  return [bits >> 63n ? -mantissa : mantissa, (biased === 0 ? 1 : biased) - 1075];
}

/** `round(value, decimals)` of a float. */
export function roundFloat(value: number, decimals: number): number {
  if (!Number.isFinite(value) || decimals > 323) return value;
  if (decimals < -308) return value < 0 || Object.is(value, -0) ? -0 : 0;
  const scaled = scaledInteger(value, decimals);
  const result = Number(`${scaled}e${-decimals}`);
  if (!Number.isFinite(result)) throw new PythonError('OverflowError', 'rounded value too large to represent');
  return result === 0 && (value < 0 || Object.is(value, -0)) ? -0 : result;
}

/** `round(value)`: to an int, half to even. */
export function roundToInt(value: number): bigint {
  return floatToInt(value, () => scaledInteger(value, 0));
}

/** `int(value)`: towards zero. */
export function truncateToInt(value: number): bigint {
  return floatToInt(value, () => BigInt(Math.trunc(value)));
}

function floatToInt(value: number, convert: () => bigint): bigint {
  if (Number.isNaN(value)) throw valueError('cannot convert float NaN to integer');
  if (!Number.isFinite(value)) throw new PythonError('OverflowError', 'cannot convert float infinity to integer');
  return convert();
}
