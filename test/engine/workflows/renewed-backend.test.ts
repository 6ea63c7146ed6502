import type { Backend } from 'openworkflow/internal';
import { expect, it } from 'vitest';
import { renewedBackend } from '../../../engine/workflows/renewed-backend.ts';

// OpenWorkflow's own way to stop waits for ever for a pool that was ended while it connects.
it('stops by the end of its connections, those it has then', async () => {
  const done: string[] = [];
  let opened = 0;
  const connect = () => {
    const number = ++opened;
    const backend = {
      countWorkflowRuns: () => (number === 1 ? new Promise(() => {}) : Promise.resolve({ pending: number })),
      stop: () => new Promise(() => {}),
    } as unknown as Backend;
    return {
      backend,
      abandon: () => void done.push(`abandon ${number}`),
      end: async () => void done.push(`end ${number}`),
    };
  };
  const backend = renewedBackend(connect, 20);
  await expect(backend.countWorkflowRuns()).rejects.toThrow('did not answer within 0.02 s');
  expect(await backend.countWorkflowRuns()).toEqual({ pending: 2 });
  await backend.stop();
  expect(done).toEqual(['abandon 1', 'end 2']);
});
