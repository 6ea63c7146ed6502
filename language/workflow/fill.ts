/** Fills `${{ … }}` in the values of a workflow file, and evaluates its conditions. */
import type { JsonValue } from '../actions/literal.ts';
import { evaluate } from '../expression/evaluate.ts';
import { toText } from '../expression/text.ts';
import { isTruthy, type Value } from '../expression/values.ts';
import { Fragment } from '../text/fragment.ts';
import { hasExpression, parseEmbedded, parseExpressionValue, type TextPart } from './embedded.ts';
import { toJsonValue, toValue } from './json-value.ts';

/** `params`, `run`, `steps`, and where they exist `item` and `payload`. */
export type WorkflowScope = { readonly [name: string]: JsonValue };

/** An expression that cannot be evaluated: the message is Python's, with the expression. */
export class ExpressionError extends Error {}

/** The value with its expressions filled in. A text that is one expression becomes that expression's value. */
export function fill(value: JsonValue, scope: WorkflowScope): JsonValue {
  if (typeof value === 'string') return fillText(value, scope);
  if (value === null || typeof value !== 'object') return value;
  if (isArray(value)) return value.map((item) => fill(item, scope));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner, scope)]));
}

function fillText(text: string, scope: WorkflowScope): JsonValue {
  if (!hasExpression(text)) return text;
  const { parts } = parseEmbedded(whole(text));
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && typeof only !== 'string') {
    const json = toJsonValue(evaluated(only, scope));
    if (json === undefined) throw new ExpressionError(`${text} has no value that JSON can hold`);
    return json;
  }
  return parts.map((part) => (typeof part === 'string' ? part : toText(evaluated(part, scope)))).join('');
}

/** Does the condition of `if` or `match` hold? It may stand in `${{ }}`. */
export function holds(condition: string, scope: WorkflowScope): boolean {
  const { parts } = parseExpressionValue(whole(condition.trim()));
  const [only] = parts;
  if (parts.length !== 1 || only === undefined || typeof only === 'string')
    throw new ExpressionError(`${condition} is not one expression`);
  return isTruthy(evaluated(only, scope));
}

function evaluated(part: Exclude<TextPart, string>, scope: WorkflowScope): Value {
  const lookup = (name: string) => (Object.hasOwn(scope, name) ? toValue(scope[name] ?? null) : undefined);
  const result = evaluate(part.expression, { lookup });
  if (!result.ok) throw new ExpressionError(`\${{ ${part.fragment.text.trim()} }}: ${result.error}`);
  return result.value;
}

const isArray = (json: JsonValue): json is readonly JsonValue[] => Array.isArray(json);

const whole = (text: string) => Fragment.of(text, { start: 0, end: text.length });
