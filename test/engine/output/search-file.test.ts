import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLocalConnection } from '../../../engine/clusters/local-connection.ts';
import { type FileSearch, searchFile } from '../../../engine/output/search-file.ts';
import { stripAnsi } from '../../../engine/watch/lines.ts';

const connection = openLocalConnection('here');
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-search-'));
  path = join(folder, "it's $(touch x); ü.out");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const search = (wanted: string, options: Partial<FileSearch> = {}) =>
  searchFile(
    connection,
    {
      path,
      wanted,
      isPattern: false,
      ignoreCase: false,
      from: { offset: 0, line: 1 },
      maxLines: 100,
      seconds: 5,
      limitSeconds: 30,
      ...options,
    },
    AbortSignal.timeout(60_000),
  );

const numbers = async (wanted: string, options?: Partial<FileSearch>) =>
  (await search(wanted, options)).found.map(({ line }) => line);

describe('searching a file where it is', () => {
  it('tells lines by number, place and text', async () => {
    writeFileSync(path, 'one\r\nloss=ü 3\nthree\rLOSS=4 loss\n\nloss=5');
    const { found, reached, size, isDone } = await search('loss');
    expect(found).toEqual([
      { offset: 5, line: 2, text: 'loss=ü 3' },
      { offset: 21, line: 4, text: 'LOSS=4 loss' },
      { offset: 34, line: 6, text: 'loss=5' },
    ]);
    expect({ reached, size, isDone }).toEqual({ reached: { offset: 40, line: 6 }, size: 40, isDone: true });
    expect(await numbers('loss=', { ignoreCase: true })).toEqual([2, 4, 6]);
    expect(await numbers('^(loss|three)', { isPattern: true })).toEqual([2, 3, 6]);
    expect(await numbers('.*')).toEqual([]);
  });

  it('goes on where it stopped', async () => {
    writeFileSync(path, Array.from({ length: 10 }, (_, index) => `step ${index + 1}\n`).join(''));
    const first = await search('step', { maxLines: 3 });
    expect(first.found.map(({ line }) => line)).toEqual([1, 2, 3]);
    expect(first.isDone).toBe(false);
    expect(first.reached).toEqual({ offset: 21, line: 4 });
    expect(await numbers('step', { from: first.reached })).toEqual([4, 5, 6, 7, 8, 9, 10]);
  });

  it('searches no longer than it may, a block at least', async () => {
    writeFileSync(path, `${'x'.repeat(99)}\n`.repeat(120_000));
    const first = await search('none', { seconds: 0 });
    expect(first).toMatchObject({ isDone: false, found: [] });
    expect(first.reached.offset).toBe((first.reached.line - 1) * 100);
    expect(first.reached.offset).toBeGreaterThan(4_000_000);
  });

  it('finds what a block, a long line or an escape sequence would part', async () => {
    writeFileSync(
      path,
      `${'y'.repeat(4 * 1024 * 1024 - 3)}\nneedle\n${'z'.repeat(3000)}needle${'z'.repeat(3000)}\nnee\u001b[31mdle\u001b[0m\n`,
    );
    const { found } = await search('needle');
    expect(found.map(({ line }) => line)).toEqual([2, 3, 4]);
    expect(found[1]?.text).toMatch(/^…z{120}needlez+…$/);
    expect(found[2]?.text).toBe('needle');
  });

  it('finds the lines that the text has, however lines end', async () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'A', '\n', '\r', '\r\n', '\u001b[1m', 'ü', ' '), {
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(words, fc.boolean(), async (parts, isPattern) => {
        writeFileSync(path, parts.join(''));
        const lines = parts.join('').split(/\r\n|\r|\n/);
        const wanted = lines.flatMap((line, index) => (stripAnsi(line).includes('ab') ? [index + 1] : []));
        expect(await numbers('ab', { isPattern })).toEqual(wanted);
      }),
      { numRuns: 12 },
    );
  }, 60_000);

  it('says why it cannot', async () => {
    await expect(search('x')).rejects.toThrow(/does not exist/);
    await expect(search('x', { path: '/dev/zero' })).rejects.toThrow(/a pipe or a device/);
    writeFileSync(path, 'abc');
    await expect(search('(', { isPattern: true })).rejects.toThrow(/the pattern cannot be read: /);
    await expect(search('b', { from: { offset: 9, line: 2 } })).resolves.toMatchObject({ found: [], isDone: true });
  });

  it('ends with a pattern that never would', async () => {
    writeFileSync(path, `${'a'.repeat(60)}!\n`);
    await expect(search('(a+)+$', { isPattern: true, limitSeconds: 1 })).rejects.toThrow(/took more than 1 s/);
  }, 60_000);
});
