/** A second profile of VS Code that Vigil is applied to: the same engine, with the jobs that the first one submitted. */
import { openInputFor } from './job-steps.mjs';

export async function walkProfiles(site, steps) {
  const workbench = await site.openWindow('train.sh');
  const { page } = workbench;
  const menuItem = (text) => page.locator('.monaco-menu .action-item', { hasText: text }).first();
  const engine = () => site.withEngine(async (_, { pid }) => pid);
  await openInputFor(workbench, 'local');
  await page.keyboard.press('Enter');
  await workbench.jobRow('train').waitFor();
  const served = await engine();
  await steps.step('profiles - the extension is applied to all of them', async () => {
    await workbench.command('Extensions: Show Installed Extensions');
    await page.locator('.extensions-list .monaco-list-row', { hasText: 'Vigil' }).first().click({ button: 'right' });
    await menuItem('Apply Extension to all Profiles').waitFor();
    // It fades in, and hears no click before it is there.
    await page.waitForTimeout(500);
    await menuItem('Apply Extension to all Profiles').click();
  });
  await steps.step('profiles - a second one is made', async () => {
    await workbench.command('Profiles: New Profile...');
    const editor = page.locator('.profiles-editor');
    await editor.locator('input[type=text]').first().fill('second');
    await editor.locator('.monaco-button', { hasText: 'Create' }).click();
    // Made, it can be used, and is no longer a draft to be created.
    await editor.locator('.monaco-button', { hasText: 'Create' }).waitFor({ state: 'hidden' });
  });
  await steps.step('profiles - the window is switched to it', async () => {
    await workbench.command('Profiles: Switch Profile', 'second');
    // VS Code in a browser asks for it.
    await page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Reload' }).click();
    await page.locator('.monaco-dialog-box').waitFor({ state: 'detached' });
    await workbench.ready();
    await page.locator('.activitybar .profile-badge-content, .activitybar .profile-text-overlay').first().waitFor();
  });
  await steps.step('profiles - the job of the first one is there', async () => {
    await workbench.command('Vigil: Show Job in Jobs View', 'train');
    await workbench.jobRow('train').waitFor();
  });
  await steps.step('profiles - a job is submitted from the second one', async () => {
    await workbench.open('train.sh');
    await openInputFor(workbench, 'local');
    await page.keyboard.press('Enter');
    await workbench
      .treeRow(/2 train/)
      .first()
      .waitFor();
    if ((await engine()) !== served) throw new Error('another engine serves the second profile');
  });
}
