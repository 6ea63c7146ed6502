/** Jobs that were submitted elsewhere are taken up once, however many ask for it at the same time. */
import { expect, it, vi } from 'vitest';
import { type AdoptionDependencies, Adoptions } from '../../../engine/jobs/adoption.ts';
import type { JobSnapshot, Scheduler } from '../../../engine/schedulers/scheduler.ts';
import { Store } from '../../../engine/store/store.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const snapshot: JobSnapshot = { jobId: '7', state: 'running', name: 'foreign', submitted: 50, started: 60 };

function site(over: Partial<Scheduler> = {}) {
  const store = new Store(':memory:');
  const publisher = {
    cluster: vi.fn(),
    job: vi.fn(),
    eventlog: vi.fn(),
    forgotten: vi.fn(),
    emitted: vi.fn(),
    notification: vi.fn(),
  };
  const follow = vi.fn();
  const scheduler = { mine: async () => [snapshot], describe: async () => [snapshot], ...over } as unknown as Scheduler;
  const deps: AdoptionDependencies = {
    cluster: 'c',
    store,
    clock: new FakeClock(),
    publisher,
    scheduler: async () => scheduler,
    follow,
    forget: vi.fn(),
  };
  return { store, publisher, follow, adoptions: new Adoptions(deps) };
}

it('is written down, told and followed once by two who ask at the same time', async () => {
  let answer = () => {};
  const asked = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const { store, publisher, follow, adoptions } = site({
    // Both have asked before either is answered.
    describe: async () => {
      await asked;
      return [snapshot];
    },
  });
  const both = [adoptions.adopt({ jobId: '7' }), adoptions.adopt({ jobId: '7' })];
  await new Promise((resolve) => setImmediate(resolve));
  answer();
  const [first, second] = await Promise.all(both);
  expect(second).toEqual(first);
  expect(store.eventlog('c/7').filter(({ name }) => name === 'submit')).toHaveLength(1);
  expect(publisher.eventlog).toHaveBeenCalledTimes(1);
  expect(follow).toHaveBeenCalledTimes(1);
});

it('is not asked of the scheduler again once it is known', async () => {
  const mine = vi.fn(async () => [snapshot]);
  const { adoptions } = site({ mine });
  await adoptions.adopt({ jobId: '7' });
  await adoptions.adopt({ jobId: '7' });
  expect(mine).toHaveBeenCalledTimes(1);
});
