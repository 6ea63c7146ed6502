/** An action's parameters at the time of a trigger: variables filled in, or their values beside a text that is left as it is. Pure. */
import { findAction } from '../../language/actions/catalogue.ts';
import { interpolate } from '../../language/template/interpolate.ts';
import { parseTemplate, type TemplatePart } from '../../language/template/parse-template.ts';
import type { ActionSpec } from '../../language/watcher/spec.ts';
import type { JsonValue } from '../protocol.ts';
import type { ActionIntent } from '../store/records.ts';

type Lookup = (name: string) => string | undefined;

/**
 * Of a `verbatim` parameter (a command) the text stays as written: the values of its variables come beside it. They and what
 * was written come beside an `interpreted` one.
 */
export function actionParams(
  action: ActionSpec,
  lookup: Lookup,
): Pick<ActionIntent, 'params' | 'written' | 'variables'> {
  const info = findAction(action.name);
  const written: { [name: string]: JsonValue } = {};
  const variables: { [name: string]: string } = {};
  const params = Object.entries(action.params).map(([name, value]) => {
    const parameter = info?.parameters.find((one) => one.name === name);
    const parts = parameter?.verbatim || parameter?.interpreted ? partsOf(value) : [];
    parts.forEach((part) => void collect(part, lookup, variables));
    if (parameter?.verbatim) return [name, value] as const;
    if (parts.some((part) => part.kind === 'variable')) written[name] = value;
    return [name, filledIn(value, lookup)] as const;
  });
  return {
    params: Object.fromEntries(params),
    ...(Object.keys(written).length > 0 ? { written } : {}),
    ...(Object.keys(variables).length > 0 ? { variables } : {}),
  };
}

/** Of all texts in it. */
export function partsOf(value: JsonValue): readonly TemplatePart[] {
  if (typeof value === 'string') return parseTemplate(value);
  return value === null || typeof value !== 'object' ? [] : Object.values(value).flatMap(partsOf);
}

function collect(part: TemplatePart, lookup: Lookup, variables: { [name: string]: string }): void {
  if (part.kind !== 'variable') return;
  const value = lookup(part.name);
  if (value !== undefined) variables[part.name] = value;
  part.word.forEach((inner) => void collect(inner, lookup, variables));
}

function filledIn(value: JsonValue, lookup: Lookup): JsonValue {
  if (typeof value === 'string') return interpolate(value, lookup);
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map((item) => filledIn(item, lookup));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filledIn(item, lookup)]));
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);
