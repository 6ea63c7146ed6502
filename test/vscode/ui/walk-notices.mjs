/** What people are told by themselves: a cancel that is taken back by a button, a job that is muted, and the counts in the status bar. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { openInputFor } from './job-steps.mjs';

const script = `#!/bin/bash
#SBATCH --job-name=grace
#WATCHER name="stopper" pattern="stop now" max_triggers=1 action=cancel_job(reason="it says so")
echo "stop now"
sleep 12
echo "still here"
`;

export async function walkNotices(site, steps) {
  writeFileSync(path.join(site.workspace, 'grace.sh'), script);
  const workbench = await site.openWindow('grace.sh', { machineSettings: { 'vigil.actions.cancelGraceSeconds': 60 } });
  const { page } = workbench;
  const toast = (text) => page.locator('.notification-toast', { hasText: text }).first();
  await steps.step('notices - a cancel waits for a person', async () => {
    await openInputFor(workbench, 'local');
    await page.keyboard.press('Enter');
    await toast('is cancelled in 60 s by stopper: it says so').waitFor();
  });
  await steps.step('notices - the status bar counts as Slurm does', async () => {
    await workbench.statusbar('1R').waitFor();
  });
  await steps.step('notices - Undo lets the job go on', async () => {
    await toast('is cancelled in 60 s').locator('.monaco-button', { hasText: 'Undo' }).click();
    await toast('has completed').waitFor();
    const { job, names } = await site.endOfNewestJob();
    if (job.state !== 'completed') throw new Error(`the job is ${job.state}: ${names.join(' ')}`);
  });
  await steps.step('notices - Mute asks what not to be told', async () => {
    await toast('has completed').locator('.monaco-button', { hasText: 'Mute' }).click();
    await workbench.pick('Everything for an hour').waitFor();
  });
  await steps.step('notices - what is muted is listed', async () => {
    await workbench.pick('Of job').click();
    await workbench.command('Vigil: Show Muted Notifications');
    await workbench.pick('Job local/').waitFor();
  });
}
