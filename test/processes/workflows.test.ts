import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { emitEvent } from '../../engine/protocol/actions.ts';
import { approveStep, cancelRun, getRun, listRuns, type RunInfo, startRun } from '../../engine/protocol/workflows.ts';
import { EngineProcess } from '../support/engine-process.ts';

let engine: EngineProcess;
let work: string;
beforeEach(async () => {
  engine = new EngineProcess({});
  work = join(engine.folder, 'work');
  mkdirSync(work);
  await engine.connect();
});
afterEach(() => engine.dispose());

const start = (text: string, params = {}) =>
  engine.client.connection.sendRequest(startRun, { file: join(work, 'flow.vigil.yaml'), text, params });
const run = (id: string) => engine.client.connection.sendRequest(getRun, { run: id });

async function until(id: string, test: (info: RunInfo) => boolean): Promise<RunInfo> {
  return vi.waitFor(
    async () => {
      const info = await run(id);
      if (!test(info))
        throw new Error(JSON.stringify(info.steps.map(({ key, status, detail }) => [key, status, detail])));
      return info;
    },
    { timeout: 60_000, interval: 100 },
  );
}
const isOver = ({ finished }: RunInfo) => finished !== undefined;
const step = (info: RunInfo, key: string) => info.steps.find((one) => one.key === key);

