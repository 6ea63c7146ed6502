/** What the checker says of types, against what happens: an expression that it faults always raises, here and in CPython. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../language/expression/evaluate.ts';
import { inferTypes } from '../../language/expression/infer.ts';
import { parseExpression } from '../../language/expression/parse.ts';
import { anyType, constantType, kindOf, listOf, type Type, typeOf } from '../../language/expression/types.ts';
import type { Value } from '../../language/expression/values.ts';
import { askPython, pythonVersion, randomSource } from './python.ts';

/** Names, their types, and values that they take in turns. */
const names: { readonly [name: string]: readonly [Type, readonly Value[]] } = {
  text: [typeOf('str', 'none'), ['2.5', '7', '', null, 'a b', '{}']],
  line: [typeOf('str'), ['x', '12', 'nan']],
  n: [typeOf('int'), [0n, 3n, -2n, 100n]],
  x: [typeOf('float'), [0, 0.5, -1.5, Number.POSITIVE_INFINITY, Number.NaN]],
  flag: [typeOf('bool'), [true, false]],
  nums: [listOf(typeOf('float')), [[], [1.5], [2.5, -1, 3]]],
  words: [listOf(typeOf('str')), [['a'], [], ['b', 'c']]],
};

const scope = { nameType: (name: string) => names[name]?.[0] ?? anyType };

function randomExpression(random: (below: number) => number, depth: number): string {
  const pick = (...options: readonly string[]) => options[random(options.length)] ?? '';
  if (depth === 0 || random(6) === 0) {
    return pick(
      ...Object.keys(names),
      '5',
      '2.5',
      '"a"',
      '"7"',
      'True',
      'None',
      '[]',
      '(1, "a")',
      '{"a": 1}',
      '0',
      '-1',
    );
  }
  const inner = () => randomExpression(random, depth - 1);
  switch (random(9)) {
    case 0:
    case 1:
      return `(${inner()} ${pick('+', '-', '*', '/', '//', '**')} ${inner()})`;
    case 2:
      return `(${inner()} ${pick('<', '<=', '>', '>=', '==', 'in', 'not in', 'is')} ${inner()})`;
    case 3:
      return `${pick('float', 'int', 'str', 'len', 'abs', 'round', 'bool', 'sum', 'any', 'sorted', 'min', 'max')}(${inner()})`;
    case 4:
      return `${pick('min', 'max', 'round', 'int', 'len')}(${inner()}, ${inner()})`;
    case 5:
      return `${inner()}${pick('.lower()', '.split()', `.startswith(${inner()})`, `.find(${inner()})`, '.strip(1)', '.isdigit()')}`;
    case 6:
      return `${inner()}[${inner()}]`;
    case 7:
      return `${inner()}[${inner()}:]`;
    default:
      return pick(
        `(-${inner()})`,
        `(not ${inner()})`,
        `[${inner()}, ${inner()}]`,
        `f"{${inner().replaceAll('"', "'")}:.1f}"`,
      );
  }
}

const program = `
import json, sys
inf, nan = float('inf'), float('nan')
out = []
for e, env in json.load(sys.stdin):
    try:
        eval(e, {}, {k: eval(v) for k, v in env.items()})
        out.append(None)
    except Exception as error:
        out.append(type(error).__name__)
print(json.dumps(out))
`;

function written(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return 'nan';
    return Number.isFinite(value) ? (Number.isInteger(value) ? `${value}.0` : String(value)) : 'inf';
  }
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

/** The names with the `turn`-th of their values. */
const environment = (turn: number) =>
  Object.fromEntries(Object.entries(names).map(([name, [, values]]) => [name, values[turn % values.length] ?? null]));

const faulty: string[] = [];
const wellTyped: string[] = [];
const random = randomSource(11);
while (faulty.length < 1500) {
  const text = randomExpression(random, 1 + random(3));
  const parsed = parseExpression(text);
  if (parsed.problems.length > 0) continue;
  const { faults } = inferTypes(parsed.expression, scope);
  if (faults.some(({ kind }) => kind === 'raises')) faulty.push(text);
  else wellTyped.push(text);
}

describe('the inference of types', () => {
  it('faults only what always raises', () => {
    for (const text of faulty) {
      const { expression } = parseExpression(text);
      for (let turn = 0; turn < 6; turn++) {
        const values = environment(turn);
        const result = evaluate(expression, { lookup: (name) => values[name] });
        expect({ text, turn, ok: result.ok }).toEqual({ text, turn, ok: false });
      }
    }
  });

  it('tells the type of every result', () => {
    expect(wellTyped.length).toBeGreaterThan(500);
    for (const text of wellTyped) {
      const { expression } = parseExpression(text);
      const { type } = inferTypes(expression, scope);
      for (let turn = 0; turn < 6; turn++) {
        const values = environment(turn);
        const result = evaluate(expression, { lookup: (name) => values[name] });
        if (result.ok)
          expect({ text, turn, kind: kindOf(result.value), told: type.kinds.has(kindOf(result.value)) }).toMatchObject({
            told: true,
          });
      }
    }
  });

  it.skipIf(pythonVersion() === undefined)('faults only what raises in CPython', () => {
    const cases = faulty.flatMap((text) =>
      [0, 1, 2].map((turn) => [
        text,
        Object.fromEntries(Object.entries(environment(turn)).map(([name, value]) => [name, written(value)])),
      ]),
    );
    const answers = askPython(program, cases) as (string | null)[];
    expect(cases.filter((_, index) => answers[index] === null)).toEqual([]);
  });

  it('knows constants', () => {
    const infer = (text: string) => inferTypes(parseExpression(text).expression, scope).type;
    expect(infer('1 + 2')).toEqual(constantType(3n));
    expect(infer('"a" < "b" < "c"').value).toBe(true);
    expect(infer('n > 1').value).toBeUndefined();
  });
});
