/** The main job on this machine, points 1 to 4 of what Vigil is for: edit, submit, follow, and act with no window open. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { closeAndReopen, openOutput, submitByTitle, watchJob } from './job-steps.mjs';

export async function walkLocal(site, steps) {
  const workbench = await site.openWindow('train.sh');
  await edit(site, workbench, steps);
  await workbench.page.keyboard.press('Escape');
  await submitByTitle(workbench, steps, 'local');
  await watchJob(workbench, steps, 'local');
  await lookAround(workbench, steps);
  await openOutput(workbench, steps, 'local');
  await closeAndReopen(site, workbench, steps, 'local');
}

async function edit(site, workbench, steps) {
  const { page } = workbench;
  await steps.step('edit - directives and watchers are highlighted', async () => {
    // Colours that a plain comment does not have.
    for (const text of ['#SBATCH', '#WATCHER name', '# condition:']) await page.waitForFunction(hasOwnColours, text);
    await page.locator('.codelens-decoration', { hasText: 'Submit' }).waitFor();
  });
  await steps.step('edit - mistakes are diagnostics at their place', async () => {
    await workbench.open('broken.sh');
    await page.locator('.squiggly-error').first().waitFor();
    await workbench.command('Problems: Focus on Problems View');
    await page.locator('.markers-panel .monaco-list-row').nth(2).waitFor();
  });
  await steps.step('edit - a quick fix is offered', async () => {
    await page.locator('.markers-panel .monaco-list-row', { hasText: 'log_evnt' }).first().dblclick();
    await page.locator('.editor-instance .monaco-editor.focused').waitFor();
    await page.keyboard.press('Control+.');
    await page.locator('.action-widget .monaco-list-row.action', { hasText: 'log_event' }).first().waitFor();
  });
  await steps.step('edit - the quick fix mends it', async () => {
    await page.locator('.action-widget .monaco-list-row.action', { hasText: 'log_event' }).first().click();
    await workbench.line('action=log_event').waitFor();
    await workbench.command('View: Toggle Panel Visibility');
  });
  await completion(workbench, steps);
  await steps.step('edit - hover explains', async () => {
    await workbench.open('train.sh');
    await workbench.goto(lineOf(site, 'train.sh', '# pattern:'), 5);
    await workbench.command('Show or Focus Hover');
    await page
      .locator('.monaco-hover:not(.hidden) .hover-contents', { hasText: /Python/ })
      .first()
      .waitFor();
  });
}

/** In the page: is `text` at the beginning of a line coloured otherwise than comments are? */
function hasOwnColours(text) {
  const lines = [...document.querySelectorAll('.editor-instance .view-line')];
  const plainText = (line) => line.textContent.replaceAll('\u00a0', ' ');
  const colours = (line) =>
    new Set([...line.querySelectorAll('span span')].map((span) => getComputedStyle(span).color));
  const comment = lines.find((line) => plainText(line).startsWith('# Every checkpoint'));
  const candidate = lines.find((line) => plainText(line).startsWith(text));
  return comment && candidate && colours(candidate).difference(colours(comment)).size > 0;
}

/** Line, from 1, of the first line that begins with `text`. */
function lineOf(site, file, text) {
  const lines = readFileSync(path.join(site.workspace, file), 'utf8').split('\n');
  return lines.findIndex((line) => line.startsWith(text)) + 1;
}

async function completion(workbench, steps) {
  const { page } = workbench;
  const newLine = async (text) => {
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.keyboard.type(text);
    await page.keyboard.press('Escape');
  };
  await steps.step('edit - completion offers properties', async () => {
    await workbench.open('train.sh');
    await workbench.goto(1, 1);
    await newLine('#WATCHER ');
    await workbench.suggest('max_triggers');
  });
  await steps.step('edit - completion offers actions', async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.type('pattern="loss (?P<loss>.*)" action=');
    await page.keyboard.press('Escape');
    await workbench.suggest('store_metric');
  });
  await steps.step('edit - completion offers parameters', async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.type('notify(');
    await page.keyboard.press('Escape');
    await workbench.suggest('message');
  });
  await steps.step('edit - completion offers variables', async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.type('message="at ${');
    await page.keyboard.press('Escape');
    await workbench.suggest('loss');
  });
  await page.keyboard.press('Escape');
  await workbench.command('File: Revert File');
}

async function lookAround(workbench, steps) {
  const { page } = workbench;
  const jobRow = () => workbench.treeRow('cancelled').first();
  await steps.step('jobs local - a tooltip tells more', async () => {
    await page.keyboard.press('Home');
    await jobRow().locator('.label-name').first().hover();
    await page.locator('.monaco-hover', { hasText: 'Watcher' }).first().waitFor();
  });
  await steps.step('jobs local - the context menu', async () => {
    await jobRow().click({ button: 'right' });
    await page.locator('.monaco-menu .action-item', { hasText: 'Open Output' }).first().waitFor();
    // It fades in.
    await page.waitForTimeout(500);
  });
  await page.keyboard.press('Escape');
}