describe.skipIf(process.platform === 'win32')('a workflow run on `local`', () => {
  it('submits, waits, asks, runs and emits, and goes on where it stood when the engine is killed', async () => {
    writeFileSync(join(work, 'train.sh'), '#!/bin/sh\necho "LR is $LR"\nsleep 2\n');
    const { id } = await start(`
params: { lr: 0.1 }
steps:
  - { id: count, run: "echo once >> count; sleep 1; echo counted" }
  - { id: train, submit: { script: train.sh, env: { LR: "\${{ params.lr }}" } } }
  - { id: seen, needs: [], await_event: "go" }
  - { id: ok, needs: [train, seen], approve: "Publish \${{ steps.seen.payload.loss }}?" }
  - run: echo "$X" > published
    env: { X: "\${{ steps.count.stdout }} \${{ steps.train.job_state }}" }
  - emit_event: published
cleanup: [{ run: echo clean >> cleaned }]
`);
    await vi.waitFor(() => expect(existsSync(join(work, 'count'))).toBe(true), 20_000);
    await engine.kill();
    await engine.connect();
    await until(id, (info) => step(info, 'train')?.status === 'waiting');
    await engine.kill();
    await engine.connect();
    await engine.client.connection.sendRequest(emitEvent, { name: 'go', payload: { loss: 0.3 } });
    const asking = await until(id, (info) => step(info, 'ok')?.status === 'waiting');
    expect(step(asking, 'ok')?.detail).toBe('Publish 0.3?');
    expect(asking.status).toBe('sleeping');
    await engine.kill();
    await engine.connect();
    await engine.client.connection.sendRequest(approveStep, { run: id, step: 'ok', approved: true, by: 'me' });
    const end = await until(id, isOver);
    expect(end).toMatchObject({
      status: 'completed',
      steps: expect.arrayContaining([expect.objectContaining({ key: 'train', attempts: 1 })]),
    });
    const text = (name: string) => readFileSync(join(work, name), 'utf8');
    expect([text('count'), text('published'), text('cleaned')]).toEqual(['once\n', 'counted completed\n', 'clean\n']);
    const log = await engine.vigil(['eventlog', `run/${id}`, '-f', 'json']);
    const names = log.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { name: string }).name);
    expect(names.filter((name) => name === 'step.start').length).toBe(5);
    expect(names.slice(-2)).toEqual(['finish', 'clean']);
    expect(await engine.vigil(['wait-event', '-q', `run/${id}`, 'clean'])).toMatchObject({ status: 0 });
  });

  it('is cancelled wholly: its job and its command too, then it cleans up', async () => {
    writeFileSync(join(work, 'long.sh'), '#!/bin/sh\nsleep 600\n');
    const { id } = await start(`
steps:
  - { id: job, needs: [], submit: long.sh }
  - { id: command, needs: [], run: "echo $$ > pid; sleep 600" }
cleanup: [{ run: echo clean > cleaned }]
`);
    await until(id, (info) => step(info, 'job')?.status === 'waiting' && existsSync(join(work, 'pid')));
    await engine.client.connection.sendRequest(cancelRun, { run: id, reason: 'enough' });
    expect(await until(id, isOver)).toMatchObject({ status: 'cancelled', reason: 'enough' });
    await engine.until('local/1', 'clean');
    expect((await engine.job('local/1')).state).toBe('cancelled');
    const pid = Number(readFileSync(join(work, 'pid'), 'utf8'));
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), 10_000);
    expect(existsSync(join(work, 'cleaned'))).toBe(true);
  });

  it('runs a child, with its parameters, and fails with it', async () => {
    writeFileSync(join(work, 'child.vigil.yaml'), 'params: { n: 0 }\nsteps: [{ run: "exit ${{ params.n }}" }]\n');
    const text =
      'params: { n: 0 }\nsteps: [{ id: c, workflow: { file: child.vigil.yaml, params: { n: "${{ params.n }}" } } }]';
    const good = await until((await start(text)).id, isOver);
    expect(good.status).toBe('completed');
    const bad = await until((await start(text, { n: '3' })).id, isOver);
    expect(bad).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/step c: the run .* has failed: step step_1/),
    });
    const all = await engine.client.connection.sendRequest(listRuns, {});
    expect(all.filter(({ parent }) => parent !== undefined).map(({ params }) => params)).toEqual([{ n: 3 }, { n: 0 }]);
  });

  it('waits for the first of several events and for times, also while no engine runs', async () => {
    const { id } = await start(`
steps:
  - { id: time, needs: [], sleep: { until: "${new Date(Date.now() + 4000).toISOString().slice(0, 19)}Z" } }
  - { id: schedule, needs: [], sleep: { cron: "* * * * *" } }
  - { id: first, needs: [], await_event: { any_of: [good, bad] } }
  - { id: other, needs: [], await_event: { any_of: [bad, worse] } }
  - { id: all, needs: [], await_event: { all_of: [good, worse] } }
`);
    const waiting = await until(id, (info) => info.steps.every(({ status }) => status === 'waiting'));
    const scheduled = step(waiting, 'schedule')?.waitsUntil ?? 0;
    expect([scheduled % 60, scheduled > Date.now() / 1000]).toEqual([0, true]);
    const awaited = await engine.vigil(['events', '--awaited', '--format', 'json']);
    expect(JSON.parse(awaited.stdout)).toMatchObject(
      ['good', 'bad', 'bad', 'worse', 'good', 'worse'].map((event) => ({ event, run: id })),
    );
    await engine.client.connection.sendRequest(emitEvent, { name: 'good', payload: 1 });
    await until(id, (info) => step(info, 'first')?.status === 'completed');
    await engine.kill();
    await new Promise((resolve) => setTimeout(resolve, 4000));
    await engine.connect();
    const later = await until(id, (info) => step(info, 'time')?.status === 'completed');
    // The minute may have come meanwhile.
    const schedule = step(later, 'schedule');
    if (Date.now() / 1000 < scheduled) expect(schedule).toMatchObject({ waitsUntil: scheduled });
    else expect(schedule?.status).toMatch(/^(waiting|completed)$/);
    expect([step(later, 'other')?.status, step(later, 'all')?.status]).toEqual(['waiting', 'waiting']);
    await engine.client.connection.sendRequest(emitEvent, { name: 'worse' });
    expect(await until(id, isOver)).toMatchObject({ status: 'completed' });
  }, 120_000);

  it('says what is wrong with a file or a parameter before anything runs', async () => {
    await expect(start('steps: [{ submitt: a.sh }]')).rejects.toThrow(/has errors: vigil check/);
    await expect(start('params: { n: 1 }\nsteps: [{ run: x }]', { m: 1 })).rejects.toThrow(
      'there is no parameter m; there are: n',
    );
    await expect(start('params: { n: 1 }\nsteps: [{ run: x }]', { n: 'x' })).rejects.toThrow(
      'the parameter n is a number, not "x"',
    );
  });
});

