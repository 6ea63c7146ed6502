import { describe, expect, it } from 'vitest';
import { stepInfos } from '../../../engine/workflows/run-info.ts';
import { RunState } from '../../../engine/workflows/run-state.ts';
import { type RunInput, RunStore } from '../../../engine/workflows/run-store.ts';
import { nextTime, parseCron } from '../../../language/workflow/cron.ts';
import { mortal, newLab, type WorkflowLab } from '../../support/workflow-lab.ts';

const seconds = (time: number) => new Date(time * 1000).toISOString().slice(0, 19);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Until when the wait of the first step lasts, as it is stored. */
async function waitsUntil(lab: WorkflowLab, run: string): Promise<number | undefined> {
  const records = await new RunStore(lab.backend, lab.database).records(run);
  return records.find(({ name, status }) => name === 'step_1/1/wait' && status === 'running')?.timeoutAt;
}

async function infoOf(lab: WorkflowLab, run: string) {
  const known = await lab.backend.getWorkflowRun({ workflowRunId: run });
  const records = await new RunStore(lab.backend, lab.database).records(run);
  if (!known) throw new Error('there is no such run');
  return stepInfos((known.input as unknown as RunInput).spec, new RunState(records), {})[0];
}

describe('a sleep', () => {
  it('ends at a time, also one that has come while no engine ran', async () => {
    const lab = await newLab();
    const until = Math.ceil(Date.now() / 1000) + 1;
    const run = await lab.start(`steps: [{ sleep: { until: "${seconds(until)}Z" } }, { run: then }]`);
    expect(await lab.pass()).toBe('sleeping');
    expect(await waitsUntil(lab, run)).toBe(until);
    expect(await lab.pass()).toBeUndefined();
    await pause(until * 1000 + 20 - Date.now());
    expect(await lab.pass()).toBe('over');
    expect([await lab.status(run), lab.done]).toEqual(['completed', ['run then']]);
  });

  it('is none where the time is over', async () => {
    const lab = await newLab();
    await lab.start('params: { at: 2020-01-01 }\nsteps: [{ sleep: { until: "${{ params.at }}" } }, { run: then }]');
    expect(await lab.pass()).toBe('over');
    expect(lab.done).toEqual(['run then']);
  });

  it('goes by the clock of its time zone', async () => {
    const lab = await newLab();
    const run = await lab.start('steps: [{ sleep: { until: "2099-07-01T06:00", timezone: Asia/Kolkata } }]');
    await lab.pass();
    expect(await waitsUntil(lab, run)).toBe(Date.parse('2099-07-01T00:30:00Z') / 1000);
  });

  it('lasts until the next time of a schedule, decided once, whoever goes on with the run', async () => {
    const lab = await newLab();
    const before = Date.now() / 1000;
    const cron = { cron: '30 6 * * 1', timezone: 'Europe/Berlin' };
    const run = await lab.start(`steps: [{ sleep: ${JSON.stringify(cron)} }, { await_event: x, needs: [] }]`);
    expect(await lab.pass()).toBe('sleeping');
    const until = await waitsUntil(lab, run);
    expect(until).toBe(nextTime(parseCron(cron.cron), before, cron.timezone));
    expect((until ?? 0) - before).toBeLessThanOrEqual(7 * 86_400 + 3600);
    lab.effects.emitted.push({ name: 'x', payload: 1, source: 'cli' });
    expect(await lab.wake('event:x')).toBe('sleeping');
    expect(await waitsUntil(lab, run)).toBe(until);
  });

  it('fails where a value that the run filled in is none', async () => {
    for (const [sleep, why] of [
      ['{ until: "${{ params.x }}" }', '"soon" is no time to sleep until'],
      ['{ for: "${{ params.x }}" }', '"soon" is no time to sleep for'],
      ['"${{ params.x }}"', '"soon" is no time to sleep for'],
      ['{ cron: "${{ params.x }}" }', 'it has five fields'],
      ['{ cron: "0 6 * * *", timezone: "${{ params.x }}" }', 'there is no time zone soon'],
    ] as const) {
      const lab = await newLab();
      const run = await lab.start(`params: { x: null }\nsteps: [{ id: s, sleep: ${sleep} }]`, { x: 'soon' });
      expect(await lab.pass()).toBe('over');
      expect(await lab.error(run)).toContain(`step s: ${why}`);
    }
  });
});

