import { describe, expect, it } from 'vitest';
import { MarkColumns } from '../../client/timeline/mark-columns.ts';
import { mostRows, spansOf, timelineJobs, timelineView } from '../../client/timeline/timeline-view.ts';
import type { JobUsage } from '../../engine/protocol/jobs.ts';
import type { EventlogEntry, JobInfo } from '../../engine/protocol.ts';
import { entry, job, noon } from './builders.ts';

const known = (...jobs: readonly JobInfo[]) => new Map(jobs.map((one) => [one.key, one]));
const at = (seconds: number, name: string, context?: EventlogEntry['context']): EventlogEntry => ({
  ...entry(0, name, context),
  timestamp: noon + seconds,
});

describe('the jobs of a timeline', () => {
  it('are those of the whole lineage, in the order of their submission', () => {
    const lineage = [
      job({ jobId: '1', submitted: noon }),
      job({ jobId: '2', submitted: noon + 10, resubmitOf: 'local/1' }),
      job({ jobId: '3', submitted: noon + 20, resubmitOf: 'local/2' }),
    ];
    const jobs = known(...lineage.toReversed(), job({ jobId: '9' }));
    for (const { key } of lineage) expect(timelineJobs(jobs, [key])).toEqual(lineage);
    expect(timelineJobs(jobs, ['local/3', 'local/1'])).toEqual(lineage);
    expect(timelineJobs(jobs, ['local/none'])).toEqual([]);
  });

  it('do not end in a circle', () => {
    const jobs = known(job({ jobId: '1', resubmitOf: 'local/2' }), job({ jobId: '2', resubmitOf: 'local/1' }));
    expect(timelineJobs(jobs, ['local/1'])).toHaveLength(2);
  });

  it('are the tasks of an array under it, as many as can be drawn', () => {
    const tasks = Array.from({ length: 150 }, (_, index) =>
      job({ jobId: `1_${index}`, arrayTask: { parent: 'local/1', index } }),
    );
    const jobs = known(...tasks.toReversed(), job({ jobId: '1', isArray: true }));
    const { rows, leftOut } = timelineView(
      { keys: ['local/1'], jobs, eventlogs: new Map(), usages: new Map(), now: noon },
      new MarkColumns(),
    );
    expect(rows.slice(0, 3).map(({ label, isPart }) => [label, isPart])).toEqual([
      ['1 train', false],
      ['1_0 train', true],
      ['1_1 train', true],
    ]);
    expect([rows.length, leftOut]).toEqual([mostRows, 51]);
  });
});

describe('states', () => {
  const whole = [
    at(0, 'submit'),
    at(5, 'alloc'),
    at(6, 'start'),
    at(10, 'suspend'),
    at(12, 'resume'),
    at(20, 'finish', { status: 0 }),
    at(21, 'clean'),
  ];

  it('are told by the log', () => {
    const spans = spansOf(job({ state: 'completed', logEnded: true }), whole);
    expect(spans.map(({ kind, from, to }) => [kind, from - noon, (to ?? noon) - noon])).toEqual([
      ['waits', 0, 5],
      ['prepares', 5, 6],
      ['runs', 6, 10],
      ['stopped', 10, 12],
      ['ran-completed', 12, 20],
      ['ends', 20, 21],
    ]);
  });

  it('go on until now, and begin again after a requeue', () => {
    const log = [at(0, 'submit'), at(1, 'start'), at(4, 'requeue'), at(9, 'start')];
    const spans = spansOf(job(), log);
    expect(spans.map(({ kind, to }) => [kind, to === null])).toEqual([
      ['waits', false],
      ['ran-cancelled', false],
      ['waits', false],
      ['runs', true],
    ]);
  });

  it('are those that the scheduler told where there is no log', () => {
    const spans = spansOf(job({ state: 'failed', ended: noon, logEnded: true }), []);
    expect(spans.map(({ kind, from, to, words }) => [kind, noon - from, to, words])).toEqual([
      ['waits', 60, noon - 50, 'waits'],
      ['ran-failed', 50, noon, 'ran, failed'],
    ]);
  });
});

