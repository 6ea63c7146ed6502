/** The timeline of a job, while it runs and afterwards. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checkAccessibility } from './accessibility.mjs';
import { openInputFor } from './job-steps.mjs';

const training = `#!/bin/bash
#SBATCH --job-name=training
#SBATCH --time=5
#WATCHER name="loss" pattern="loss (?P<loss>[\\d.]+)" action=store_metric(name="loss", variable="loss")
#WATCHER name="spike" pattern="loss (?P<loss>[\\d.]+)" condition="float(loss) > 3.4" action=log_event(message="a spike")
for epoch in $(seq 1 60); do
  echo "epoch $epoch loss $(awk "BEGIN { print 3.5 / (1 + $epoch / 20) + ($epoch % 7) / 20 }")"
  sleep 0.1
done
exit 3
`;

/** The frame in which the page of a tab is. */
const pageFrame = (page) => page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');

export async function walkTimeline(site, steps) {
  writeFileSync(path.join(site.workspace, 'training.sh'), training);
  const workbench = await site.openWindow('training.sh');
  const { page } = workbench;
  await openInputFor(workbench, 'local');
  await page.keyboard.press('Enter');
  await workbench.jobRow('training').waitFor();
  const inPage = pageFrame(page);
  const told = (text) => inPage.locator('.told', { hasText: text }).waitFor();
  await steps.step('timeline - of a job that runs, from its row', async () => {
    await workbench.jobRow('training').hover();
    await workbench.jobRow('training').locator('.action-label[aria-label^="Show Timeline"]').click();
    // The rows of a job that prints are made anew all the time: of one that is no more VS Code tells no command, which then asks.
    const asked = workbench.pick('1 training');
    await page.waitForTimeout(1000);
    if (await asked.isVisible()) await asked.click();
    await inPage.locator('canvas').waitFor();
    await page.waitForTimeout(2500);
  });
  await steps.step('timeline - it grows to the end of the job', async () => {
    await workbench.treeRow('failed (exit code 3)').first().waitFor();
    await page.waitForTimeout(700);
  });
  await steps.step('timeline - keys go from event to event', async () => {
    await inPage.locator('canvas').focus();
    for (const key of ['n', 'n', 'n', 'n']) await page.keyboard.press(key);
    await told('state of the job: alloc');
    await page.keyboard.press('p');
    await told('priority');
    for (const key of ['+', '+', '+', 'ArrowRight']) await page.keyboard.press(key);
    await page.waitForTimeout(200);
  });
  await steps.step('timeline - all of it as text', async () => {
    await inPage.locator('summary').click();
    await inPage.locator('li', { hasText: /loss: 60 values from .* last/ }).waitFor();
    await inPage.locator('li', { hasText: 'ran, failed from' }).waitFor();
  });
  await steps.step('timeline - it is exported', async () => {
    await inPage.locator('button', { hasText: 'Export SVG' }).click();
    await page.locator('.quick-input-widget input[type=text]').first().waitFor();
    await page.keyboard.press('Enter');
    const file = path.join(site.workspace, 'timeline-1-training.svg');
    const hasImage = () => existsSync(file) && readFileSync(file, 'utf8').startsWith('<svg');
    for (let tries = 0; !hasImage(); tries++) {
      if (tries === 100) throw new Error(`there is no image in ${file}`);
      await page.waitForTimeout(100);
    }
  });
  await steps.step('timeline - the row of the job opens to its phases', async () => {
    await inPage.locator('li', { hasText: /durations: waits .* s; ran, failed/ }).waitFor();
    await inPage.locator('canvas').focus();
    await page.keyboard.press('0');
    await page.keyboard.press('Enter');
    await told('· open');
    for (let row = 0; row < 2; row++) await page.keyboard.press('ArrowDown');
    await told(/ran, failed: .* s, \d+ events/);
  });
  await steps.step('timeline - the slider goes back in time', async () => {
    const slider = inPage.getByLabel('Time travel: the job after each of its events');
    await slider.focus();
    await inPage.locator('dd', { hasText: 'ended with exit code 3' }).waitFor();
    await page.keyboard.press('Home');
    await inPage.locator('.travel p', { hasText: 'state of the job: submit' }).waitFor();
    for (let count = 0; count < 4; count++) await page.keyboard.press('PageUp');
    await inPage.locator('dt', { hasText: 'capture loss: loss' }).waitFor();
    await inPage.locator('dt', { hasText: 'number loss' }).waitFor();
    await inPage.locator('dd', { hasText: /^runs$/ }).waitFor();
    if (await inPage.locator('dt', { hasText: 'Warnings' }).count()) throw new Error('a warning about a log of ours');
  });
  // All of it is drawn, the text is open, and an event is told of.
  await inPage.locator('canvas').focus();
  await page.keyboard.press('0');
  await page.keyboard.press('n');
  await checkAccessibility(site, steps, 'timeline', inPage);
}
