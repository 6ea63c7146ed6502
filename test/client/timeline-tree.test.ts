import { describe, expect, it } from 'vitest';
import { MarkColumns } from '../../client/timeline/mark-columns.ts';
import { timelineView } from '../../client/timeline/timeline-view.ts';
import type { JobInfo } from '../../engine/protocol.ts';
import { durationWords } from '../../webview/time-scale.ts';
import { durationsOf, hostsOf, treeView } from '../../webview/timeline-tree.ts';
import { entry, job, noon } from './builders.ts';

const ended = { state: 'completed', logEnded: true, ended: noon + 20 } as const;
const jobs: readonly JobInfo[] = [
  job({ ...ended, jobId: '1', submitted: noon, nodes: 'n1' }),
  job({ jobId: '2', submitted: noon + 1, nodes: 'n2' }),
  job({ jobId: '3', submitted: noon + 40, nodes: 'n1', resubmitOf: 'local/1' }),
  job({ jobId: '4', submitted: noon + 41, state: 'pending' }),
];
const at = (seconds: number, name: string, context?: Parameters<typeof entry>[2]) => ({
  ...entry(seconds, name, context),
  timestamp: noon + seconds,
});
const logs = new Map([
  ['local/1', [at(0, 'submit'), at(5, 'alloc'), at(6, 'start'), at(16, 'finish', { status: 0 }), at(20, 'clean')]],
  ['local/2', [at(1, 'submit'), at(2, 'alloc'), at(3, 'start')]],
  [
    'local/3',
    [
      at(40, 'submit'),
      at(42, 'alloc'),
      at(42, 'start'),
      at(50, 'watcher.match', { line: 'x' }),
      at(51, 'metric', { name: 'm', value: 1 }),
    ],
  ],
  ['local/4', [at(41, 'submit')]],
]);

function viewOf(keys = ['local/1', 'local/2', 'local/4']) {
  const known = new Map(jobs.map((one) => [one.key, one]));
  return timelineView({ keys, jobs: known, eventlogs: logs, usages: new Map(), now: noon + 60 }, new MarkColumns());
}
const shape = (toggled: readonly string[] = [], view = viewOf()) =>
  treeView(view, new Set(toggled)).rows.map(({ label, depth, isOpen }) => [depth, label, isOpen]);

describe('the tree of a timeline', () => {
  it('has the jobs of a choice under where they run, each place once', () => {
    expect(shape()).toEqual([
      [0, 'local · n1', true],
      [1, '1 train', false],
      [1, '3 train', false],
      [0, 'local · n2', true],
      [1, '2 train', false],
      [0, 'local · no nodes yet', true],
      [1, '4 train', false],
    ]);
  });

  it('has the phases of a job that is opened, with their durations and events', () => {
    const { rows } = treeView(viewOf(), new Set(['local/1']));
    expect(rows.slice(1, 6).map(({ depth, label, state }) => [depth, label, state])).toEqual([
      [1, '1 train', 'completed'],
      [2, 'waits', '5 s, 1 event'],
      [2, 'gets its nodes ready', '1 s, 1 event'],
      [2, 'ran, completed', '10 s, 1 event'],
      [2, 'is cleaned up', '4 s, 2 events'],
    ]);
    const goesOn = treeView(viewOf(['local/2']), new Set(['local/2'])).rows.at(-1);
    expect([goesOn?.depth, goesOn?.label, goesOn?.state]).toEqual([1, 'runs', '57 s until now, 1 event']);
  });

  it('hides what is below a place that is closed, and joins only what is shown', () => {
    expect(shape(['host local · n1']).slice(0, 3)).toEqual([
      [0, 'local · n1', false],
      [0, 'local · n2', true],
      [1, '2 train', false],
    ]);
    const open = treeView(viewOf(), new Set(['local/1']));
    const after = open.rows.find(({ key }) => key === 'local/3');
    expect(open.rows[after?.resubmitOf ?? -1]?.key).toBe('local/1');
    expect(open.rows[open.series[0]?.row ?? -1]?.key).toBe('local/3');
    const closed = treeView(viewOf(), new Set(['host local · n1']));
    expect(closed.series[0]?.row).toBe(-1);
    expect(closed.rows.some(({ resubmitOf }) => resubmitOf !== undefined)).toBe(false);
  });

  it('tells how long a place was busy, jobs at the same time once', () => {
    const states = hostsOf(viewOf()).map(({ host }) => host?.state);
    expect(states).toEqual(['2 jobs, busy 28 s', '1 job, busy 57 s', '1 job, none has run']);
  });

  it('tells durations, and how long after the end of another a job was resubmitted', () => {
    const view = viewOf();
    const row = view.rows.find(({ key }) => key === 'local/3');
    if (!row) throw new Error('no row');
    expect(durationsOf(view, row)).toEqual(['waits 2 s', 'runs 18 s', 'resubmitted 20 s after the end of 1 train']);
    const torn = {
      ...row,
      spans: [
        { kind: 'waits', from: 0, to: 5, words: 'waits' },
        { kind: 'runs', from: 65, to: 66, words: 'runs' },
      ],
    } as const;
    expect(durationsOf(view, torn)).toContain('gap of 1 min');
  });

  it('has no places where one job is meant', () => {
    expect(shape([], viewOf(['local/2']))).toEqual([[0, '2 train', false]]);
  });
});

it.each([
  [-1, '0 s'],
  [0.44, '0.4 s'],
  [59.4, '59 s'],
  [60, '1 min'],
  [3725, '1 h 2 min'],
  [266_400, '3 d 2 h'],
])('%d seconds are %s', (seconds, words) => expect(durationWords(seconds)).toBe(words));
