/** JSON as the values of expressions, and back. */
import type { JsonValue } from '../actions/literal.ts';
import { Dict, isList, Tuple, type Value } from '../expression/values.ts';

/** Whole numbers are Python's int, others float, objects dict. */
export function toValue(json: JsonValue): Value {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : json;
  if (json === null || typeof json !== 'object') return json;
  if (isArray(json)) return json.map(toValue);
  const dict = new Dict();
  for (const [key, value] of Object.entries(json)) dict.set(key, toValue(value));
  return dict;
}

/** undefined: JSON has no such value (an infinite number, an int that a number cannot hold). Keys become texts. */
export function toJsonValue(value: Value): JsonValue | undefined {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : undefined;
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (value === null || typeof value !== 'object') return value;
  const items = isList(value) ? value : value instanceof Tuple ? value.items : undefined;
  if (items) {
    const converted = items.map(toJsonValue);
    return converted.some((item) => item === undefined) ? undefined : (converted as JsonValue[]);
  }
  if (!(value instanceof Dict)) return undefined;
  const pairs: [string, JsonValue][] = [];
  for (const [key, inner] of value.entries()) {
    const [name, converted] = [typeof key === 'string' ? key : String(toJsonValue(key)), toJsonValue(inner)];
    if (converted === undefined) return undefined;
    pairs.push([name, converted]);
  }
  return Object.fromEntries(pairs);
}

const isArray = (json: JsonValue): json is readonly JsonValue[] => Array.isArray(json);
