/**
 * The store on SQLite and on PostgreSQL: what a follower's commit, a submission and a start cost, runs of workflows beside
 * plain OpenWorkflow on the same database, and one PostgreSQL with the jobs of a hundred engines.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { OpenWorkflow } from 'openworkflow';
import type { Backend } from 'openworkflow/internal';
import { BackendSqlite } from 'openworkflow/sqlite';
import { systemClock } from '../engine/clock.ts';
import { silentLogger } from '../engine/logger.ts';
import { openSqliteRuns } from '../engine/open-stores.ts';
import { GuardedDatabase } from '../engine/store/guarded-database.ts';
import { postgresAddress } from '../engine/store/postgres-address.ts';
import { PostgresDatabase } from '../engine/store/postgres-database.ts';
import { Store } from '../engine/store/store.ts';
import { openPostgresRuns } from '../engine/workflows/postgres-runs.ts';
import { RunExecutor } from '../engine/workflows/run-executor.ts';
import { RunStore } from '../engine/workflows/run-store.ts';
import { RunsDatabase } from '../engine/workflows/runs-database.ts';
import { parseWorkflow } from '../language/workflow/parse-workflow.ts';
import { bindWorkflow } from '../language/workflow/spec.ts';
import { jobRecord } from '../test/support/builders.ts';
import { FakeEffects } from '../test/support/fake-effects.ts';
import { hasPostgres, PostgresServer } from '../test/support/postgres-server.ts';
import { type Figure, percentile, report } from './lib/figures.ts';
import { commitsOf } from './lib/follower-commits.ts';

const commits = 2000;
const jobs = 1000;
const runs = Number(process.argv[2] ?? 1000);
/** Runs that are worked on at the same time. */
const atOnce = 20;
const engines = 100;
const jobsOfAll = 100_000;
const committing = 16;

const timesOf = (count: number, work: (index: number) => void): number[] =>
  Array.from({ length: count }, (_, index) => {
    const began = performance.now();
    work(index);
    return performance.now() - began;
  });

interface Costs {
  readonly commits: readonly number[];
  readonly submissions: readonly number[];
  readonly emits: readonly number[];
  readonly startMs: number;
}

function costsOf(open: () => Store): Costs {
  const store = open();
  const commit = commitsOf(store, 'bench/1');
  const submissions = timesOf(jobs, (index) => {
    const record = jobRecord({ key: `bench/${index + 1}`, cluster: 'bench', submitKey: `k${index}` });
    store.transaction(() => {
      store.addJob(record);
      store.append(record.key, [{ timestamp: 1, name: 'submit' }], 1);
    });
  });
  timesOf(200, commit);
  const times = timesOf(commits, commit);
  const emits = timesOf(500, (index) => {
    store.transaction(() => store.events.add({ name: `e${index}`, payload: null, emitted: 1, source: 'bench' }));
  });
  const [startMs = Number.NaN] = timesOf(1, () => {
    for (const { key } of store.openJobs()) {
      store.watchers(key);
      store.positions.of(key);
      store.actions.open(key);
    }
  });
  store.close();
  return { commits: times, submissions, emits, startMs };
}

function compare(sqlite: Costs, postgres: Costs): Figure[] {
  const beside = (what: string, of: (costs: Costs) => number): Figure => ({
    what,
    value: of(postgres),
    unit: 'ms',
    peer: { name: 'SQLite', value: of(sqlite) },
  });
  return [
    beside("a follower's commit, p50", (costs) => percentile(costs.commits, 0.5)),
    beside("a follower's commit, p99", (costs) => percentile(costs.commits, 0.99)),
    beside('a submission, p50', (costs) => percentile(costs.submissions, 0.5)),
    beside('an emitted event, p50', (costs) => percentile(costs.emits, 0.5)),
    beside(`to read what ${jobs} open jobs need, at a start`, (costs) => costs.startMs),
  ];
}

// Runs of five steps

const text = `steps:\n${[1, 2, 3, 4, 5].map((number) => `  - { id: s${number}, run: "step ${number}" }\n`).join('')}`;

