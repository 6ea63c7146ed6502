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
    await workbench.treeRow(path.basename(file, '.sh')).first().waitFor();
  }
  await workbench.widenSideBar(560);
  await workbench.closeToasts();
  await arrange(workbench, steps);
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
