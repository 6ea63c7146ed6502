/** What a follower writes for a line that matches: its event, the state of its watcher and how far the output is read. */
import type { JobKey } from '../../engine/protocol.ts';
import type { Store } from '../../engine/store/store.ts';
import { watcherSpec } from '../../test/support/builders.ts';

/** The result writes the next one. */
export function commitsOf(store: Store, job: JobKey): () => void {
  let count = 0;
  return () => {
    count++;
    store.transaction(() => {
      const event = { timestamp: count, name: 'watcher.match', context: { watcher: 'loss', line: count } };
      store.append(job, [event], count);
      store.saveWatcher(job, 0, { spec: watcherSpec(), state: { count } });
      store.positions.save(job, { stream: 'stdout', path: '/o', offset: count, line: count, afterReturn: false });
    });
  };
}
