/** Python's operators over values, with CPython's words for what does not fit. */
import type { BinaryOperator, ComparisonOperator } from './ast.ts';
import {
  checkInt,
  divideFloat,
  divideInt,
  floorDivideFloat,
  floorDivideInt,
  moduloFloat,
  moduloInt,
  power,
  toFloat,
} from './numbers.ts';
import { checkText, codePoints, repr } from './text.ts';
import {
  asNumber,
  compare,
  Dict,
  equals,
  isList,
  itemsOf,
  limitError,
  PythonError,
  Tuple,
  typeError,
  typeName,
  type Value,
} from './values.ts';

const maxItems = 10_000;

/** Counts the items of lists inside lists too: comparing them takes a step for each. */
export function checkItems<T extends readonly Value[]>(items: T): T {
  let left = maxItems;
  const count = (inside: readonly Value[]) => {
    left -= inside.length;
    if (left < 0) throw limitError(`a list of more than ${maxItems} items`);
    for (const item of inside) if (typeof item === 'object' && item !== null) count(itemsOf(item) ?? []);
  };
  count(items);
  return items;
}

export function binary(operator: BinaryOperator, a: Value, b: Value): Value {
  const left = asNumber(a);
  const right = asNumber(b);
  if (left !== undefined && right !== undefined) return arithmetic(operator, left, right);
  if (operator === '+') return concatenate(a, b);
  if (operator === '*') return repeat(a, b);
  if (operator === '%' && typeof a === 'string') {
    throw typeError('conditions do not format texts with %; use an f-string');
  }
  throw unsupported(operator, a, b);
}

function unsupported(operator: BinaryOperator, a: Value, b: Value): PythonError {
  const name = operator === '**' ? '** or pow()' : operator;
  return typeError(`unsupported operand type(s) for ${name}: '${typeName(a)}' and '${typeName(b)}'`);
}

function arithmetic(operator: BinaryOperator, a: number | bigint, b: number | bigint): Value {
  if (operator === '**') return power(a, b);
  if (typeof a === 'bigint' && typeof b === 'bigint') return arithmeticInt(operator, a, b);
  const left = toFloat(a);
  const right = toFloat(b);
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return divideFloat(left, right);
    case '//':
      return floorDivideFloat(left, right);
    case '%':
      return moduloFloat(left, right);
  }
}

function arithmeticInt(operator: Exclude<BinaryOperator, '**'>, a: bigint, b: bigint): Value {
  switch (operator) {
    case '+':
      return checkInt(a + b);
    case '-':
      return checkInt(a - b);
    case '*':
      return checkInt(a * b);
    case '/':
      return divideInt(a, b);
    case '//':
      return floorDivideInt(a, b);
    case '%':
      return moduloInt(a, b);
  }
}

function concatenate(a: Value, b: Value): Value {
  if (typeof a === 'string' && typeof b === 'string') return checkText(a + b);
  if (isList(a) && isList(b)) return checkItems([...a, ...b]);
  if (a instanceof Tuple && b instanceof Tuple) return new Tuple(checkItems([...a.items, ...b.items]));
  if (typeof a === 'string' || isList(a) || a instanceof Tuple) {
    throw typeError(`can only concatenate ${typeName(a)} (not "${typeName(b)}") to ${typeName(a)}`);
  }
  throw unsupported('+', a, b);
}

function repeat(a: Value, b: Value): Value {
  const isSequence = (value: Value) => typeof value === 'string' || isList(value) || value instanceof Tuple;
  const [sequence, times] = isSequence(a) ? [a, b] : [b, a];
  if (!isSequence(sequence)) throw unsupported('*', a, b);
  const count = asNumber(times);
  if (typeof count !== 'bigint') throw typeError(`can't multiply sequence by non-int of type '${typeName(times)}'`);
  if (typeof sequence === 'string') {
    if (BigInt(sequence.length) * count > 1n << 20n) throw limitError('a text of more than 1 MiB');
    return count > 0n ? sequence.repeat(Number(count)) : '';
  }
  const items = itemsOf(sequence) ?? [];
  if (BigInt(items.length) * count > BigInt(maxItems)) throw limitError(`a list of more than ${maxItems} items`);
  const all = count > 0n ? checkItems(Array.from({ length: Number(count) }, () => items).flat()) : [];
  return sequence instanceof Tuple ? new Tuple(all) : all;
}

