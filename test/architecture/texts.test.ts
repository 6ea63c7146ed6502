import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

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
