/** Every menu that Vigil has a part in, opened where a person opens it (but that of a connected cluster: see walk-clusters.mjs). */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { openInputFor } from './job-steps.mjs';
import { seeMenu } from './menu-steps.mjs';

const watcher = '#WATCHER name="greetings" pattern="^hello" action=log_event(message="seen")';
const scripts = {
  'long.sh': `#!/bin/bash
#SBATCH --job-name=long --time=10 --output=long.out --error=long.err
${watcher}
echo hello
sleep 600
`,
  'short.sh': `#!/bin/bash
#SBATCH --job-name=short --output=short.out --error=short.err
${watcher}
echo hello
`,
  'many.sh': `#!/bin/bash
#SBATCH --job-name=many --array=0-2 --time=10
sleep 600
`,
  'later.sh': `#!/bin/bash
#SBATCH --job-name=later --begin=now+1hour
true
`,
};
const workflow = `name: waiting
steps:
  - id: gate
    await_event: { name: walk.gate }
`;

export async function walkMenus(site, steps) {
  for (const [name, text] of Object.entries(scripts)) writeFileSync(path.join(site.workspace, name), text);
  writeFileSync(path.join(site.workspace, 'waiting.vigil.yaml'), workflow);
  // Port 1 of this machine: nobody listens there.
  const clusters = ['away', 'retired'].map((name) => ({ name, host: '127.0.0.1', port: 1 }));
  const workbench = await site.openWindow('long.sh', { machineSettings: { 'vigil.clusters': clusters } });
  const { page } = workbench;
  const see = async (location, subject, open) => {
    await seeMenu(workbench, steps, location, subject, open);
    await page.keyboard.press('Escape');
  };
  const onRow = (row) => () => row.click({ button: 'right' });

  await workbench.command('View: Show Explorer');
  await see('explorer/context', 'a script', onRow(workbench.treeRow('long.sh').first()));
  await see('explorer/context', 'a workflow file', onRow(workbench.treeRow('waiting.vigil.yaml').first()));
  await see('editor/context', 'a script', onRow(workbench.line('sleep 600')));

  // In this order: the array may take all the places that this machine has for jobs.
  for (const [name, state] of [
    ['short.sh', 'completed'],
    ['long.sh', 'running'],
    ['many.sh', ''],
    ['later.sh', 'pending'],
  ]) {
    await workbench.open(name);
    await openInputFor(workbench, 'local');
    await page.keyboard.press('Enter');
    await workbench
      .treeRow(new RegExp(`\\d ${path.basename(name, '.sh')}.*${state}`))
      .first()
      .waitFor();
  }
  await workbench.widenSideBar(480);
  await workbench.closeToasts();
  await see('view/item/context', 'a job that runs', onRow(workbench.jobRow('long')));
  await see('view/item/context', 'a job that is over', onRow(workbench.jobRow('short')));
  await see('view/item/context', 'a job that waits', onRow(workbench.jobRow('later')));
  await see('view/item/context', 'an array that runs', onRow(workbench.jobRow('many')));
  await seeWatchers(workbench, see);

  await workbench.command('Vigil: Open Output', 'long');
  await see('editor/context', 'an output', onRow(workbench.line('hello')));
  await seeViews(workbench, see, onRow);
}

async function seeWatchers(workbench, see) {
  const row = (state) => workbench.treeRow(new RegExp(`^greetings.*${state}`)).first();
  const of = (state) => () => row(state).click({ button: 'right' });
  await see('view/item/context', 'a watcher that watches', of('active'));
  await workbench.command('Vigil: Pause Watcher', 'long');
  await workbench.pick('greetings').click();
  await see('view/item/context', 'a watcher that is paused', of('paused'));
  await see('view/item/context', 'a watcher of a job that is over', of('completed'));
}

async function seeViews(workbench, see, onRow) {
  const { page } = workbench;
  /** The menu behind the three dots of a view. */
  const more = (view) => async () => {
    const header = page.locator(`.sidebar .pane-header[aria-label^="${view}"]`);
    await header.hover();
    await header.locator('.action-label[aria-label*="More Actions"]').click();
  };
  await see('view/title', 'Jobs', more('Jobs'));
  await workbench.command('Vigil: Focus on Workflows View');
  await workbench.open('waiting.vigil.yaml');
  await page.locator('.editor-actions .action-label[aria-label^="Run Workflow"]').first().click();
  await workbench.treeRow('awaits walk.gate').first().waitFor();
  await see('view/item/context', 'a run that waits', onRow(workbench.treeRow('waiting').first()));
  await see('view/title', 'Workflows', more('Workflows'));
  // Room for the third view.
  await page.locator('.sidebar .pane-header[aria-label^="Jobs"]').click();
  await workbench.command('Focus on Clusters View');
  await see('view/item/context', 'a cluster that is away', onRow(workbench.treeRow('away').first()));
  await workbench.treeRow('retired').first().click({ button: 'right' });
  await page.waitForTimeout(500);
  await page.locator('.monaco-menu .action-item', { hasText: 'Hide Cluster' }).first().click();
  await workbench.treeRow('retired').first().waitFor({ state: 'detached' });
  await see('view/title', 'Clusters', more('Clusters'));
}
