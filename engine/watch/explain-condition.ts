/** A condition with the values that its names have: `loss=11.2 > 10`. Pure. */
import { childrenOf, type Expression } from '../../language/expression/ast.ts';
import { parseExpression } from '../../language/expression/parse.ts';

/** Longer values are cut. */
const longestValue = 60;

/** Their first argument is the name of a capture, not its value. */
const namingCalls: ReadonlySet<string> = new Set(['previous', 'history', 'mean', 'rate']);

/**
 * `source` with `=value` behind each name that `textOf` knows; `null` is None.
 * @param textOf the text that a name stands for; `undefined`: it is left as it is written
 */
export function explainCondition(source: string, textOf: (name: string) => string | null | undefined): string {
  const { expression } = parseExpression(source);
  const inserts = expression ? insertsOf(expression, source, textOf) : [];
  return [...inserts]
    .sort((a, b) => b.at - a.at)
    .reduce((text, { at, value }) => `${text.slice(0, at)}=${value}${text.slice(at)}`, source);
}

interface Insert {
  readonly at: number;
  readonly value: string;
}

function insertsOf(
  expression: Expression,
  source: string,
  textOf: (name: string) => string | null | undefined,
): readonly Insert[] {
  if (expression.kind === 'name') {
    const { name, span } = expression;
    const value = textOf(name);
    // Offsets within an f-string count from elsewhere: what does not stand there gets no value.
    if (value === undefined || source.slice(span.start, span.end) !== name) return [];
    return [{ at: span.end, value: shown(value) }];
  }
  const isNaming = expression.kind === 'call' && namingCalls.has(expression.name);
  return childrenOf(expression).flatMap((child, index) =>
    isNaming && index === 0 && child.kind === 'name' ? [] : insertsOf(child, source, textOf),
  );
}

/** A number as it is printed, another text in quotes. */
function shown(value: string | null): string {
  if (value === null) return 'None';
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value)) return value;
  return JSON.stringify(value.length > longestValue ? `${value.slice(0, longestValue - 1)}…` : value);
}
