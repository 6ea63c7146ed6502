/**
 * What VS Code itself says that activating took ("Developer: Show Running Extensions"), in a real window with a script in its
 * editor, several times over: Vigil as it is installed, beside a small extension that VS Code brings along.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isHostInstalled } from '../test/vscode/host/install.mjs';
import { Site } from '../test/vscode/ui/site.mjs';
import { Steps } from '../test/vscode/ui/steps.mjs';
import { percentile, report } from './lib/figures.ts';
import { packagedExtension } from './lib/packaged-extension.mjs';

/** The first window after the installation reads everything for the first time: it does not count. */
const windows = 8;
const peer = 'Configuration Editing';

async function activations(workbench) {
  const { page } = workbench;
  // Until all that starts with the window has started.
  await page.waitForTimeout(3_000);
  await workbench.command('Developer: Show Running Extensions');
  const rows = page.locator('.runtime-extensions-editor .extension');
  await rows.filter({ hasText: 'Vigil' }).first().waitFor();
  const shown = await rows.allTextContents();
  const of = (name) => Number(/Activation: (\d+)ms/.exec(shown.find((text) => text.includes(name)) ?? '')?.[1]);
  return { vigil: of('Vigil'), peer: of(peer) };
}

async function measure() {
  const directory = mkdtempSync(path.join(tmpdir(), 'vigil-act-'));
  const root = path.resolve(import.meta.dirname, '..');
  const site = new Site(root, directory, new Steps(path.join(directory, 'shots')));
  try {
    await site.install(packagedExtension(root));
    const workbench = await site.openWindow('train.sh');
    const found = [];
    for (let window = 0; window < windows; window++) {
      found.push(await activations(workbench));
      await workbench.page.reload();
      await workbench.ready();
    }
    return found.slice(1);
  } finally {
    await site.dispose();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

if (!isHostInstalled()) {
  console.log('\nactivation: needs a VS Code (node test/vscode/host/install.mjs)');
  process.exit(0);
}
const found = await measure();
const told = (key) => found.map((one) => one[key]).filter((milliseconds) => !Number.isNaN(milliseconds));
const median = (key) => percentile(told(key), 0.5);
report('activation', [
  {
    what: `activating, median of ${found.length} windows`,
    value: median('vigil'),
    unit: 'ms',
    // Not every window has a use for it.
    ...(told('peer').length > 0 ? { peer: { name: peer, value: median('peer') } } : {}),
    bar: { most: 50 },
  },
  { what: 'the same, the fastest', value: Math.min(...told('vigil')), unit: 'ms' },
]);
process.exit();
