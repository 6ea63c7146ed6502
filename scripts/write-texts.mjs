#!/usr/bin/env node
// Writes the texts for people, which are what `l10n.t('…')` and `l10n.later('…')` are called with, into l10n/bundle.l10n.json: what
// translations are made of.
// `--check` writes nothing, and fails where the file is not up to date.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const bundle = join(root, 'l10n', 'bundle.l10n.json');
const call = /\bl10n\.(?:t|later)\(\s*/g;
/** The engine and `vigil` write English. */
const sources = ['client/**/*.ts', 'language/**/*.ts', 'server/**/*.ts', 'webview/**/*.ts'];
const literal = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/y;

const texts = new Set();
const unreadable = [];
for (const file of globSync(sources, { cwd: root })) {
  const source = readFileSync(join(root, file), 'utf8');
  for (const match of source.matchAll(call)) {
    literal.lastIndex = match.index + match[0].length;
    const written = literal.exec(source)?.[0];
    // A literal of our own sources.
    if (written) texts.add(new Function(`return ${written}`)());
    else unreadable.push(`${file}:${source.slice(0, match.index).split('\n').length}`);
  }
}
if (unreadable.length > 0) {
  console.error(
    `l10n.t() and l10n.later() take a text in quotes, with {0}, {1}, … for values: ${unreadable.join(', ')}`,
  );
  process.exit(1);
}

const wanted = `${JSON.stringify(Object.fromEntries([...texts].sort().map((text) => [text, text])), undefined, 2)}\n`;
if (!process.argv.includes('--check')) writeFileSync(bundle, wanted);
else if (readFileSync(bundle, 'utf8') !== wanted) {
  console.error('l10n/bundle.l10n.json is not what the sources say: run `npm run texts`');
  process.exit(1);
}
