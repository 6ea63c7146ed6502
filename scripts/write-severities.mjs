#!/usr/bin/env node
// Writes the codes that the setting vigil.diagnostics.severity offers into package.json, from the catalogue of diagnostics; a test
// holds the two together.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { problemCodes } from '../language/problem/codes.ts';

const file = join(dirname(import.meta.dirname), 'package.json');
const manifest = JSON.parse(readFileSync(file, 'utf8'));
const setting = manifest.contributes.configuration.properties['vigil.diagnostics.severity'];
setting.propertyNames = {
  enum: Object.keys(problemCodes),
  markdownEnumDescriptions: Object.values(problemCodes).map(
    ({ severity, summary }) => `${summary} Default: ${severity}.`,
  ),
};
writeFileSync(file, `${JSON.stringify(manifest, undefined, 2)}\n`);
