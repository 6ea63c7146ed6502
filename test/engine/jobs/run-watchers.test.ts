/** Watchers that are run over the output of a job that is over: by one at a time. */
import { expect, it, vi } from 'vitest';
import type { ClusterService } from '../../../engine/jobs/cluster-service.ts';
import type { JobInfo } from '../../../engine/protocol.ts';
import { Store } from '../../../engine/store/store.ts';
import { initialProgress } from '../../../engine/watch/progress.ts';
import { WatcherRequests } from '../../../engine/watcher-requests.ts';
import { jobRecord, watcherSpec } from '../../support/builders.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const key = 'test/7';

it('refuses whoever comes while the cluster is being connected for another', async () => {
  const store = new Store(':memory:');
  const clock = new FakeClock();
  store.addJob(jobRecord({ key, state: 'completed', phase: 'clean', stdoutPath: '/o' }));
  store.saveWatchers(key, [{ spec: watcherSpec(), state: initialProgress(watcherSpec(), clock.now()) }]);
  let connected = () => {};
  const connecting = new Promise<void>((resolve) => {
    connected = resolve;
  });
  let read = () => {};
  const reading = new Promise<void>((resolve) => {
    read = resolve;
  });
  const reread = vi.fn(() => reading);
  const job = () => {
    const found = store.job(key);
    if (!found) throw new Error('no such job');
    return found;
  };
  const requests = new WatcherRequests({
    store,
    clock,
    publisher: { cluster() {}, job() {}, eventlog() {}, forgotten() {}, emitted() {}, notification() {} },
    maxWatchers: () => 10,
    service: async () => ({ connect: () => connecting, reread }) as unknown as ClusterService,
    job,
    info: () => ({ key }) as JobInfo,
  });
  const first = requests.run({ job: key });
  const second = requests.run({ job: key });
  const refused = expect(second).rejects.toThrow('run over its output already');
  connected();
  await refused;
  read();
  await expect(first).resolves.toMatchObject({ total: 0 });
  expect(reread).toHaveBeenCalledTimes(1);
  expect(job()).toMatchObject({ phase: 'finished', reread: true });
});