describe.skipIf(process.platform === 'win32')('a schedule', () => {
  it('begins a run for each event, also when engines die, until the one that waits is cancelled', async () => {
    const file = join(work, 'on.vigil.yaml');
    const text = (event: string) => `
name: follows
params: { what: x }
on: { cron: "@yearly", event: "${event}" }
steps: [{ run: "echo \${{ params.what }} \${{ run.trigger.kind }} \${{ run.trigger.payload }} >> came" }]
cleanup: [{ run: echo clean >> came }]
`;
    writeFileSync(file, text('go:${{ params.what }}'));
    const emit = (payload: number) => engine.client.connection.sendRequest(emitEvent, { name: 'go:y', payload });
    const came = () => (existsSync(join(work, 'came')) ? readFileSync(join(work, 'came'), 'utf8') : '');
    await emit(0);
    const scheduled = await engine.vigil(['schedule', file, '-p', 'what=y']);
    expect(scheduled, scheduled.stderr).toMatchObject({ status: 0 });
    const first = scheduled.stdout.trim();
    const again = (await engine.vigil(['schedule', file, '-p', 'what=y'])).stdout.trim();
    expect(await until(first, isOver)).toMatchObject({ status: 'cancelled', reason: 'it was scheduled again' });
    await until(again, ({ schedule }) => schedule?.at !== undefined);
    await emit(1);
    await engine.kill();
    await engine.connect();
    await vi.waitFor(() => expect(came()).toBe('y event 1\nclean\n'), { timeout: 20_000 });
    await emit(2);
    await vi.waitFor(() => expect(came()).toBe('y event 1\nclean\ny event 2\nclean\n'), { timeout: 20_000 });
    const pending = await engine.vigil(['runs', '--state', 'pending', '--format', 'json']);
    const [waits, ...more] = JSON.parse(pending.stdout) as RunInfo[];
    expect([waits?.schedule?.events, more]).toEqual([['go:y'], []]);
    expect((await engine.vigil(['runs'])).stdout).toContain('or on go:y');
    expect(await engine.vigil(['cancel-run', waits?.id ?? ''])).toMatchObject({ status: 0 });
    expect(await until(waits?.id ?? '', isOver)).toMatchObject({ status: 'cancelled' });
    await emit(3);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const all = await engine.client.connection.sendRequest(listRuns, {});
    expect(all.map(({ status }) => status).toSorted()).toEqual(['cancelled', 'cancelled', 'completed', 'completed']);
    expect(came()).toBe('y event 1\nclean\ny event 2\nclean\n');
    writeFileSync(file, 'steps: [{ run: x }]');
    expect((await engine.vigil(['schedule', file])).stderr).toContain('does not say when to run: it has no `on`');
  }, 120_000);
});

