import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ActionIntent } from '../../../engine/store/records.ts';
import { Store } from '../../../engine/store/store.ts';
import { StoreFailure } from '../../../engine/store/store-failure.ts';
import { jobRecord, watcherSpec } from '../../support/builders.ts';
import { type Place, storeKinds } from '../../support/stores.ts';

const intent = (fields: Partial<ActionIntent> = {}): ActionIntent => ({
  watcher: 0,
  watcherName: 'w',
  trigger: 1,
  position: 0,
  action: 'cancel_job',
  params: {},
  line: '',
  captures: {},
  ...fields,
});

describe.each(storeKinds)('the store on $name', ({ isMissing, prepare, place, dispose }) => {
  if (isMissing) return void it.skip('needs what is not installed here', () => {});
  let at: Place;
  beforeAll(prepare, 60_000);
  afterAll(dispose);
  beforeEach(() => {
    at = place();
  });
  afterEach(() => at.dispose());

  it('keeps nothing of an earlier job whose id came again, but the script when it is the same', () => {
    const store = at.open();
    const scriptHash = store.saveScript('#!/bin/sh\n');
    const old = jobRecord({ scriptHash, submitKey: 'old', isArray: true, phase: 'clean' });
    const task = jobRecord({ key: 'test/7_1', submitKey: 'old', arrayTask: { parent: old.key, index: 1 } });
    for (const job of [old, task]) {
      store.saveJob(job);
      store.append(job.key, [{ timestamp: 1, name: 'clean' }], 1);
      store.saveWatchers(job.key, [{ spec: watcherSpec({ name: 'old' }), state: {} }]);
    }
    const other = jobRecord({ key: 'test/8', submitKey: 'other' });
    store.saveJob(other);
    const job = jobRecord({ scriptHash, submitKey: 'new' });
    expect([...store.addJob(job)].sort()).toEqual([old.key, task.key]);
    expect(store.job(job.key)).toEqual(job);
    expect([store.eventlog(job.key), store.watchers(job.key), store.job(task.key)]).toEqual([[], [], undefined]);
    expect(store.script(scriptHash)).toBe('#!/bin/sh\n');
    expect(store.job(other.key)).toEqual(other);
    expect(store.addJob(job)).toEqual([]);
    store.close();
  });

  it('keeps jobs, logs, watchers, offsets and intents over a restart', () => {
    const first = at.open();
    const hash = first.saveScript('#!/bin/sh\n');
    const job = jobRecord({ scriptHash: hash });
    first.saveJob(job);
    first.append(
      job.key,
      [
        { timestamp: 100, name: 'submit', context: { jobid: '7' } },
        { timestamp: 101, name: 'depend' },
      ],
      102,
    );
    first.saveWatchers(job.key, [{ spec: watcherSpec(), state: { matchCount: 3 } }]);
    first.positions.save(job.key, { stream: 'stdout', path: '/o', offset: 12, line: 2, afterReturn: true });
    first.actions.add(job.key, intent(), 2);
    first.saveSetting('engine', { minPollSeconds: 5 });
    first.close();

    const store = at.open();
    expect(store.script(hash)).toBe('#!/bin/sh\n');
    expect(store.openJobs('test')).toEqual([job]);
    expect(store.eventlog(job.key)).toEqual([
      { seq: 0, timestamp: 100, observed: 102, name: 'submit', context: { jobid: '7' } },
      { seq: 1, timestamp: 101, observed: 102, name: 'depend' },
    ]);
    expect(store.eventlog(job.key, 1)).toHaveLength(1);
    expect(store.watchers(job.key)).toEqual([{ spec: watcherSpec(), state: { matchCount: 3 } }]);
    expect(store.positions.of(job.key)).toEqual([
      { stream: 'stdout', path: '/o', offset: 12, line: 2, afterReturn: true },
    ]);
    expect(store.actions.open(job.key)).toEqual([{ intent: intent(), attempts: 0, memo: {} }]);
    expect(store.setting('engine')).toEqual({ minPollSeconds: 5 });
    store.close();
  });

  it('keeps all of a transaction, or nothing of it', () => {
    const store = at.open();
    store.saveJob(jobRecord());
    expect(() =>
      store.transaction(() => {
        store.append('test/7', [{ timestamp: 1, name: 'submit' }], 1);
        store.actions.add('test/7', intent(), 0);
        throw new Error('the process died here');
      }),
    ).toThrow('died');
    expect(store.eventlog('test/7')).toEqual([]);
    expect(store.actions.open('test/7')).toEqual([]);
    expect(store.append('test/7', [{ timestamp: 1, name: 'submit' }], 1)[0]?.seq).toBe(0);
    store.close();
  });

  it('gives one open intent by its key, with how often it was tried', () => {
    const store = at.open();
    store.actions.add('test/7', intent({ watcher: 0, trigger: 1 }), 3);
    store.actions.add('test/7', intent({ watcher: 0, trigger: 2 }), 4);
    store.actions.defer('test/7', intent({ watcher: 0, trigger: 2 }), 2, 99);
    expect(store.actions.one('test/7', intent({ watcher: 0, trigger: 2 }))).toMatchObject({
      attempts: 2,
      notBefore: 99,
    });
    store.actions.finish('test/7', intent({ watcher: 0, trigger: 1 }), 6, 10, { ok: true, message: 'done' });
    expect(store.actions.one('test/7', intent({ watcher: 0, trigger: 1 }))).toBeUndefined();
    store.close();
  });

  it('gives open intents in the order they were decided, and none that has a result', () => {
    const store = at.open();
    store.actions.add('test/7', intent({ watcher: 1, trigger: 1 }), 5);
    store.actions.add('test/7', intent({ watcher: 0, trigger: 2 }), 9);
    store.actions.add('test/7', intent({ watcher: 0, trigger: 1 }), 3);
    store.actions.finish('test/7', intent({ watcher: 1, trigger: 1 }), 6, 10, { ok: true, message: 'done' });
    expect(store.actions.open('test/7').map(({ intent: one }) => [one.watcher, one.trigger])).toEqual([
      [0, 1],
      [0, 2],
    ]);
    store.close();
  });

  it('refuses the same intent twice', () => {
    const store = at.open();
    store.actions.add('test/7', intent(), 1);
    expect(() => store.actions.add('test/7', intent(), 2)).toThrow(/unique/i);
    store.close();
  });

  it('forgets a job with all that belongs to it, and a script that no other job has', () => {
    const store = at.open();
    const hash = store.saveScript('text');
    store.saveJob(jobRecord({ scriptHash: hash }));
    store.saveJob(jobRecord({ key: 'test/8', jobId: '8', scriptHash: hash }));
    store.append('test/7', [{ timestamp: 1, name: 'submit' }], 1);
    store.forgetJob('test/7');
    expect(store.eventlog('test/7')).toEqual([]);
    expect(store.script(hash)).toBe('text');
    store.forgetJob('test/8');
    expect(store.script(hash)).toBeUndefined();
    store.close();
  });

  it('finds a job by the key of its submission', () => {
    const store = at.open();
    store.saveJob(jobRecord({ submitKey: 'abc' }));
    expect(store.jobBySubmitKey('abc')?.key).toBe('test/7');
    expect(store.jobBySubmitKey('other')).toBeUndefined();
    store.close();
  });
});

