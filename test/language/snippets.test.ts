/** The snippets that the extension brings make scripts without mistakes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkScript } from '../../language/check/check-script.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import { bindWatchers } from '../../language/watcher/spec.ts';
import { checkWorkflow } from '../../language/workflow/check-workflow.ts';
import { parseWorkflow } from '../../language/workflow/parse-workflow.ts';

interface Snippet {
  readonly prefix: readonly string[];
  readonly body: readonly string[];
}

function read(file: string): readonly (readonly [string, Snippet])[] {
  const path = join(import.meta.dirname, '..', '..', 'snippets', file);
  return Object.entries(JSON.parse(readFileSync(path, 'utf8')) as { [name: string]: Snippet });
}

const snippets = read('watchers.code-snippets');
const workflowSnippets = read('workflows.code-snippets');

/** What an editor inserts: stops removed, placeholders' texts kept, escapes resolved. */
function expand(body: readonly string[]): string {
  return body
    .join('\n')
    .replace(/\$\{\d+\|([^,|]*)[^}]*\|\}/g, '$1')
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

it('there is one for each thing that people watch for', () => {
  const prefixes = snippets.flatMap(([, { prefix }]) => prefix);
  const topics = 'error progress gpu loss nan plateau checkpoint oom timeout stalled silence metric event'.split(' ');
  expect(prefixes.filter((prefix) => prefix.startsWith('watcher-')).sort()).toEqual(
    topics.map((topic) => `watcher-${topic}`).sort(),
  );
});

it.each(workflowSnippets)('%s', (name, { body }) => {
  const text = expand(body);
  const indented = name === 'Workflow' ? text : `steps:\n${text.replace(/^(?=.)/gm, '  ')}`;
  const problems = checkWorkflow(parseWorkflow(indented)).map(({ code, message }) => `${code}: ${message}`);
  expect(problems).toEqual([]);
});

it('each has a prefix of its own', () => {
  const prefixes = [...snippets, ...workflowSnippets].flatMap(([, { prefix }]) => prefix);
  expect(new Set(prefixes).size).toBe(prefixes.length);
});
