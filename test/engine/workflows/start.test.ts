import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

it('does not clean up after a run that is cancelled before it was to begin', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-start-'));
  const lab = openLab(folder);
  try {
    await lab.workflows.start();
    const { service } = lab.workflows;
    const text = 'steps: [{ sleep: 1h }]\ncleanup: [{ notify: tidied }]';
    const later = await service.run({ file: '/w/a.vigil.yaml', text, startAt: Date.now() / 1000 + 3600 });
    await service.cancel(later.id);
    await vi.waitFor(() => expect(service.endOf(later.id)?.outcome).toBe('cancelled'), 5000);
    expect(lab.notified()).toBe(0);
    const now = await service.run({ file: '/w/a.vigil.yaml', text });
    await vi.waitFor(
      async () => expect((await service.archive.info(await service.archive.run(now.id))).status).toBe('sleeping'),
      5000,
    );
    await service.cancel(now.id);
    await vi.waitFor(() => expect(service.endOf(now.id)?.outcome).toBe('cancelled'), 5000);
    expect(lab.notified()).toBe(1);
  } finally {
    await lab.dispose();
    rmSync(folder, { recursive: true });
  }
});

it('keeps the labels of a run: expressions have them, child runs too, and runs are found by them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-start-'));
  const lab = openLab(folder);
  try {
    await lab.workflows.start();
    const { service } = lab.workflows;
    const child = join(folder, 'child.vigil.yaml');
    writeFileSync(child, 'name: child\nsteps: [{ emit_event: "seen.${{ run.labels.paper }}" }]\n');
    const labels = { paper: 'icml', trace: '00-4bf9' };
    const text = 'name: parent\nsteps: [{ workflow: child.vigil.yaml }]';
    const parent = await service.run({ file: join(folder, 'parent.vigil.yaml'), text, labels });
    expect(parent.labels).toEqual(labels);
    await service.run({ file: '/w/other.vigil.yaml', text: 'steps: [{ notify: a }]', labels: { paper: 'nips' } });
    await vi.waitFor(() => expect(service.endOf(parent.id)?.outcome).toBe('completed'), 5000);
    const found = await service.archive.list({ labels: { paper: 'icml' } });
    expect(found.map((run) => [run.name, run.labels])).toEqual([
      ['child', labels],
      ['parent', labels],
    ]);
    await expect(service.run({ file: '/w/a.vigil.yaml', text, labels: { 'a-b': 'x' } })).rejects.toThrow(/named like/);
  } finally {
    await lab.dispose();
    rmSync(folder, { recursive: true });
  }
});
