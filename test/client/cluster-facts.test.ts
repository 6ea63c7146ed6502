import { beforeEach, describe, expect, it } from 'vitest';
import { clusterInUse, FactsFeed } from '../../client/cluster-facts.ts';
import { JobStore } from '../../client/engine/job-store.ts';
import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';
import { cluster } from './builders.ts';

const slurm = (name: string, changes = {}) => cluster({ name, kind: 'ssh', scheduler: 'slurm', ...changes });

describe('clusterInUse', () => {
  const here = cluster();
  it.each([
    ['none', [here], undefined, undefined],
    ['the only one that is connected', [here, slurm('a'), slurm('b', { state: 'offline' })], undefined, 'a'],
    ['the last used of several', [slurm('a'), slurm('b')], 'b', 'b'],
    ['none of several', [slurm('a'), slurm('b')], undefined, undefined],
    ['the connected one, when the last used is not', [slurm('a', { state: 'idle' }), slurm('b')], 'a', 'b'],
  ])('%s', (_, clusters, lastUsed, expected) => expect(clusterInUse(clusters, lastUsed)).toBe(expected));
});

describe('FactsFeed', () => {
  let store: JobStore;
  let sent: (string | null)[];
  let asked: string[];
  let lastUsed: string | undefined;
  let gathered: number;
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const feed = () =>
    new FactsFeed({
      store,
      lastUsed: () => lastUsed,
      ask: async (name): Promise<ClusterFacts> => {
        asked.push(name);
        return { cluster: name, scheduler: 'slurm', gathered };
      },
      send: (facts) => void sent.push(facts?.cluster ?? null),
      log: { warn: () => {} },
    });
  beforeEach(() => {
    store = new JobStore();
    sent = [];
    asked = [];
    lastUsed = undefined;
    gathered = 1;
  });

  it('sends what a cluster says once it is connected, and forgets it when it is not any more', async () => {
    store.setCluster(slurm('a', { state: 'connecting' }));
    feed();
    expect(asked).toEqual([]);
    store.setCluster(slurm('a'));
    await settled();
    expect(sent).toEqual([null, 'a']);
    store.setCluster(slurm('a', { detail: 'news of no interest' }));
    await settled();
    expect(asked).toEqual(['a']);
    store.setCluster(slurm('a', { state: 'offline' }));
    expect(sent).toEqual([null, 'a', null]);
  });

  it('follows the choice of another cluster', async () => {
    store.replaceAll([slurm('a'), slurm('b')], []);
    lastUsed = 'a';
    const facts = feed();
    await settled();
    lastUsed = 'b';
    facts.refresh();
    await settled();
    expect(sent).toEqual([null, 'a', null, 'b']);
  });

  it('sends again only what is new', async () => {
    store.setCluster(slurm('a'));
    const facts = feed();
    await settled();
    facts.refresh();
    await settled();
    expect(sent).toEqual([null, 'a']);
    gathered = 400;
    facts.refresh();
    await settled();
    expect(sent).toEqual([null, 'a', 'a']);
  });
});