describe('a store in a file', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigil-store-'));
    file = join(folder, 'vigil.db');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('says which file a newer Vigil wrote', () => {
    new Store(file).close();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 999');
    database.close();
    expect(() => new Store(file)).toThrow(`${file} was written by a newer Vigil`);
  });

  it('says what to do when another program holds the file, waits once, and is well afterwards', () => {
    const store = new Store(file);
    const health: (string | undefined)[] = [];
    store.onHealth((problem) => void health.push(problem));
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    expect(() => store.saveJob(jobRecord())).toThrow(StoreFailure);
    // Each of these would wait for a second, and the engine with it.
    for (let i = 0; i < 500; i++) expect(() => store.saveSetting('a', i)).toThrow(/locked by another program/);
    expect(store.jobs()).toEqual([]);
    expect(health).toEqual([expect.stringContaining('vigil.db is locked by another program')]);
    other.exec('ROLLBACK');
    store.saveJob(jobRecord());
    expect(health).toHaveLength(2);
    expect(store.problem).toBeUndefined();
    store.close();
    other.close();
  });

  it('names the file when it is no database', () => {
    writeFileSync(file, 'not a database, but long enough to be looked at '.repeat(40));
    expect(() => new Store(file)).toThrow(`${file} is not a database of Vigil's`);
  });
});