describe('events and numbers', () => {
  const log: EventlogEntry[] = [
    at(0, 'submit'),
    at(1, 'watcher.match', { line: 'loss 3', watcher: 'loss' }),
    at(1, 'metric', { name: 'loss', value: 3 }),
    at(2, 'watcher.result', { ok: false, action: 'webhook', message: 'refused', watcher: 'loss' }),
    at(3, 'exception', { type: 'cancel', severity: 0 }),
    at(3, 'constructor'),
  ];

  it('are columns; what is new is added', () => {
    const columns = new MarkColumns();
    expect(columns.of('a', log.slice(0, 2)).kinds).toBe('sm');
    const { times, kinds, words, series } = columns.of('a', log);
    expect(times.map((time) => time - noon)).toEqual([0, 1, 2, 3, 3]);
    expect(kinds).toBe('smffs');
    expect(words[1]).toBe('watcher.match loss 3 · loss');
    expect([...series]).toEqual([['loss', { times: [noon + 1], values: [3] }]]);
    expect(columns.of('a', log.slice(0, 1)).kinds).toBe('s');
  });

  it('are in the order of their times', () => {
    const { times, kinds } = new MarkColumns().of('a', [at(5, 'submit'), at(2, 'log'), at(9, 'connection.lost')]);
    expect([times.map((time) => time - noon), kinds]).toEqual([[2, 5, 9], 'nsc']);
  });

  it('of a job, with the row that it was resubmitted from and the time it took', () => {
    const first = job({ jobId: '1', state: 'timeout', timeLimitSeconds: 50, ended: noon, logEnded: true });
    const second = job({ jobId: '2', submitted: noon, started: noon + 1, resubmitOf: 'local/1' });
    const view = timelineView(
      {
        keys: ['local/1'],
        jobs: known(first, second),
        eventlogs: new Map([['local/2', log]]),
        usages: new Map(),
        now: noon + 9,
      },
      new MarkColumns(),
    );
    expect(view).toMatchObject({ title: '1 train', isLive: true, leftOut: 0 });
    expect(view.rows.map(({ resubmitOf }) => resubmitOf)).toEqual([undefined, 0]);
    expect(view.series).toEqual([{ name: 'loss', row: 1, times: [noon + 1], values: [3] }]);
    expect(view.usage).toMatchObject([{ label: 'Time', share: 1 }]);
  });

  it('of a job that is over, with its steps and what it used', () => {
    const one = job({ state: 'completed', started: noon, ended: noon + 100, timeLimitSeconds: 200, logEnded: true });
    const usage: JobUsage = {
      elapsedSeconds: 100,
      cpus: 2,
      cpuSeconds: 50,
      memoryBytes: 2 ** 29,
      requestedMemoryBytes: 2 ** 30,
      steps: [
        { id: 'batch', name: 'batch', state: 'completed', started: noon, ended: noon + 100 },
        { id: '0', name: 'train.py', state: 'completed', started: noon + 5, ended: noon + 90 },
        { id: '1', name: 'lost', state: 'cancelled' },
      ],
    };
    const facts = { keys: [one.key], jobs: known(one), eventlogs: new Map(), now: noon + 200 };
    const view = timelineView({ ...facts, usages: new Map([[one.key, usage]]) }, new MarkColumns());
    expect(view.rows.map(({ label, isPart, spans }) => [label, isPart, spans.at(-1)?.to])).toEqual([
      ['3 train', false, noon + 100],
      ['step 0 train.py', true, noon + 90],
    ]);
    expect(view.usage).toEqual([
      { label: 'Time', share: 0.5, words: expect.any(String) },
      { label: 'CPU', share: 0.25, words: '25 % of 2 CPUs (50 s of CPU time)' },
      { label: 'Memory', share: 0.5, words: '512 MiB of 1 GiB' },
    ]);
    expect(timelineView({ ...facts, usages: new Map() }, new MarkColumns()).usage).toHaveLength(1);
  });
});
