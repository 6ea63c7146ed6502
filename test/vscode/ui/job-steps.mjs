/** Steps that both walks have: submitting the open script, and seeing its watcher act. */

/** Presses ▶ in the title of the editor and picks `cluster`; leaves the box for the working directory open. */
export async function submitByTitle(workbench, steps, cluster) {
  await steps.step(`submit ${cluster} - the play button asks for the cluster`, async () => {
    await workbench.page.locator('.editor-actions .action-label[aria-label^="Submit Job"]').first().click();
    await workbench.pick(cluster).waitFor();
  });
  await steps.step(`submit ${cluster} - it asks for the directory`, async () => {
    await workbench.pick(cluster).click();
    await workbench.page.locator('.quick-input-widget .quick-input-message', { hasText: 'directory' }).waitFor();
  });
  await workbench.page.keyboard.press('Enter');
}

/** The job's events come one after the other until its watcher has cancelled it. */
export async function watchJob(workbench, steps, cluster) {
  const row = (text) => workbench.treeRow(text).first();
  await steps.step(`jobs ${cluster} - the job is in the tree with its first events`, async () => {
    await row(cluster).waitFor();
    await row('train').waitFor();
    await row('submit').waitFor();
    await row('start').waitFor({ timeout: 120_000 });
    await workbench.widenSideBar(480);
  });
  await steps.step(`jobs ${cluster} - lines of the output match`, () =>
    row('watcher.match').waitFor({ timeout: 120_000 }),
  );
  await steps.step(`jobs ${cluster} - a notification pops up`, () =>
    workbench.page
      .locator('.notification-toast', { hasText: /diverge|loss/i })
      .first()
      .waitFor({ timeout: 120_000 }),
  );
  await steps.step(`jobs ${cluster} - the watcher cancels the job and the log ends`, async () => {
    await row('cancelled').waitFor({ timeout: 120_000 });
    await workbench.closeToasts();
    await workbench.page.locator('.sidebar .pane-body .monaco-list').first().focus();
    await workbench.page.keyboard.press('End');
    for (const name of ['exception', 'finish', 'clean']) await row(name).waitFor({ timeout: 120_000 });
  });
}
