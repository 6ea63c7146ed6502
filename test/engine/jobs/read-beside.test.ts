import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readBeside } from '../../../engine/jobs/outer-host.ts';

it.skipIf(process.platform === 'win32')('only files below the folder of the script are read', async () => {
  const top = mkdtempSync(join(tmpdir(), 'vigil-beside-'));
  try {
    mkdirSync(join(top, 'jobs/sub'), { recursive: true });
    for (const name of ['secret.sh', 'jobs/next.sh', 'jobs/sub/..odd.sh']) writeFileSync(join(top, name), name);
    symlinkSync(join(top, 'secret.sh'), join(top, 'jobs/link.sh'));
    symlinkSync(top, join(top, 'jobs/up'));
    const read = (path: string) => readBeside(join(top, 'jobs/job.sh'), path);
    expect(await read('next.sh')).toBe('jobs/next.sh');
    expect(await read('sub/..odd.sh')).toBe('jobs/sub/..odd.sh');
    for (const path of ['../secret.sh', 'link.sh', 'up/secret.sh', 'sub/../next.sh', join(top, 'secret.sh'), '~/x'])
      expect(await read(path)).toBeUndefined();
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
});
