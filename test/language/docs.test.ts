/** docs/language.md names all that there is. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allActionNames } from '../../language/actions/catalogue.ts';
import { functions, historyFunctions, methods, variables } from '../../language/expression/names.ts';
import { propertyNames } from '../../language/watcher/properties.ts';

const docs = join(import.meta.dirname, '..', '..', 'docs');
const language = readFileSync(join(docs, 'language.md'), 'utf8');

describe('docs/language.md', () => {
  it.each([
    ['property', propertyNames],
    ['action', allActionNames],
    ['function', [...Object.keys(functions), ...Object.keys(historyFunctions)]],
    ['method', Object.keys(methods)],
    ['name', Object.keys(variables)],
  ])('names every %s', (_what, names) => {
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(language))).toEqual([]);
  });
});
