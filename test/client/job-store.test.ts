import { describe, expect, it } from 'vitest';
import { JobStore, type StoreChange } from '../../client/engine/job-store.ts';
import { cluster, entry, job } from './builders.ts';

describe('JobStore', () => {
  it('takes each entry once, in order, and refuses what comes after a gap', () => {
    const store = new JobStore();
    expect(store.append('local/3', [entry(0, 'submit'), entry(1, 'alloc')])).toBe(true);
    expect(store.append('local/3', [entry(1, 'alloc'), entry(2, 'start')])).toBe(true);
    expect(store.append('local/3', [entry(5, 'finish')])).toBe(false);
    expect(store.eventlogs.get('local/3')?.map(({ name }) => name)).toEqual(['submit', 'alloc', 'start']);
    expect(store.nextSeq('local/3')).toBe(3);
  });

  it('knows an empty log from one that was never read', () => {
    const store = new JobStore();
    expect(store.eventlogs.has('local/3')).toBe(false);
    store.append('local/3', []);
    expect(store.eventlogs.has('local/3')).toBe(true);
  });

  it('keeps the logs of jobs that are still there when all is told anew', () => {
    const store = new JobStore();
    for (const key of ['local/3', 'local/4']) store.append(key, [entry(0, 'submit')]);
    store.replaceAll([cluster()], [job()]);
    expect([...store.eventlogs.keys()]).toEqual(['local/3']);
  });

  it('tells what changed', () => {
    const store = new JobStore();
    const changes: StoreChange[] = [];
    store.onChange((change) => changes.push(change));
    store.setJob(job());
    store.append('local/3', [entry(0, 'submit')]);
    store.append('local/3', [entry(0, 'submit')]);
    store.forget('local/3');
    store.forget('local/3');
    expect(changes).toEqual([
      { kind: 'job', key: 'local/3' },
      { kind: 'events', key: 'local/3' },
      { kind: 'forgotten', key: 'local/3' },
    ]);
  });
});
