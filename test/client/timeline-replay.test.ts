import { describe, expect, it } from 'vitest';
import { MarkColumns } from '../../client/timeline/mark-columns.ts';
import { timelineView } from '../../client/timeline/timeline-view.ts';
import type { EventlogEntry } from '../../engine/protocol.ts';
import { momentAt } from '../../webview/timeline-replay.ts';
import { rowText } from '../../webview/timeline-text.ts';
import { entry, job, noon } from './builders.ts';

type Told = readonly [seconds: number, name: string, context?: EventlogEntry['context']];

function replayed(...events: readonly Told[]) {
  const one = job({ jobId: '1' });
  const log = events.map(([seconds, name, context], seq) => ({
    ...entry(seq, name, context),
    timestamp: noon + seconds,
  }));
  const facts = { keys: [one.key], jobs: new Map([[one.key, one]]), usages: new Map(), now: noon + 1000 };
  const view = timelineView({ ...facts, eventlogs: new Map([[one.key, log]]) }, new MarkColumns());
  const moment = (index: number) => {
    const found = momentAt(view, index);
    if (!found) throw new Error(`no event ${index}`);
    return { ...found, facts: Object.fromEntries(found.facts) };
  };
  return { view, moment };
}

const match = (loss: string) => ({ watcher: 'w', line: `loss ${loss}`, captures: { loss } });
const run: readonly Told[] = [
  [0, 'submit'],
  [1, 'depend'],
  [2, 'priority', { priority: 16 }],
  [3, 'alloc', { nodes: 'n[1-2]' }],
  [4, 'start'],
  [5, 'watcher.match', match('3.5')],
  [6, 'metric', { name: 'loss', value: 3.5 }],
  [7, 'watcher.match', match('2.5')],
  [8, 'metric', { name: 'loss', value: 2.5 }],
  [10, 'finish', { status: 768 }],
  [11, 'free'],
  [12, 'clean'],
];

describe('the log of a job gone through', () => {
  it('says how the job was after each event, numbers being none of them', () => {
    const { moment } = replayed(...run);
    const states = [0, 1, 2, 3, 4, 5, 6, 7, 9].map((index) => moment(index).facts.State);
    expect(states).toEqual([
      'is submitted',
      'waits for its priority',
      'waits for nodes',
      'gets its nodes ready',
      'runs',
      'runs',
      'runs',
      'is cleaned up',
      'is over',
    ]);
    expect(moment(4).facts).toMatchObject({ Reason: 'on n[1-2]', Elapsed: '0.0 s' });
    expect(moment(5).facts).toEqual({ State: 'runs', Reason: 'on n[1-2]', Elapsed: '1.0 s', 'capture w: loss': '3.5' });
    expect(moment(6).facts).toMatchObject({ Elapsed: '3.0 s', 'capture w: loss': '2.5', 'number loss': '3.5' });
    expect(moment(9).facts).toMatchObject({ Reason: 'ended with exit code 3', Elapsed: '6.0 s', 'number loss': '2.5' });
  });

  it('has no warning for a job that was stopped and put back', () => {
    const { moment, view } = replayed(
      ...run.slice(0, 5),
      [6, 'suspend'],
      [7, 'resume'],
      [8, 'requeue', { reason: 'NodeFail' }],
      [9, 'depend'],
      [9.5, 'priority'],
      [10, 'alloc'],
      [11, 'start'],
      [20, 'finish', { status: 0 }],
      [21, 'clean'],
    );
    expect([5, 6, 7].map((index) => moment(index).facts.State)).toEqual([
      'is stopped',
      'runs',
      'waits for what it depends on',
    ]);
    expect(moment(9).facts.Reason).toBe('put back: NodeFail');
    expect(moment(12).facts.Elapsed).toBe('9.0 s');
    expect(view.rows[0]?.marks.kinds).not.toContain('w');
  });

  it.each([
    {
      what: 'a finish before a start',
      events: [run[0], run[1], run[2], run[9]],
      index: 3,
      why: 'finish in state SCHED',
    },
    { what: 'nothing before submit', events: [run[3]], index: 0, why: 'alloc before submit' },
    {
      what: 'a finish without a status',
      events: [...run.slice(0, 5), [9, 'finish']],
      index: 5,
      why: 'finish without a status',
    },
    { what: 'a clean of what runs', events: [...run.slice(0, 5), [9, 'clean']], index: 5, why: 'clean in state RUN' },
  ])('marks $what', ({ events, index, why }) => {
    const { moment, view } = replayed(...(events as Told[]));
    expect(moment(index)).toMatchObject({ isWarning: true, event: expect.stringContaining(`(${why})`) });
    expect(moment(index).facts['Warnings until then']).toBe('1 × no valid transition');
    expect(rowText(view, 0, String).join('\n')).toMatch(new RegExp(`warning: .*\\(${why}\\)`));
  });

  it('says why something else than the script ended it, in one line', () => {
    const { moment } = replayed(...run.slice(0, 5), [
      9,
      'exception',
      { type: 'timeout', severity: 0, note: 'too\nlong' },
    ]);
    expect(moment(5).facts).toMatchObject({
      State: 'is cleaned up',
      Reason: expect.stringMatching(/^timeout: too.*long; on n/),
    });
  });

  it('is of one job with a log', () => {
    const none = replayed();
    expect(none.view.replay).toBeUndefined();
    expect(momentAt(none.view, 0)).toBeUndefined();
  });
});
