import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseEventlog } from '../../engine/eventlog/rfc18.ts';
import { readFilePart } from '../../engine/protocol/files.ts';
import { type ClusterInfo, errorCodes, readEventlog, waitEvent } from '../../engine/protocol.ts';
import { fakeFluxEnvironment } from '../flux/fake-flux.ts';
import { EngineProcess } from '../support/engine-process.ts';

/** The fake `flux` plays recordings of a real one (test/flux/fake-flux.mjs). */
let engine: EngineProcess;
let folder: string;
let work: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-flux-'));
  work = join(folder, 'work');
  mkdirSync(work);
});
afterEach(async () => {
  await engine.dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function start(more: { readonly [name: string]: string } = {}): Promise<void> {
  engine = new EngineProcess({}, fakeFluxEnvironment(folder, more));
  await engine.connect();
}

const script = (recorded: string, watcher = '') =>
  `#!/bin/bash\n#flux: -n1\n# recorded: ${recorded}\n${watcher}echo hi\n`;
const submit = (text: string, key?: string) =>
  engine.submit({
    cluster: 'flux',
    script: text,
    scriptPath: join(work, 'train.sh'),
    workdir: work,
    ...(key ? { key } : {}),
  });
const recorded = (name: string, log = 'eventlog') =>
  parseEventlog(readFileSync(join(import.meta.dirname, '..', 'recordings', 'flux', `${name}.${log}.ndjson`), 'utf8'))
    .events;
const bare = (entries: readonly { readonly name: string; readonly timestamp: number; readonly context?: object }[]) =>
  entries.map(({ name, timestamp, context }) => ({ timestamp, name, ...(context ? { context } : {}) }));
const isOurs = ({ name }: { readonly name: string }) =>
  name.startsWith('watcher.') || name === 'log' || name === 'metric';

describe.skipIf(process.platform === 'win32').each([
  ['by its journal', {}],
  ['by its commands, where the journal cannot be had', { FAKE_FLUX_NO_JOURNAL: '1' }],
])('a job of Flux, %s', (_, variables) => {
  it('logs the events of Flux unchanged, main and exec', async () => {
    await start(variables);
    const job = await submit(script('success'));
    expect(job.key).toBe('flux/f4vYcmef');
    const entries = await engine.until(job.key, 'clean');
    expect(bare(entries)).toEqual(recorded('success'));
    const exec = await engine.client.connection.sendRequest(readEventlog, { job: job.key, log: 'guest.exec.eventlog' });
    expect(bare(exec)).toEqual(recorded('success', 'guest.exec.eventlog'));
    expect(await engine.job(job.key)).toMatchObject({
      state: 'completed',
      name: 'train.sh',
      status: 0,
      nodes: 'n[0-1]',
    });
    const clusters = JSON.parse((await engine.vigil(['clusters', '--format', 'json'])).stdout) as ClusterInfo[];
    const flux = clusters.find(({ name }) => name === 'flux');
    expect(flux).toMatchObject({ scheduler: 'flux', detail: 'Flux 0.88.0' });
  });
});

describe.skipIf(process.platform === 'win32')('without the journal', () => {
  const noJournal = (more: { readonly [name: string]: string } = {}) =>
    fakeFluxEnvironment(folder, { FAKE_FLUX_NO_JOURNAL: '1', ...more });
  const followed = () =>
    readFileSync(join(folder, 'flux', 'followed'), 'utf8')
      .trim()
      .split('\n');

  it('hears of the events of a job by following its eventlog, not by looking again and again', async () => {
    // It is to be seen running, however fast the machine is.
    engine = new EngineProcess({ minPollSeconds: 600 }, noJournal({ FAKE_FLUX_SPEED: '0.2' }));
    await engine.connect();
    const job = await submit(script('success'));
    const entries = await engine.until(job.key, 'clean');
    expect(bare(entries)).toEqual(recorded('success'));
    expect(followed()).toEqual([job.jobId]);
  });

  it('looks after those that it does not follow', async () => {
    engine = new EngineProcess({}, noJournal());
    await engine.connect();
    const names = ['success', 'fail-exit-3', 'timeout', 'exception-oom'];
    const jobs = await Promise.all(names.map((name) => submit(script(name))));
    for (const [index, name] of names.entries())
      expect(bare(await engine.until(jobs[index]?.key ?? '', 'clean'))).toEqual(recorded(name));
  });
});

describe.skipIf(process.platform === 'win32')('a watched job of Flux', () => {
  it('is cancelled, with the reason as its note', async () => {
    await start({ FAKE_FLUX_SPEED: '1' });
    const watcher = '#WATCHER name="hung" silence=1 action=cancel_job(reason="loss too high")\n';
    const job = await submit(script('cancel-running', watcher));
    const entries = await engine.until(job.key, 'clean');
    expect(bare(entries.filter((entry) => !isOurs(entry)))).toEqual(recorded('cancel-running'));
    expect(entries.filter(isOurs).map(({ name }) => name)).toEqual([
      'watcher.action',
      'watcher.result',
      'watcher.state',
    ]);
    // As it was recorded: flux cancel -m "loss too high" ID.
    expect(readFileSync(join(folder, 'flux', 'commands'), 'utf8')).toBe(`cancel -m loss too high ${job.jobId}\n`);
    expect((await engine.job(job.key)).state).toBe('cancelled');
  });

  it('takes orders and notes', async () => {
    await start();
    const job = await submit(script('cancel-running'));
    await engine.until(job.key, 'start');
    await engine.vigil(['urgency', job.key, 'expedite']);
    await engine.vigil(['hold', job.key]);
    await engine.vigil(['extend', job.key, '10m']);
    await engine.vigil(['signal', job.key, 'USR1']);
    await engine.vigil(['raise', job.key, '--type=loss-high', '--severity=3', 'loss:', '6.2']);
    await engine.vigil(['memo', job.key, 'note=a "b"', 'old=']);
    const id = job.jobId;
    expect(
      readFileSync(join(folder, 'flux', 'commands'), 'utf8')
        .trim()
        .split('\n'),
    ).toEqual([
      `job urgency ${id} 31`,
      `job urgency ${id} 0`,
      `update ${id} duration=+600s`,
      `job kill -s SIGUSR1 ${id}`,
      `job raise --type=loss-high --severity=3 -m loss: 6.2 ${id}`,
      `job memo ${id} note="a \\"b\\"" old=null`,
    ]);
    await engine.vigil(['cancel', job.key]);
    await engine.until(job.key, 'clean');
  });

  it('tells the notes that Flux keeps', async () => {
    await start();
    const job = await submit(script('memo-update'));
    await engine.until(job.key, 'clean');
    expect((await engine.job(job.key)).memo).toEqual({ epoch: '3', loss: '0.2', note: 'a b' });
  });

  it('matches what the job prints', async () => {
    await start();
    const watcher =
      '#WATCHER name="loss" pattern="epoch (?P<epoch>\\d+) loss: (?P<loss>[\\d.]+)" action=store_metric(name="loss", variable="loss")\n';
    const job = await submit(script('success', watcher));
    const entries = await engine.until(job.key, 'clean');
    expect(entries.filter(({ name }) => name === 'watcher.match').length).toBe(12);
    expect(entries.at(-1)?.name).toBe('clean');
    expect(bare(entries.filter((entry) => !isOurs(entry)))).toEqual(recorded('success'));
  });

  const watchBoth =
    '#flux: --output=kvs\n' +
    '#WATCHER name="loss" pattern="epoch (?P<epoch>\\d+) loss: (?P<loss>[\\d.]+)" action=log_event\n' +
    '#WATCHER name="warn" pattern="warn" output=stderr action=log_event\n';
  const matches = (entries: readonly { readonly name: string; readonly context?: unknown }[], watcher: string) =>
    entries.filter(
      ({ name, context }) => name === 'watcher.match' && Reflect.get(Object(context), 'watcher') === watcher,
    );

  it('matches what it sends to the KVS, and shows it', async () => {
    await start();
    const job = await submit(script('success', watchBoth));
    const entries = await engine.until(job.key, 'clean');
    expect([matches(entries, 'loss').length, matches(entries, 'warn').length]).toEqual([12, 4]);
    expect(existsSync(join(work, `flux-${job.jobId}.out`))).toBe(false);
    const shown = await engine.vigil(['output', job.key]);
    expect(shown.stdout.match(/epoch 3 loss: 0\.3\n/g)).toHaveLength(4);
    const path = `flux-kvs:${job.jobId}/stdout`;
    const end = await engine.client.connection.sendRequest(readFilePart, {
      job: job.key,
      path,
      offset: -10,
      maxBytes: 100,
    });
    expect(Buffer.from(end.data, 'base64').toString()).toBe('loss: 0.3\n');
  });

  it('loses nothing of the KVS, and matches nothing twice, where the engine is killed in between', async () => {
    await start();
    const both = '#flux: --output=kvs\n#WATCHER name="w" pattern="ready|got USR1" action=log_event\n';
    const job = await submit(script('kill-usr1', both));
    await engine.until(job.key, 'watcher.match');
    await engine.kill();
    await engine.connect();
    const entries = await engine.until(job.key, 'clean');
    expect(matches(entries, 'w').map(({ context }) => Reflect.get(Object(context), 'line'))).toEqual([
      'ready',
      'got USR1',
    ]);
  });

  it('goes on after the engine was killed: no event is lost, none is logged twice', async () => {
    await start({ FAKE_FLUX_SPEED: '0.5' });
    const job = await submit(script('fail-exit-3'));
    await engine.until(job.key, 'depend');
    await engine.kill();
    await engine.connect();
    const entries = await engine.until(job.key, 'clean');
    expect(bare(entries)).toEqual(recorded('fail-exit-3'));
    expect(await engine.job(job.key)).toMatchObject({ state: 'failed', status: 768 });
  });

  it('waits for events by request', async () => {
    await start();
    const job = await submit(script('timeout'));
    const wait = (params: object) =>
      engine.client.connection.sendRequest(waitEvent, { job: job.key, name: 'finish', ...params });
    expect(await wait({ matchContext: { status: '36352' } })).toMatchObject({
      name: 'finish',
      context: { status: 36_352 },
    });
    expect(await wait({ name: 'nosuch' })).toBeNull();
    await expect(wait({ name: 'clean', raise: true })).rejects.toMatchObject({ code: errorCodes.jobException });
    expect(await engine.vigil(['wait-event', '-p', 'exec', job.key, 'shell.*'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('shell.init'),
    });
  });
});

describe.skipIf(process.platform === 'win32')('submitting to Flux', () => {
  it('gives the job its environment, and not in an argument', async () => {
    await start();
    await engine.submit({ cluster: 'flux', script: script('success'), workdir: work, env: { LR: 'a, "b" $c' } });
    expect(readFileSync(join(folder, 'flux', 'environment'), 'utf8')).toBe('LR=a, "b" $c\n');
  });

  it('tells the words of a refusal', async () => {
    await start();
    const refused = submit('#!/bin/bash\n#flux: --no-such-option\necho hi\n');
    await expect(refused).rejects.toMatchObject({
      code: errorCodes.refused,
      data: { words: expect.stringContaining('unrecognized arguments: --no-such-option') },
    });
  });

  it('finds a job whose reply was lost by its key', async () => {
    await start({ FAKE_FLUX_LOSE_REPLY: '1' });
    const key = '4a0c9a0e-0000-4000-8000-000000000001';
    await expect(submit(script('success'), key)).rejects.toThrow('it will be looked for');
    await engine.until('flux/f4vYcmef', 'clean').catch(() => {});
    await vi.waitFor(async () => expect((await engine.job('flux/f4vYcmef')).state).toBe('completed'), 20_000);
    expect((await submit(script('success'), key)).key).toBe('flux/f4vYcmef');
    expect(existsSync(join(work, 'flux-ƒ4vYcmef.out'))).toBe(true);
  });
});
