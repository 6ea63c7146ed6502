/** The JSON Schema of workflow files (schemas/workflow.schema.json), made from their table of keys, for other editors. */

import type { JsonValue } from '../actions/literal.ts';
import * as l10n from '../text/l10n.ts';
import { isVerb, stepKeys, verbs, workflowKeys } from './schema.ts';
import type { KeyInfo, ValueType } from './value-types.ts';

type Schema = { readonly [key: string]: JsonValue };

const expression: Schema = { type: 'string', pattern: '\\$\\{\\{' };

export function workflowSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Vigil workflow',
    ...mapSchema(workflowKeys),
    definitions: {
      step: {
        description: 'A step does one thing.',
        ...mapSchema(stepKeys),
        oneOf: verbs.map(({ name }) => ({ required: [name] })),
      },
    },
  };
}

function mapSchema(keys: readonly KeyInfo[]): Schema {
  const required = keys.filter((key) => key.required).map(({ name }) => name);
  return {
    type: 'object',
    additionalProperties: false,
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(keys.map((key) => [key.name, keySchema(key)])),
  };
}

function keySchema(key: KeyInfo): Schema {
  const schemas = key.types.flatMap(typeSchemas);
  const [only] = schemas;
  const notes = key.default === undefined ? '' : ` Default: ${l10n.shown(key.default)}.`;
  return {
    description: `${key.doc()}${notes}`,
    ...(only && schemas.length === 1 ? only : { anyOf: schemas }),
    ...(isVerb(key.name) && { title: key.name }),
  };
}

function typeSchemas(type: ValueType): readonly Schema[] {
  switch (type.kind) {
    case 'text':
    case 'event':
    case 'file':
      return [{ type: ['string', 'number'] }];
    case 'time':
    case 'cron':
    case 'timezone':
      return [{ type: 'string' }];
    case 'id':
      return [{ type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }];
    case 'crons':
      return [{ type: 'array', items: { type: 'string' } }];
    case 'events':
      return [{ type: 'array', items: { type: ['string', 'number'] } }, expression];
    case 'duration':
      return [
        { type: 'number', minimum: 0 },
        { type: 'string', pattern: '^\\d+(\\.\\d+)?\\s*[smhdSMHD]?$' },
        expression,
      ];
    case 'flag':
      return [{ type: 'boolean' }, expression];
    case 'expression':
      return [{ type: ['string', 'number', 'boolean'] }];
    case 'any':
      return [{}];
    case 'list':
      return [{ type: 'array' }, expression];
    case 'count':
      return [{ type: 'integer', minimum: type.min }, expression];
    case 'choice':
      return [{ enum: type.values }];
    case 'choices':
      return [{ enum: type.values }, { type: 'array', items: { enum: type.values } }];
    case 'steps':
      return [{ type: 'string' }, { type: 'array', items: { type: 'string' } }];
    case 'scalars':
      return [{ type: 'object', additionalProperties: { type: ['string', 'number', 'boolean', 'null'] } }, expression];
    case 'params':
      return [{ type: 'object', propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_]*$' } }];
    case 'map':
      return [
        { ...mapSchema(type.keys), ...(type.oneOf && { oneOf: type.oneOf.map((name) => ({ required: [name] })) }) },
      ];
    case 'maps':
      return [{ type: 'array', items: { type: 'object' } }, expression];
    case 'matrix':
      return [{ ...mapSchema(type.keys), additionalProperties: { anyOf: [{ type: 'array' }, expression] } }];
    case 'step-list':
      return [{ type: 'array', items: { $ref: '#/definitions/step' } }];
  }
}
