import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { linesOfCluster, readLogOfCluster } from '../../../engine/clusters/log-of-cluster.ts';
import { createLogger } from '../../../engine/logger.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigil-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('takes the lines of a cluster and of its parts, not those of others', () => {
  const lines: string[] = [];
  const log = createLogger(
    (line) => lines.push(line),
    () => new Date(0),
  );
  log.info('hpc is nice');
  log.child('hpc').warn('refused:\nbadly');
  log.child('hpc2').warn('not this one');
  log.child('hpc').child('reader').error('gone');
  expect(linesOfCluster(lines, 'hpc').map((line) => line.slice(25))).toEqual([
    'warn  hpc: refused:\\nbadly',
    'error hpc/reader: gone',
  ]);
});

it('reads the end of a long log, without a line that is cut', async () => {
  const file = join(folder, 'engine.log');
  const line = (index: number) => `2026-11-21T12:00:00.000Z info  hpc: ${String(index).padStart(6, '0')}`;
  writeFileSync(file, `${Array.from({ length: 20_000 }, (_, index) => line(index)).join('\n')}\n`);
  const lines = await readLogOfCluster(file, 'hpc');
  expect(lines).toHaveLength(1000);
  expect(lines.at(-1)).toBe(line(19_999));
});

it('says when there is no log', async () => {
  await expect(readLogOfCluster(join(folder, 'none'), 'hpc')).rejects.toThrow('ENOENT');
});
