/** Vigil in another language: one that marks every text, as a translation would replace it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const language = 'de';

export async function walkLanguage(site, steps) {
  translate(site.extensionsDirectory, 'package.nls');
  translate(site.extensionsDirectory, path.join('l10n', 'bundle.l10n'));
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
}

/** Writes `NAME.LANGUAGE.json` beside the `NAME.json` of the installed extension, with each text in marks. */
function translate(extensionsDirectory, name) {
  const [folder] = readdirSync(extensionsDirectory).filter((entry) => entry.startsWith('vigil.vigil'));
  const file = (...suffix) => path.join(extensionsDirectory, folder, `${[name, ...suffix].join('.')}.json`);
  const texts = Object.entries(JSON.parse(readFileSync(file(), 'utf8')));
  writeFileSync(file(language), JSON.stringify(Object.fromEntries(texts.map(([key, text]) => [key, `⟦${text}⟧`]))));
}
