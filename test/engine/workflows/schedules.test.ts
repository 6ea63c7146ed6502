import { describe, expect, it } from 'vitest';
import { type RunInput, RunStore } from '../../../engine/workflows/run-store.ts';
import { nextTime, parseCron } from '../../../language/workflow/cron.ts';
import { mortal, newLab, type WorkflowLab } from '../../support/workflow-lab.ts';

const inputOf = (run: { readonly input: unknown } | null) => run?.input as RunInput | undefined;
const newest = { since: -1 };

async function runs(lab: WorkflowLab) {
  return (await lab.backend.listWorkflowRuns({ limit: 100 })).data.toReversed();
}

async function triggerOf(lab: WorkflowLab, run: string) {
  const records = await new RunStore(lab.backend, lab.database).records(run);
  return records.find(({ name }) => name === '#trigger');
}

/** As if its time had come. */
function passTime(lab: WorkflowLab, run: string): Promise<void> {
  return lab.setTimeoutOf(run, '#trigger', Date.now() / 1000 - 90_000);
}

const nightly = `
on: { cron: ["30 6 * * 1-5", "0 12 * * 0"], timezone: Europe/Berlin }
timeout: 1h
steps: [{ run: "nightly \${{ run.trigger.kind }}" }]
cleanup: [{ run: rm }]
`;

describe('a schedule of times', () => {
  it('begins a run when the first of them has come, and has the next wait', async () => {
    const lab = await newLab();
    const before = Date.now() / 1000;
    const first = await lab.start(nightly, {}, newest);
    expect(await lab.pass()).toBe('sleeping');
    const due = (await triggerOf(lab, first))?.timeoutAt;
    const times = ['30 6 * * 1-5', '0 12 * * 0'].map((cron) => nextTime(parseCron(cron), before, 'Europe/Berlin'));
    expect(due).toBe(Math.min(...times));
    expect(await lab.pass()).toBeUndefined();
    await passTime(lab, first);
    expect(await lab.pass()).toBe('over');
    expect([await lab.status(first), lab.done]).toEqual(['completed', ['run nightly cron', 'run rm']]);
    // What was missed is done once: the next one waits for a time to come.
    const [, second, ...more] = await runs(lab);
    expect(more).toEqual([]);
    expect(await lab.pass()).toBe('sleeping');
    expect((await triggerOf(lab, second?.id ?? ''))?.timeoutAt).toBe(due);
  });

  it('comes once, though clocks differ or go back', async () => {
    const lab = await newLab();
    const ahead = Date.now() / 1000 + 2 * 86_400;
    const first = await lab.start(nightly, {}, { ...newest, fired: ahead });
    await lab.pass();
    expect((await triggerOf(lab, first))?.timeoutAt).toBeGreaterThan(ahead);
    await passTime(lab, first);
    const fired = (await triggerOf(lab, first))?.timeoutAt;
    await lab.pass();
    const [, second] = await runs(lab);
    expect(inputOf(second ?? null)?.schedule?.fired).toBe(fired);
  });

  it('counts the time of a run from when it was due, not from when it began to wait', async () => {
    const lab = await newLab();
    const run = await lab.start('on: { cron: "@daily" }\ntimeout: 1\nsteps: [{ run: then }]', {}, newest);
    await lab.pass();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await passTime(lab, run);
    expect(await lab.pass()).toBe('over');
    expect(await lab.status(run)).toBe('completed');
  });

  it('is ended by cancelling the run that waits: nothing is cleaned up, and none waits after it', async () => {
    const lab = await newLab();
    const run = await lab.start(nightly, {}, newest);
    await lab.pass();
    lab.cancelled = 'enough';
    expect(await lab.wake(`run-control:${run}`)).toBe('over');
    expect([await lab.status(run), lab.done, (await runs(lab)).length]).toEqual(['canceled', [], 1]);
  });
});

describe('a schedule of events', () => {
  const text = `
params: { data: x }
on: { event: ["ready:\${{ params.data }}", again], match: payload > 1 }
steps: [{ run: "\${{ run.trigger.name }} \${{ run.trigger.payload }}" }]
`;
  it('begins one run for each of them that fits, those that came together too', async () => {
    const lab = await newLab();
    const emit = (name: string, payload: number | string) => lab.effects.emitted.push({ name, payload, source: 'cli' });
    emit('ready:x', 5);
    await lab.start(text, {}, { since: 0 });
    expect(await lab.pass()).toBe('sleeping');
    for (const [name, payload] of [
      ['ready:x', 1],
      ['ready:x', 'no number'],
      ['ready:x', 2],
      ['other', 3],
      ['again', 4],
      ['ready:x', 5],
    ] as const)
      emit(name, payload);
    expect(await lab.wake('events:["ready:x","again"]')).toBe('over');
    expect(await lab.pass()).toBe('over');
    expect(await lab.pass()).toBe('over');
    expect(await lab.pass()).toBe('sleeping');
    expect(lab.done).toEqual(['run ready:x 2', 'run again 4', 'run ready:x 5']);
    expect((await runs(lab)).map((run) => inputOf(run)?.schedule?.since)).toEqual([0, 3, 5, 6]);
  });
});

describe('the engine dies', () => {
  it.each([false, true])('between any two writes: each event begins one run (after: %s)', async (after) => {
    const text = 'on: { cron: "@yearly", event: go }\nsteps: [{ run: "go ${{ run.trigger.payload }}" }]';
    const start = async () => {
      const lab = await newLab();
      await lab.start(text, {}, newest);
      for (const payload of [1, 2]) lab.effects.emitted.push({ name: 'go', payload, source: 'cli' });
      return lab;
    };
    const whole = await start();
    const counting = mortal(whole.backend, Number.POSITIVE_INFINITY, false);
    expect(await whole.pass(counting.backend)).toBe('over');
    for (let dieAt = 1; dieAt <= counting.count(); dieAt++) {
      const lab = await start();
      await lab.pass(mortal(lab.backend, dieAt, after).backend).catch(() => 'died');
      for (let turn = 0; turn < 8; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        await lab.pass();
      }
      expect(lab.done.toSorted(), `died at ${dieAt}`).toEqual(['run go 1', 'run go 2']);
      expect((await runs(lab)).length, `died at ${dieAt}`).toBe(3);
    }
  });
});
