import { expect, it } from 'vitest';
import { type ApiEngine, getApi } from '../../client/api/create-api.ts';
import { JobStore } from '../../client/engine/job-store.ts';
import { job } from './builders.ts';

function api() {
  const store = new JobStore();
  const told: string[] = [];
  // Only what the API's events read.
  const vigil = getApi(1, { store } as unknown as ApiEngine);
  vigil.onDidChangeJob(({ key, state }) => told.push(`${key} ${state}`));
  vigil.onDidForgetJob((key) => told.push(`${key} forgotten`));
  return { store, told };
}

it('tells of jobs as they change', () => {
  const { store, told } = api();
  store.setJob(job({ key: 'c/1', state: 'running' }));
  store.forget('c/1');
  expect(told).toEqual(['c/1 running', 'c/1 forgotten']);
});

it('tells, once the engine is back, what has changed meanwhile, and nothing else', () => {
  const { store, told } = api();
  store.replaceAll(
    [],
    [job({ key: 'c/1', state: 'running' }), job({ key: 'c/2', state: 'running' }), job({ key: 'c/3' })],
  );
  told.length = 0;
  store.replaceAll(
    [],
    [job({ key: 'c/1', state: 'completed' }), job({ key: 'c/2', state: 'running' }), job({ key: 'c/4' })],
  );
  expect(told).toEqual(['c/1 completed', `c/4 ${job().state}`, 'c/3 forgotten']);
});
