/** An engine that dies while somebody looks: the view says so, and it comes back by itself. */

export async function walkDyingEngine(site, steps) {
  const workbench = await site.openWindow('train.sh');
  await steps.step('engine - a job runs', async () => {
    await workbench.page.locator('.codelens-decoration a', { hasText: 'Submit' }).first().click();
    await workbench.pick('local').click();
    await workbench.page.locator('.quick-input-widget .quick-input-message', { hasText: 'directory' }).waitFor();
    await workbench.page.keyboard.press('Enter');
    await workbench.treeRow('start').first().waitFor();
  });
  await steps.step('engine - it dies, and what was known stays', async () => {
    const pid = await site.withEngine(async (_, info) => info.pid);
    // Looked for in every frame, from before it dies: the next engine may be there in less than half a second.
    const told = workbench.page.waitForFunction(() =>
      [...document.querySelectorAll('.sidebar .message')].some(({ textContent }) =>
        textContent.includes('The engine stopped'),
      ),
    );
    process.kill(pid, 'SIGKILL');
    await told;
    await workbench.jobRow('train').waitFor();
  });
  await steps.step('engine - it is back, and the watcher still acts', async () => {
    await workbench.page.locator('.sidebar .message', { hasText: 'engine' }).first().waitFor({ state: 'hidden' });
    await workbench.treeRow('cancelled').first().waitFor({ timeout: 120_000 });
  });
}
