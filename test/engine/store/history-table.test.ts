import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../../../engine/store/migrations.ts';
import { Store } from '../../../engine/store/store.ts';
import { CaptureHistory, historyLength } from '../../../engine/watch/capture-history.ts';
import { watcherSpec } from '../../support/builders.ts';
import { type Place, storeKinds } from '../../support/stores.ts';

describe.each(storeKinds)('on $name', ({ isMissing, prepare, place, dispose }) => {
  if (isMissing) return void it.skip('needs what is not installed here', () => {});
  let at: Place;
  beforeAll(prepare, 60_000);
  afterAll(dispose);
  beforeEach(() => {
    at = place();
  });
  afterEach(() => at.dispose());

  describe('what captures were', () => {
    it('is kept point by point, bounded, and goes on where it stopped', () => {
      const store = at.open();
      const history = new CaptureHistory();
      for (let value = 1; value <= 3 * historyLength + 7; value++) {
        history.add('loss', String(value), value);
        store.histories.add('c/7', 0, history.takeUnsaved());
      }
      history.add('loss', 'no number', 1);
      expect(history.takeUnsaved()).toEqual([]);
      const stored = store.histories.of('c/7', 0);
      expect(stored.length).toBeLessThanOrEqual(2 * historyLength);
      const again = new CaptureHistory(stored);
      expect(again.of('loss')).toEqual(history.of('loss'));
      expect(again.of('loss')).toHaveLength(historyLength);
      again.add('loss', '5', 9999);
      store.histories.add('c/7', 0, again.takeUnsaved());
      expect(store.histories.of('c/7', 0).at(-1)).toMatchObject({ seq: 3 * historyLength + 8, value: 5 });
      store.close();
    });
  });

  describe('which file was read', () => {
    it('is kept with the position', () => {
      const store = at.open();
      const mark = { inode: '77', tail: Uint8Array.from([1, 2, 255]), began: 5.5 };
      const position = { stream: 'stdout', path: '/o', offset: 3, line: 2, afterReturn: true, mark } as const;
      store.positions.save('c/7', position);
      expect(store.positions.of('c/7')).toEqual([position]);
      store.positions.drop('c/7');
      expect(store.positions.of('c/7')).toEqual([]);
      store.close();
    });
  });
});

describe('what captures were, in an old file', () => {
  it('is taken over from databases that kept it with the watcher', () => {
    const step = migrations.findIndex((sql) => sql.includes('CREATE TABLE capture_history'));
    const folder = mkdtempSync(join(tmpdir(), 'vigil-history-'));
    const path = join(folder, 'vigil.db');
    const old = new DatabaseSync(path);
    for (const sql of migrations.slice(0, step)) old.exec(sql);
    old.exec(`PRAGMA user_version = ${step}`);
    const state = {
      state: 'active',
      matchCount: 2,
      history: {
        loss: [
          [10, 1.5],
          [20, 2],
        ],
        n: [[20, 7]],
      },
      matched: 'x',
    };
    old
      .prepare('INSERT INTO watchers (job, position, spec, state) VALUES (?, ?, ?, ?)')
      .run('c/7', 1, JSON.stringify(watcherSpec()), JSON.stringify(state));
    old
      .prepare('INSERT INTO outputs (job, stream, path, offset, line, after_return) VALUES (?, ?, ?, ?, ?, ?)')
      .run('c/7', 'stdout', '/o', 12, 3, 0);
    old.close();
    const store = new Store(path);
    expect(store.histories.of('c/7', 1)).toEqual([
      { capture: 'loss', seq: 1, timestamp: 10, value: 1.5 },
      { capture: 'loss', seq: 2, timestamp: 20, value: 2 },
      { capture: 'n', seq: 1, timestamp: 20, value: 7 },
    ]);
    expect(store.watchers('c/7')[0]?.state).toEqual({ state: 'active', matchCount: 2 });
    expect(store.positions.of('c/7')).toEqual([
      { stream: 'stdout', path: '/o', offset: 12, line: 3, afterReturn: false },
    ]);
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
});
