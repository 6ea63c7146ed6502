/** The jobs view with several jobs: an array as one row, groups, filters, search. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { openInputFor } from './job-steps.mjs';

const sweep = `#!/bin/bash
#SBATCH --job-name=sweep
#SBATCH --array=0-5
#SBATCH --time=10
echo "task $SLURM_ARRAY_TASK_ID"
[ "$SLURM_ARRAY_TASK_ID" = 0 ] && exit 3
[ "$SLURM_ARRAY_TASK_ID" -lt 3 ] && exit 0
sleep 600
`;

const evaluate = `#!/bin/bash
#SBATCH --job-name=evaluate
#SBATCH --begin=now+1hour
echo evaluated
`;

export async function walkJobs(site, steps) {
  writeFileSync(path.join(site.workspace, 'sweep.sh'), sweep);
  writeFileSync(path.join(site.workspace, 'evaluate.sh'), evaluate);
  const workbench = await site.openWindow('sweep.sh');
  for (const file of ['sweep.sh', 'evaluate.sh']) {
    await workbench.open(file);
    await openInputFor(workbench, 'local');
    await workbench.page.keyboard.press('Enter');
    await workbench.jobRow(path.basename(file, '.sh')).waitFor();
  }
  await workbench.widenSideBar(560);
  await workbench.closeToasts();
  await arrange(workbench, steps);
  await act(workbench, steps);
}

async function arrange(workbench, steps) {
  const { page } = workbench;
  const row = (text) => workbench.treeRow(text).first();
  await steps.step('jobs view - an array is one row with the states of its tasks', async () => {
    await row('▶2').waitFor();
    await row('●2').waitFor();
    await row('✗1').waitFor();
  });
  await steps.step('jobs view - it asks how to group', async () => {
    await workbench.command('Vigil: Group Jobs');
    await workbench.pick('State').waitFor();
  });
  await steps.step('jobs view - jobs in groups by state', async () => {
    await workbench.pick('State').click();
    await row('Waiting').waitFor();
  });
  await steps.step('jobs view - search filters while it is typed', async () => {
    await workbench.command('Vigil: Find Jobs');
    await page.locator('.quick-input-widget input[placeholder^="Words of a job"]').fill('eval');
    await row('sweep').waitFor({ state: 'detached' });
    await row('evaluate').waitFor();
  });
  await page.keyboard.press('Enter');
  await steps.step('jobs view - the filter is told, and cleared', async () => {
    await page.locator('.sidebar .pane-header .description', { hasText: '“eval” · ' }).waitFor();
    await workbench.command('Vigil: Clear Filters of Jobs');
    await row('sweep').waitFor();
  });
}

async function act(workbench, steps) {
  const { page } = workbench;
  const row = (text) => workbench.treeRow(text).first();
  const item = (text) => page.locator('.monaco-menu .action-item', { hasText: text }).first();
  const openMenu = async () => {
    await row('evaluate').click({ button: 'right' });
    await item('Write Note on Job').waitFor();
    // It fades in, and hears no click before it is there.
    await page.waitForTimeout(500);
  };
  await steps.step('job actions - the menu of a job that waits', openMenu);
  await steps.step('job actions - a held job says so', async () => {
    await item('Hold Job').click();
    await row('held by you').waitFor();
  });
  await steps.step('job actions - a note stands in the row', async () => {
    await openMenu();
    await item('Write Note on Job').click();
    await page.locator('.quick-input-widget .quick-input-title', { hasText: 'evaluate' }).waitFor();
    await page.locator('.quick-input-widget input[type=text]').first().fill('after the sweep');
    await page.keyboard.press('Enter');
    await row('“after the sweep”').waitFor();
  });
  await steps.step('job actions - two jobs are compared', async () => {
    await workbench.command('Vigil: Compare Two Jobs', 'evaluate');
    await page.locator('.quick-input-widget input[placeholder="The job to compare it with"]').waitFor();
    await workbench.pick('sweep').click();
    await page.locator('.monaco-diff-editor .view-line', { hasText: 'SHA-256' }).first().waitFor();
    await page.waitForTimeout(500);
  });
  await steps.step('job actions - one task of an array is cancelled', async () => {
    await workbench.command('Vigil: Cancel Tasks of Array', 'sweep');
    await page.locator('.quick-input-widget .quick-input-title', { hasText: 'Cancel tasks of' }).waitFor();
    await page.locator('.quick-input-widget input[type=text]').first().fill('3');
    await page.keyboard.press('Enter');
    await row('⊘1').waitFor();
  });
  await steps.step('job actions - an exception is refused where there are none', async () => {
    await workbench.command('Vigil: Raise Exception on Job', 'evaluate');
    await page.locator('.quick-input-widget .quick-input-title', { hasText: 'Raise' }).waitFor();
    await page.locator('.quick-input-widget input[type=text]').first().fill('diverged');
    await page.keyboard.press('Enter');
    await workbench.pick('fatal').click();
    await page.locator('.quick-input-widget .quick-input-message', { hasText: 'A note' }).waitFor();
    await page.keyboard.press('Enter');
    await workbench.toast('only Flux has exceptions').waitFor();
  });
}
