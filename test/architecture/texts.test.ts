import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

const translated = vi.hoisted(() => [] as string[]);
vi.mock('../../language/text/l10n.ts', async (original) => ({
  ...(await original<typeof import('../../language/text/l10n.ts')>()),
  t: (text: string) => {
    translated.push(text);
    return text;
  },
}));

it('l10n/bundle.l10n.json has the texts for people: else run `npm run texts`', () => {
  const { stderr, status } = spawnSync(process.execPath, ['scripts/write-texts.mjs', '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
});

it('there is one way to translate a text: `t` of language/text/l10n.ts', () => {
  const others = globSync('client/**/*.ts', { cwd: root }).filter((file) =>
    readFileSync(join(root, file), 'utf8').includes('vscode.l10n.t('),
  );
  expect(others).toEqual([]);
});

it('the modules of the language server have no text while they are read: it knows the language later', async () => {
  const modules = ['language', 'server'].flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }));
  // It would serve this process.
  for (const file of modules.filter((name) => name !== join('server', 'main.ts'))) await import(join(root, file));
  expect(modules.length).toBeGreaterThan(100);
  expect(translated).toEqual([]);
});
