/**
 * The first two minutes of somebody who has just installed Vigil, click by click, as docs/first-steps.md has them: from an
 * editor with no script to a watched job that is over. With VIGIL_WRITE_PICTURES set, the walkthrough's pictures are made anew.
 */
import path from 'node:path';

const budgetMs = 120_000;
const pictures = path.resolve(import.meta.dirname, '..', '..', '..', 'media', 'walkthrough');

export async function walkFirstSteps(site, steps) {
  const workbench = await site.openWindow('prepare.sh');
  const { page } = workbench;
  await workbench.command('View: Close All Editors');
  const startedMs = Date.now();
  await steps.step('first steps - 1 click: the view says how to begin', async () => {
    await page.locator('.activitybar .action-label[aria-label^="Vigil"]').click();
    await welcomeButton(page, 'New Watched Script').waitFor();
  });
  await steps.step('first steps - 2 clicks: a script that is watched', async () => {
    await welcomeButton(page, 'New Watched Script').click();
    await workbench.line('#WATCHER name="result"').waitFor();
    await page.locator('.editor-actions .action-label[aria-label^="Submit Job"]').first().waitFor();
  });
  await take(page, 'script', '.editor-instance', { height: 340, width: 800 });
  await steps.step('first steps - 3 clicks: where to', async () => {
    await page.locator('.editor-actions .action-label[aria-label^="Submit Job"]').first().click();
    await workbench.pick('local').waitFor();
  });
  await take(page, 'submit', '.quick-input-widget', { height: 220 });
  await steps.step('first steps - 4 clicks: this machine', async () => {
    await workbench.pick('local').click();
    await page.locator('.quick-input-widget .quick-input-message', { hasText: 'directory' }).waitFor();
  });
  await steps.step('first steps - Enter: the job runs', async () => {
    await page.keyboard.press('Enter');
    await workbench.jobRow('first').waitFor();
  });
  await steps.step('first steps - its watcher tells the result', async () => {
    await workbench.toast('the result is 42').waitFor();
  });
  await take(page, 'notification', '.notifications-toasts', {});
  await steps.step('first steps - it has completed, within two minutes', async () => {
    await workbench.treeRow('completed').first().waitFor();
    const { job, names } = await site.endOfNewestJob();
    if (job.state !== 'completed') throw new Error(`the job is ${job.state}: ${names.join(' ')}`);
    if (!names.includes('watcher.result')) throw new Error(`no watcher acted: ${names.join(' ')}`);
    const tookMs = Date.now() - startedMs;
    if (tookMs > budgetMs) throw new Error(`it took ${tookMs / 1000} s`);
    console.log(`# a watched, finished job after ${(tookMs / 1000).toFixed(1)} s`);
  });
  await workbench.closeToasts();
  await workbench.widenSideBar(480);
  await take(page, 'jobs', '.sidebar', { height: 480 });
  await steps.step('first steps - 5 clicks: its output', async () => {
    const row = workbench.treeRow('completed').first();
    await row.hover();
    await row.locator('.action-label[aria-label^="Open Output"]').click();
    await workbench.line('result: 42').waitFor();
  });
  await take(page, 'output', '.editor-instance', { height: 260, width: 700 });
  await steps.step('first steps - the status bar has no job to count', async () => {
    await page.locator('.statusbar-item[id*="vigil"]:not([style*="none"])').first().waitFor({ state: 'hidden' });
  });
  await steps.step('first steps - the walkthrough has a picture for every step', async () => {
    // With the side bar there is no room for pictures.
    await workbench.command('View: Toggle Primary Side Bar Visibility');
    await workbench.command('Welcome: Open Walkthrough...', 'Get Started with Vigil');
    const items = page.locator(
      '.getting-started-category .getting-started-step, .gettingStartedContainer .getting-started-step',
    );
    await items.nth(5).waitFor();
    for (let number = 0; number < 6; number += 1) {
      await items.nth(number).locator('.step-title').click();
      await page.locator('.getting-started-media').locator('img, iframe, webview').first().waitFor();
    }
    const drawn = await page
      .locator('.getting-started-media img')
      .evaluateAll((images) => images.map((one) => one.naturalWidth));
    if (drawn.some((width) => width === 0)) throw new Error('a picture is not drawn');
  });
}

function welcomeButton(page, text) {
  return page.locator('.sidebar .welcome-view .monaco-button', { hasText: text }).first();
}

/** A picture of one part of the page for the walkthrough, at most so large. */
async function take(page, name, selector, { width = Infinity, height = Infinity }) {
  if (!process.env.VIGIL_WRITE_PICTURES) return;
  // What fades in or is drawn late is there then.
  await page.waitForTimeout(800);
  const box = await page.locator(selector).first().boundingBox();
  const clip = { ...box, width: Math.min(box.width, width), height: Math.min(box.height, height) };
  await page.screenshot({ path: path.join(pictures, `${name}.png`), clip });
}
