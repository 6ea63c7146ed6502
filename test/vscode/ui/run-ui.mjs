#!/usr/bin/env node
/**
 * Walks through the main job as a person does it, with the extension installed from its .vsix, in a real VS Code in Chromium:
 * once on this machine (`local`) and, when VIGIL_CLUSTER_DIR names a running test cluster (test/cluster/up.sh), once over SSH.
 * A screenshot of each step goes to test-output/ui/. The last line is `N passed, N failed, N skipped`.
 *   --vsix FILE   the package to install (default out/vigil.vsix, made of dist/ when it is not there)
 *   --on PLACE    local | cluster: the walks that need no test cluster, or those that do (both without the option)
 *   --only NAME   one walk, by its name below; where there is none of that name it exits with 2
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromiumProgram } from '../host/browser.mjs';
import { isHostInstalled } from '../host/install.mjs';
import { Site } from './site.mjs';
import { Steps } from './steps.mjs';
import { walkClusters } from './walk-clusters.mjs';
import { walkCommands } from './walk-commands.mjs';
import { walkDyingEngine } from './walk-engine.mjs';
import { walkErrors } from './walk-errors.mjs';
import { walkFirstSteps } from './walk-first.mjs';
import { walkJobs } from './walk-jobs.mjs';
import { walkLanguage } from './walk-language.mjs';
import { walkLocal } from './walk-local.mjs';
import { walkMenus } from './walk-menus.mjs';
import { walkNotices } from './walk-notices.mjs';
import { walkOutput } from './walk-output.mjs';
import { walkProfiles } from './walk-profiles.mjs';
import { walkSsh } from './walk-ssh.mjs';
import { walkSubmit } from './walk-submit.mjs';
import { walkTimeline } from './walk-timeline.mjs';
import { walkUntrusted } from './walk-untrusted.mjs';
import { walkWorkflows } from './walk-workflows.mjs';

const root = path.resolve(import.meta.dirname, '..', '..', '..');
const option = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
const only = option('--only');
const on = option('--on');
const steps = new Steps(path.join(root, 'test-output', 'ui'));

const walksOnLocal = {
  notices: walkNotices,
  first: walkFirstSteps,
  local: walkLocal,
  language: walkLanguage,
  jobs: walkJobs,
  timeline: walkTimeline,
  output: walkOutput,
  workflows: walkWorkflows,
  commands: walkCommands,
  menus: walkMenus,
  errors: walkErrors,
  engine: walkDyingEngine,
  profiles: walkProfiles,
  trust: walkUntrusted,
  submit: walkSubmit,
};
const walksOnCluster = { ssh: walkSsh, clusters: walkClusters };

const walks = { ...(on === 'cluster' ? {} : walksOnLocal), ...(on === 'local' ? {} : walksOnCluster) };
if (only !== undefined && !Object.hasOwn(walks, only)) {
  console.error(`There is no walk ${only}${on ? ` on ${on}` : ''}: ${Object.keys(walks).join(', ')}`);
  process.exit(2);
}

function whyNot() {
  if (!isHostInstalled()) return 'VS Code is not installed: node test/vscode/host/install.mjs';
  return chromiumProgram ? undefined : 'there is no Chromium (CHROMIUM names it)';
}

function packagedExtension() {
  const given = option('--vsix');
  if (given) return path.resolve(given);
  const file = path.join(root, 'out', 'vigil.vsix');
  const { status } = spawnSync(process.execPath, [path.join(root, 'scripts', 'package.mjs'), '--out', file], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0 || !existsSync(file)) throw new Error('the extension could not be packaged (npm run build first)');
  return file;
}

async function runWalk(name, vsix) {
  // Short: the path of a UNIX socket may have 107 bytes.
  const directory = mkdtempSync(path.join(tmpdir(), 'vigil-ui-'));
  const site = new Site(root, directory, steps);
  try {
    await site.install(vsix);
    await walks[name](site, steps);
  } finally {
    await site.dispose();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

// The handlers of 'exit' stop the server.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));
const startedMs = Date.now();
const reason = whyNot();
if (reason) steps.skip('the walk through the workbench', reason);
else {
  const vsix = packagedExtension();
  for (const name of Object.keys(walks).filter((candidate) => only === undefined || candidate === only)) {
    if (name in walksOnCluster && !process.env.VIGIL_CLUSTER_DIR) {
      steps.skip(
        `the walk ${name} over SSH`,
        'VIGIL_CLUSTER_DIR is not set (test/cluster/up.sh starts a test cluster)',
      );
      continue;
    }
    console.log(`# ${name}`);
    try {
      await runWalk(name, vsix);
    } catch (error) {
      if (!/^stopped at: /.test(error.message)) {
        steps.failed += 1;
        console.log(`FAIL ${name}: ${error.stack}`);
      }
    }
  }
}
console.log(`# total ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
console.log(steps.summary());
process.exit(steps.failed === 0 ? 0 : 1);
