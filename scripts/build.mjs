#!/usr/bin/env node
// Bundles the programs into dist/. `--watch` rebuilds on change.
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, context } from 'esbuild';
import manifest from '../package.json' with { type: 'json' };
import texts from '../package.nls.json' with { type: 'json' };

const root = dirname(import.meta.dirname);

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  // The language server and `vigil check` run on any Node from 20; the engine needs node:sqlite (22.13).
  target: 'node20',
  minify: true,
  keepNames: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  define: { VIGIL_VERSION: JSON.stringify(manifest.version) },
  // ssh2's native speed-ups are optional; without them it runs in plain JavaScript.
  external: ['cpu-features', '*.node'],
};

const moduleUrl = "const vigilModuleUrl = require('node:url').pathToFileURL(__filename).href;";

/** What is imported dynamically stays outside of the bundle, as one of its own. */
const apart = (filter, bundle) => ({
  name: `${bundle}-apart`,
  setup: ({ onResolve }) => {
    onResolve({ filter }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: `./${bundle}.js`, external: true } : undefined,
    );
  },
});

/** Every window reads the extension's bundle: the library of this one is larger than the extension. */
const languageClientApart = apart(/\/language-client\.ts$/, 'language-client');

/** Other commands of `vigil` need not read the library of this one. */
const mcpApart = apart(/^\.\/server\.ts$/, 'mcp');

/** The tools of assistants: what VS Code's chat is told of them, `vigil mcp` tells others. */
const tools = manifest.contributes.languageModelTools.map(({ name, displayName, modelDescription, inputSchema }) => ({
  name,
  title: texts[displayName.replaceAll('%', '')],
  description: modelDescription,
  inputSchema,
}));

/**
 * `import * as vscode` would copy all of VS Code's API into an object of its own for each of our files: half of the time that
 * loading takes. Here each name that the client uses is taken from it once.
 */
const vscodeOnce = {
  name: 'vscode-once',
  setup: ({ onResolve, onLoad }) => {
    const isOurs = (importer) => importer !== '' && !importer.includes('node_modules');
    onResolve({ filter: /^vscode$/ }, ({ importer, namespace }) =>
      namespace === 'file' && isOurs(importer) ? { path: 'vscode', namespace: 'vscode-once' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'vscode-once' }, () => {
      const sources = globSync('client/**/*.ts', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8'));
      // Names of types are there too: they are undefined, and nobody asks for them.
      const names = new Set(sources.flatMap((text) => [...text.matchAll(/\bvscode\.(\w+)/g)].map(([, name]) => name)));
      const taken = [...names].sort().map((name) => `export const ${name} = api.${name};`);
      return { contents: ["const api = require('vscode');", ...taken].join('\n'), resolveDir: root };
    });
  },
};

const programs = [
  {
    name: 'extension',
    entry: 'client/extension.ts',
    external: ['vscode'],
    plugins: [languageClientApart, vscodeOnce],
    // VS Code gives `vscode` to what is required, not to what is imported.
    supported: { 'dynamic-import': false },
  },
  { name: 'language-client', entry: 'client/language-client.ts', external: ['vscode'] },
  { name: 'server', entry: 'server/main.ts' },
  // OpenWorkflow makes a `require` of its module's URL.
  { name: 'engine', entry: 'engine/main.ts', define: { 'import.meta.url': 'vigilModuleUrl' }, banner: moduleUrl },
  // A thread of the engine.
  { name: 'postgres-worker', entry: 'engine/store/postgres-worker.ts' },
  {
    name: 'cli',
    entry: 'cli/main.ts',
    banner: '#!/usr/bin/env node',
    plugins: [mcpApart],
    supported: { 'dynamic-import': false },
  },
  { name: 'mcp', entry: 'cli/mcp/server.ts', define: { VIGIL_TOOLS: JSON.stringify(tools) } },
  // Pages in tabs of VS Code: no Node there.
  { name: 'graph-page', entry: 'webview/graph-page.ts', page: true },
  { name: 'timeline-page', entry: 'webview/timeline-page.ts', page: true },
  { name: 'form-page', entry: 'webview/form-page.ts', page: true },
];

for (const { name, entry, external = [], banner, define = {}, page = false, ...others } of programs) {
  const options = {
    ...common,
    ...others,
    ...(page ? { platform: 'browser', format: 'iife', target: 'es2022' } : {}),
    entryPoints: [entry],
    outfile: `dist/${name}.js`,
    external: [...common.external, ...external],
    define: { ...common.define, ...define },
    ...(banner ? { banner: { js: banner } } : {}),
  };
  if (process.argv.includes('--watch')) {
    const watched = await context(options);
    await watched.watch();
    continue;
  }
  const result = await build(options);
  // test/architecture/ reads these: what may be bundled into which program.
  mkdirSync(join(root, 'out'), { recursive: true });
  writeFileSync(join(root, 'out', `${name}.meta.json`), JSON.stringify(result.metafile));
}
