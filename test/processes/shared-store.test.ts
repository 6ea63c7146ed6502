import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseEventlog } from '../../engine/eventlog/rfc18.ts';
import { emitEvent } from '../../engine/protocol/actions.ts';
import { getRun, startRun } from '../../engine/protocol/workflows.ts';
import { jobChanged, readStatus, waitEvent } from '../../engine/protocol.ts';
import { fakeFluxEnvironment } from '../flux/fake-flux.ts';
import { EngineProcess } from '../support/engine-process.ts';
import { hasPostgres, PostgresServer } from '../support/postgres-server.ts';

/** Engines on one PostgreSQL, each a process of its own, with the fake `flux` as the cluster that all of them reach. */
describe.skipIf(!hasPostgres)('engines that share a store', () => {
  let server: PostgresServer;
  let folder: string;
  let work: string;
  let schema = 0;
  const engines: EngineProcess[] = [];
  beforeAll(async () => {
    server = await PostgresServer.start();
  }, 60_000);
  afterAll(() => server?.dispose());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigil-shared-'));
    work = join(folder, 'work');
    mkdirSync(work);
    schema++;
  });
  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const setting = () => `${server.url(`shared_${schema}`)}&lease=4`;
  async function start(more: { readonly [name: string]: string } = {}): Promise<EngineProcess> {
    const engine = new EngineProcess({ store: setting() }, fakeFluxEnvironment(folder, more));
    engines.push(engine);
    await engine.connect();
    return engine;
  }
  const script = (recorded: string, watcher: string) =>
    `#!/bin/bash\n#flux: -n1\n# recorded: ${recorded}\n${watcher}echo hi\n`;
  const submit = (engine: EngineProcess, recorded: string, watcher = '') =>
    engine.submit({
      cluster: 'flux',
      script: script(recorded, watcher),
      scriptPath: join(work, 'x.sh'),
      workdir: work,
    });
  const recorded = (name: string) =>
    parseEventlog(
      readFileSync(join(import.meta.dirname, '..', 'recordings', 'flux', `${name}.eventlog.ndjson`), 'utf8'),
    ).events.map(({ name: event, timestamp }) => [event, timestamp]);
  const followed = async (engine: EngineProcess) =>
    (await engine.client.connection.sendRequest(readStatus)).jobs.followed;
  const sql = (text: string) => server.query(`SET search_path TO shared_${schema}; ${text}`);
  const finished = async (engine: EngineProcess, run: string) =>
    vi.waitFor(
      async () => {
        const info = await engine.client.connection.sendRequest(getRun, { run });
        if (info.finished === undefined)
          throw new Error(JSON.stringify(info.steps.map(({ key, status }) => [key, status])));
        return info;
      },
      { timeout: 60_000, interval: 100 },
    );

  it('follow each job once; when one is killed, the other goes on with its jobs and runs, and nothing is done twice', async () => {
    const slow = { FAKE_FLUX_SPEED: '0.3' };
    const one = await start(slow);
    const two = await start(slow);
    const watcher =
      '#WATCHER name="ok" pattern="epoch (?P<epoch>\\d+) loss" max_triggers=100 action=emit_event(name="epoch-$epoch")\n';
    const job = await submit(one, 'success', watcher);
    const failing = await submit(one, 'fail-exit-3');
    const other = await submit(two, 'memo-update');
    const text = `
steps:
  - { id: a, run: "echo a >> done; sleep 1" }
  - { id: wait, await_event: go }
  - { id: b, run: "echo b >> done; sleep 3; echo b-end >> done" }
  - { id: awaited, needs: [b], await_job: "${other.key}" }
  - { id: c, needs: [awaited], run: "echo c >> done" }
`;
    const { id } = await one.client.connection.sendRequest(startRun, { file: join(work, 'f.vigil.yaml'), text });
    expect(await followed(one)).toBe(2);
    expect(await followed(two)).toBe(1);
    await one.until(job.key, 'depend');
    // Emitted with the one engine, awaited by a run that either has.
    await two.client.connection.sendRequest(emitEvent, { name: 'go' });
    await vi.waitFor(() => expect(readFileSync(join(work, 'done'), 'utf8')).toContain('b\n'), 20_000);
    expect(sql('SELECT count(DISTINCT owner) FROM jobs')).toBe('2');
    await one.kill();
    const log = await two.until(job.key, 'clean');
    await two.until(failing.key, 'clean');
    await two.until(other.key, 'clean');
    const isFlux = ({ name }: { readonly name: string }) =>
      !/^(watcher\.|event$|log$|output\.|connection\.)/.test(name);
    const bare = (entries: typeof log) => entries.filter(isFlux).map(({ name, timestamp }) => [name, timestamp]);
    expect(bare(log)).toEqual(recorded('success'));
    expect(bare(await two.eventlog(failing.key))).toEqual(recorded('fail-exit-3'));
    expect(bare(await two.eventlog(other.key))).toEqual(recorded('memo-update'));
    expect((await finished(two, id)).status).toBe('completed');
    expect(readFileSync(join(work, 'done'), 'utf8')).toBe('a\nb\nb-end\nc\n');
    // Each line of the output matched once, and each match had its effect once.
    expect(log.filter(({ name }) => name === 'watcher.match')).toHaveLength(12);
    expect(sql("SELECT count(*), count(DISTINCT emit_key) FROM events WHERE name LIKE 'epoch-%'")).toBe('12|12');
    expect(sql('SELECT count(*) FROM engines')).toBe('1');
    const runLog = await two.eventlog(`run/${id}`);
    expect(runLog.filter(({ name }) => name === 'step.start').map(({ context }) => context?.step)).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(runLog.map(({ name }) => name).slice(-2)).toEqual(['finish', 'clean']);
  }, 120_000);

  it('get back at once what they had when they were killed, and leave nothing behind when they are ended', async () => {
    const one = await start({ FAKE_FLUX_SPEED: '0.3' });
    const job = await submit(one, 'fail-exit-3');
    const local = await one.submit({ cluster: 'local', script: '#!/bin/sh\nsleep 3\n', workdir: work });
    await one.until(job.key, 'depend');
    await one.kill();
    await one.connect();
    expect(await followed(one)).toBe(2);
    const two = await start();
    const second = await two.submit({ cluster: 'local', script: '#!/bin/sh\nexit 0\n', workdir: work });
    expect(second.key).not.toBe(local.key);
    await two.until(second.key, 'clean');
    await expect(two.vigil(['watchers', 'pause', job.key, 'x'])).resolves.toMatchObject({ status: 1 });
    expect(await one.vigil(['stop-engine'])).toMatchObject({ status: 0 });
    // What only its machine and folder have stays where it is; the rest goes on.
    await two.until(job.key, 'clean');
    expect(sql("SELECT count(*) FROM jobs WHERE log_ended = 0 AND cluster = 'flux'")).toBe('0');
    await one.connect();
    expect((await one.until(local.key, 'clean')).filter(({ name }) => name === 'clean')).toHaveLength(1);
  }, 120_000);

  it('hear of what the others log', async () => {
    const one = await start({ FAKE_FLUX_SPEED: '0.5' });
    const two = await start();
    const job = await submit(one, 'success');
    for (const engine of [one, two, one])
      expect(await engine.vigil(['emit', 'ready', '--idempotency-key', 'k'])).toMatchObject({ status: 0, stderr: '' });
    expect(sql("SELECT count(*) FROM events WHERE name = 'ready'")).toBe('1');
    const states: (string | undefined)[] = [];
    two.client.connection.onNotification(jobChanged, ({ key, state, followedBy }) => {
      if (key === job.key) states.push(state, followedBy?.host);
    });
    const follow = two.vigil(['eventlog', '--follow', job.key]);
    const wait = two.client.connection.sendRequest(waitEvent, { job: job.key, name: 'clean' });
    expect(await wait).toMatchObject({ name: 'clean' });
    expect((await two.eventlog(job.key)).map(({ name }) => name)).toEqual(recorded('success').map(([name]) => name));
    const lines = (await follow).stdout.trim().split('\n');
    expect(lines).toHaveLength(recorded('success').length);
    expect(lines.at(-1)).toContain('clean');
    // While it runs, and when it is over.
    expect(states).toEqual(expect.arrayContaining(['running', hostname()]));
    expect(states.slice(-2)).toEqual(['completed', undefined]);
  }, 60_000);

  it('keep the password out of logs, status and tables, and say what is wrong', async () => {
    const one = await start();
    await submit(one, 'success');
    const status = await one.vigil(['status', '--format', 'json']);
    expect(status.stdout).toContain(`postgres://vigil_tests@127.0.0.1:${server.port}/postgres?schema=shared_${schema}`);
    const log = readFileSync(join(one.folder, 'state', 'engine.log'), 'utf8');
    for (const text of [status.stdout, log, sql('SELECT string_agg(value, chr(10)) FROM settings')]) {
      expect(text).not.toContain(server.password);
      expect(text).not.toContain(encodeURIComponent(server.password));
    }
    expect(existsSync(join(one.folder, 'state', 'vigil.db'))).toBe(false);
    const wrong = new EngineProcess({ store: setting().replace(encodeURIComponent(server.password), 'guessed') });
    await expect(wrong.connect()).rejects.toThrow(/refuses the password of vigil_tests: give it in ~\/\.pgpass/);
    const away = new EngineProcess({ store: 'postgres://u:secret@127.0.0.1:1/x' });
    const error = await away.connect().catch(String);
    expect(error).toMatch(/no PostgreSQL answers at 127\.0\.0\.1:1/);
    expect(error).not.toContain('secret');
    for (const { folder: left } of [wrong, away]) rmSync(left, { recursive: true, force: true });
  }, 60_000);
});
