import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { openLab } from '../../../bench/lib/workflow-lab.ts';

// The engine listens before it is through with what a dead one left: leases that it releases then must not be its own.
it('works on no run before it has looked for what a dead engine left', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-start-'));
  const lab = openLab(folder);
  try {
    await lab.workflows.service.run({ file: '/w/a.vigil.yaml', text: 'steps: [{ notify: a }, { notify: b }]' });
    await sleep(100);
    expect(lab.notified()).toBe(0);
    await lab.workflows.start();
    await vi.waitFor(() => expect(lab.workflows.isBusy).toBe(false), 5000);
    expect(lab.notified()).toBe(2);
  } finally {
    await lab.dispose();
    rmSync(folder, { recursive: true });
  }
});
