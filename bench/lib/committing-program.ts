/**
 * Commits to the store at argv[2] without end, as a follower does, and says on stdout which commits were acknowledged: to
 * be killed. One number a line, from the one that the store has already.
 */
import { writeSync } from 'node:fs';
import type { ActionIntent } from '../../engine/store/records.ts';
import { Store } from '../../engine/store/store.ts';

const jobKey = 'bench/1';

function intentOf(trigger: number): ActionIntent {
  return {
    watcher: 0,
    watcherName: 'w',
    trigger,
    position: 0,
    action: 'log_event',
    params: { message: 'm'.repeat(trigger % 2000) },
    line: 'l'.repeat(trigger % 500),
    captures: {},
  };
}

function commit(store: Store, number: number): void {
  store.transaction(() => {
    const [entry] = store.append(jobKey, [{ timestamp: number, name: 'watcher.action', context: { number } }], number);
    store.actions.add(jobKey, intentOf(number), entry?.seq ?? -1);
    store.positions.save(jobKey, { stream: 'stdout', path: '/out', offset: number, line: number, afterReturn: false });
    if (number % 3 === 0)
      store.actions.finish(jobKey, intentOf(number), entry?.seq ?? -1, number, { ok: true, message: '' });
  });
}

const store = new Store(process.argv[2] ?? '');
for (let number = (store.positions.of(jobKey)[0]?.offset ?? 0) + 1; ; number++) {
  commit(store, number);
  writeSync(1, `${number}\n`);
}
