/** The functions of conditions: `float int str len abs min max round bool sum any all sorted`. */
import { type Arguments, bind } from './arguments.ts';
import { checkInt, roundFloat, roundHalfEven, roundToInt, toFloat, truncateToInt } from './numbers.ts';
import { binary } from './operators.ts';
import { codePoints, parseFloatText, parseIntText, toText } from './text.ts';
import { asNumber, compare, Dict, isTruthy, itemsOf, typeError, typeName, type Value, valueError } from './values.ts';

type Function = (call: Arguments) => Value;

export const builtins: { readonly [name: string]: Function } = {
  float: (call) => {
    const [value = null] = bind('float', [{ name: 'x', default: 0 }], call);
    const number = asNumber(value);
    if (number !== undefined) return toFloat(number);
    if (typeof value === 'string') return parseFloatText(value);
    throw typeError(`float() argument must be a string or a real number, not '${typeName(value)}'`);
  },
  int: toInt,
  str: (call) => {
    const [value = ''] = bind('str', [{ name: 'object', default: '', keyword: true }], call);
    return toText(value);
  },
  len: (call) => BigInt(lengthOf(bind('len', [{ name: 'obj' }], call)[0] ?? null)),
  abs: (call) => {
    const [value = null] = bind('abs', [{ name: 'x' }], call);
    const number = asNumber(value);
    if (number === undefined) throw typeError(`bad operand type for abs(): '${typeName(value)}'`);
    return typeof number === 'bigint' ? (number < 0n ? -number : number) : Math.abs(number);
  },
  min: (call) => extreme('min', call, (order) => order < 0),
  max: (call) => extreme('max', call, (order) => order > 0),
  round,
  bool: (call) => isTruthy(bind('bool', [{ name: 'x', default: false }], call)[0] ?? false),
  sum,
  any: (call) => iterate(bind('any', [{ name: 'iterable' }], call)[0] ?? null).some(isTruthy),
  all: (call) => iterate(bind('all', [{ name: 'iterable' }], call)[0] ?? null).every(isTruthy),
  sorted,
};

function iterate(value: Value): readonly Value[] {
  const items = itemsOf(value);
  if (!items) throw typeError(`'${typeName(value)}' object is not iterable`);
  return items;
}

function lengthOf(value: Value): number {
  if (typeof value === 'string') return codePoints(value).length;
  if (value instanceof Dict) return value.size;
  const items = itemsOf(value);
  if (!items) throw typeError(`object of type '${typeName(value)}' has no len()`);
  return items.length;
}

function toInt(call: Arguments): Value {
  const [value = null, base = null] = bind(
    'int',
    [
      { name: 'x', default: 0n },
      { name: 'base', default: null, keyword: true },
    ],
    call,
  );
  const number = asNumber(value);
  if (base !== null) {
    if (typeof value !== 'string') throw typeError("int() can't convert non-string with explicit base");
    const radix = asNumber(base);
    if (typeof radix !== 'bigint') throw typeError(`'${typeName(base)}' object cannot be interpreted as an integer`);
    if (radix !== 0n && (radix < 2n || radix > 36n)) throw valueError('int() base must be >= 2 and <= 36, or 0');
    return parseIntText(value, Number(radix));
  }
  if (typeof number === 'bigint') return number;
  if (number !== undefined) return truncateToInt(number);
  if (typeof value === 'string') return parseIntText(value, 10);
  throw typeError(`int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`);
}

function extreme(name: string, call: Arguments, wins: (order: number) => boolean): Value {
  for (const keyword of call.keywords.keys()) {
    if (keyword !== 'default') throw typeError(`${name}() got an unexpected keyword argument '${keyword}'`);
  }
  const fallback = call.keywords.get('default');
  const [first, second] = call.args;
  if (first === undefined) throw typeError(`${name} expected at least 1 argument, got 0`);
  if (second !== undefined && fallback !== undefined) {
    throw typeError(`Cannot specify a default for ${name}() with multiple positional arguments`);
  }
  const items = second === undefined ? iterate(first) : call.args;
  let [best] = items;
  if (best === undefined) {
    if (fallback !== undefined) return fallback;
    throw valueError(`${name}() arg is an empty sequence`);
  }
  for (const item of items.slice(1)) {
    const order = compare(item, best, name === 'min' ? '<' : '>');
    if (order !== undefined && wins(order)) best = item;
  }
  return best;
}

function round(call: Arguments): Value {
  const [value = null, digits = null] = bind(
    'round',
    [
      { name: 'number', keyword: true },
      { name: 'ndigits', default: null, keyword: true },
    ],
    call,
  );
  const number = asNumber(value);
  if (number === undefined) throw typeError(`type ${typeName(value)} doesn't define __round__ method`);
  if (digits === null) return typeof number === 'bigint' ? number : roundToInt(number);
  const places = asNumber(digits);
  if (typeof places !== 'bigint') throw typeError(`'${typeName(digits)}' object cannot be interpreted as an integer`);
  if (typeof number === 'number') return roundFloat(number, Number(places));
  if (places >= 0n) return number;
  if (places < -5000n) return 0n;
  const unit = 10n ** -places;
  return checkInt(roundHalfEven(number, unit) * unit);
}

function sum(call: Arguments): Value {
  const [iterable = null, start = 0n] = bind(
    'sum',
    [{ name: 'iterable' }, { name: 'start', default: 0n, keyword: true }],
    call,
  );
  if (typeof start === 'string') throw typeError("sum() can't sum strings [use ''.join(seq) instead]");
  return iterate(iterable).reduce((total, item) => binary('+', total, item), start);
}

function sorted(call: Arguments): Value {
  const parameters = [{ name: 'iterable' }, { name: 'reverse', default: false, keywordOnly: true }];
  const [iterable = null, reverse = false] = bind('sorted', parameters, call);
  const direction = isTruthy(reverse) ? -1 : 1;
  return [...iterate(iterable)].sort((a, b) => direction * (compare(a, b, '<') ?? 0));
}
