import { expect, it } from 'vitest';
import { JobsElsewhere } from '../../client/jobs/jobs-elsewhere.ts';
import { errorCodes } from '../../engine/protocol.ts';
import { cluster } from './builders.ts';

const hpc = cluster({ name: 'hpc', kind: 'ssh', scheduler: 'slurm' });

function site(jobs: readonly { readonly jobId: string; readonly submitted?: number }[]) {
  const state = {
    isWanted: true,
    jobs,
    refused: new Set<string>(),
    code: errorCodes.unknownJob as number,
    done: [] as string[],
    log: [] as string[],
  };
  const elsewhere = new JobsElsewhere({
    clusters: () => [hpc, cluster(), { ...hpc, name: 'away', state: 'offline' }],
    isWanted: () => state.isWanted,
    list: async (name) => {
      state.done.push(`list ${name}`);
      return state.jobs.map((job) => ({ ...job, state: 'running' as const }));
    },
    takeUp: async (name, jobId) => {
      state.done.push(`${name}/${jobId}`);
      if (state.refused.has(jobId)) throw Object.assign(new Error('You have no such job.'), { code: state.code });
    },
    pause: async (milliseconds) => void state.done.push(`${milliseconds} ms`),
    log: { info: (message) => state.log.push(message) },
  });
  return { state, elsewhere };
}

it('takes up what a connected Slurm has, the newest first, slowly', async () => {
  const { state, elsewhere } = site([{ jobId: '1', submitted: 5 }, { jobId: '3', submitted: 9 }, { jobId: '2' }]);
  await elsewhere.update();
  expect(state.done).toEqual(['list hpc', 'hpc/3', '2000 ms', 'hpc/1', '2000 ms', 'hpc/2']);
});

it('does nothing while it is not wanted', async () => {
  const { state, elsewhere } = site([{ jobId: '1' }]);
  state.isWanted = false;
  await elsewhere.update();
  elsewhere.clusterChanged(hpc);
  expect(state.done).toEqual([]);
});

it('takes up no more than thirty at once, and asks about none again that was refused', async () => {
  const { state, elsewhere } = site(Array.from({ length: 40 }, (_, index) => ({ jobId: String(index) })));
  state.refused.add('0');
  await elsewhere.update();
  expect(state.done.filter((word) => word.startsWith('hpc/'))).toHaveLength(30);
  expect(state.log).toEqual(['job 0 of hpc was not taken up: You have no such job.']);
  state.jobs = [{ jobId: '0' }];
  state.done = [];
  await elsewhere.update();
  expect(state.done).toEqual(['list hpc']);
});

it('tries again where the scheduler did not answer', async () => {
  const { state, elsewhere } = site([{ jobId: '1' }]);
  const { jobs } = state;
  state.jobs = undefined as unknown as typeof jobs;
  await elsewhere.update();
  expect(state.log[0]).toMatch(/jobs submitted elsewhere on hpc are not known/);
  state.jobs = jobs;
  await elsewhere.update();
  expect(state.done).toEqual(['list hpc', 'list hpc', 'hpc/1']);
});

it('looks at a cluster as it connects, and not each time that something else of it changes', async () => {
  const { state, elsewhere } = site([]);
  const turn = () => new Promise((resolve) => setTimeout(resolve));
  const connected = { ...hpc, since: 100 };
  for (const changed of [{ ...connected, state: 'connecting' as const }, connected, { ...connected, user: 'me' }]) {
    elsewhere.clusterChanged(changed);
    await turn();
  }
  expect(state.done).toEqual(['list hpc']);
  elsewhere.clusterChanged({ ...connected, since: 200 });
  await turn();
  expect(state.done).toEqual(['list hpc', 'list hpc']);
});

it('ends the look where the connection is lost, and asks for the rest in the next one', async () => {
  const { state, elsewhere } = site([{ jobId: '3', submitted: 3 }, { jobId: '2', submitted: 2 }, { jobId: '1' }]);
  state.refused.add('2');
  state.code = errorCodes.connection;
  await elsewhere.update();
  expect(state.done.filter((word) => word.startsWith('hpc/'))).toEqual(['hpc/3', 'hpc/2']);
  state.refused.clear();
  state.jobs = state.jobs.filter(({ jobId }) => jobId !== '3');
  state.done = [];
  await elsewhere.update();
  expect(state.done.filter((word) => word.startsWith('hpc/'))).toEqual(['hpc/2', 'hpc/1']);
});
