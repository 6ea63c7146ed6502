/** Output as a person looks at it: a script's watchers tried on a log while the pattern is being typed. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const epochs = Array.from({ length: 90 }, (_, index) => {
  const loss = index < 60 ? 4 - index / 20 : 1 + (index - 60) ** 2 / 40;
  return `epoch ${index + 1}/90 lr: 0.8 loss: ${loss.toFixed(2)}`;
});
const log = ['loading data', ...epochs.slice(0, 60), 'saved checkpoint model-60.pt at epoch 60', ...epochs.slice(60)];

export async function walkOutput(site, steps) {
  writeFileSync(path.join(site.workspace, 'train-4711.log'), `${log.join('\n')}\n`);
  const workbench = await site.openWindow('train.sh');
  await tryWatchers(site, workbench, steps);
}

async function tryWatchers(site, workbench, steps) {
  const { page } = workbench;
  const lens = (text) => page.locator('.codelens-decoration', { hasText: text }).first();
  await steps.step('output - watchers are tried on a log that is open', async () => {
    await workbench.open('train-4711.log');
    await workbench.command('Vigil: Try Watchers on This Output');
    await workbench.pick('train.sh').click();
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
