import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../engine/clock.ts';
import { openLocalConnection } from '../../../engine/clusters/local-connection.ts';
import { silentLogger } from '../../../engine/logger.ts';
import { LocalReader } from '../../../engine/output/local-reader.ts';
import { readPart } from '../../../engine/output/read-part.ts';
import type { OutputReader } from '../../../engine/output/reader.ts';
import { RemoteReader } from '../../../engine/output/remote-reader.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-part-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const readers: [string, () => OutputReader][] = [
  ['of this machine', () => new LocalReader(systemClock)],
  [
    'over a connection',
    () => {
      const reader = new RemoteReader('here', systemClock, silentLogger);
      reader.attach(openLocalConnection('here'));
      return reader;
    },
  ],
];

describe.each(readers)('a part of a file %s', (_, create) => {
  const soon = () => AbortSignal.timeout(30_000);

  it('is what was asked for, and tells whether the file ends there', async () => {
    const reader = create();
    const path = join(folder, "it's $(touch x); ü.py");
    writeFileSync(path, `${'a'.repeat(300_000)}${'b'.repeat(300_000)}`);
    const middle = await readPart(reader, { path, offset: 299_998, maxBytes: 4 }, soon());
    expect([Buffer.from(middle.bytes).toString(), middle.isEnd]).toEqual(['aabb', false]);
    const end = await readPart(reader, { path, offset: 599_999, maxBytes: 1 }, soon());
    expect([Buffer.from(end.bytes).toString(), end.isEnd]).toEqual(['b', true]);
    const all = await readPart(reader, { path, offset: 0, maxBytes: 1_000_000 }, soon());
    expect([all.bytes.length, all.isEnd]).toEqual([600_000, true]);
    reader.dispose();
  });

  it('is the end of the file, or all of a short one', async () => {
    const reader = create();
    const path = join(folder, 'log');
    writeFileSync(path, 'one\ntwo\n');
    const read = async (offset: number) => {
      const { bytes, ...part } = await readPart(reader, { path, offset, maxBytes: 100 }, soon());
      return { ...part, text: Buffer.from(bytes).toString() };
    };
    expect(await read(-4)).toEqual({ offset: 4, text: 'two\n', isEnd: true });
    expect(await read(-100)).toEqual({ offset: 0, text: 'one\ntwo\n', isEnd: true });
    writeFileSync(path, '');
    expect(await read(-4)).toEqual({ offset: 0, text: '', isEnd: true });
    reader.dispose();
  });

  it('cannot be had of what is no file, and says why', async () => {
    const reader = create();
    const read = (path: string, offset = 0) => readPart(reader, { path, offset, maxBytes: 10 }, soon());
    await expect(read(join(folder, 'none'))).rejects.toThrow(/does not exist/);
    await expect(read('/dev/zero')).rejects.toThrow(/a pipe or a device/);
    writeFileSync(join(folder, 'short'), 'ab');
    await expect(read(join(folder, 'short'), 5)).rejects.toThrow(/shorter/);
    await expect(
      readPart(
        reader,
        { path: join(folder, 'short'), offset: 0, maxBytes: 1 },
        AbortSignal.abort(new Error('no more')),
      ),
    ).rejects.toThrow('no more');
    reader.dispose();
  });
});
