import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { labOn } from '../../../bench/lib/workflow-lab.ts';
import { systemClock } from '../../../engine/clock.ts';
import { EmittedEvents } from '../../../engine/events/emitted-events.ts';
import { openStores } from '../../../engine/open-stores.ts';
import { enginePaths } from '../../../engine/paths.ts';
import { hasPostgres, PostgresServer } from '../../support/postgres-server.ts';

describe.skipIf(!hasPostgres)('engines that share PostgreSQL', () => {
  it('wakes a run that sleeps by an event that another engine has put into the store', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigil-other-'));
    const server = await PostgresServer.start();
    const stores = await openStores(server.url('others'), enginePaths({ VIGIL_STATE_DIR: folder }), {});
    const lab = labOn(stores);
    const publisher = {
      cluster() {},
      job() {},
      eventlog() {},
      forgotten() {},
      emitted() {},
      notification() {},
    };
    const elsewhere = new EmittedEvents({ store: lab.store, clock: systemClock, publisher });
    try {
      elsewhere.emit({ name: 'before', source: 'cli' });
      await lab.workflows.start();
      const text = 'steps: [{ await_event: { name: go } }, { notify: x }]';
      await lab.workflows.service.run({ file: '/w/a.vigil.yaml', text });
      await vi.waitFor(() => expect(lab.slept()).toBe(1), 5000);
      elsewhere.emit({ name: 'other', source: 'cli' });
      lab.workflows.lookAround();
      elsewhere.emit({ name: 'go', source: 'cli' });
      expect([lab.notified(), lab.workflows.isBusy]).toEqual([0, true]);
      lab.workflows.lookAround();
      await vi.waitFor(() => expect(lab.workflows.isBusy).toBe(false), 5000);
      expect(lab.notified()).toBe(1);
    } finally {
      await lab.dispose();
      server.dispose();
      rmSync(folder, { recursive: true });
    }
  }, 60_000);
});
