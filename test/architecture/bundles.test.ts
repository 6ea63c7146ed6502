import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const built = existsSync(join(root, 'out', 'engine.meta.json'));

interface Metafile {
  readonly inputs: { readonly [path: string]: unknown };
  readonly outputs: {
    readonly [path: string]: {
      readonly bytes: number;
      readonly imports: readonly { readonly path: string; readonly external?: boolean }[];
    };
  };
}

const metafile = (name: string) => JSON.parse(readFileSync(join(root, 'out', `${name}.meta.json`), 'utf8')) as Metafile;

/** Which of our folders and which packages each bundle may hold, what it may leave outside, and its size in kB. */
const bundles = [
  {
    name: 'extension',
    ours: /^(vscode-once:|client|webview\/graph-layout\.ts|engine\/(protocol|protocol\/[a-z-]+|assistant\/[a-z-]+|text\/[a-z-]+|eventlog\/(job-phases|rfc18)|launch|event|clock|paths|environment|private-directory|running-engine)\.ts|language\/(directives\/cluster-facts|text\/l10n)\.ts)/,
    outside: ['vscode', './language-client.js'],
    kilobytes: 400,
  },
  { name: 'language-client', ours: /^(client|language)\//, outside: ['vscode'], kilobytes: 500 },
  { name: 'server', ours: /^(server|language)\//, outside: [], kilobytes: 1000 },
  {
    name: 'engine',
    ours: /^(engine|language)\//,
    outside: ['cpu-features', './crypto/build/Release/sshcrypto.node'],
    kilobytes: 1700,
  },
  { name: 'postgres-worker', ours: /^engine\/store\/(postgres-|store-failure)/, outside: [], kilobytes: 200 },
  { name: 'cli', ours: /^(cli|engine|language)\//, outside: ['./mcp.js'], kilobytes: 1000 },
  {
    name: 'mcp',
    ours: /^(<define:VIGIL_TOOLS>$|cli\/mcp\/|engine\/clusters\/quoting\.ts)/,
    outside: [],
    kilobytes: 400,
  },
  { name: 'graph-page', ours: /^(webview\/|language\/text\/l10n\.ts)/, outside: [], kilobytes: 30 },
  { name: 'timeline-page', ours: /^(webview\/|language\/text\/l10n\.ts)/, outside: [], kilobytes: 50 },
  { name: 'form-page', ours: /^(webview\/|language\/text\/l10n\.ts)/, outside: [], kilobytes: 30 },
] as const;

// scripts/build.mjs writes the metafiles; `npm test` builds first.
describe.skipIf(!built)('what esbuild put into each bundle', () => {
  describe.each(bundles)('$name', ({ name, ours, outside, kilobytes }) => {
    it('holds only what it may', () => {
      const own = Object.keys(metafile(name).inputs).filter((path) => !path.includes('node_modules/'));
      expect(own.filter((path) => !ours.test(path))).toEqual([]);
    });

    it('needs only Node and what the manifest says', () => {
      const externals = Object.values(metafile(name).outputs)
        .flatMap((output) => output.imports)
        .filter(({ external, path }) => external && !path.startsWith('node:') && !builtinModules.includes(path))
        .map(({ path }) => path);
      expect([...new Set(externals)].filter((path) => !outside.some((allowed) => allowed === path))).toEqual([]);
    });

    it('is no larger than it should be', () => {
      const [bytes] = Object.entries(metafile(name).outputs)
        .filter(([path]) => path.endsWith('.js'))
        .map(([, output]) => output.bytes);
      expect((bytes ?? 0) / 1024).toBeLessThan(kilobytes);
    });
  });
});
