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

// The run is over in one database, and its log, which others wait for, is in the other.
it('tells that a run is over where the engine before died in between', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-start-'));
  const before = openLab(folder);
  let run = '';
  const logged = () => {
    const after = openLab(folder);
    try {
      return after.store.eventlog(`run/${run}`).map(({ name }) => name);
    } finally {
      void after.dispose();
    }
  };
  try {
    const append = before.store.append.bind(before.store);
    vi.spyOn(before.store, 'append').mockImplementation((key, events, observed) => {
      if (events.some(({ name }) => name === 'finish')) throw new Error('killed');
      return append(key, events, observed);
    });
    await before.workflows.start();
    ({ id: run } = await before.workflows.service.run({ file: '/w/a.vigil.yaml', text: 'steps: [{ notify: a }]' }));
    await vi.waitFor(() => expect(before.workflows.isBusy).toBe(false), 5000);
    await before.dispose();
    expect(logged()).not.toContain('finish');
    const after = openLab(folder);
    await after.workflows.start();
    expect(after.workflows.service.endOf(run)).toMatchObject({ outcome: 'completed' });
    await after.dispose();
    const again = openLab(folder);
    await again.workflows.start();
    await again.dispose();
    expect(logged().filter((name) => name === 'finish' || name === 'clean')).toEqual(['finish', 'clean']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it('goes on with other runs where the end of one cannot be told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-start-'));
  const text = 'steps: [{ notify: a }]';
  const run = (lab: ReturnType<typeof openLab>) => lab.workflows.service.run({ file: '/w/a.vigil.yaml', text });
  const failFinish = (lab: ReturnType<typeof openLab>) => {
    const append = lab.store.append.bind(lab.store);
    vi.spyOn(lab.store, 'append').mockImplementation((key, events, observed) => {
      if (events.some(({ name }) => name === 'finish')) throw new Error('cannot be written');
      return append(key, events, observed);
    });
  };
  try {
    for (let engine = 0; engine < 2; engine++) {
      const lab = openLab(folder);
      failFinish(lab);
      await lab.workflows.start();
      await run(lab);
      await vi.waitFor(() => expect(lab.workflows.isBusy).toBe(false), 5000);
      expect(lab.notified()).toBe(1);
      await lab.dispose();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
