import {
  appendFileSync,
  linkSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../engine/clock.ts';
import { openLocalConnection } from '../../../engine/clusters/local-connection.ts';
import { silentLogger } from '../../../engine/logger.ts';
import { LocalReader } from '../../../engine/output/local-reader.ts';
import { readProblem } from '../../../engine/output/read-problem.ts';
import type { FollowRequest, OutputReader } from '../../../engine/output/reader.ts';
import { RemoteReader } from '../../../engine/output/remote-reader.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-mark-'));
  path = join(folder, 'job.out');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function remote(pollSeconds?: number): OutputReader {
  const reader = new RemoteReader('here', systemClock, silentLogger, () => pollSeconds);
  reader.attach(openLocalConnection('here'));
  return reader;
}

const soon = (assertion: () => void) => vi.waitFor(assertion, { timeout: 20_000, interval: 20 });
const inode = () => String(statSync(path).ino);

describe.each([
  ['of this machine', () => new LocalReader(systemClock)],
  ['over a connection', () => remote()],
  ['that are polled', () => remote(1)],
])('files %s', (_, create: () => OutputReader) => {
  let reader: OutputReader;
  beforeEach(() => {
    reader = create();
  });
  afterEach(() => reader.dispose());

  function follow(request: Partial<FollowRequest> = {}) {
    const seen = { log: [] as string[], inode: '' };
    const handle = reader.follow(
      { path, offset: 0, ...request },
      {
        onOpened: (opened) => {
          seen.inode = opened;
        },
        onData: (offset, bytes) => void seen.log.push(`${offset} ${Buffer.from(bytes).toString()}`),
        onRestart: (kind) => void seen.log.push(kind),
        onCaughtUp: () => {},
        onProblem: (problem) => void seen.log.push(problem),
      },
    );
    return { seen, handle };
  }

  it('go on where they were left when they are the same', async () => {
    writeFileSync(path, 'abcdef');
    const { seen } = follow({ offset: 3, mark: { inode: inode(), tail: Buffer.from('abc') } });
    await soon(() => expect(seen).toEqual({ log: ['3 def'], inode: inode() }));
  });

  it.each([
    ['replaced', 'another inode', () => ({ inode: '1', tail: Buffer.from('abc') })],
    ['truncated', 'another text before the place', () => ({ inode: inode(), tail: Buffer.from('xyz') })],
  ])('are %s when they have %s', async (kind, _why, mark) => {
    writeFileSync(path, 'abcdef');
    const { seen } = follow({ offset: 3, mark: mark() });
    await soon(() => expect(seen.log).toEqual([kind, '0 abcdef']));
  });

  it('are read to the end where they were moved to, then the new one', async () => {
    writeFileSync(path, 'one ');
    const { seen } = follow();
    await soon(() => expect(seen.log).toEqual(['0 one ']));
    writeFileSync(`${path}.new`, 'three');
    appendFileSync(path, 'two ');
    // There is a file at any moment, whenever the reader looks.
    linkSync(path, `${path}.1`);
    renameSync(`${path}.new`, path);
    await soon(() => expect(seen.log).toContain('0 three'));
    const text = seen.log.join('|').replace('|4 two ', '');
    expect([text, seen.log.includes('4 two ')]).toEqual(['0 one |rotated|0 three', true]);
  });

  it('are read anew when they were written since, though they look the same', async () => {
    writeFileSync(path, 'same text');
    const mark = { inode: inode(), tail: Buffer.from('same') };
    utimesSync(path, 2000, 2000);
    const { seen } = follow({ offset: 4, mark, rewrittenSince: 1500 });
    await soon(() => expect(seen.log).toEqual(['rewritten', '0 same text']));
    appendFileSync(path, '!');
    await soon(() => expect(seen.log.at(-1)).toBe('9 !'));
    expect(seen.log.filter((one) => one === 'rewritten')).toHaveLength(1);
  });

  it('go on while they were not written since', async () => {
    writeFileSync(path, 'same text');
    utimesSync(path, 1000, 1000);
    const { seen } = follow({ offset: 4, mark: { inode: inode(), tail: Buffer.from('same') }, rewrittenSince: 1500 });
    await soon(() => expect(seen.log).toEqual(['4  text']));
  });
});

it('a stale handle is told as what it is', () => {
  expect(readProblem('/o', 'ESTALE', 'Stale file handle')).toContain('is stale');
});
