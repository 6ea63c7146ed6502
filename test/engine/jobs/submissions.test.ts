import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ConnectionError } from '../../../engine/clusters/connection.ts';
import { Submissions, UnknownOutcomeError } from '../../../engine/jobs/submissions.ts';
import { silentLogger } from '../../../engine/logger.ts';
import type { UserNotification } from '../../../engine/protocol.ts';
import {
  type JobSnapshot,
  RefusalError,
  type Scheduler,
  SchedulerUnavailableError,
} from '../../../engine/schedulers/scheduler.ts';
import { Store } from '../../../engine/store/store.ts';
import { actionIntent } from '../../support/action-host.ts';
import { jobRecord, watcherSpec } from '../../support/builders.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A fake scheduler that accepts a job and may then lose its reply. */
class FakeScheduler {
  readonly accepted = new Map<string, string>();
  readonly scripts: string[] = [];
  failure: 'none' | 'before' | 'after' | 'refused' | 'no answer' = 'none';
  /** What `findByKey` fails with. */
  searchFailure: Error | undefined;
  isDescribed = true;

  readonly scheduler = {
    submit: async ({ key, script }: { key: string; script: string }) => {
      this.scripts.push(script);
      const lost = new ConnectionError('closed', 'c', 'the connection broke');
      if (this.failure === 'before') throw lost;
      if (this.failure === 'refused') throw new RefusalError('c', 'no');
      const id = String(this.accepted.size + 1);
      this.accepted.set(key, id);
      if (this.failure === 'after') throw lost;
      if (this.failure === 'no answer') throw new SchedulerUnavailableError('Socket timed out');
      return id;
    },
    findByKey: async (key: string) => {
      if (this.searchFailure) throw this.searchFailure;
      return this.accepted.get(key);
    },
    describe: async (jobId: string): Promise<JobSnapshot[]> => {
      if (!this.isDescribed) throw new SchedulerUnavailableError('busy');
      return [{ jobId, state: 'pending', submitted: 50, workdir: '/w', stdoutPath: '/w/o' }];
    },
  } as unknown as Scheduler;
}

let store: Store;
let fake: FakeScheduler;
let notifications: UserNotification[];
let submissions: Submissions;
let clock: FakeClock;
/** What ran on the login node, with its directory. */
let setups: [string, string | undefined][];
let setupFailure: Error | undefined;
/** Jobs that are not followed any more. */
let forgotten: string[];
const forget = (key: string) => void forgotten.push(key);
const loginSetup = async (commands: string, workdir: string | undefined, onLine: (line: string) => void) => {
  setups.push([commands, workdir]);
  await Promise.resolve();
  onLine('made logs');
  if (setupFailure) throw setupFailure;
};
const submission = { script: '#!/bin/sh\n', name: 'job', options: [], watchers: [watcherSpec()] };

beforeEach(() => {
  store = new Store(':memory:');
  fake = new FakeScheduler();
  clock = new FakeClock();
  notifications = [];
  setups = [];
  forgotten = [];
  setupFailure = undefined;
  const publisher = {
    cluster() {},
    job() {},
    eventlog() {},
    forgotten() {},
    emitted() {},
    notification: (one: UserNotification) => void notifications.push(one),
  };
  submissions = new Submissions({ cluster: 'c', store, clock, log: silentLogger, publisher, loginSetup, forget });
});

