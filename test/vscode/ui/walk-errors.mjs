/** What goes wrong before a job is there: each says what to do, and the editor stays usable. */
import { openInputFor } from './job-steps.mjs';

export async function walkErrors(site, steps) {
  // Port 1 of this machine: nobody listens there.
  const clusters = [{ name: 'unreachable', host: '127.0.0.1', port: 1 }];
  const workbench = await site.openWindow('train.sh', { machineSettings: { 'vigil.clusters': clusters } });
  const { page } = workbench;
  await steps.step('errors - a cluster that cannot be reached', async () => {
    await openInputFor(workbench, 'unreachable');
    await page.keyboard.press('Enter');
    await workbench.toast(/unreachable.*(refused|reached)/i).waitFor();
    await page.locator('.notification-toast .monaco-button', { hasText: 'Retry' }).waitFor();
  });
  await workbench.closeToasts();
  await steps.step('errors - a directory that cannot be one is told while it is typed', async () => {
    await openInputFor(workbench, 'local');
    await workbench.quickInput.fill('run');
    await page.locator('.quick-input-widget .quick-input-message', { hasText: 'Begin with / or ~' }).waitFor();
  });
  await steps.step('errors - a directory that does not exist', async () => {
    await workbench.quickInput.fill('/no/such/directory');
    await page.keyboard.press('Enter');
    // The embedded scheduler takes the job, as Slurm would: it fails, and its eventlog names the directory.
    await workbench.treeRow('failed').first().waitFor();
    await workbench.treeRow('/no/such').first().waitFor();
  });
  await workbench.closeToasts();
  await steps.step('errors - a script whose watcher would not do what is written', async () => {
    await workbench.open('broken.sh');
    await openInputFor(workbench, 'local');
    await workbench.quickInput.fill('~');
    await page.keyboard.press('Enter');
    await workbench.toast('Not submitted').waitFor();
    await page.locator('.notification-toast .monaco-button', { hasText: 'Show Line' }).click();
    await workbench.statusbar('Ln 6,').waitFor();
  });
  await workbench.closeToasts();
  await steps.step('errors - the code of a diagnostic is a link to the page that explains it', async () => {
    await workbench.command('Problems: Focus on Problems View');
    await page
      .locator('.markers-panel .monaco-list-row a', { hasText: /^pattern\/syntax$/ })
      .first()
      .click();
    const preview = page.frameLocator('iframe.webview.ready:visible').last().frameLocator('#active-frame');
    await preview.locator('h1', { hasText: 'pattern/syntax' }).waitFor();
  });
}
