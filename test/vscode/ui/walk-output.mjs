/** Output as a person looks at it: a script's watchers tried on a log while the pattern is being typed; colours, links, search, and the port that it names. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openInputFor } from './job-steps.mjs';
import { openPage } from './page-steps.mjs';

const epochs = Array.from({ length: 90 }, (_, index) => {
  const loss = index < 60 ? 4 - index / 20 : 1 + (index - 60) ** 2 / 40;
  return `epoch ${index + 1}/90 lr: 0.8 loss: ${loss.toFixed(2)}`;
});
const log = ['loading data', ...epochs.slice(0, 60), 'saved checkpoint model-60.pt at epoch 60', ...epochs.slice(60)];

export async function walkOutput(site, steps) {
  writeFileSync(path.join(site.workspace, 'train-4711.log'), `${log.join('\n')}\n`);
  writeFileSync(path.join(site.workspace, 'colors.sh'), colors);
  const workbench = await site.openWindow('train.sh');
  await tryWatchers(site, workbench, steps);
  await readOutput(workbench, steps);
  await openPage(site, workbench, steps, 'local');
}

/** Prints as programs do on a terminal: colours, a progress bar, a traceback; and what has no business in a document. */
const colors = String.raw`#!/bin/bash
#SBATCH --job-name=colors
#SBATCH --output=colors-%j.out
printf '\033[1;32mINFO\033[0m loading \033[38;5;208mdata\033[0m\n\033[2J\033]0;title\007'
for step in {1..80}; do printf 'batch %d/80\r' "$step"; done
printf 'batch 80/80 done\n\033[33mWARN\033[0m \033[7m 3 \033[0m values are \033[4mmissing\033[0m\n'
printf '\033[31mTraceback (most recent call last):\n  File "train.sh", line 12, in step\nValueError: loss is nan\033[0m\n'
`;

async function readOutput(workbench, steps) {
  const { page } = workbench;
  const editor = page.locator('.editor-instance .monaco-editor[data-uri^="vigil-output:"]').first();
  await steps.step('output - it has its colours, folds progress bars and links files', async () => {
    await workbench.open('colors.sh');
    await openInputFor(workbench, 'local');
    await page.keyboard.press('Enter');
    await workbench.jobRow('colors').waitFor();
    await workbench.command('View: Close All Editors');
    await workbench.command('Vigil: Open Output', 'colors');
    await editor.locator('.view-line', { hasText: 'batch 80/80 done' }).waitFor();
    await editor.locator('.detected-link', { hasText: 'line' }).first().waitFor();
    await page.waitForFunction(isRed, 'Traceback');
    if (await editor.locator('.view-line', { hasText: 'batch 40/80' }).count())
      throw new Error('the progress bar is not folded');
  });
  await steps.step('output - all of it is searched, and the lines are listed', async () => {
    await workbench.command('Vigil: Search Whole Output');
    await workbench.quickInput.fill('/batch [1-7]0/');
    await page.keyboard.press('Enter');
    await page.locator('.editor-instance .view-line', { hasText: 'batch 70/80' }).first().waitFor();
  });
  await steps.step('output - a click on a line shows what is around it', async () => {
    // By the mouse itself: the link is drawn anew as soon as the key is down, which is not stable enough for click().
    await page.locator('.editor-instance .detected-link').last().hover();
    await page.keyboard.down('Control');
    await page.mouse.down();
    await page.mouse.up();
    await page.keyboard.up('Control');
    const around = page.locator('.editor-instance .monaco-editor[data-uri^="vigil-file:"].focused');
    await around.locator('.view-line', { hasText: /^batch.70\/80$/ }).waitFor();
    await workbench.statusbar(/^Ln 72, .*selected/).waitFor();
  });
}

/** In the page: is the line that begins with `text` more red than it is anything else? */
function isRed(text) {
  const line = [...document.querySelectorAll('.editor-instance .view-line')].find((one) =>
    one.textContent.startsWith(text),
  );
  const colors = [...(line?.querySelectorAll('span span') ?? [])].map((span) => getComputedStyle(span).color);
  return colors.some((color) => {
    const [red = 0, green = 0, blue = 0] = color.match(/\d+/g)?.map(Number) ?? [];
    return red > green + 60 && red > blue + 60;
  });
}

async function tryWatchers(site, workbench, steps) {
  const { page } = workbench;
  const lens = (text) => page.locator('.codelens-decoration', { hasText: text }).first();
  await steps.step('output - watchers are tried on a log that is open', async () => {
    await workbench.open('train-4711.log');
    await workbench.command('Vigil: Try Watchers on This Output', 'train.sh');
    await lens(/matches, would fire/).waitFor();
    await workbench.statusbar('would fire').waitFor();
  });
  await steps.step('output - a click on the lens shows the line that fires', async () => {
    await lens(/matches, would fire/)
      .locator('a', { hasText: 'would fire' })
      .click();
    await page.locator('.editor-instance .monaco-editor[data-uri$="train-4711.log"].focused').waitFor();
  });
  await steps.step('output - hover tells what would be done', async () => {
    await workbench.command('Show or Focus Hover');
    await page.locator('.monaco-hover:not(.hidden) .hover-contents', { hasText: 'Would fire' }).first().waitFor();
  });
  await page.keyboard.press('Escape');
  await steps.step('output - the marks follow what is typed in the script', async () => {
    const lines = readFileSync(path.join(site.workspace, 'train.sh'), 'utf8').split('\n');
    const line = lines.findIndex((text) => text.startsWith('# pattern:'));
    await workbench.open('train.sh');
    await workbench.goto(line + 1, (lines[line] ?? '').indexOf('epoch') + 1);
    await page.keyboard.type('(?:model|');
    await lens('not tried').waitFor();
  });
  await workbench.command('File: Revert File');
}
