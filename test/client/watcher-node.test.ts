import { describe, expect, it } from 'vitest';
import { watcherNode } from '../../client/watchers/watcher-node.ts';
import type { JobInfo, WatcherInfo } from '../../engine/protocol.ts';

const job = { key: 'c/7', cluster: 'c', jobId: '7', name: 'train', state: 'running', submitted: 1, watchers: [] };
const running: JobInfo = { ...job, state: 'running', logEnded: false };
const over: JobInfo = { ...job, state: 'completed', logEnded: true };

const watcher = (fields: Partial<WatcherInfo>): WatcherInfo => ({
  name: 'loss',
  state: 'active',
  matchCount: 1,
  triggerCount: 2,
  failures: 0,
  captures: {},
  line: 3,
  ...fields,
});

describe('the row of a watcher', () => {
  it('says its state, its counts, and why it rests', () => {
    expect(watcherNode(running, watcher({})).description).toBe('active · 1 match · 2 triggers');
    const disabled = watcher({ state: 'disabled', reason: '5 actions failed in a row', failures: 5 });
    expect(watcherNode(running, disabled).description).toBe(
      'disabled (5 actions failed in a row) · 1 match · 2 triggers · 5 failed in a row',
    );
  });

  it.each([
    ['active', 'watcher editable pausable triggerable stoppable'],
    ['triggered', 'watcher editable pausable triggerable stoppable'],
    ['paused', 'watcher editable resumable triggerable stoppable'],
    ['completed', 'watcher editable resumable'],
    ['disabled', 'watcher editable resumable stoppable'],
  ] as const)('offers what its state allows: %s', (state, words) => {
    expect(watcherNode(running, watcher({ state })).contextValue).toBe(words);
  });

  it('of a job that is over can only be run over its output', () => {
    expect(watcherNode(over, watcher({ state: 'completed' })).contextValue).toBe('watcher runnable');
    expect(watcherNode(over, watcher({ state: 'static' })).contextValue).toBe('watcher runnable');
  });

  it('shows last captures as text, whatever they hold', () => {
    const text = watcherNode(running, watcher({ captures: { loss: '`](command:x)' } })).tooltip();
    expect(text).toContain('loss');
    expect(text).not.toMatch(/[^`]\]\(command:x\)[^`]*$/m);
  });
});