async function ourRuns(backend: Backend, database: RunsDatabase): Promise<number> {
  const spec = bindWorkflow(parseWorkflow(text));
  if (!spec) throw new Error('the workflow of the bench has errors');
  const store = new RunStore(backend, database);
  const began = performance.now();
  for (let number = 0; number < runs; number++)
    await store.create({ name: 'bench', spec, params: {}, cluster: 'bench', file: '/bench' }, null);
  const effects = new FakeEffects();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (;;) {
        const workerId = crypto.randomUUID();
        const run = await backend.claimWorkflowRun({ workerId, leaseDurationMs: 30_000 });
        if (!run) return;
        const ended = await new RunExecutor(run, workerId, {
          store,
          effects,
          clock: systemClock,
          log: silentLogger,
          cancelled: () => undefined,
          startNext: () => Promise.reject(new Error('no run of the bench has a schedule')),
          onRecord: () => {},
        }).pass();
        if (ended !== 'over') throw new Error(`a run is ${ended}`);
      }
    }),
  );
  if (effects.done.size !== runs * 5) throw new Error(`${effects.done.size} steps were done`);
  return (performance.now() - began) / 1000;
}

async function plainRuns(backend: Backend): Promise<number> {
  const open = new OpenWorkflow({ backend });
  let done = 0;
  const workflow = open.defineWorkflow({ name: 'plain' }, async ({ step }) => {
    for (let number = 1; number <= 5; number++)
      await step.run({ name: `s${number}` }, async () => {
        await new Promise((resolve) => setImmediate(resolve));
        done++;
        return { exitCode: 0, stdout: `step ${number} was run` };
      });
  });
  const began = performance.now();
  const handles = [];
  for (let number = 0; number < runs; number++) handles.push(await workflow.run());
  const worker = open.newWorker({ concurrency: atOnce });
  await worker.start();
  while (done < runs * 5) await new Promise((resolve) => setTimeout(resolve, 5));
  for (const handle of handles.slice(-atOnce)) await handle.result();
  const seconds = (performance.now() - began) / 1000;
  await worker.stop();
  return seconds;
}

async function runsFigures(
  name: string,
  ours: { readonly backend: Backend; readonly database: RunsDatabase },
  plain: Backend,
) {
  const value = await ourRuns(ours.backend, ours.database);
  const peer = await plainRuns(plain);
  const what = `${runs} runs of 5 steps on ${name}`;
  return {
    what,
    value,
    unit: 's',
    peer: { name: 'plain OpenWorkflow', value: peer },
    bar: { most: 1.3, of: 'ratio' },
  } as const;
}

// Many engines

async function committingAtOnce(
  url: string,
  count: number,
): Promise<{ readonly perSecond: number; readonly p50: number }> {
  const seconds = 5;
  const threads = Array.from({ length: count }, (_, number) => {
    const workerData = { url, number, seconds };
    const execArgv = ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'];
    return new Worker(new URL('./lib/committing-engine.ts', import.meta.url), { workerData, execArgv });
  });
  const next = (thread: Worker) =>
    new Promise<unknown>((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', reject);
    });
  await Promise.all(threads.map(next));
  const answers = threads.map(next);
  for (const thread of threads) thread.postMessage('begin');
  const took = ((await Promise.all(answers)) as number[][]).flat();
  await Promise.all(threads.map((thread) => thread.terminate()));
  return { perSecond: took.length / seconds, p50: percentile(took, 0.5) };
}

