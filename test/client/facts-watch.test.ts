import { expect, it } from 'vitest';
import { FactsWatch } from '../../client/clusters/facts-watch.ts';
import type { ClusterInfo } from '../../engine/protocol.ts';
import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';
import { cluster } from './builders.ts';

const hpc = cluster({ name: 'hpc', kind: 'ssh', scheduler: 'slurm' });

function watch(clusters: readonly ClusterInfo[], answer: () => Promise<ClusterFacts | null>) {
  const asked: string[] = [];
  const site = { isVisible: true, clusters, answer };
  const facts = new FactsWatch({
    clusters: () => site.clusters,
    ask: (name, maxAge) => {
      asked.push(maxAge === undefined ? name : `${name} ${maxAge}`);
      return site.answer();
    },
    isVisible: () => site.isVisible,
  });
  return { asked, site, facts };
}

const told = async (): Promise<ClusterFacts> => ({ cluster: 'hpc', scheduler: 'slurm', gathered: 1 });

it('asks those that are connected, while somebody looks', async () => {
  const idle = cluster({ name: 'idle', kind: 'ssh', state: 'idle' });
  const { asked, site, facts } = watch([hpc, idle, cluster()], told);
  site.isVisible = false;
  await facts.update();
  facts.clusterChanged(hpc);
  expect(asked).toEqual([]);
  site.isVisible = true;
  await facts.update(0);
  expect(asked).toEqual(['hpc 0']);
  expect(facts.facts.get('hpc')?.gathered).toBe(1);
});

it('asks one that has just connected once, and forgets what it said when it is lost', async () => {
  const { asked, facts } = watch([hpc], told);
  const changed = new Promise((resolve) => facts.onChange(resolve));
  facts.clusterChanged(hpc);
  facts.clusterChanged(hpc);
  expect(await changed).toBe('hpc');
  facts.clusterChanged(hpc);
  expect(asked).toEqual(['hpc']);
  facts.clusterChanged({ ...hpc, state: 'offline' });
  expect(facts.facts.size).toBe(0);
});

it('keeps what was told when asking fails, and says why', async () => {
  const { site, facts } = watch([hpc], told);
  await facts.update();
  site.answer = () => Promise.reject(new Error('sinfo: no answer'));
  await facts.update();
  expect([facts.facts.has('hpc'), facts.problems.get('hpc')]).toEqual([true, 'sinfo: no answer']);
  site.answer = told;
  await facts.update();
  expect(facts.problems.size).toBe(0);
});

it('knows which have nothing to tell, until they connect anew', async () => {
  const { facts } = watch([hpc], async () => null);
  await facts.update();
  expect([...facts.silent]).toEqual(['hpc']);
  facts.clusterChanged({ ...hpc, state: 'offline' });
  expect(facts.silent.size).toBe(0);
});
