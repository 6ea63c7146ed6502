/** An action's parameters at the time of a trigger: variables filled in, or their values beside a text that is left as it is. Pure. */
import { findAction } from '../../language/actions/catalogue.ts';
import { interpolate } from '../../language/template/interpolate.ts';
import { parseTemplate, type TemplatePart } from '../../language/template/parse-template.ts';
import type { ActionSpec } from '../../language/watcher/spec.ts';
import type { JsonValue } from '../protocol.ts';
import type { ActionIntent } from '../store/records.ts';

type Lookup = (name: string) => string | undefined;

/** Of a `verbatim` parameter (a command) the text stays as written: the values of its variables come beside it. */
export function actionParams(action: ActionSpec, lookup: Lookup): Pick<ActionIntent, 'params' | 'variables'> {
  const info = findAction(action.name);
  const isVerbatim = (name: string) => info?.parameters.some((one) => one.name === name && one.verbatim) === true;
  const variables: { [name: string]: string } = {};
  const params = Object.entries(action.params).map(([name, value]) => {
    if (!isVerbatim(name)) return [name, filledIn(value, lookup)] as const;
    if (typeof value === 'string') parseTemplate(value).forEach((part) => void collect(part, lookup, variables));
    return [name, value] as const;
  });
  return {
    params: Object.fromEntries(params),
    ...(Object.keys(variables).length > 0 ? { variables } : {}),
  };
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