describe('several events', () => {
  const anyOf = `
params: { run: 7 }
steps:
  - { id: e, await_event: { any_of: ["good:\${{ params.run }}", bad], match: payload != 0 } }
  - run: "\${{ steps.e.name }} \${{ steps.e.payload }}"
`;
  it('the first that comes ends the wait, and says which it was', async () => {
    const lab = await newLab();
    const run = await lab.start(anyOf);
    expect(await lab.pass()).toBe('sleeping');
    expect(await infoOf(lab, run)).toMatchObject({ waitsFor: 'event:good:7 or bad', awaits: ['good:7', 'bad'] });
    lab.effects.emitted.push({ name: 'bad', payload: 0, source: 'cli' });
    expect(await lab.wake('events:["good:7","bad"]')).toBe('sleeping');
    lab.effects.emitted.push({ name: 'bad', payload: 2, source: 'cli' });
    lab.effects.emitted.push({ name: 'good:7', payload: 3, source: 'cli' });
    expect(await lab.wake('events:["good:7","bad"]')).toBe('over');
    expect(lab.done).toEqual(['run bad 2']);
  });

  it('count from when they were emitted, in that order', async () => {
    const lab = await newLab();
    for (const name of ['other', 'bad', 'good:7']) lab.effects.emitted.push({ name, payload: name, source: 'cli' });
    await lab.start(anyOf);
    expect(await lab.pass()).toBe('over');
    expect(lab.done).toEqual(['run bad bad']);
  });

  it('are all waited for with all_of', async () => {
    const lab = await newLab();
    const run = await lab.start(`
params: { names: [a, b] }
steps:
  - { id: e, await_event: { all_of: "\${{ params.names }}" } }
  - run: \${{ steps.e.payload.a }} \${{ steps.e.payload["b"] }}
`);
    expect(await lab.pass()).toBe('sleeping');
    expect(await infoOf(lab, run)).toMatchObject({ waitsFor: 'event:a and b', awaits: ['a', 'b'] });
    lab.effects.emitted.push({ name: 'b', payload: 1, source: 'cli' });
    expect(await lab.wake('events:["a","b"]')).toBe('sleeping');
    lab.effects.emitted.push({ name: 'b', payload: 2, source: 'cli' });
    lab.effects.emitted.push({ name: 'a', payload: 3, source: 'cli' });
    expect(await lab.wake('events:["a","b"]')).toBe('over');
    expect(lab.done).toEqual(['run 3 1']);
  });

  it('time out as one does', async () => {
    const lab = await newLab();
    await lab.start(`
steps:
  - { id: e, await_event: { any_of: [a, b], timeout: 0 }, on_timeout: continue }
  - run: \${{ steps.e.timed_out }} \${{ steps.e.payload }}
`);
    expect(await lab.pass()).toBe('over');
    expect(lab.done).toEqual(['run True None']);
  });

  it('that are no list fail their step', async () => {
    const lab = await newLab();
    const text = 'params: { x: null }\nsteps: [{ id: e, await_event: { any_of: "${{ params.x }}" } }]';
    const run = await lab.start(text, { x: 'good' });
    expect(await lab.pass()).toBe('over');
    expect(await lab.error(run)).toBe('step e: any_of is no list of names of events');
  });
});

describe('the engine dies', () => {
  const text = `
steps:
  - { id: a, needs: [], sleep: { until: 2020-01-01 } }
  - { id: b, needs: [], sleep: { for: 0 } }
  - { id: c, needs: [], await_event: { any_of: [x, y] } }
  - { id: d, needs: [], await_event: { all_of: [x, y] } }
  - { needs: [a, b, c, d], run: "\${{ steps.c.name }} \${{ steps.d.payload.y }}" }
`;
  it.each([false, true])('between any two writes: waits end as they would have (after: %s)', async (after) => {
    const start = async () => {
      const lab = await newLab();
      for (const name of ['y', 'x']) lab.effects.emitted.push({ name, payload: name, source: 'cli' });
      return { lab, run: await lab.start(text) };
    };
    const whole = await start();
    const counting = mortal(whole.lab.backend, Number.POSITIVE_INFINITY, false);
    expect(await whole.lab.pass(counting.backend)).toBe('over');
    expect(whole.lab.done).toEqual(['run y y']);
    for (let dieAt = 1; dieAt <= counting.count(); dieAt++) {
      const { lab, run } = await start();
      await lab.pass(mortal(lab.backend, dieAt, after).backend).catch(() => 'died');
      for (let turn = 0; turn < 20; turn++) {
        await pause(2);
        if ((await lab.pass()) === 'over') break;
      }
      expect([await lab.status(run), lab.done], `died at ${dieAt}`).toEqual(['completed', ['run y y']]);
    }
  });
});
