import { beforeEach, describe, expect, it } from 'vitest';
import { Notices } from '../../../engine/notifications/notices.ts';
import type { UserNotification } from '../../../engine/protocol.ts';
import { defaultSettings } from '../../../engine/settings.ts';
import type { JobRecord } from '../../../engine/store/records.ts';
import { jobRecord } from '../../support/builders.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** Noon, local time. */
const noon = new Date(2026, 5, 1, 12).getTime() / 1000;
const note = (message: string, more: Partial<UserNotification> = {}): UserNotification => ({
  level: 'info',
  message,
  ...more,
});

let clock: FakeClock;
let settings = defaultSettings;
let shown: UserNotification[];
let hasWindow: boolean;
let kept: Map<string, unknown>;
let jobs: Map<string, JobRecord>;
let notices: Notices;
const warnings: string[] = [];

function open(): Notices {
  return new Notices({
    clock,
    settings: () => settings,
    store: {
      setting: (name) => kept.get(name),
      saveSetting: (name, value) => void kept.set(name, JSON.parse(JSON.stringify(value))),
      job: (key) => jobs.get(key),
    },
    log: { warn: (message: string) => void warnings.push(message) } as never,
    show: (notification) => {
      if (hasWindow) shown.push(notification);
      return hasWindow;
    },
  });
}

beforeEach(() => {
  clock = new FakeClock(noon);
  settings = defaultSettings;
  shown = [];
  hasWindow = true;
  kept = new Map();
  jobs = new Map();
  notices = open();
});

const messages = () => shown.map(({ message }) => message);

describe('a few notifications', () => {
  it('are shown one by one, soon', async () => {
    for (const message of ['a', 'b', 'c']) notices.tell(note(message));
    expect(shown).toEqual([]);
    await clock.advance(2);
    expect(messages()).toEqual(['a', 'b', 'c']);
  });

  it('of less than the level are not shown', async () => {
    settings = { ...defaultSettings, 'notifications.level': 'warning' };
    notices.tell(note('a'));
    notices.tell(note('b', { level: 'error' }));
    await clock.advance(2);
    expect(messages()).toEqual(['b']);
    settings = { ...defaultSettings, 'notifications.level': 'off' };
    notices.tell(note('c', { level: 'error' }));
    await clock.advance(100);
    expect(messages()).toEqual(['b']);
  });

  it('that wait for an undo are shown at once', () => {
    notices.tell(note('soon cancelled', { cancelAt: noon + 20 }));
    expect(messages()).toEqual(['soon cancelled']);
  });
});

