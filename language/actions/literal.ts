/** Python literals as JSON: the values of action parameters. */
import type { Expression } from '../expression/ast.ts';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** JSON's own words for Python's. */
const jsonNames: { readonly [name: string]: boolean | null } = { true: true, false: false, null: null };

/** Is it a literal, with nothing to compute but signs? */
export function isLiteral(expression: Expression): boolean {
  switch (expression.kind) {
    case 'literal':
      return true;
    case 'name':
      return Object.hasOwn(jsonNames, expression.name);
    case 'list':
    case 'tuple':
      return expression.items.every(isLiteral);
    case 'dict':
      return expression.entries.every(({ key, value }) => key.kind === 'literal' && isLiteral(value));
    case 'unary':
      return expression.operator !== 'not' && typeof literalValue(expression.operand) === 'number';
    default:
      return false;
  }
}

/** undefined: not a literal. Keys of maps become texts. */
export function literalValue(expression: Expression): JsonValue | undefined {
  switch (expression.kind) {
    case 'literal':
      return typeof expression.value === 'bigint' ? Number(expression.value) : expression.value;
    case 'name':
      return Object.hasOwn(jsonNames, expression.name) ? jsonNames[expression.name] : undefined;
    case 'list':
    case 'tuple': {
      const items = expression.items.map(literalValue).filter((item) => item !== undefined);
      return items.length === expression.items.length ? items : undefined;
    }
    case 'dict':
      return mapValue(expression.entries);
    case 'unary': {
      const operand = literalValue(expression.operand);
      if (typeof operand !== 'number' || expression.operator === 'not') return undefined;
      return expression.operator === '-' ? -operand : operand;
    }
    default:
      return undefined;
  }
}

function mapValue(entries: readonly { readonly key: Expression; readonly value: Expression }[]): JsonValue | undefined {
  const pairs: [string, JsonValue][] = [];
  for (const { key, value } of entries) {
    const item = literalValue(value);
    if (key.kind !== 'literal' || item === undefined) return undefined;
    pairs.push([String(key.value), item]);
  }
  return Object.fromEntries(pairs);
}
