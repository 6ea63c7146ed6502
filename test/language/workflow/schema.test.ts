/** The JSON Schema that other editors use says what the parser says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { checkWorkflow } from '../../../language/workflow/check-workflow.ts';
import { workflowSchema } from '../../../language/workflow/json-schema.ts';
import { parseWorkflow } from '../../../language/workflow/parse-workflow.ts';
import { stepKeys, workflowKeys } from '../../../language/workflow/schema.ts';
import type { KeyInfo } from '../../../language/workflow/value-types.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (...path: readonly string[]) => readFileSync(join(root, ...path), 'utf8');

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly required?: readonly string[];
  readonly properties?: { readonly [name: string]: Schema };
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly definitions?: { readonly [name: string]: Schema };
}

const known = new Set([
  ...['$schema', 'title', 'description', '$ref', 'type', 'enum', 'pattern', 'minimum', 'required', 'properties'],
  ...['additionalProperties', 'propertyNames', 'items', 'anyOf', 'oneOf', 'definitions'],
]);

const schema: Schema = JSON.parse(read('schemas', 'workflow.schema.json'));

function typeOf(value: unknown): readonly string[] {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  if (typeof value === 'number') return Number.isInteger(value) ? ['number', 'integer'] : ['number'];
  return [typeof value];
}

/** The part of JSON Schema (draft 7) that the schema uses. */
function isValid(value: unknown, rule: Schema): boolean {
  for (const key of Object.keys(rule)) if (!known.has(key)) throw new Error(`${key} is not known here`);
  if (rule.$ref !== undefined) {
    const target = schema.definitions?.[rule.$ref.replace('#/definitions/', '')];
    if (!target) throw new Error(`${rule.$ref} is nothing`);
    return isValid(value, target);
  }
  const types = typeof rule.type === 'string' ? [rule.type] : rule.type;
  if (types && !typeOf(value).some((type) => types.includes(type))) return false;
  if (rule.enum && !rule.enum.includes(value)) return false;
  if (rule.pattern !== undefined && typeof value === 'string' && !new RegExp(rule.pattern).test(value)) return false;
  if (rule.minimum !== undefined && typeof value === 'number' && value < rule.minimum) return false;
  if (rule.anyOf && !rule.anyOf.some((each) => isValid(value, each))) return false;
  if (rule.oneOf && rule.oneOf.filter((each) => isValid(value, each)).length !== 1) return false;
  if (Array.isArray(value)) return value.every((item) => !rule.items || isValid(item, rule.items));
  return typeof value !== 'object' || value === null || isValidMap(value as { [key: string]: unknown }, rule);
}

function isValidMap(value: { readonly [key: string]: unknown }, rule: Schema): boolean {
  if (rule.required?.some((name) => !Object.hasOwn(value, name))) return false;
  return Object.entries(value).every(([name, item]) => {
    if (rule.propertyNames && !isValid(name, rule.propertyNames)) return false;
    const property = rule.properties && Object.hasOwn(rule.properties, name) ? rule.properties[name] : undefined;
    if (property) return isValid(item, property);
    const others = rule.additionalProperties ?? true;
    return typeof others === 'boolean' ? others : isValid(item, others);
  });
}

/** Keys of a map and of the maps in it. */
function allKeys(keys: readonly KeyInfo[]): readonly KeyInfo[] {
  return keys.flatMap((key) => [key, ...key.types.flatMap((type) => ('keys' in type ? allKeys(type.keys) : []))]);
}

it('docs/workflows.md explains every key', () => {
  const docs = read('docs', 'workflows.md');
  const missing = allKeys([...workflowKeys, ...stepKeys]).filter(
    ({ name, doc }) => !docs.split('\n').some((line) => line.startsWith(`- \`${name}\``) && line.endsWith(doc())),
  );
  expect(missing.map(({ name }) => name)).toEqual([]);
});

const step = (text: string) => `steps: [${text}]`;

