/** The workflow files of examples/, each run as a person would: `vigil` in one or several terminals. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { getRun, type RunInfo } from '../../engine/protocol/workflows.ts';
import { EngineProcess } from '../support/engine-process.ts';

let engine: EngineProcess;
let work: string;
const terminals: ChildProcess[] = [];
beforeEach(async () => {
  engine = new EngineProcess({});
  work = join(engine.folder, 'work');
  cpSync(join(import.meta.dirname, '..', '..', 'examples'), work, { recursive: true });
  await engine.connect();
});
afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.kill();
  await engine.dispose();
});

interface Terminal {
  /** All that it printed so far. */
  readonly text: () => string;
  readonly ended: Promise<number | null>;
}

/** A terminal in which `vigil` runs on. */
function terminal(args: readonly string[]): Terminal {
  const child = spawn(process.execPath, [join(engine.program, 'cli.js'), ...args], {
    env: engine.environment,
    cwd: work,
  });
  terminals.push(child);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  return { text: () => printed, ended: new Promise((resolve) => child.on('close', resolve)) };
}

const prints = (one: Terminal, words: RegExp) =>
  vi.waitFor(() => expect(one.text()).toMatch(words), { timeout: 60_000, interval: 50 });
const idOf = (one: Terminal) => one.text().split('\n', 1)[0] ?? '';
const text = (...names: string[]) => readFileSync(join(work, ...names), 'utf8');
const run = (id: string) => engine.client.connection.sendRequest(getRun, { run: id });
const states = ({ steps }: RunInfo) => Object.fromEntries(steps.map(({ key, status }) => [key, status]));

describe.skipIf(process.platform === 'win32')('order-fulfilment', () => {
  const start = (...params: string[]) =>
    terminal(['run', 'order-fulfilment.vigil.yaml', ...params.flatMap((one) => ['-p', one]), '--follow']);

  it('is paid, sent and delivered, from three terminals', async () => {
    const first = start('order=7');
    await prints(first, /step\.wait.*payment\.received:7/);
    expect((await run(idOf(first))).status).toBe('sleeping');
    expect(text('orders', '7.log')).toBe('reserved keyboard\n');
    const second = await engine.vigil(['emit', 'payment.received:7', '--payload', '{"amount": 49}']);
    expect(second.status, second.stderr).toBe(0);
    await prints(first, /step\.wait.*parcel\.delivered:parcel-7/);
    const third = await engine.vigil(['emit', 'parcel.delivered:parcel-7', '--payload', '{"signed_by": "Ada"}']);
    expect(third.status, third.stderr).toBe(0);
    expect(await first.ended, first.text()).toBe(0);
    expect(text('orders', '7.log')).toBe('reserved keyboard\nshipped keyboard, paid 49\ndelivered to Ada\n');
    expect(states(await run(idOf(first)))).toMatchObject({ release: 'skipped', close: 'completed' });
    expect((await engine.vigil(['events', '--name', 'order.closed:7'])).stdout).toContain('{"paid":true}');
  });

  it('that nobody pays gives its stock back; a payment after that changes nothing', async () => {
    const first = start('order=8', 'pay_within=1s');
    expect(await first.ended, first.text()).toBe(0);
    const log = 'reserved keyboard\nnot paid in time, released keyboard\n';
    expect(text('orders', '8.log')).toBe(log);
    expect(await engine.vigil(['emit', 'payment.received:8', '--payload', '{"amount": 49}'])).toMatchObject({
      status: 0,
    });
    const end = await run(idOf(first));
    expect(end.status).toBe('completed');
    expect(states(end)).toMatchObject({
      release: 'completed',
      ship: 'skipped',
      delivery: 'skipped',
      close: 'skipped',
    });
    expect(text('orders', '8.log')).toBe(log);
    expect((await engine.vigil(['events', '--name', 'order.closed:8'])).stdout).toContain('{"paid":false}');
  });

  it('that is paid before it is placed is sent at once; the first payment counts', async () => {
    for (const amount of [49, 999])
      await engine.vigil(['emit', 'payment.received:9', '--payload', JSON.stringify({ amount })]);
    const first = start('order=9', 'deliver_within=1s');
    expect(await first.ended, first.text()).toBe(1);
    expect(text('orders', '9.log')).toBe('reserved keyboard\nshipped keyboard, paid 49\n');
    expect(await run(idOf(first))).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('the time of delivery is over'),
    });
  });
});

describe.skipIf(process.platform === 'win32')('checkpoint-chain', () => {
  it('goes on in the next job where the time limit has ended the one before', async () => {
    const first = terminal(['run', 'checkpoint-chain.vigil.yaml', '-p', 'steps=30', '--follow']);
    expect(await first.ended, first.text()).toBe(0);
    const id = idOf(first);
    const [simulate] = (await run(id)).steps;
    expect(simulate?.attempts).toBeGreaterThan(1);
    expect(text(`simulation-${id}.txt`)).toBe('30\n');
    const outputs = readdirSync(work).filter((name) => /^simulate-\d+\.out$/.test(name));
    expect(outputs.length).toBe(simulate?.attempts);
    const starts = outputs.map((name) => Number(/after step (\d+)/.exec(text(name))?.[1]));
    expect(starts.toSorted((a, b) => a - b)[0]).toBe(0);
    expect(new Set(starts).size, starts.join(' ')).toBe(starts.length);
  }, 120_000);
});

