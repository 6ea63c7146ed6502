import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EngineProcess } from '../support/engine-process.ts';
import { matchedNumbers, numberedLines, oneTo } from '../support/scripts.ts';

/** A file system of 16 MiB, where this machine lets us make one (as root, on Linux). */
function mountSmall(folder: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const small = mkdtempSync(join(tmpdir(), 'vigil-small-'));
const isMounted = mountSmall(small);
let engine: EngineProcess;
let work: string;

beforeEach(() => {
  engine = new EngineProcess({}, {}, isMounted ? small : undefined);
  work = mkdtempSync(join(tmpdir(), 'vigil-work-'));
});
afterEach(async () => {
  await engine.dispose();
  rmSync(work, { recursive: true, force: true });
});

afterAll(() => {
  if (isMounted) execFileSync('umount', [small]);
  rmSync(small, { recursive: true });
});

const submit = (script: string) => engine.submit({ cluster: 'local', script, workdir: work });

/** What a job printed was matched once, each with one action and one result, whatever happened to the database. */
async function expectAllOnce(key: string, count: number): Promise<void> {
  const entries = await engine.until(key, 'clean');
  expect(matchedNumbers(entries)).toEqual(oneTo(count));
  for (const name of ['watcher.action', 'watcher.result', 'metric'])
    expect(entries.filter((entry) => entry.name === name)).toHaveLength(count);
}

describe.skipIf(!isMounted)('a full disk', () => {
  it('is told to everybody, keeps what was acknowledged, and loses no line', async () => {
    await engine.connect();
    const job = await submit(numberedLines(200, 0.1));
    await engine.until(job.key, 'watcher.match');
    const filler = join(small, 'filler');
    const { bavail, bsize } = statfsSync(small);
    // Node cannot write part of a buffer: page by page, until nothing goes in any more.
    writeFileSync(filler, '');
    for (let left = bavail * bsize; left >= 0; left -= 4096) {
      try {
        writeFileSync(filler, Buffer.alloc(4096), { flag: 'a' });
      } catch {
        break;
      }
    }
    const told = await vi.waitFor(() => {
      const error = engine.notifications.find(({ level }) => level === 'error');
      if (!error) throw new Error('nothing told');
      return error;
    }, 30_000);
    expect(told.message).toMatch(/vigil\.db.*(full|disk)/);
    const before = await engine.eventlog(job.key);
    const status = await engine.vigil(['status']).finally(() => rmSync(filler));
    expect(status).toMatchObject({ status: 1, stdout: expect.stringMatching(/NOT WRITABLE for .*vigil\.db/) });
    await expectAllOnce(job.key, 200);
    expect((await engine.eventlog(job.key)).slice(0, before.length)).toEqual(before);
    expect(engine.notifications).toContainEqual(
      expect.objectContaining({ level: 'info', message: expect.stringContaining('can be written again') }),
    );
    expect((await engine.vigil(['status'])).status).toBe(0);
  });
});

describe.skipIf(process.platform === 'win32')('a database that another program holds', () => {
  it('is told to everybody, and no line is lost', async () => {
    await engine.connect();
    const job = await submit(numberedLines(150, 0.1));
    await engine.until(job.key, 'watcher.match');
    const other = new DatabaseSync(join(engine.folder, 'state', 'vigil.db'));
    other.exec('BEGIN IMMEDIATE');
    await vi.waitFor(
      () => expect(engine.notifications).toContainEqual(expect.objectContaining({ level: 'error' })),
      30_000,
    );
    expect(engine.notifications.at(-1)?.message).toMatch(/vigil\.db is locked by another program/);
    const json = JSON.parse((await engine.vigil(['status', '--format', 'json'])).stdout);
    expect(json).toMatchObject({ store: { problem: { why: expect.stringContaining('locked') } }, jobs: { known: 1 } });
    other.exec('ROLLBACK');
    other.close();
    await expectAllOnce(job.key, 150);
  });
});

describe('vigil status', () => {
  it('tells of the engine, its clusters, jobs, database and memory', async () => {
    await engine.connect();
    const job = await submit('#!/bin/bash\n#WATCHER pattern="x" action=log_event\nsleep 60\n');
    await engine.until(job.key, 'start');
    const { stdout, status } = await engine.vigil(['status']);
    expect(status).toBe(0);
    const { pid } = engine.client.info;
    expect(stdout).toMatch(new RegExp(`^engine {2}0\\.1\\.0, pid ${pid}, Node.js v\\d`));
    expect(stdout).toMatch(/^memory {2}[\d.]+ MiB/m);
    expect(stdout).toMatch(/^jobs {4}1 followed, 1 known$/m);
    expect(stdout).toMatch(/^ {8}well$/m);
    expect(stdout).toMatch(/^local +connected \d+ s +1 +\d+ s ago/m);
    expect(readFileSync(join(engine.folder, 'state', 'engine.log'), 'utf8')).toContain(`pid ${pid}`);
    await engine.vigil(['cancel', job.key]);
    await engine.until(job.key, 'clean');
  });
});