describe('the stages of a submission', () => {
  const stagesOf = async (one: Parameters<Submissions['submit']>[1]) => {
    const stages: (string | undefined)[][] = [];
    await submissions.submit(fake.scheduler, one, (...stage) => void stages.push(stage)).catch(() => undefined);
    return stages;
  };

  it('are told as they begin, with what the login setup prints', async () => {
    const script = '#!/bin/sh\n#LOGIN_SETUP_BEGIN\nmkdir -p logs\n#LOGIN_SETUP_END\n./run\n';
    const setup = [['login-setup'], ['login-setup', 'made logs']];
    expect(await stagesOf({ ...submission, script })).toEqual([...setup, ['submitting']]);
    setupFailure = new RefusalError('c', 'no space left');
    expect(await stagesOf({ ...submission, script })).toEqual(setup);
  });

  it('are told to all who ask with one key', async () => {
    const script = '#!/bin/sh\n#LOGIN_SETUP_BEGIN\nmkdir -p logs\n#LOGIN_SETUP_END\n./run\n';
    const [one, other] = await Promise.all([0, 1].map(() => stagesOf({ ...submission, script, key: 'the-same-key' })));
    expect(one).toContainEqual(['login-setup', 'made logs']);
    expect(other).toContainEqual(['login-setup', 'made logs']);
  });

  it('are another one where the reply to an earlier submission was lost', async () => {
    fake.failure = 'after';
    expect(await stagesOf({ ...submission, key: 'the-same-key' })).toEqual([['submitting']]);
    fake.failure = 'none';
    expect(await stagesOf({ ...submission, key: 'the-same-key' })).toEqual([['looking-for-job']]);
    expect(fake.scripts).toHaveLength(1);
  });
});

