import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listedFiles } from '../../../engine/uploads/listed-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-upload-'));
  for (const name of ['src', 'src/deep', 'data']) mkdirSync(join(folder, name));
  for (const name of ['train.sh', 'src/a.py', 'src/deep/b c.py', 'src/x.pyc', 'data/big.bin'])
    writeFileSync(join(folder, name), name);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const paths = async (...entries: string[]) => (await listedFiles(folder, entries)).map(({ path }) => path);

describe('files to upload', () => {
  it('are all of a folder where there is no git', async () => {
    expect(await paths('src', 'train.sh', './src/')).toEqual(['src/a.py', 'src/deep/b c.py', 'src/x.pyc', 'train.sh']);
  });

  it('are without those that git ignores, but for files that are named', async () => {
    execFileSync('git', ['init', '-q'], { cwd: folder });
    writeFileSync(join(folder, '.gitignore'), '*.pyc\n/data/\n');
    expect(await paths('.')).toEqual(['.gitignore', 'src/a.py', 'src/deep/b c.py', 'train.sh']);
    expect(await paths('src', 'data/big.bin')).toEqual(['data/big.bin', 'src/a.py', 'src/deep/b c.py']);
  });

  it('have their size, time and mode', async () => {
    expect(await listedFiles(folder, ['train.sh'])).toEqual([
      { path: 'train.sh', bytes: 8, modified: expect.any(Number), mode: expect.any(Number) },
    ]);
  });

  it.each(['../outside', '/etc/passwd', 'src/../../x', 'nothing'])('are not %s', async (entry) => {
    await expect(paths(entry)).rejects.toThrow(/cannot be uploaded/);
  });

  it('are not what a link leads to outside of the folder', async () => {
    const secret = mkdtempSync(join(tmpdir(), 'vigil-secret-'));
    try {
      mkdirSync(join(secret, 'sub'));
      writeFileSync(join(secret, 'sub', 'id'), 'key');
      symlinkSync(secret, join(folder, 'link'));
      await expect(paths('link/sub')).rejects.toThrow('only what is in the folder');
      await expect(paths('link/sub/id')).rejects.toThrow('only what is in the folder');
      // The link itself is sent as a link.
      expect(await paths('link')).toEqual(['link']);
    } finally {
      rmSync(secret, { recursive: true });
    }
  });

  it('are listed without running what a repository names', async () => {
    execFileSync('git', ['init', '-q'], { cwd: folder });
    writeFileSync(join(folder, 'monitor.sh'), `#!/bin/sh\ntouch '${join(folder, 'ran')}'\n`, { mode: 0o755 });
    execFileSync('git', ['add', '.'], { cwd: folder });
    execFileSync('git', ['config', 'core.fsmonitor', join(folder, 'monitor.sh')], { cwd: folder });
    await paths('.');
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  });
});
