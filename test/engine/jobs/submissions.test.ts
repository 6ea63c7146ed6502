import { beforeEach, describe, expect, it } from 'vitest';
import { ConnectionError } from '../../../engine/clusters/connection.ts';
import { Submissions } from '../../../engine/jobs/submissions.ts';
import { silentLogger } from '../../../engine/logger.ts';
import type { UserNotification } from '../../../engine/protocol.ts';
import { RefusalError, type Scheduler } from '../../../engine/schedulers/scheduler.ts';
import { Store } from '../../../engine/store/store.ts';
import { watcherSpec } from '../../support/builders.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A fake scheduler that accepts a job and may then lose its reply. */
class FakeScheduler {
  readonly accepted = new Map<string, string>();
  failure: 'none' | 'before' | 'after' | 'refused' = 'none';

  readonly scheduler = {
    submit: async ({ key }: { key: string }) => {
      const lost = new ConnectionError('closed', 'c', 'the connection broke');
      if (this.failure === 'before') throw lost;
      if (this.failure === 'refused') throw new RefusalError('c', 'no');
      const id = String(this.accepted.size + 1);
      this.accepted.set(key, id);
      if (this.failure === 'after') throw lost;
      return id;
    },
    findByKey: async (key: string) => this.accepted.get(key),
    describe: async (jobId: string) => [{ jobId, state: 'pending', submitted: 50, workdir: '/w', stdoutPath: '/w/o' }],
  } as unknown as Scheduler;
}

let store: Store;
let fake: FakeScheduler;
let notifications: UserNotification[];
let submissions: Submissions;
const submission = { script: '#!/bin/sh\n', name: 'job', options: [], watchers: [watcherSpec()] };

beforeEach(() => {
  store = new Store(':memory:');
  fake = new FakeScheduler();
  notifications = [];
  const publisher = {
    cluster() {},
    job() {},
    eventlog() {},
    forgotten() {},
    notification: (one: UserNotification) => void notifications.push(one),
  };
  submissions = new Submissions({ cluster: 'c', store, clock: new FakeClock(), log: silentLogger, publisher });
});

describe('submitting exactly once', () => {
  it('writes the job down with its first event and its watchers', async () => {
    const job = await submissions.submit(fake.scheduler, submission);
    expect(job).toMatchObject({ key: 'c/1', workdir: '/w', stdoutPath: '/w/o', submitted: 50 });
    expect(store.eventlog('c/1')).toMatchObject([{ name: 'submit', timestamp: 50, context: { jobid: '1' } }]);
    expect(store.watchers('c/1').map(({ spec }) => spec)).toEqual([watcherSpec()]);
    expect(submissions.isPending).toBe(false);
  });

  it('finds a job again whose reply was lost', async () => {
    fake.failure = 'after';
    await expect(submissions.submit(fake.scheduler, submission)).rejects.toThrow(ConnectionError);
    expect(submissions.isPending).toBe(true);
    expect(await submissions.recover(fake.scheduler)).toMatchObject([{ key: 'c/1' }]);
    expect(submissions.isPending).toBe(false);
    expect(fake.accepted.size).toBe(1);
  });

  it('says so when the job was never accepted', async () => {
    fake.failure = 'before';
    await expect(submissions.submit(fake.scheduler, submission)).rejects.toThrow(ConnectionError);
    expect(await submissions.recover(fake.scheduler)).toEqual([]);
    expect(notifications).toMatchObject([{ level: 'warning', message: expect.stringContaining('was not submitted') }]);
    expect(submissions.isPending).toBe(false);
  });

  it('keeps nothing of a refused one', async () => {
    fake.failure = 'refused';
    await expect(submissions.submit(fake.scheduler, submission)).rejects.toThrow(RefusalError);
    expect(submissions.isPending).toBe(false);
  });

  it.each(['after', 'before'] as const)(
    'repeats a resubmission with its key, and makes one job of it (lost %s)',
    async (failure) => {
      fake.failure = failure;
      const again = { ...submission, resubmitOf: 'c/9', key: 'fixed' };
      await expect(submissions.submit(fake.scheduler, again)).rejects.toThrow(ConnectionError);
      // The engine's own look leaves it to the action, which has no result yet.
      expect(await submissions.recover(fake.scheduler)).toEqual([]);
      fake.failure = 'none';
      expect(await submissions.submit(fake.scheduler, again)).toMatchObject({ key: 'c/1', resubmitOf: 'c/9' });
      expect(await submissions.submit(fake.scheduler, again)).toMatchObject({ key: 'c/1' });
      expect(fake.accepted.size).toBe(1);
    },
  );
});
