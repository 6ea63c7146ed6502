/** Every command is used in a real VS Code: by an integration test, or by the walk through the workbench. */
import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { beyondTheWalks, menus } from '../vscode/ui/menus.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

interface Contributes {
  readonly commands: readonly { readonly command: string; readonly title: string }[];
  readonly menus: { readonly [location: string]: readonly { readonly command: string; readonly group?: string }[] };
}

const { contributes } = JSON.parse(read('package.json')) as { contributes: Contributes };
const texts = JSON.parse(read('package.nls.json')) as { readonly [key: string]: string };
const titles = new Map(
  contributes.commands.map(({ command, title }) => [command, texts[title.replaceAll('%', '')] ?? title]),
);

it('every command is used in a real VS Code', () => {
  const used = globSync('test/vscode/{integration,ui}/**/*.{ts,mjs}', { cwd: root.pathname }).map(read).join('\n');
  /** Those that stand behind a row or a button, which tests find by other words. */
  const byOtherWords: { readonly [command: string]: string } = {
    'vigil.showMoreJobs': 'more jobs than rows',
  };
  const unused = [...titles].filter(([command, title]) => {
    const words = title.replace(/…$/, '');
    return ![command, words, byOtherWords[command] ?? command].some((one) => used.includes(one));
  });
  expect(unused.map(([command]) => command)).toEqual([]);
});

it.each(Object.entries(contributes.menus))('every entry of %s stands in a menu that a walk opens', (location, all) => {
  // Icons are in sight without a menu, and what stands behind a row is hidden from the palette.
  const entries =
    location === 'commandPalette' ? [] : all.filter(({ group }) => !/^(inline|navigation)/.test(group ?? ''));
  const known = entries.map(({ command }) => titles.get(command) ?? command);
  const opened = new Set(Object.values(menus[location] ?? {}).flat());
  expect(known.filter((title) => !opened.has(title) && !beyondTheWalks.includes(title))).toEqual([]);
  expect([...opened].filter((title) => !known.includes(title))).toEqual([]);
});
