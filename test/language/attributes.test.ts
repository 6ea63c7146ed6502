/** Attributes in expressions: a part of workflow files, not of conditions. */
import { describe, expect, it } from 'vitest';
import { type Evaluation, evaluate } from '../../language/expression/evaluate.ts';
import { parseExpression } from '../../language/expression/parse.ts';
import { Dict, type Value } from '../../language/expression/values.ts';

function dict(entries: { readonly [key: string]: Value }): Dict {
  const result = new Dict();
  for (const [key, value] of Object.entries(entries)) result.set(key, value);
  return result;
}

const steps = dict({ train: dict({ payload: dict({ loss: 0.5, name: 'Ada' }) }) });

function run(text: string): Evaluation {
  const { expression, problems } = parseExpression(text, 'workflow');
  expect(problems).toEqual([]);
  return evaluate(expression, { lookup: (name) => (name === 'steps' ? steps : undefined) });
}

describe('attributes', () => {
  it.each([
    ['steps.train.payload.loss', 0.5],
    ['steps.train.payload.loss < 1 and not False', true],
    ['steps["train"].payload["loss"] * 2', 1],
    ['steps.train.payload.name.lower()', 'ada'],
    ['f"{steps.train.payload.name}!"', 'Ada!'],
  ])('%s', (text, value) => expect(run(text)).toEqual({ ok: true, value }));

  it('that do not exist are errors', () => {
    expect(run('steps.prepare.payload')).toEqual({ ok: false, error: "AttributeError: there is no 'prepare'" });
    expect(run('steps.train.payload.name.first')).toEqual({ ok: false, error: "AttributeError: there is no 'first'" });
  });

  it('have their place', () => {
    const { expression } = parseExpression(' steps.train ', 'workflow');
    expect(expression).toMatchObject({
      kind: 'attribute',
      nameSpan: { start: 7, end: 12 },
      span: { start: 1, end: 12 },
    });
  });

  it.each(['steps.', 'steps._secret', 'steps.train.', 'f"{steps.}"'])('%s is refused', (text) => {
    expect(parseExpression(text, 'workflow').problems).toHaveLength(1);
  });

  it('are none of conditions', () => {
    expect(parseExpression('line.text').problems[0]?.code).toBe('condition/not-supported');
    expect(parseExpression('f"{line.text}"').problems[0]?.code).toBe('condition/not-supported');
  });
});
