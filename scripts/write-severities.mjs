#!/usr/bin/env node
// Writes the codes that the setting vigil.diagnostics.severity offers into package.json, and what each is about into package.nls.json,
// from the catalogue of diagnostics; a test holds them together.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { problemCodes } from '../language/problem/codes.ts';

const root = dirname(import.meta.dirname);
const prefix = 'setting.diagnostics.severity.value.';

change('package.json', (manifest) => {
  const setting = manifest.contributes.configuration.properties['vigil.diagnostics.severity'];
  setting.propertyNames = {
    enum: Object.keys(problemCodes),
    markdownEnumDescriptions: Object.keys(problemCodes).map((code) => `%${prefix}${code}%`),
  };
  return manifest;
});

change('package.nls.json', (texts) => {
  const written = Object.entries(problemCodes).map(([code, { severity, summary }]) => [
    `${prefix}${code}`,
    `${summary} Default: ${severity}.`,
  ]);
  // They stay where they are: after the description of the setting.
  const entries = Object.entries(texts).filter(([key]) => !key.startsWith(prefix));
  entries.splice(entries.findIndex(([key]) => key === 'setting.diagnostics.severity.description') + 1, 0, ...written);
  return Object.fromEntries(entries);
});

function change(name, edit) {
  const file = join(root, name);
  writeFileSync(file, `${JSON.stringify(edit(JSON.parse(readFileSync(file, 'utf8'))), undefined, 2)}\n`);
}