describe('schemas/workflow.schema.json', () => {
  it('is what scripts/write-schema.mjs writes', () => {
    expect(schema).toEqual(workflowSchema());
  });

  it('is what package.json names for workflow files', () => {
    const { contributes } = JSON.parse(read('package.json'));
    expect(contributes.yamlValidation).toEqual([
      { fileMatch: ['*.vigil.yaml', '*.vigil.yml'], url: './schemas/workflow.schema.json' },
    ]);
  });

  it('describes every key', () => {
    const described = (rule: Schema | undefined) =>
      Object.entries(rule?.properties ?? {}).filter(([, property]) => 'description' in property);
    expect(described(schema).map(([name]) => name)).toEqual(workflowKeys.map(({ name }) => name));
    expect(described(schema.definitions?.step).map(([name]) => name)).toEqual(stepKeys.map(({ name }) => name));
  });

  it.each([
    read('examples', 'train-then-publish.vigil.yaml'),
    step('{ run: a }'),
    step('{ submit: a.sh, id: x, timeout: 5m, on_timeout: continue }'),
    step('{ submit: { script: a.sh, env: { A: 1, B: x, C: true }, options: { mem: 1G } } }'),
    step('{ sleep: 1.5h }, { sleep: 90 }, { sleep: "${{ params.n }}" }'),
    step('{ run: a, retry: 3 }, { run: b, retry: { on: timeout, backoff: fixed } }'),
    step('{ run: a, foreach: [1, { a: 2 }], max_parallel: 2, continue_on_error: true }'),
    step('{ run: a }, { run: b, trigger_rule: all_done }'),
    step(
      '{ run: a, matrix: { x: [1], y: "${{ params.n }}", include: [{ x: 3, z: 4 }], exclude: [{ x: 1 }] }, fail_fast: false }',
    ),
    step('{ sleep: { until: 2026-11-22, timezone: UTC } }, { sleep: { cron: "@daily" } }, { sleep: { for: 5m } }'),
    step('{ await_event: { any_of: [a, b] } }, { await_event: { all_of: "${{ params.n }}", timeout: 5m } }'),
    step('{ run: a, if: true }, { emit_event: { name: a, payload: [1], from: b } }'),
    step('{ await_event: { name: a, count: 3, match: payload > 1 } }'),
    'params: { a: 1, b: [x], c: null }\nsteps: []',
    'on: { cron: ["@daily", 0 6 * * *], timezone: UTC, event: a, match: payload > 1 }\nsteps: []',
    'on: { cron: "@daily", event: [a, b] }\nsteps: []',
  ])('accepts what the parser accepts: %s', (text) => {
    expect(isValid(parseDocument(text).toJS(), schema)).toBe(true);
    const problems = checkWorkflow(parseWorkflow(text)).filter(({ code }) => code !== 'workflow/unknown-name');
    expect(problems).toEqual([]);
  });

  it.each([
    'name: x',
    'steps: go',
    `nmae: x\n${step('{ run: a }')}`,
    `params: { a-b: 1 }\n${step('{ run: a }')}`,
    step('go'),
    step('{ id: a }'),
    step('{ run: a, sleep: 5 }'),
    step('{ run: a, id: a-b }'),
    step('{ run: a, needs: { a: 1 } }'),
    step('{ submit: { env: { A: 1 } } }'),
    step('{ submit: { script: a, colour: red } }'),
    step('{ run: a, env: { A: [1] } }'),
    step('{ sleep: soon }'),
    step('{ sleep: -5 }'),
    step('{ run: a, retry: 0 }'),
    step('{ run: a, retry: { on: [never] } }'),
    step('{ run: a, timeout: 5m, on_timeout: wait }'),
    step('{ run: a, continue_on_error: "yes" }'),
    step('{ run: a, foreach: many }'),
    `on: daily\n${step('{ run: a }')}`,
    `on: { event: { a: 1 } }\n${step('{ run: a }')}`,
    step('{ sleep: { for: 5m, cron: "@daily" } }'),
    step('{ sleep: {} }'),
    step('{ await_event: { timeout: 5m } }'),
    step('{ await_event: { any_of: [a], name: a } }'),
    step('{ await_event: { any_of: { a: 1 } } }'),
    step('{ run: a }, { run: b, trigger_rule: sometimes }'),
    step('{ run: a, matrix: { x: 1 } }'),
    step('{ run: a, matrix: { x: [1], include: [1] } }'),
    step('{ run: a, matrix: { x: [1] }, fail_fast: 1 }'),
    step('{ run: a, foreach: [1], max_parallel: 1.5 }'),
  ])('refuses what the parser refuses: %s', (text) => {
    expect(isValid(parseDocument(text).toJS(), schema)).toBe(false);
    expect(checkWorkflow(parseWorkflow(text)).map(({ severity }) => severity)).toContain('error');
  });
});
