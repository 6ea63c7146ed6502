/** docs/diagnostics.md and docs/language.md say what the code does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allActionNames } from '../../language/actions/catalogue.ts';
import { functions, historyFunctions, methods, variables } from '../../language/expression/names.ts';
import { problemCodes } from '../../language/problem/codes.ts';
import { propertyNames } from '../../language/watcher/properties.ts';

const docs = join(import.meta.dirname, '..', '..', 'docs');
const diagnostics = readFileSync(join(docs, 'diagnostics.md'), 'utf8');
const language = readFileSync(join(docs, 'language.md'), 'utf8');

describe('docs/diagnostics.md', () => {
  it('explains every code, and no other', () => {
    const headings = [...diagnostics.matchAll(/^### (\S+)$/gm)].map((match) => match[1]);
    expect(headings).toEqual(Object.keys(problemCodes));
  });

  it.each(Object.entries(problemCodes))('names the severity of %s', (code, { severity }) => {
    const section = diagnostics.slice(diagnostics.indexOf(`### ${code}\n`));
    expect(section.split('\n')[1]?.toLowerCase()).toMatch(new RegExp(`^\\*${severity}[,.]`));
  });
});

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
