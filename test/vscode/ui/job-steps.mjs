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

/** Submits the open script by the palette as far as the box for the working directory. */
export async function openInputFor(workbench, cluster) {
  await workbench.command('Vigil: Submit Job', cluster);
  await workbench.page.locator('.quick-input-widget .quick-input-message', { hasText: 'directory' }).waitFor();
}

/** The job's events come one after the other until its watcher has cancelled it. */
export async function watchJob(workbench, steps, cluster) {
  const row = (text) => workbench.treeRow(text).first();
  await steps.step(`jobs ${cluster} - the job is in the tree with its first events`, async () => {
    await row(cluster).waitFor();
    await workbench.jobRow('train').waitFor();
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
    await workbench.scrollTreeTo('clean');
    for (const name of ['exception', 'finish']) await row(name).waitFor();
  });
}

/** Opens the output of the newest ended job from its row. */
export async function openOutput(workbench, steps, cluster) {
  await steps.step(`jobs ${cluster} - the output is a read-only document`, async () => {
    const row = workbench.treeRow('cancelled').first();
    await workbench.page.locator('.sidebar .pane-body .monaco-list').first().focus();
    await workbench.page.keyboard.press('Home');
    await row.hover();
    await row.locator('.action-label[aria-label^="Open Output"]').click();
    await workbench.page.locator('.editor-instance .monaco-editor[data-uri^="vigil-output:"]').first().waitFor();
    await workbench.line(/epoch/i).waitFor();
  });
}

/** Submits a job, ends VS Code, waits until the watcher has acted, and opens VS Code again. Resolves to the new window. */
export async function closeAndReopen(site, workbench, steps, cluster) {
  await steps.step(`closed ${cluster} - a second job is submitted`, async () => {
    await workbench.open('train.sh');
    await openInputFor(workbench, cluster);
    await workbench.page.keyboard.press('Enter');
    await workbench.treeRow('running').first().waitFor();
  });
  await site.closeVsCode();
  await steps.step(`closed ${cluster} - the watcher acts with no VS Code running`, async () => {
    const { job, names } = await site.endOfNewestJob();
    if (job.state !== 'cancelled') throw new Error(`the job is ${job.state}: ${names.join(' ')}`);
    const missing = ['watcher.match', 'watcher.action', 'watcher.result'].filter((name) => !names.includes(name));
    if (missing.length > 0) throw new Error(`no ${missing.join(', ')} in ${names.join(' ')}`);
  });
  const reopened = await site.openWindow('train.sh');
  await steps.step(`reopened ${cluster} - the tree shows what happened meanwhile`, async () => {
    await reopened.command('Vigil: Show Job in Jobs View', 'train');
    await reopened.treeRow('cancelled').first().waitFor();
    await reopened.treeRow('watcher.match').first().waitFor();
  });
  return reopened;
}