export function negate(operator: '-' | '+', value: Value): Value {
  const number = asNumber(value);
  if (number === undefined) throw typeError(`bad operand type for unary ${operator}: '${typeName(value)}'`);
  return operator === '-' ? -number : number;
}

export function comparison(operator: ComparisonOperator, a: Value, b: Value): boolean {
  switch (operator) {
    case '==':
      return equals(a, b);
    case '!=':
      return !equals(a, b);
    case 'is':
      return isSame(a, b);
    case 'is not':
      return !isSame(a, b);
    case 'in':
      return contains(a, b);
    case 'not in':
      return !contains(a, b);
    default: {
      const order = compare(a, b, operator);
      if (order === undefined) return false;
      if (operator === '<') return order < 0;
      if (operator === '<=') return order <= 0;
      return operator === '>' ? order > 0 : order >= 0;
    }
  }
}

/** Objects that cannot change have no identity of their own worth telling: equal ones of one type are the same. */
function isSame(a: Value, b: Value): boolean {
  return typeof a === typeof b && (typeof a === 'object' ? a === b : Object.is(a, b));
}

function contains(item: Value, container: Value): boolean {
  if (typeof container === 'string') {
    if (typeof item !== 'string')
      throw typeError(`'in <string>' requires string as left operand, not ${typeName(item)}`);
    return container.includes(item);
  }
  if (container instanceof Dict) return container.get(item) !== undefined;
  const items = itemsOf(container);
  if (!items) throw typeError(`argument of type '${typeName(container)}' is not iterable`);
  return items.some((other) => equals(other, item));
}

export function subscript(target: Value, index: Value): Value {
  if (target instanceof Dict) {
    const found = target.get(index);
    if (found === undefined) throw new PythonError('KeyError', repr(index));
    return found;
  }
  const items = typeof target === 'string' ? codePoints(target) : itemsOf(target);
  if (items === undefined) throw typeError(`'${typeName(target)}' object is not subscriptable`);
  const at = asNumber(index);
  if (typeof at !== 'bigint') {
    if (typeof target === 'string') throw typeError(`string indices must be integers, not '${typeName(index)}'`);
    throw typeError(`${typeName(target)} indices must be integers or slices, not ${typeName(index)}`);
  }
  const position = at < 0n ? Number(at) + items.length : Number(at);
  const found = items[position];
  const name = typeof target === 'string' ? 'string' : typeName(target);
  if (found === undefined) throw new PythonError('IndexError', `${name} index out of range`);
  return found;
}

export function slice(target: Value, start: Value, stop: Value, step: Value): Value {
  if (target instanceof Dict) throw typeError("unhashable type: 'slice'");
  const items = typeof target === 'string' ? codePoints(target) : itemsOf(target);
  if (items === undefined) throw typeError(`'${typeName(target)}' object is not subscriptable`);
  const by = sliceIndex(step) ?? 1;
  if (by === 0) throw new PythonError('ValueError', 'slice step cannot be zero');
  const { length } = items;
  const clamp = (at: number, low: number, high: number) => Math.min(Math.max(at < 0 ? at + length : at, low), high);
  const from = sliceIndex(start);
  const to = sliceIndex(stop);
  const picked: Value[] = [];
  if (by > 0) {
    const end = to === undefined ? length : clamp(to, 0, length);
    for (let at = from === undefined ? 0 : clamp(from, 0, length); at < end; at += by) picked.push(items[at] ?? null);
  } else {
    const end = to === undefined ? -1 : clamp(to, -1, length - 1);
    for (let at = from === undefined ? length - 1 : clamp(from, -1, length - 1); at > end; at += by)
      picked.push(items[at] ?? null);
  }
  if (typeof target === 'string') return picked.join('');
  return target instanceof Tuple ? new Tuple(picked) : picked;
}

function sliceIndex(value: Value): number | undefined {
  if (value === null) return undefined;
  const number = asNumber(value);
  if (typeof number !== 'bigint') {
    throw typeError('slice indices must be integers or None or have an __index__ method');
  }
  return Number(number);
}
