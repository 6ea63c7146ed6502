/** Python values of conditions: `bigint` is int, `number` is float, an array is a list. Equality, truth and order are Python's. */

export type Value = string | number | bigint | boolean | null | readonly Value[] | Tuple | Dict;

export class Tuple {
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

export class Dict {
  private readonly entriesByKey = new Map<string, readonly [Value, Value]>();

  get size(): number {
    return this.entriesByKey.size;
  }

  get(key: Value): Value | undefined {
    return this.entriesByKey.get(hashKey(key))?.[1];
  }

  set(key: Value, value: Value): void {
    const hash = hashKey(key);
    const first = this.entriesByKey.get(hash)?.[0] ?? key;
    this.entriesByKey.set(hash, [first, value]);
  }

  entries(): readonly (readonly [Value, Value])[] {
    return [...this.entriesByKey.values()];
  }
}

/** An exception as Python would raise it. No `Error`: types are inferred by trying, and a stack trace costs more than the trial. */
export class PythonError {
  readonly type: string;
  readonly message: string;

  constructor(type: string, message: string) {
    this.type = type;
    this.message = message;
  }
}

export function typeError(message: string): PythonError {
  return new PythonError('TypeError', message);
}

export function valueError(message: string): PythonError {
  return new PythonError('ValueError', message);
}

/** What Python does without bounds is bounded here. */
export function limitError(message: string): PythonError {
  return new PythonError('LimitError', message);
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (isList(value)) return 'list';
  if (value instanceof Tuple) return 'tuple';
  if (value instanceof Dict) return 'dict';
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'bigint':
      return 'int';
    case 'boolean':
      return 'bool';
    default:
      return 'float';
  }
}

export function isTruthy(value: Value): boolean {
  if (isList(value)) return value.length > 0;
  if (value instanceof Tuple) return value.items.length > 0;
  if (value instanceof Dict) return value.size > 0;
  // NaN is true in Python.
  if (typeof value === 'number') return value !== 0;
  return Boolean(value);
}

/** int and float; a bool counts as an int. undefined for anything else. */
export function asNumber(value: Value): number | bigint | undefined {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
}

export function itemsOf(value: Value): readonly Value[] | undefined {
  if (isList(value)) return value;
  if (value instanceof Tuple) return value.items;
  if (value instanceof Dict) return value.entries().map(([key]) => key);
  return typeof value === 'string' ? [...value] : undefined;
}

export function equals(a: Value, b: Value): boolean {
  const left = asNumber(a);
  const right = asNumber(b);
  // biome-ignore lint/suspicious/noDoubleEquals: int and float compare by value.
  if (left !== undefined && right !== undefined) return left == right;
  if (isList(a) && isList(b)) return sameItems(a, b);
  if (a instanceof Tuple && b instanceof Tuple) return sameItems(a.items, b.items);
  if (a instanceof Dict && b instanceof Dict) {
    return (
      a.size === b.size &&
      a.entries().every(([key, value]) => {
        const other = b.get(key);
        return other !== undefined && equals(value, other);
      })
    );
  }
  return a === b;
}

function sameItems(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((item, index) => equals(item, b[index] ?? null));
}

/** Negative, zero, positive, or undefined when either is NaN. Throws TypeError for values without an order. */
export function compare(a: Value, b: Value, operator: string): number | undefined {
  const left = asNumber(a);
  const right = asNumber(b);
  if (left !== undefined && right !== undefined) {
    if (Number.isNaN(left) || Number.isNaN(right)) return undefined;
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (isList(a) && isList(b)) return compareItems(a, b, operator);
  if (a instanceof Tuple && b instanceof Tuple) return compareItems(a.items, b.items, operator);
  throw typeError(`'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
}

/** By code points: UTF-16 units would put U+FFxx above everything beyond U+FFFF. */
function compareText(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  // Where only the second halves of two pairs differ, the pairs are compared.
  const start = at > 0 && isHighSurrogate(a.charCodeAt(at - 1)) ? at - 1 : at;
  return (a.codePointAt(start) ?? -1) - (b.codePointAt(start) ?? -1);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function compareItems(a: readonly Value[], b: readonly Value[], operator: string): number | undefined {
  for (let index = 0; index < a.length && index < b.length; index++) {
    const left = a[index] ?? null;
    const right = b[index] ?? null;
    if (!equals(left, right)) return compare(left, right, operator);
  }
  return a.length - b.length;
}

function hashKey(key: Value): string {
  const number = asNumber(key);
  // 1, 1.0 and True are one key.
  if (typeof number === 'bigint') return `n${number}`;
  if (typeof number === 'number') return Number.isInteger(number) ? `n${BigInt(number)}` : `n${number}`;
  if (typeof key === 'string') return `s${key}`;
  if (key === null) return 'none';
  if (key instanceof Tuple) return `t${JSON.stringify(key.items.map(hashKey))}`;
  throw typeError(`unhashable type: '${typeName(key)}'`);
}
