/** The snippets that the extension brings make scripts without mistakes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkScript } from '../../language/check/check-script.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import { bindWatchers } from '../../language/watcher/spec.ts';

interface Snippet {
  readonly prefix: readonly string[];
  readonly body: readonly string[];
}

const file = join(import.meta.dirname, '..', '..', 'snippets', 'watchers.code-snippets');
const snippets = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as { [name: string]: Snippet });

/** What an editor inserts: stops removed, placeholders' texts kept, escapes resolved. */
function expand(body: readonly string[]): string {
  return body
    .join('\n')
    .replace(/(?<!\\)\$\{\d+:((?:\\.|[^}])*)\}/g, '$1')
    .replace(/(?<!\\)\$\d+/g, '')
    .replace(/\\([$}\\])/g, '$1');
}

it.each(snippets)('%s', (_name, { body }) => {
  const text = expand(body);
  const script = parseScript(text.startsWith('#!') ? text : `#!/bin/bash\n${text}`);
  expect(checkScript(script)).toEqual([]);
  expect(bindWatchers(script)).toHaveLength(text.includes('#WATCHER') ? 1 : 0);
});

it('each has a prefix of its own', () => {
  const prefixes = snippets.flatMap(([, { prefix }]) => prefix);
  expect(new Set(prefixes).size).toBe(prefixes.length);
});