describe.skipIf(process.platform === 'win32')('nightly', () => {
  it('is scheduled, begins when there is new data, trains with each combination, and raises no alarm', async () => {
    const scheduled = terminal(['schedule', 'nightly.vigil.yaml']);
    expect(await scheduled.ended, scheduled.text()).toBe(0);
    const id = idOf(scheduled);
    await vi.waitFor(async () => expect((await run(id)).schedule?.at).toBeDefined(), 20_000);
    expect(await terminal(['emit', 'data.ready']).ended).toBe(0);
    await vi.waitFor(async () => expect((await run(id)).status).toBe('completed'), { timeout: 60_000, interval: 200 });
    const { steps } = await run(id);
    expect(steps.map(({ key, status }) => [key, status])).toEqual([
      ['sweep', 'completed'],
      ['best', 'completed'],
      ['step_3', 'completed'],
      ['alarm', 'skipped'],
    ]);
    expect(steps[0]?.items).toEqual({ over: 3, all: 3 });
    expect(readdirSync(join(work, `nightly-${id}`, 'batch-32')).toSorted()).toEqual(['0.03', '0.3']);
    expect(readdirSync(join(work, `nightly-${id}`, 'batch-64'))).toEqual(['0.03']);
    expect(engine.notifications.map(({ message }) => message)).toEqual(['Best of 3: 0.1000 learning rate 0.03']);
  });

  it('raises an alarm when one of them failed, after all the others', async () => {
    writeFileSync(join(work, 'sweep.sh'), '#!/bin/bash\n[ -n "$LR" ] && echo "$RESULTS" >> done\n');
    const first = terminal(['run', 'nightly.vigil.yaml', '-p', 'rates:=["0.03", ""]', '--follow']);
    expect(await first.ended).toBe(1);
    const { steps, status, reason } = await run(idOf(first));
    expect([status, reason]).toEqual(['failed', expect.stringContaining('step sweep: sweep[2]: job local/')]);
    expect(steps.map(({ key, status: each }) => [key, each])).toEqual([
      ['sweep', 'failed'],
      ['best', 'skipped'],
      ['step_3', 'skipped'],
      ['alarm', 'completed'],
    ]);
    expect(steps[0]?.items).toEqual({ over: 4, all: 4 });
    expect(engine.notifications.map(({ level }) => level)).toEqual(['warning']);
  });
});

describe.skipIf(process.platform === 'win32')('parameter-sweep', () => {
  it('trains with each value, two at a time, and names the best', async () => {
    const first = terminal(['run', 'parameter-sweep.vigil.yaml', '-p', 'rates:=[0.3, 0.03, 0.01]', '--follow']);
    expect(await first.ended, first.text()).toBe(0);
    const id = idOf(first);
    expect(readdirSync(join(work, `sweep-${id}`)).toSorted()).toEqual(['0.01', '0.03', '0.3']);
    const { steps } = await run(id);
    expect(steps[0]).toMatchObject({ status: 'completed', items: { over: 3, all: 3 } });
    const log = await engine.eventlog(`run/${id}`);
    const best = log.find(({ name, context }) => name === 'step.result' && context?.step === 'best');
    expect(best?.context?.output).toMatchObject({ stdout: '0.1000 learning rate 0.03' });
    expect(engine.notifications.map(({ message }) => message)).toEqual(['Best of 3: 0.1000 learning rate 0.03']);
    // An item is open from its start to the end of its job.
    let [open, most] = [0, 0];
    for (const { name, context } of log) {
      if (!String(context?.step).startsWith('sweep[')) continue;
      if (name === 'step.start') most = Math.max(most, ++open);
      if (name === 'step.result' && JSON.stringify(context?.output).includes('job_state')) open--;
    }
    expect([most, open]).toEqual([2, 0]);
  }, 60_000);
});

describe.skipIf(process.platform === 'win32')('train-then-publish', () => {
  const start = (...params: string[]) =>
    terminal(['run', 'train-then-publish.vigil.yaml', '--cluster', 'local', ...params, '--follow']);

  it('publishes what was trained and evaluated, once a person has agreed', async () => {
    const first = start();
    await prints(first, /step\.wait.*approve/);
    const id = idOf(first);
    const asked = (await run(id)).steps.find(({ key }) => key === 'approve');
    expect(asked?.detail).toBe('Publish loss 0.0821, accuracy 0.93?');
    expect(existsSync(join(work, 'published'))).toBe(false);
    expect(await engine.vigil(['approve', id, 'approve'])).toMatchObject({ status: 0 });
    expect(await first.ended, first.text()).toBe(0);
    expect(readdirSync(join(work, 'published'))).toEqual(['model.pt']);
  }, 120_000);

  it('asks nobody about a model that is not good enough', async () => {
    const first = start('-p', 'least_accuracy=0.99');
    expect(await first.ended, first.text()).toBe(0);
    expect(states(await run(idOf(first)))).toMatchObject({
      evaluated: 'completed',
      approve: 'skipped',
      publish: 'skipped',
    });
    expect(existsSync(join(work, 'published'))).toBe(false);
  }, 120_000);
});
