/** Vigil in another language: one that marks every text, as a translation would replace it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const language = 'de';

const workflow = (pause) => `name: chain
params: { rate: 0.1 }
steps:
  - { id: train, run: 'true' }
  - { id: publish, sleep: ${pause} }
`;

/** The frame in which the page of a tab is. */
const pageIn = (page) => page.frameLocator('iframe.webview.ready:visible').last().frameLocator('#active-frame');

export async function walkLanguage(site, steps) {
  translate(site.extensionsDirectory, 'package.nls');
  translate(site.extensionsDirectory, path.join('l10n', 'bundle.l10n'));
  writeFileSync(path.join(site.workspace, 'chain.vigil.yaml'), workflow('1'));
  writeFileSync(path.join(site.workspace, 'broken.vigil.yaml'), workflow('never'));
  const workbench = await site.openWindow('train.sh', { language });
  const { page } = workbench;
  await steps.step('language - lenses, questions and lists are translated', async () => {
    await page.locator('.codelens-decoration', { hasText: '⟦Submit⟧' }).first().click();
    await workbench.pick('⟦this machine⟧').waitFor();
  });
  await steps.step('language - rows are translated, the names of events are not', async () => {
    await workbench.pick('local').click();
    await page.locator('.quick-input-widget .quick-input-message', { hasText: '⟦The directory that' }).waitFor();
    await page.keyboard.press('Enter');
    await workbench.treeRow('⟦running⟧').first().waitFor({ timeout: 120_000 });
    await workbench.treeRow('watcher.match').first().waitFor({ timeout: 120_000 });
  });
  await steps.step('language - so are the texts of package.json', () =>
    page.locator('.pane-header', { hasText: '⟦Jobs⟧' }).waitFor(),
  );
  await steps.step('language - so are diagnostics of the language server', async () => {
    await workbench.open('broken.vigil.yaml');
    await page.locator('.squiggly-error').first().waitFor();
    await page.keyboard.press('Control+Shift+M');
    await page.locator('.markers-panel .monaco-list-row', { hasText: '⟦`sleep` takes' }).first().waitFor();
  });
  await steps.step('language - and the pages in tabs: the graph', async () => {
    await page.keyboard.press('Control+Shift+M');
    await workbench.open('chain.vigil.yaml');
    await page.locator('.editor-actions .action-label[aria-label^="⟦Show Workflow Graph"]').first().click();
    await pageIn(page).locator('.step[data-step=publish]').click();
    await pageIn(page).locator('button', { hasText: '⟦Show in File⟧' }).waitFor();
    await pageIn(page).locator('summary', { hasText: '⟦As text⟧' }).waitFor();
  });
  await steps.step('language - the form', async () => {
    await workbench.command('View: Close All Editors');
    await page.locator('iframe.webview.ready').first().waitFor({ state: 'detached' });
    await workbench.open('chain.vigil.yaml');
    await page.locator('.editor-actions .action-label[aria-label^="⟦Run Workflow"]').first().click();
    await pageIn(page).locator('button', { hasText: '⟦Cancel⟧' }).waitFor();
    await pageIn(page).locator('input[name=rate]').fill('much');
    await pageIn(page).locator('.problem', { hasText: '⟦This is a number' }).waitFor();
  });
  await steps.step('language - the timeline', async () => {
    await workbench.command('⟦Show Timeline of Job⟧', '1 train');
    await pageIn(page).locator('p', { hasText: '⟦▼ match' }).waitFor();
    await pageIn(page).locator('button', { hasText: '⟦Export CSV⟧' }).waitFor();
  });
}

/** Writes `NAME.LANGUAGE.json` beside the `NAME.json` of the installed extension, with each text in marks. */
function translate(extensionsDirectory, name) {
  const [folder] = readdirSync(extensionsDirectory).filter((entry) => entry.startsWith('vigil.vigil'));
  const file = (...suffix) => path.join(extensionsDirectory, folder, `${[name, ...suffix].join('.')}.json`);
  const texts = Object.entries(JSON.parse(readFileSync(file(), 'utf8')));
  writeFileSync(file(language), JSON.stringify(Object.fromEntries(texts.map(([key, text]) => [key, `⟦${text}⟧`]))));
}
