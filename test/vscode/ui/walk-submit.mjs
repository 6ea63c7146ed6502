/** The form of a submission, a dry run of it, and jobs that begin with another job. */

export async function walkSubmit(site, steps) {
  const workbench = await site.openWindow('train.sh');
  const { page } = workbench;
  await steps.step('submit - a form has the options that win over the script', async () => {
    await fillIn(workbench);
    await workbench.pick('Array range').click();
    await workbench.quickInput.fill('0-');
    await page.locator('.quick-input-widget .quick-input-message', { hasText: 'A range is written as' }).waitFor();
    await workbench.quickInput.fill('0-2%1');
    await page.keyboard.press('Enter');
    await workbench.pick('Add an Option').click();
    await workbench.quickInput.fill('--exclusive');
    await page.keyboard.press('Enter');
    await workbench.pick(/Array range.*0-2%1/).waitFor();
    await workbench.pick('--exclusive').waitFor();
  });
  await steps.step('submit - a dry run says what would be submitted', async () => {
    await workbench.pick('Dry Run').click();
    await workbench.line('local would take it').waitFor();
    await workbench.line('--array=0-2%1').waitFor();
  });
  await steps.step('submit - what was filled in is there the next time', async () => {
    await workbench.open('train.sh');
    await fillIn(workbench);
    await workbench.pick(/Array range.*0-2%1/).waitFor();
    await workbench.pick('Submit').click();
    await workbench.jobRow('train').waitFor();
  });
  await steps.step('submit - a job that waits for another', async () => {
    await workbench.open('train.sh');
    await workbench.command('Vigil: Submit Script After This Job…', /train/);
    await workbench.pick('afterany').click();
    await page.locator('.quick-input-widget .quick-input-message', { hasText: 'The directory' }).waitFor();
    await page.keyboard.press('Enter');
    await workbench.pick(/Wait for another job.*afterany:/).waitFor();
  });
}

/** To the list of options, for the cluster `local` and the directory that is proposed. */
async function fillIn(workbench) {
  await workbench.command('Vigil: Submit with Options…', 'local');
  await workbench.page.locator('.quick-input-widget .quick-input-message', { hasText: 'The directory' }).waitFor();
  await workbench.page.keyboard.press('Enter');
  await workbench.pick('Array range').waitFor();
}
