#!/usr/bin/env node
// Writes schemas/workflow.schema.json from the table of keys in language/workflow/schema.ts; a test holds the two together.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { workflowSchema } from '../language/workflow/json-schema.ts';

const root = dirname(import.meta.dirname);
const file = join(root, 'schemas', 'workflow.schema.json');
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(workflowSchema(), undefined, 2)}\n`);
execFileSync(join(root, 'node_modules', '.bin', 'biome'), ['format', '--write', file], { stdio: 'inherit' });