async function manyEngines(server: PostgresServer): Promise<Figure[]> {
  const url = server.url('many');
  const database = new PostgresDatabase(postgresAddress(url, {}), 'bench');
  const store = new Store(database);
  server.query(`
    INSERT INTO many.engines (id, host, username, pid, place, expires)
      SELECT 'engine-' || i, 'h' || i, 'u', i, 'p' || i, now() + interval '1 day' FROM generate_series(1, ${engines}) i;
    INSERT INTO many.jobs (key, cluster, submitted, record, submit_key, script_hash, owner)
      SELECT 'bench/' || i, 'bench', i, '{"key":"bench/' || i || '","cluster":"bench","phase":"submitted"}', 'k' || i, '',
        'engine-' || (i % ${engines} + 1) FROM generate_series(1, ${jobsOfAll}) i;
    INSERT INTO many.eventlog (job, log, seq, timestamp, observed, name)
      SELECT 'bench/' || i, 'eventlog', seq, seq, seq, 'event' FROM generate_series(1, ${jobsOfAll}) i, generate_series(0, 9) seq;
    ANALYZE`);
  const beats = timesOf(200, () => {
    database.heartbeat();
    store.ownership.leftClusters();
  });
  const commit = commitsOf(store, 'bench/1');
  const times = timesOf(commits, commit);
  const idle = store.changes.mark();
  const idleLooks = timesOf(50, () => store.changes.since(idle));
  // What a hundred engines see within a beat, each of a few of its jobs.
  server.query(`
    INSERT INTO many.eventlog (job, log, seq, timestamp, observed, name)
      SELECT 'bench/' || i * 100, 'eventlog', 10, 1, 1, 'event' FROM generate_series(1, ${jobsOfAll / 100}) i`);
  const looks = timesOf(50, () => store.changes.since(idle));
  server.query("UPDATE many.engines SET expires = now() - interval '1 s' WHERE id = 'engine-7'");
  let taken = 0;
  const [takeOverMs = Number.NaN] = timesOf(1, () => {
    database.heartbeat();
    for (let more = -1; more !== 0; taken += more) more = Math.max(0, store.ownership.takeOver('bench', false));
  });
  taken = store.openJobs().length;
  const [openMs = Number.NaN] = timesOf(1, () => store.openJobs());
  const bytes = database.usage().bytes;
  store.close();
  const one = await committingAtOnce(url, 1);
  const many = await committingAtOnce(url, committing);
  return [
    { what: "an engine's sign of life, and its look for what is left, p50", value: percentile(beats, 0.5), unit: 'ms' },
    { what: 'the same, p99', value: percentile(beats, 0.99), unit: 'ms' },
    { what: "a follower's commit, p50", value: percentile(times, 0.5), unit: 'ms' },
    {
      what: 'a look for what others have written, p50, when that is nothing',
      value: percentile(idleLooks, 0.5),
      unit: 'ms',
    },
    { what: `the same, of ${jobsOfAll / 100} jobs with an event each`, value: percentile(looks, 0.5), unit: 'ms' },
    { what: 'jobs of an engine that died', value: taken, unit: '', bar: { least: jobsOfAll / engines } },
    { what: 'to take all of them over', value: takeOverMs, unit: 'ms' },
    { what: 'to read the records of an engine’s jobs', value: openMs, unit: 'ms' },
    { what: 'the database', value: bytes / 1e6, unit: 'MB' },
    { what: 'commits of one engine that does nothing else', value: one.perSecond, unit: '/s' },
    { what: `commits of ${committing} engines that do nothing else, in sum`, value: many.perSecond, unit: '/s' },
    { what: 'one of those, p50', value: many.p50, unit: 'ms' },
  ];
}

if (!hasPostgres) {
  console.log('Databases: there is no PostgreSQL here (apt-get install postgresql)');
  process.exit(0);
}
// As a server does that has something to lose.
process.env.VIGIL_POSTGRES_FSYNC = 'on';
const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-databases-'));
const server = await PostgresServer.start();
try {
  const sqlite = costsOf(() => new Store(join(folder, 'vigil.db')));
  const postgres = costsOf(() => new Store(new PostgresDatabase(postgresAddress(server.url('costs'), {}), 'bench')));
  report('Store: PostgreSQL over loopback, beside SQLite', compare(sqlite, postgres));
  const onSqlite = await runsFigures(
    'SQLite',
    openSqliteRuns(join(folder, 'ours.db')),
    BackendSqlite.connect(join(folder, 'plain.db')),
  );
  const onSchema = async (schema: string) => {
    const address = { ...postgresAddress(server.url(schema), {}), runs: 'default' };
    const database = new RunsDatabase(new GuardedDatabase(new PostgresDatabase(address, 'bench')));
    return { backend: await openPostgresRuns(address), database };
  };
  const onPostgres = await runsFigures('PostgreSQL', await onSchema('ours'), (await onSchema('plain')).backend);
  report(`Workflow runs, ${atOnce} at once`, [onSqlite, onPostgres]);
  report(`One PostgreSQL: ${jobsOfAll} open jobs of ${engines} engines`, await manyEngines(server));
} finally {
  server.dispose();
  rmSync(folder, { recursive: true, force: true });
}
// Connections that plain OpenWorkflow keeps.
process.exit();
