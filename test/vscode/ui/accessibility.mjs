/** What axe finds wrong with a page of ours, in each kind of theme. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** Those that VS Code begins with, those it began with for years, and high contrast. It names the one that is drawn in a page's body. */
const themes = [
  'Light 2026',
  'Dark 2026',
  'Light Modern',
  'Dark Modern',
  'Default High Contrast',
  'Default High Contrast Light',
];

/** One step a theme. `page`: the frame locator of one that is shown. */
export async function checkAccessibility(site, steps, name, page) {
  for (const theme of themes) {
    await steps.step(`${name}, accessible in ${theme}`, async () => {
      useTheme(site, theme);
      await page.locator(`body[data-vscode-theme-id="${theme}"]`).waitFor();
      const violations = await violationsOf(page);
      if (violations.length > 0) throw new Error(`axe:\n${violations.join('\n')}`);
    });
  }
}

function useTheme(site, theme) {
  const folder = path.join(site.workspace, '.vscode');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'settings.json'), JSON.stringify({ 'workbench.colorTheme': theme }));
}

/** `rule (impact): element: why`, one line each. */
async function violationsOf(page) {
  const root = await page.locator(':root').elementHandle();
  const frame = await root.ownerFrame();
  await frame.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations, passes } = await frame.evaluate(() => globalThis.axe.run(document));
  if (passes.length === 0) throw new Error('axe has looked at nothing');
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} (${impact}): ${target}: ${failureSummary.replace(/\s+/g, ' ')}`),
  );
}
