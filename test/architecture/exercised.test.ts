/** Every command is used in a real VS Code: by an integration test, or by the walk through the workbench. */
import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

it('every command is used in a real VS Code', () => {
  const { contributes } = JSON.parse(read('package.json')) as {
    contributes: { commands: readonly { command: string; title: string }[] };
  };
  const titles = JSON.parse(read('package.nls.json')) as { [key: string]: string };
  const used = globSync('test/vscode/{integration,ui}/**/*.{ts,mjs}', { cwd: root.pathname }).map(read).join('\n');
  /** Those that stand behind a row or a button, which tests find by other words. */
  const byOtherWords: { readonly [command: string]: string } = {
    'vigil.showMoreJobs': 'more jobs than rows',
  };
  const unused = contributes.commands.filter(({ command, title }) => {
    const words = (titles[title.replaceAll('%', '')] ?? title).replace(/…$/, '');
    return ![command, words, byOtherWords[command] ?? command].some((one) => used.includes(one));
  });
  expect(unused.map(({ command }) => command)).toEqual([]);
});
