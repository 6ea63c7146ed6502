/** A parameter of a workflow as a field of a form: its default gives it its type. Pure. */
import * as l10n from '../language/text/l10n.ts';
import type { JsonValue } from './messages.ts';

export type FieldType = 'number' | 'boolean' | 'text' | 'json';

export function fieldType(standard: JsonValue): FieldType {
  if (typeof standard === 'number') return 'number';
  if (typeof standard === 'boolean') return 'boolean';
  return typeof standard === 'string' || standard === null ? 'text' : 'json';
}

/** As it stands in the field. */
export function fieldText(value: JsonValue): string {
  if (typeof value === 'string') return value;
  return value === null ? '' : JSON.stringify(value);
}

export type FieldValue = { readonly value: JsonValue } | { readonly problem: string };

/** What was typed, in the type of the default; an empty text where that is `null` stays `null`. */
export function readField(text: string, standard: JsonValue): FieldValue {
  switch (fieldType(standard)) {
    case 'number': {
      const number = text.trim() === '' ? Number.NaN : Number(text);
      return Number.isFinite(number) ? { value: number } : { problem: l10n.t('This is a number, for example 0.001.') };
    }
    case 'boolean':
      return text === 'true' || text === 'false'
        ? { value: text === 'true' }
        : { problem: l10n.t('This is true or false.') };
    case 'text':
      return { value: text === '' && standard === null ? null : text };
    case 'json':
      return readJson(text, standard);
  }
}

function readJson(text: string, standard: JsonValue): FieldValue {
  const wanted = Array.isArray(standard) ? l10n.t('a list, for example [1, 2]') : l10n.t('a map, for example {"a": 1}');
  try {
    const value = JSON.parse(text) as JsonValue;
    const fits = typeof value === 'object' && value !== null && Array.isArray(value) === Array.isArray(standard);
    return fits ? { value } : { problem: l10n.t('This is {0}.', wanted) };
  } catch (error) {
    return {
      problem: l10n.t('This is {0}, as JSON: {1}.', wanted, error instanceof Error ? error.message : String(error)),
    };
  }
}
