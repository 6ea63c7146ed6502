import { describe, expect, it } from 'vitest';
import { everyRun, filterWords, isShown, labelsOf, readFilter } from '../../client/workflows/run-filter.ts';
import type { RunInfo, RunStatus } from '../../engine/protocol/workflows.ts';

const run = (status: RunStatus, labels: { readonly [name: string]: string } = {}): RunInfo => ({
  id: '7',
  name: 'demo',
  file: '/w/demo.vigil.yaml',
  cluster: 'local',
  params: {},
  status,
  created: 1000,
  labels,
  steps: [],
});

describe('the filter of the workflows view', () => {
  it.each([
    [everyRun, ['failed', 'sleeping', 'paper']],
    [{ ...everyRun, statuses: ['failed', 'cancelled'] }, ['failed']],
    [{ ...everyRun, labels: ['paper=icml'] }, ['paper']],
    [{ statuses: ['failed'], labels: ['paper=icml'] }, []],
  ] as const)('%#', (filter, expected) => {
    const runs = { failed: run('failed'), sleeping: run('sleeping'), paper: run('running', { paper: 'icml' }) };
    expect(Object.entries(runs).flatMap(([name, one]) => (isShown(one, filter) ? [name] : []))).toEqual(expected);
  });

  it('says what it lets through', () => {
    expect(filterWords(everyRun)).toBeUndefined();
    expect(filterWords({ statuses: ['failed', 'cancelled'], labels: ['a=1'] })).toBe('failed, cancelled · a=1');
    expect(labelsOf(run('failed', { a: '1', b: 'x=y' }))).toEqual(['a=1', 'b=x=y']);
  });

  it('is read tolerantly', () => {
    expect(readFilter({ statuses: ['failed', 'nonsense', 3], labels: ['a=1', null] })).toEqual({
      statuses: ['failed'],
      labels: ['a=1'],
    });
    for (const kept of [undefined, null, 3, {}, { statuses: 'failed' }]) expect(readFilter(kept)).toEqual(everyRun);
  });
});
