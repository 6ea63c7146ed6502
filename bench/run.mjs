#!/usr/bin/env node
/** Runs the benches, one process each, one after another: `npm run bench`, or some: `npm run bench -- throughput language`. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join, parse } from 'node:path';

const files = globSync('*.{ts,mjs}', { cwd: import.meta.dirname }).filter((file) => file !== 'run.mjs');
const programs = new Map(files.map((file) => [parse(file).name, join(import.meta.dirname, file)]));
const known = [...programs.keys()].sort();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}: ${known.join(', ')}`);
  process.exit(2);
}
const missed = (wanted.length > 0 ? wanted : known).filter((name) => {
  const { status } = spawnSync(process.execPath, ['--expose-gc', programs.get(name)], { stdio: 'inherit' });
  return status !== 0;
});
if (missed.length > 0) console.error(`\nnot all bars were met by: ${missed.join(', ')}`);
process.exit(missed.length > 0 ? 1 : 0);
