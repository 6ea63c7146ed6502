import { describe, expect, it } from 'vitest';
import type { EngineSession } from '../../cli/engine-session.ts';
import type { Screen } from '../../cli/io.ts';
import { keysOf } from '../../cli/screen.ts';
import { keys, press, shownJobs, type TopModel } from '../../cli/top/model.ts';
import { jobRows, render } from '../../cli/top/render.ts';
import { runTop } from '../../cli/top/top.ts';
import type { JobInfo } from '../../engine/protocol.ts';
import { fakeIo } from '../support/fake-io.ts';

const now = 1_000_000;
const size = { columns: 80, rows: 12 };

function job(key: string, fields: Partial<JobInfo> = {}): JobInfo {
  const [cluster = '', jobId = ''] = key.split('/');
  return {
    key,
    cluster,
    jobId,
    name: `n${jobId}`,
    state: 'running',
    submitted: now - 100,
    watchers: [],
    logEnded: false,
    ...fields,
  };
}

function model(jobs: readonly JobInfo[], fields: Partial<TopModel> = {}): TopModel {
  return {
    jobs: new Map(jobs.map((one) => [one.key, one])),
    clusters: new Map(),
    showsAll: false,
    page: 'jobs',
    events: [],
    filter: '',
    isTyping: false,
    ...fields,
  };
}

const jobs = [
  job('a/1', { state: 'completed', ended: now - 90_000 }),
  job('a/2', { state: 'failed', ended: now - 60 }),
  job('a/3', { started: now - 60, timeLimitSeconds: 600 }),
  job('b/4', { state: 'pending', reason: 'Resources', submitted: now - 20 }),
];
const shown = (one: TopModel) => shownJobs(one, now).map(({ key }) => key);
const type = (one: TopModel, ...pressed: readonly string[]) =>
  pressed.reduce((before, key) => press(before, key, now, 5).model, one);

describe('which jobs', () => {
  it('are shown: what waits or runs, then what ended within a day', () => {
    expect(shown(model(jobs))).toEqual(['b/4', 'a/3', 'a/2']);
    expect(shown(type(model(jobs), 'a'))).toEqual(['b/4', 'a/3', 'a/2', 'a/1']);
    expect(shown(model(jobs, { cluster: 'b' }))).toEqual(['b/4']);
  });

  it('are left by a filter, until Esc', () => {
    const filtered = type(model(jobs), '/', 'r', 'e', 's', 'o', 'x', keys.backspace, keys.enter);
    expect(shown(filtered)).toEqual(['b/4']);
    expect(shown(type(filtered, keys.escape))).toHaveLength(3);
    // A key that is a command elsewhere is a character here.
    expect(press(model(jobs, { isTyping: true }), 'q', now, 5).effect).toBeUndefined();
  });
});

describe('keys', () => {
  it('move, and stop at both ends', () => {
    expect(type(model(jobs), 'j').selected).toBe('a/3');
    expect(type(model(jobs), keys.down, keys.down, keys.down, keys.down).selected).toBe('a/2');
    expect(type(model(jobs), 'G', 'g').selected).toBe('b/4');
  });

  it('cancel only after a question, and only what is active', () => {
    const asked = type(model(jobs), 'c');
    expect(asked.asked).toBe('b/4');
    expect(press(asked, 'n', now, 5)).toEqual({ model: model(jobs) });
    expect(press(asked, 'y', now, 5).effect).toEqual({ kind: 'cancel', job: 'b/4' });
    expect(type(model(jobs), 'G', 'c').asked).toBeUndefined();
    // The job that was selected is no longer shown: its row is another's now.
    const gone = { ...model(jobs), selected: 'b/4', filter: 'a/3' };
    expect(type(gone, 'c').asked).toBeUndefined();
    expect(type(gone, 'j', 'c').asked).toBe('a/3');
    expect(type({ ...gone, page: 'job' }, 'c').asked).toBe('b/4');
  });

  it('open a job and go back; leave from everywhere', () => {
    const opened = press(model(jobs), keys.enter, now, 5);
    expect(opened).toMatchObject({ model: { page: 'job', selected: 'b/4' }, effect: { kind: 'read', job: 'b/4' } });
    expect(type(opened.model, 'q').page).toBe('jobs');
    expect(press(model(jobs), 'q', now, 5).effect).toEqual({ kind: 'quit' });
    for (const page of ['jobs', 'job', 'help'] as const) {
      expect(press(model(jobs, { page, isTyping: true }), keys.interrupt, now, 5).effect).toEqual({ kind: 'quit' });
    }
  });

  it('come apart when they came at once', () => {
    expect(keysOf('j\u001b[A\u001b[5~ü\r')).toEqual(['j', keys.up, keys.pageUp, 'ü', '\r']);
    expect(keysOf('\u001b')).toEqual([keys.escape]);
  });
});

describe('the screen', () => {
  it('shows jobs', () => {
    const lines = render(model(jobs), size, now, false);
    expect(lines).toHaveLength(size.rows);
    expect(lines[0]).toBe('vigil top   1 running, 1 pending, 1 ended');
    expect(lines.slice(2, 6).map((line) => line.trimEnd())).toEqual([
      'JOB  NAME  STATE    TIME           NODES(REASON)  WATCHERS(TRIGGERS)',
      'b/4  n4    pending  waits 20 s     Resources',
      'a/3  n3    running  60 s / 10 min',
      'a/2  n2    failed   waits 40 s',
    ]);
  });

  it('is never wider or higher than the terminal, whatever a job is called', () => {
    const hostile = job('a/9', { name: '\u001b[2J日本語'.repeat(30), reason: 'x'.repeat(300) });
    for (const columns of [1, 20, 80]) {
      for (const page of ['jobs', 'job', 'help'] as const) {
        const lines = render(model([hostile], { page, selected: 'a/9' }), { columns, rows: 5 }, now, false);
        expect(lines).toHaveLength(5);
        for (const line of lines) {
          expect(line).not.toContain('\u001b');
          expect(line.replace(/[\u3000-\u9fff]/g, 'xx').length).toBeLessThanOrEqual(columns);
        }
      }
    }
  });

  it('keeps the selected job in sight', () => {
    const many = Array.from({ length: 1000 }, (_, index) => job(`a/${index}`, { submitted: index }));
    const far = type(model(many), 'G');
    const lines = render(far, size, now, true);
    expect(jobRows(size)).toBe(8);
    expect(lines.at(-2)).toContain('\u001b[7m');
    expect(lines.at(-2)).toContain(`${far.selected} `);
  });
});

it('is left before the engine has answered', async () => {
  const never = new Promise<never>(() => {});
  const session = { connection: { sendRequest: () => never, onClose: () => {} }, on: () => () => {} };
  let isClosed = false;
  const screen: Screen = {
    columns: 80,
    rows: 24,
    draw: () => {},
    onKey: (listener) => setImmediate(() => listener('q')),
    onResize: () => {},
    close: () => {
      isClosed = true;
    },
  };
  const task = runTop([], { ...fakeIo(), openScreen: () => screen });
  expect(await task.run(session as unknown as EngineSession)).toBe(0);
  expect(isClosed).toBe(true);
});