describe('submitting exactly once', () => {
  it('never submits again what may have come, ended and been forgotten: whoever asks is told to look', async () => {
    const forgetful = { ...fake.scheduler, keysKeptSeconds: 300 } as Scheduler;
    const keyed = { ...submission, key: 'k' };
    fake.failure = 'before';
    await expect(submissions.submit(forgetful, keyed)).rejects.toThrow(ConnectionError);
    fake.failure = 'none';
    await clock.advance(400);
    const again = expect(submissions.submit(forgetful, keyed)).rejects.toThrow(UnknownOutcomeError);
    await clock.advance(10);
    await again;
    expect(fake.scripts).toHaveLength(1);
    await submissions.recover(forgetful);
    await submissions.recover(forgetful);
    expect(notifications).toEqual([]);
    expect(fake.scripts).toHaveLength(1);
  });

  it('remembers that nobody can tell, for whoever asks with the same key later', async () => {
    const forgetful = { ...fake.scheduler, keysKeptSeconds: 300 } as Scheduler;
    const keyed = { ...submission, key: 'k' };
    fake.failure = 'before';
    await expect(submissions.submit(forgetful, keyed)).rejects.toThrow(ConnectionError);
    fake.failure = 'none';
    await clock.advance(400);
    await submissions.recover(forgetful);
    await submissions.recover(forgetful);
    expect(notifications).toMatchObject([{ message: expect.stringContaining('not known whether job was submitted') }]);
    expect(submissions.isPending).toBe(false);
    await expect(submissions.submit(forgetful, keyed)).rejects.toThrow(UnknownOutcomeError);
    await submissions.recover(forgetful);
    expect(notifications).toHaveLength(1);
    expect(fake.scripts).toHaveLength(1);
    await clock.advance(91 * 86_400);
    await submissions.recover(forgetful);
    expect(store.submissions()).toEqual([]);
  });

  it('ends following the job that had the same id before', async () => {
    store.saveJob(jobRecord({ key: 'c/1', submitKey: 'before' }));
    await submissions.submit(fake.scheduler, submission);
    expect(forgotten).toEqual(['c/1']);
  });

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

  it('gives up on a job that was never accepted, but not before it cannot come any more', async () => {
    fake.failure = 'before';
    await expect(submissions.submit(fake.scheduler, submission)).rejects.toThrow(ConnectionError);
    for (const seconds of [0, 60, 59]) {
      await clock.advance(seconds);
      expect(await submissions.recover(fake.scheduler)).toEqual([]);
      expect(submissions.isPending).toBe(true);
    }
    await clock.advance(1);
    expect(await submissions.recover(fake.scheduler)).toEqual([]);
    expect(submissions.isPending).toBe(false);
    expect(notifications).toMatchObject([
      { level: 'warning', message: expect.stringContaining('job was not found on c') },
    ]);
  });

  it('looks twice, however long ago it was', async () => {
    fake.failure = 'before';
    await expect(submissions.submit(fake.scheduler, submission)).rejects.toThrow(ConnectionError);
    await clock.advance(3600);
    await submissions.recover(fake.scheduler);
    expect(submissions.isPending).toBe(true);
    await submissions.recover(fake.scheduler);
    expect(submissions.isPending).toBe(false);
  });

  it('finds the job of an sbatch that outlived the connection', async () => {
    fake.failure = 'before';
    await expect(submissions.submit(fake.scheduler, { ...submission, key: 'late' })).rejects.toThrow(ConnectionError);
    await submissions.recover(fake.scheduler);
    await clock.advance(50);
    fake.accepted.set('late', '77');
    expect(await submissions.recover(fake.scheduler)).toMatchObject([{ key: 'c/77' }]);
    expect(notifications).toEqual([]);
  });

  it('waits as long for every further sbatch of the same submission', async () => {
    fake.failure = 'before';
    const again = { ...submission, key: 'fixed' };
    await expect(submissions.submit(fake.scheduler, again)).rejects.toThrow(ConnectionError);
    await clock.advance(3600);
    const second = submissions.submit(fake.scheduler, again).catch((error: unknown) => error);
    await clock.advance(20);
    expect(await second).toBeInstanceOf(ConnectionError);
    fake.failure = 'none';
    const third = submissions.submit(fake.scheduler, again);
    await clock.advance(60);
    fake.accepted.set('fixed', '77'); // The second was accepted after all.
    await clock.advance(10);
    expect(await third).toMatchObject({ key: 'c/77' });
  });

  it('writes one job down for two who wait for the same key', async () => {
    const again = { ...submission, key: 'fixed' };
    const both = await Promise.all([1, 2].map(() => submissions.submit(fake.scheduler, again)));
    expect(both.map((job) => job.key)).toEqual(['c/1', 'c/1']);
    expect(store.eventlog('c/1')).toHaveLength(1);
  });

  it('does not take a time-out of the scheduler for a refusal', async () => {
    fake.failure = 'no answer';
    await expect(submissions.submit(fake.scheduler, submission)).rejects.toThrow('Socket timed out');
    expect(await submissions.recover(fake.scheduler)).toMatchObject([{ key: 'c/1' }]);
  });

  it('finds an accepted job again that could not be written down', async () => {
    const full = vi.spyOn(store, 'saveJob').mockImplementationOnce(() => {
      throw new Error('database or disk is full');
    });
    await expect(submissions.submit(fake.scheduler, submission)).rejects.toThrow('disk is full');
    expect(full).toHaveBeenCalled();
    expect(await submissions.recover(fake.scheduler)).toMatchObject([{ key: 'c/1' }]);
  });

  it('does not count a look that could not be had, nor let it hinder others', async () => {
    fake.failure = 'before';
    await expect(submissions.submit(fake.scheduler, submission)).rejects.toThrow(ConnectionError);
    fake.searchFailure = new SchedulerUnavailableError('sacct is down');
    await clock.advance(3600);
    for (let look = 0; look < 3; look++) expect(await submissions.recover(fake.scheduler)).toEqual([]);
    expect(submissions.isPending).toBe(true);
  });

  it.each([
    ['its script', '#!/bin/sh\n#SBATCH --array=1-3\n', []],
    ['its options', '#!/bin/sh\n', ['-a', '1-3']],
  ])('knows an array by %s when the scheduler cannot describe it yet', async (_, script, options) => {
    fake.isDescribed = false;
    expect(await submissions.submit(fake.scheduler, { ...submission, script, options })).toMatchObject({
      isArray: true,
    });
  });

  it('keeps nothing of a refused one', async () => {
    fake.failure = 'refused';
    await expect(submissions.submit(fake.scheduler, submission)).rejects.toThrow(RefusalError);
    expect(submissions.isPending).toBe(false);
  });

  it('looks itself for what a person submitted once more, whatever the watchers of that job are about', async () => {
    store.saveJob(jobRecord({ key: 'c/9', cluster: 'c', jobId: '9' }));
    store.actions.add('c/9', actionIntent({ action: 'resubmit' }), 0);
    fake.failure = 'after';
    const again = { ...submission, resubmitOf: 'c/9', isByPerson: true as const };
    await expect(submissions.submit(fake.scheduler, again)).rejects.toThrow(ConnectionError);
    expect(await submissions.recover(fake.scheduler)).toMatchObject([{ resubmitOf: 'c/9' }]);
  });

  it.each(['after', 'before'] as const)(
    'repeats a resubmission with its key, and makes one job of it (lost %s)',
    async (failure) => {
      store.saveJob(jobRecord({ key: 'c/9', cluster: 'c', jobId: '9' }));
      store.actions.add('c/9', actionIntent({ action: 'resubmit' }), 0);
      fake.failure = failure;
      const again = { ...submission, resubmitOf: 'c/9', key: 'fixed' };
      await expect(submissions.submit(fake.scheduler, again)).rejects.toThrow(ConnectionError);
      // The engine's own look leaves it to the action, which has no result yet.
      expect(await submissions.recover(fake.scheduler)).toEqual([]);
      fake.failure = 'none';
      const repeated = submissions.submit(fake.scheduler, again);
      await clock.advance(119);
      expect(fake.accepted.size).toBe(failure === 'after' ? 1 : 0); // The first sbatch may still be alive.
      await clock.advance(11);
      expect(await repeated).toMatchObject({ key: 'c/1', resubmitOf: 'c/9' });
      expect(await submissions.submit(fake.scheduler, again)).toMatchObject({ key: 'c/1' });
      expect(fake.accepted.size).toBe(1);
    },
  );
});

