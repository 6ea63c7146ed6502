#!/usr/bin/env node
/**
 * Runs the suite of integration/ inside a VS Code:
 *   VSCODE_EXECUTABLE=/usr/bin/code   one that is installed
 *   VSCODE_VERSION=stable             one that @vscode/test-electron downloads
 *   neither                           the host of host/ with Chromium, where both are there; else the suite is skipped
 * Needs dist/ (npm run build). The last line is `N passed, N failed, N skipped`. VIGIL_TEST_GREP=text runs some of the tests.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { chromiumProgram } from './host/browser.mjs';
import { isHostInstalled } from './host/install.mjs';

const here = import.meta.dirname;
const root = path.resolve(here, '..', '..');
const outDirectory = path.join(root, 'out', 'test', 'vscode');
const environment = { ...process.env };

if (!environment.VSCODE_EXECUTABLE && !environment.VSCODE_VERSION) {
  if (!isHostInstalled() || !chromiumProgram) {
    const wanted = isHostInstalled() ? 'Chromium (CHROMIUM names it)' : 'a VS Code: node test/vscode/host/install.mjs';
    console.log(`# the integration suite needs ${wanted}`);
    console.log('0 passed, 0 failed, 1 skipped');
    process.exit(0);
  }
  environment.VSCODE_EXECUTABLE = path.join(here, 'host', 'code.mjs');
}

const suites = readdirSync(path.join(here, 'integration', 'suite')).filter((file) => file.endsWith('.test.ts'));
await build({
  entryPoints: ['run-tests.ts', 'index.ts', ...suites.map((file) => `suite/${file}`)].map((file) =>
    path.join(here, 'integration', file),
  ),
  outdir: outDirectory,
  outbase: path.join(here, 'integration'),
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  sourcemap: 'linked',
  logLevel: 'warning',
  external: ['vscode', 'mocha', '@vscode/test-electron'],
});
const { status } = spawnSync(process.execPath, [path.join(outDirectory, 'run-tests.js'), root], {
  stdio: 'inherit',
  env: environment,
});
process.exit(status ?? 1);
