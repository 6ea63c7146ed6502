/** What commands and jobs print, in a form that every database takes. Pure. */
import type { JsonValue } from '../protocol.ts';

/**
 * The value with U+FFFD for NUL and for lone surrogates, in keys too: JSONB of PostgreSQL has neither, and a run whose result
 * cannot be stored would be done again and again.
 */
export function storable<Value extends JsonValue>(value: Value): Value {
  return cleaned(value) as Value;
}

function cleaned(value: JsonValue): JsonValue {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cleaned);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleanText(key), cleaned(inner)]));
}

const cleanText = (text: string) => text.replace(/[\0\p{Surrogate}]/gu, '\ufffd');