describe('a login setup', () => {
  const script = '#!/bin/sh\n#LOGIN_SETUP_BEGIN\nmkdir -p logs\n#LOGIN_SETUP_END\n./run\n';
  const commented = '#!/bin/sh\n#LOGIN_SETUP_BEGIN\n#mkdir -p logs\n#LOGIN_SETUP_END\n./run\n';

  it('runs before the script, which is submitted without it and stored as it is', async () => {
    const job = await submissions.submit(fake.scheduler, { ...submission, script, workdir: '/w' });
    expect(setups).toEqual([['mkdir -p logs\n', '/w']]);
    expect(fake.scripts).toEqual([commented]);
    expect(store.script(job.scriptHash)).toBe(script);
  });

  it('that fails refuses the submission, of which nothing is left', async () => {
    setupFailure = new RefusalError('c', 'no space left');
    const refused = submissions.submit(fake.scheduler, { ...submission, script });
    await expect(refused).rejects.toThrow('no space left');
    expect(fake.scripts).toEqual([]);
    expect(submissions.isPending).toBe(false);
  });

  it('runs once for two callers with one key', async () => {
    const once = { ...submission, script, key: 'the-same-key' };
    const jobs = await Promise.all([
      submissions.submit(fake.scheduler, once),
      submissions.submit(fake.scheduler, once),
    ]);
    expect(new Set(jobs.map(({ key }) => key)).size).toBe(1);
    expect(setups).toHaveLength(1);
  });

  it('runs again when a person submits the job once more, which may have changed it', async () => {
    const first = await submissions.submit(fake.scheduler, { ...submission, script });
    const again = await submissions.submit(fake.scheduler, {
      ...submission,
      script,
      resubmitOf: first.key,
      isByPerson: true,
    });
    expect(setups).toHaveLength(2);
    expect([again.resubmitOf, 'isByPerson' in again]).toEqual([first.key, false]);
  });

  it('does not run again when the job is resubmitted', async () => {
    const first = await submissions.submit(fake.scheduler, { ...submission, script });
    await submissions.submit(fake.scheduler, { ...submission, script, resubmitOf: first.key });
    expect(setups).toHaveLength(1);
    expect(fake.scripts).toEqual([commented, commented]);
  });
});
