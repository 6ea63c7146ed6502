/** Lenses over watchers, and reports of watchers that were tried on output. */
import { describe, expect, it } from 'vitest';
import { jobsOfScript, lastMatchOf, watcherLensText } from '../../client/watchers/lens-text.ts';
import { replayReport } from '../../client/watchers/replay-report.ts';
import type { WatcherInfo } from '../../engine/protocol.ts';
import { entry, job, noon } from './builders.ts';

const watcher = (changes: Partial<WatcherInfo> = {}): WatcherInfo => ({
  name: 'loss',
  state: 'active',
  matchCount: 0,
  triggerCount: 0,
  failures: 0,
  captures: {},
  line: 3,
  ...changes,
});
const scriptPath = '/work/train.sh';
const text = (changes: Partial<WatcherInfo>, lastMatch?: number) => {
  const jobs = jobsOfScript([job({ scriptPath, watchers: [watcher(changes)] })], scriptPath);
  return jobs && watcherLensText(jobs, 'loss', lastMatch, noon);
};

describe('a lens', () => {
  it.each([
    [{}, '$(search) no match yet · job 3'],
    [{ matchCount: 1 }, '$(search) 1 match · job 3'],
    [
      { matchCount: 1200, triggerCount: 3, state: 'paused' } as const,
      '$(search) 1,200 matches, 3 triggers · paused · job 3',
    ],
  ])('%j', (changes, wanted) => {
    expect(text(changes)).toBe(wanted);
  });

  it('tells when the last match was', () => {
    expect(text({ matchCount: 2 }, noon - 5)).toMatch(/^\$\(search\) 2 matches, last \d\d:\d\d:55 · job 3$/);
    const log = [
      entry(0, 'watcher.match', { watcher: 'loss' }),
      entry(1, 'watcher.match', { watcher: 'x' }),
      entry(2, 'start'),
    ];
    expect(lastMatchOf(log, 'loss')).toBe(noon - 60);
    expect(lastMatchOf(log, 'y')).toBeUndefined();
  });

  it('is that of the newest submission, one that runs first', () => {
    const jobs = [
      job({ jobId: '1', scriptPath, submitted: 10, state: 'completed', ended: 20 }),
      job({ jobId: '2', scriptPath, submitted: 5 }),
      job({ jobId: '3', scriptPath: '/other.sh', submitted: 30 }),
    ];
    expect(jobsOfScript(jobs, scriptPath)?.head.jobId).toBe('2');
    expect(jobsOfScript(jobs.slice(2), scriptPath)).toBeUndefined();
    expect(watcherLensText({ head: job(), members: [job()] }, 'loss', undefined, noon)).toBeUndefined();
  });

  it('adds up the tasks of an array', () => {
    const task = (index: number) =>
      job({
        jobId: `9_${index}`,
        scriptPath,
        arrayTask: { parent: 'local/9', index },
        watchers: [watcher({ matchCount: 2 })],
      });
    const jobs = jobsOfScript([job({ jobId: '9', scriptPath }), task(0), task(1)], scriptPath);
    expect(jobs && watcherLensText(jobs, 'loss', undefined, noon)).toBe('$(search) 4 matches · job 9 (2 tasks)');
  });
});

it('a report tells line by line what would have been done', () => {
  const report = replayReport(
    { script: 'train.sh', source: 'job 3' },
    {
      events: [
        entry(0, 'watcher.match', {
          watcher: 'loss',
          line: 'loss: 7 \u001b[31m$(x)',
          lineNumber: 12,
          stream: 'stdout',
          captures: { loss: '7' },
          condition: true,
        }),
        entry(1, 'watcher.action', {
          watcher: 'loss',
          action: 'notify',
          params: { message: 'high' },
          trigger: 1,
          cause: 'match',
        }),
        entry(2, 'watcher.match', {
          watcher: 'oom',
          line: 'OOM',
          lineNumber: 13,
          stream: 'stderr',
          captures: {},
          error: 'ValueError: no float',
        }),
        entry(3, 'watcher.state', { watcher: 'loss', state: 'completed', reason: 'max_triggers' }),
      ],
      total: 5,
      watchers: [
        watcher({ matchCount: 1, triggerCount: 1, state: 'completed' }),
        watcher({ name: 'oom', line: 9, matchCount: 1 }),
      ],
      lines: 1234,
      bytes: 1,
      notes: ['no error output'],
    },
  );
  expect(report).toBe(`train.sh tried on job 3
1,234 lines, 2 watchers: 2 matches, 1 trigger. Nothing was performed.
note: no error output
Shown are the first 4 events of 5.

loss (line 4): 1 match, 1 trigger, completed
      12: loss: 7 $(x)
        loss="7"; condition is true
        would notify(message="high")
        then completed (max_triggers)

oom (line 10): 1 match, 0 triggers
  13 (stderr): OOM
        condition failed: ValueError: no float
`);
});