describe('many at once', () => {
  it('are shown as one', async () => {
    for (let n = 0; n < 4; n++)
      notices.tell(note(`job ${n}`, n === 3 ? { level: 'error', ended: 'failed' } : { ended: 'completed' }));
    notices.tell(note('hello'));
    await clock.advance(2);
    expect(shown).toHaveLength(1);
    expect(shown[0]).toMatchObject({
      level: 'error',
      message: '4 jobs have ended (3 completed, 1 failed), 1 message.',
    });
    expect(shown[0]?.items?.map(({ message }) => message)).toEqual(['job 0', 'job 1', 'job 2', 'job 3', 'hello']);
  });

  it('are gathered for longer and longer while they go on, and soon again afterwards', async () => {
    // One job a fifth of a second, for two minutes.
    for (let n = 0; n < 600; n++) {
      notices.tell(note(`job ${n}`, { ended: 'completed' }));
      await clock.advance(0.2);
    }
    await clock.advance(120);
    expect(shown.length).toBeLessThan(8);
    expect(shown.flatMap(({ items }) => items ?? [])).toHaveLength(600);
    shown = [];
    notices.tell(note('the next day'));
    await clock.advance(2);
    expect(messages()).toEqual(['the next day']);
    await clock.advance(1000);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('quiet hours', () => {
  beforeEach(() => {
    settings = { ...defaultSettings, 'notifications.quietHours': '11:00-13:00' };
  });

  it('keep what comes, and it is shown as one afterwards', async () => {
    notices.tell(note('a', { level: 'warning' }));
    await clock.advance(600);
    notices.tell(note('b', { level: 'error', ended: 'failed', cancelAt: noon + 700 }));
    await clock.advance(3000 - 10);
    expect(shown).toEqual([]);
    await clock.advance(60);
    expect(messages()).toEqual(['While nobody was to be told: 1 job has ended (1 failed), 1 message.']);
    expect(shown[0]?.level).toBe('error');
    expect(shown[0]?.items?.[1]?.cancelAt).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
  });

  it('outlast the engine', async () => {
    notices.tell(note('a'));
    notices.dispose();
    settings = defaultSettings;
    notices = open();
    notices.wake();
    expect(messages()).toEqual(['a']);
    notices.wake();
    expect(messages()).toEqual(['a']);
  });
});

it('what comes while no window is there is shown in the next one', async () => {
  hasWindow = false;
  notices.tell(note('a'));
  notices.tell(note('b'));
  await clock.advance(5);
  notices.wake();
  expect(shown).toEqual([]);
  hasWindow = true;
  notices.wake();
  expect(messages()).toEqual(['While nobody was to be told: 2 messages.']);
});

describe('mutes', () => {
  it.each([
    [{ job: 'a/1' }, ['other job', 'nobody']],
    [{ watcher: 'w' }, ['other watcher', 'nobody']],
    [{ job: 'a/1', watcher: 'w' }, ['other job', 'other watcher', 'nobody']],
  ])('of %j', async (subject, expected) => {
    settings = { ...defaultSettings, 'notifications.digestOver': 10 };
    notices.mute(subject);
    notices = open();
    notices.tell(note('this', { job: 'a/1', watcher: 'w' }));
    notices.tell(note('other job', { job: 'a/2', watcher: 'w' }));
    notices.tell(note('other watcher', { job: 'a/1', watcher: 'v' }));
    notices.tell(note('nobody'));
    await clock.advance(2);
    expect(messages()).toEqual(expected);
    expect(notices.unmute(subject)).toEqual([]);
  });

  it('of everything keep it until they are over', async () => {
    expect(notices.mute({ seconds: 3600 })).toEqual([{ until: noon + 3600 }]);
    notices.tell(note('a'));
    await clock.advance(3590);
    expect(shown).toEqual([]);
    await clock.advance(60);
    expect(messages()).toEqual(['a']);
    expect(notices.mutes).toEqual([]);
  });

  it('that are taken back show what was kept', async () => {
    notices.mute({ seconds: 3600 });
    notices.tell(note('a'));
    await clock.advance(5);
    notices.unmute({});
    expect(messages()).toEqual(['a']);
  });
});

describe('the end of a job', () => {
  const deaf = { cluster() {}, job() {}, eventlog() {}, forgotten() {}, emitted() {}, notification() {} };
  const ends = (fields: Partial<JobRecord>) => {
    const job = jobRecord({ name: 'train', started: 100, ended: 400, ...fields });
    jobs.set(job.key, job);
    const entry = (name: string, seq: number) => ({ seq, timestamp: 0, observed: 0, name });
    notices.watching(deaf).eventlog(job.key, [entry('finish', 0)]);
    notices.watching(deaf).eventlog(job.key, [entry('clean', 1)], 'guest.output');
    notices.watching(deaf).eventlog(job.key, [entry('clean', 1)]);
    return job;
  };

  it.each([
    [{ state: 'completed' }, 'info', 'has completed after 5 min.'],
    [{ state: 'failed', status: 768 }, 'error', 'has failed with status 3 after 5 min.'],
    [{ state: 'failed', status: 9 }, 'error', 'has failed by signal 9 after 5 min.'],
    [{ state: 'timeout' }, 'error', 'ran into its time limit after 5 min.'],
    [{ state: 'cancelled' }, 'info', 'was cancelled after 5 min.'],
  ] as const)('%j is told once', async (fields, level, text) => {
    const job = ends(fields);
    await clock.advance(2);
    expect(shown).toEqual([
      { level, message: `Job ${job.jobId} (train) on test ${text}`, job: job.key, ended: fields.state },
    ]);
  });

  it('is told as the setting says, and of tasks only failures', async () => {
    ends({ key: 'test/8_1', state: 'completed', arrayTask: { parent: 'test/8', index: 1 } });
    await clock.advance(2);
    expect(shown).toEqual([]);
    settings = { ...defaultSettings, 'notifications.jobEnd': 'failures' };
    ends({ state: 'completed' });
    await clock.advance(2);
    expect(shown).toEqual([]);
    ends({ state: 'out_of_memory' });
    await clock.advance(2);
    expect(shown).toHaveLength(1);
    settings = { ...defaultSettings, 'notifications.jobEnd': 'none' };
    ends({ state: 'failed' });
    await clock.advance(2);
    expect(shown).toHaveLength(1);
  });
});