describe.skipIf(process.platform === 'win32')('vigil', () => {
  it('runs a workflow and waits for it', async () => {
    const file = join(work, 'flow.vigil.yaml');
    writeFileSync(file, 'params: { who: you }\nsteps: [{ id: a, run: "echo hello ${{ params.who }} > said" }]\n');
    const result = await engine.vigil(['run', file, '-p', 'who=me', '--follow']);
    expect(result, result.stderr).toMatchObject({ status: 0 });
    expect(readFileSync(join(work, 'said'), 'utf8')).toBe('hello me\n');
    const id = result.stdout.trim();
    expect((await engine.vigil(['runs', '--run', id])).stdout).toContain('a  completed');
    expect((await engine.vigil(['runs'])).stdout).toContain(id);
    writeFileSync(file, 'steps: [{ id: ok, approve: "Well?" }]\n');
    const asked = (await engine.vigil(['run', file])).stdout.trim();
    await until(asked, (info) => step(info, 'ok')?.status === 'waiting');
    expect(await engine.vigil(['approve', asked, 'ok', '--no'])).toMatchObject({ status: 0 });
    expect(await engine.vigil(['wait-run', asked])).toMatchObject({ status: 1 });
    expect(await engine.vigil(['approve', asked, 'nosuch'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no step nosuch'),
    });
    expect(await engine.vigil(['cancel-run', '--all', '--wait'])).toMatchObject({ status: 0 });
  });

  it('asks for each item of a foreach, and takes an answer for each', async () => {
    const file = join(work, 'each.vigil.yaml');
    writeFileSync(file, 'steps: [{ id: ok, foreach: [a, b], approve: "Publish ${{ item }}?" }]\n');
    const asked = (await engine.vigil(['run', file])).stdout.trim();
    await until(asked, (info) => step(info, 'ok')?.asks?.length === 2);
    expect((await engine.vigil(['runs', '--run', asked])).stdout).toContain('ok[1]  asks: Publish b?');
    expect(await engine.vigil(['approve', asked, 'ok'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('answer ok[0], ok[1] and so on'),
    });
    expect(await engine.vigil(['approve', asked, 'ok[0]'])).toMatchObject({ status: 0 });
    await until(asked, (info) => step(info, 'ok')?.asks?.length === 1);
    expect(await engine.vigil(['approve', asked, 'ok[1]'])).toMatchObject({ status: 0 });
    expect(await engine.vigil(['wait-run', asked])).toMatchObject({ status: 0 });
  });

  it('retries runs, in place and anew, starts one once per key and later, dumps and removes them', async () => {
    const file = join(work, 'flow.vigil.yaml');
    writeFileSync(
      file,
      'name: flow\nsteps: [{ id: a, run: "echo a >> did" }, { id: b, run: "echo b >> did; test -e good" }]\n',
    );
    const did = () => readFileSync(join(work, 'did'), 'utf8').replaceAll('\n', '');
    const first = await engine.vigil(['run', file, '--idempotency-key', 'nightly', '-F']);
    expect(first.status).toBe(1);
    const id = first.stdout.trim();
    const again = await engine.vigil(['run', file, '--idempotency-key', 'nightly']);
    expect(again.stdout.trim()).toBe(id);
    expect(again.stderr).toContain('was started before');
    expect(did()).toBe('ab');
    writeFileSync(join(work, 'good'), '');
    expect(await engine.vigil(['retry-run', id, '--from', 'nosuch'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('It has no step nosuch'),
    });
    const retried = await engine.vigil(['retry-run', id, '--follow']);
    expect(retried, retried.stderr).toMatchObject({ status: 0, stdout: `${id}\n` });
    expect(did()).toBe('abb');
    const log = (await engine.vigil(['eventlog', `run/${id}`, '-f', 'json'])).stdout.trim().split('\n');
    const names = log.map((line) => (JSON.parse(line) as { name: string }).name);
    expect(names.filter((name) => ['retry', 'finish', 'clean'].includes(name))).toEqual([
      'finish',
      'clean',
      'retry',
      'finish',
      'clean',
    ]);
    const anew = await engine.vigil(['retry-run', id, '--new', '--from', 'b', '--follow']);
    expect(anew, anew.stderr).toMatchObject({ status: 0 });
    expect(anew.stdout.trim()).not.toBe(id);
    expect(did()).toBe('abbb');
    const dump = JSON.parse((await engine.vigil(['dump-run', id])).stdout);
    expect(dump).toMatchObject({ run: { id, retries: 1, status: 'completed' }, plan: { name: 'flow' }, waits: [{}] });
    expect(dump.attempts.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['a/1/act', 'b/1/act', '#end', 'b/2/act', '#end/1']),
    );

    writeFileSync(file, 'name: waits\nsteps: [{ id: w, await_event: never }]\n');
    const later = (await engine.vigil(['run', file, '--delay', '1h'])).stdout.trim();
    const waiting = (await engine.vigil(['run', file])).stdout.trim();
    await until(waiting, ({ status }) => status === 'sleeping');
    expect(await run(later)).toMatchObject({ status: 'pending', startAt: expect.any(Number) });
    const named = JSON.parse((await engine.vigil(['runs', '--name', 'w*', '--format', 'json'])).stdout);
    expect(named.map((one: RunInfo) => one.id)).toEqual([waiting, later]);
    expect((await engine.vigil(['runs', '--state', 'sleeping'])).stdout).not.toContain(later);
    expect((await engine.vigil(['events', '--awaited'])).stdout).toMatch(new RegExp(`never +${waiting} +waits +w`));
    const kept = await engine.vigil(['clean-runs', '--older-than', '1h']);
    expect(kept.stdout).toBe('0 runs removed\n');
    expect((await engine.vigil(['clean-runs', '--older-than', '0', '--limit', '1'])).stdout).toBe('1 run removed\n');
    expect((await engine.vigil(['clean-runs', '--older-than', '0'])).stdout).toBe('1 run removed\n');
    expect(await engine.vigil(['dump-run', id])).toMatchObject({ status: 1 });
    expect((await engine.vigil(['eventlog', `run/${id}`])).status).toBe(1);
    expect((await run(waiting)).status).toBe('sleeping');
    expect(await engine.vigil(['cancel-run', '--all', '--wait'])).toMatchObject({ status: 0 });
    const cancelled = await engine.vigil(['retry-run', waiting]);
    expect(cancelled, cancelled.stderr).toMatchObject({ status: 0 });
    await until(waiting, ({ status }) => status === 'sleeping');
    expect(await engine.vigil(['retry-run', waiting])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('not over'),
    });
  });
});
