import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

interface Rule {
  /** Files and folders of ours that may be imported; a type-only import may come from `types` too. */
  readonly ours: readonly string[];
  readonly types?: readonly string[];
  readonly packages: readonly RegExp[];
}

/** The table of docs/architecture.md. */
const rules: { readonly [folder: string]: Rule } = {
  language: { ours: ['language/'], packages: [/^yaml$/] },
  server: {
    ours: ['server/', 'language/'],
    packages: [/^vscode-languageserver/, /^vscode-uri$/, /^node:(fs|path|url)$/],
  },
  engine: {
    ours: ['engine/', 'language/'],
    packages: [
      /^node:/,
      /^ssh2(\/lib\/protocol\/SFTP\.js)?$/,
      /^ssh-config$/,
      /^nodemailer$/,
      /^openworkflow(\/|$)/,
      /^postgres$/,
      /^vscode-jsonrpc/,
    ],
  },
  client: {
    ours: [
      'client/',
      'engine/protocol.ts',
      'engine/protocol/',
      'engine/assistant/',
      'engine/text/',
      'engine/launch.ts',
      'engine/event.ts',
      'engine/eventlog/job-phases.ts',
      'engine/eventlog/rfc18.ts',
      'language/directives/cluster-facts.ts',
      'language/text/l10n.ts',
      'webview/graph-layout.ts',
    ],
    types: ['language/', 'webview/messages.ts', 'webview/timeline-view.ts'],
    packages: [/^vscode$/, /^node:/, /^vscode-languageclient/, /^vscode-jsonrpc/],
  },
  webview: { ours: ['webview/', 'language/text/l10n.ts'], packages: [] },
  cli: {
    ours: ['cli/', 'language/', 'engine/'],
    packages: [/^node:/, /^vscode-jsonrpc/, /^@modelcontextprotocol\/sdk\//],
  },
};

const importStatement =
  /^(?:import|export)\s+(type\s)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(['"]([^'"]+)['"]\)/gm;

function violations(folder: string, rule: Rule): string[] {
  return globSync(`${folder}/**/*.ts`, { cwd: root }).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return [...text.matchAll(importStatement)]
      .map((match) => ({ typeOnly: match[1] !== undefined, target: match[2] ?? match[3] ?? '' }))
      .filter(({ target, typeOnly }) => !isAllowed(rule, file, target, typeOnly))
      .map(({ target }) => `${file} imports ${target}`);
  });
}

function isAllowed(rule: Rule, file: string, target: string, typeOnly: boolean): boolean {
  if (!target.startsWith('.')) return rule.packages.some((name) => name.test(target));
  const path = normalize(join(dirname(file), target)).replaceAll('\\', '/');
  return [...rule.ours, ...(typeOnly ? (rule.types ?? []) : [])].some((allowed) => path.startsWith(allowed));
}

describe('imports follow docs/architecture.md', () => {
  it.each(Object.entries(rules))('%s/', (folder, rule) => expect(violations(folder, rule)).toEqual([]));

  it('notices what is not allowed', () => {
    const { client, language } = rules;
    if (!client || !language) throw new Error('no rules');
    expect(isAllowed(language, 'language/a.ts', 'node:fs', false)).toBe(false);
    expect(isAllowed(language, 'language/a.ts', '../engine/clock.ts', false)).toBe(false);
    expect(isAllowed(client, 'client/a.ts', '../engine/engine.ts', false)).toBe(false);
    expect(isAllowed(client, 'client/a.ts', '../language/text/span.ts', false)).toBe(false);
    expect(isAllowed(client, 'client/a.ts', '../language/text/span.ts', true)).toBe(true);
  });
});

describe('no file is too long to fit in a head', () => {
  it('500 lines', () => {
    const long = Object.keys(rules)
      .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))
      .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length }))
      .filter(({ lines }) => lines > 500);
    expect(long).toEqual([]);
  });
});
