/** A folder that nobody trusts: scripts can be read and checked, nothing acts. */

export async function walkUntrusted(site, steps) {
  const workbench = await site.openWindow('broken.sh', {
    trustsAll: false,
    settings: { 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.banner': 'never' },
  });
  await steps.step('untrusted - the language features work', () =>
    workbench.page.locator('.squiggly-error').first().waitFor(),
  );
  await steps.step('untrusted - submitting is refused with an explanation', async () => {
    await workbench.command('Vigil: Submit Job');
    await workbench.toast('only in a trusted workspace').waitFor();
  });
  await steps.step('untrusted - so says the view, and no engine was started', async () => {
    await workbench.page.locator('.activitybar .action-label[aria-label^="Vigil"]').click();
    await workbench.page.locator('.sidebar .welcome-view', { hasText: 'Manage Workspace Trust' }).first().waitFor();
    if (await site.withEngine(async () => true)) throw new Error('an engine runs');
  });
}
