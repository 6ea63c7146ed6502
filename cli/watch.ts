/** `vigil watch` and `vigil watchers`: watchers of jobs that were submitted already, here or elsewhere. */
import * as watchers from '../engine/protocol/watchers.ts';
import * as protocol from '../engine/protocol.ts';
import { choice, readArguments } from './arguments.ts';
import type { EngineSession } from './engine-session.ts';
import { eventlogFormats, eventlogFormatter } from './format-eventlog.ts';
import { type Io, UsageError } from './io.ts';
import type { EngineTask } from './jobs.ts';
import { clusterOf, printable, table } from './table.ts';

const watchOptions = {
  with: { type: 'string' },
  watcher: { type: 'string' },
  from: { type: 'string', default: 'start' },
  stdout: { type: 'string' },
  stderr: { type: 'string' },
  act: { type: 'boolean', default: false },
  format: { type: 'string', default: 'text' },
} as const;

/**
 * `vigil watch JOB --with SCRIPT`: to a job that waits or runs the watchers are attached; over the output of one that is
 * over they are run, dry unless `--act` is given.
 */
export async function runWatch(argv: readonly string[], io: Io): Promise<EngineTask> {
  const { values, positionals } = readArguments(argv, ['JOB'], watchOptions);
  const [key = ''] = positionals;
  if (values.with === undefined) throw new UsageError('--with SCRIPT is missing: the script whose watchers are wanted');
  const from = choice('from', values.from, ['start', 'end'] as const);
  const format = choice('format', values.format, eventlogFormats);
  const script = await io.readFile(values.with);
  const scriptPath = values.with;
  const paths = {
    ...(values.stdout === undefined ? {} : { stdoutPath: values.stdout }),
    ...(values.stderr === undefined ? {} : { stderrPath: values.stderr }),
  };
  const one = values.watcher === undefined ? {} : { watcher: values.watcher };
  const run = async ({ connection }: EngineSession) => {
    const job = await jobOf(connection, key, paths);
    if (!job.logEnded) {
      const attached = await connection.sendRequest(watchers.attachWatchers, { job: job.key, script, from, ...one });
      printWatchers(io, attached);
      return 0;
    }
    if (!values.act) return replayed(io, connection, format, { script, scriptPath, source: source(job), ...one });
    const before = new Set(job.watchers.map(({ name }) => name));
    const attached = await connection.sendRequest(watchers.attachWatchers, { job: job.key, script, ...one });
    const added = attached.watchers.map(({ name }) => name).filter((name) => !before.has(name));
    return performed(io, connection, format, { job: job.key, watchers: added });
  };
  return { cluster: clusterOf(key), run };
}

type Connection = EngineSession['connection'];
type EventlogFormat = (typeof eventlogFormats)[number];

/** The job, taken up from the scheduler if it was submitted elsewhere. */
async function jobOf(
  connection: Connection,
  key: protocol.JobKey,
  paths: Pick<watchers.AdoptParams, 'stdoutPath' | 'stderrPath'>,
): Promise<protocol.JobInfo> {
  const known = (await connection.sendRequest(protocol.listJobs)).find((job) => job.key === key);
  if (known) return known;
  const cluster = clusterOf(key);
  if (!cluster) throw new UsageError(`"${key}" is no job: jobs are named CLUSTER/JOBID, e.g. mycluster/4711`);
  return await connection.sendRequest(watchers.adoptJob, { cluster, jobId: key.slice(cluster.length + 1), ...paths });
}

const source = (job: protocol.JobInfo) => ({ kind: 'job', job: job.key }) as const;

const verbs = ['pause', 'resume', 'stop', 'trigger'] as const;

/** `vigil watchers JOB`, `vigil watchers VERB JOB NAME`, `… edit JOB NAME --with SCRIPT`, `… run JOB [NAME…] [--act]`. */
export async function runWatchers(argv: readonly string[], io: Io): Promise<EngineTask> {
  const [first = '', ...rest] = argv;
  const verb = verbs.find((one) => one === first);
  if (verb) return controlTask(verb, rest, io);
  if (first === 'edit') return editTask(rest, io);
  if (first === 'run') return runTask(rest, io);
  const { values, positionals } = readArguments(argv, ['JOB'], { format: { type: 'string', default: 'text' } });
  const [key = ''] = positionals;
  const format = choice('format', values.format, ['text', 'json'] as const);
  const run = async ({ connection }: EngineSession) => {
    const job = (await connection.sendRequest(protocol.listJobs)).find((one) => one.key === key);
    if (!job) throw new Error(`There is no job ${key} here: "vigil jobs" lists them.`);
    if (format === 'json') io.stdout(`${JSON.stringify(job.watchers, null, 2)}\n`);
    else printWatchers(io, job);
    return 0;
  };
  return { cluster: clusterOf(key), run };
}

function controlTask(verb: protocol.WatcherVerb, argv: readonly string[], io: Io): EngineTask {
  const { positionals } = readArguments(argv, ['JOB', 'WATCHER'], {});
  const [job = '', watcher = ''] = positionals;
  const run = async ({ connection }: EngineSession) => {
    printWatchers(io, await connection.sendRequest(watchers.controlWatcher, { job, watcher, verb }));
    return 0;
  };
  return { cluster: clusterOf(job), run };
}

async function editTask(argv: readonly string[], io: Io): Promise<EngineTask> {
  const { values, positionals } = readArguments(argv, ['JOB', 'WATCHER'], { with: { type: 'string' } });
  const [job = '', watcher = ''] = positionals;
  if (values.with === undefined)
    throw new UsageError('--with SCRIPT is missing: a script with the watcher as it is to be');
  const script = await io.readFile(values.with);
  const run = async ({ connection }: EngineSession) => {
    printWatchers(io, await connection.sendRequest(watchers.editWatcher, { job, watcher, script }));
    return 0;
  };
  return { cluster: clusterOf(job), run };
}

function runTask(argv: readonly string[], io: Io): EngineTask {
  const [job = '', ...others] = argv;
  const { values, positionals } = readArguments(
    others,
    others.filter((one) => !one.startsWith('-')),
    { act: { type: 'boolean', default: false }, format: { type: 'string', default: 'text' } },
  );
  if (!job || job.startsWith('-')) throw new UsageError('JOB is missing');
  const format = choice('format', values.format, eventlogFormats);
  const run = async ({ connection }: EngineSession) => {
    const named = positionals.length > 0 ? { watchers: positionals } : {};
    if (values.act) return performed(io, connection, format, { job, ...named });
    for (const watcher of positionals.length > 0 ? positionals : [undefined]) {
      const one = watcher === undefined ? {} : { watcher };
      await replayed(io, connection, format, { source: { kind: 'job', job }, ...one });
    }
    return 0;
  };
  return { cluster: clusterOf(job), run };
}

/** A dry run: says what would happen. */
async function replayed(
  io: Io,
  connection: Connection,
  format: EventlogFormat,
  params: protocol.ReplayParams,
): Promise<number> {
  const result = await connection.sendRequest(protocol.replayWatchers, params);
  printEvents(io, format, result.events);
  for (const note of result.notes) io.stderr(`vigil: ${note}\n`);
  const left = result.total - result.events.length;
  if (left > 0) io.stderr(`vigil: ${left} more events are not shown\n`);
  io.stderr(`vigil: a dry run over ${result.lines} lines: nothing was done. With --act the actions are performed.\n`);
  return 0;
}

async function performed(
  io: Io,
  connection: Connection,
  format: EventlogFormat,
  params: watchers.RunWatchersParams,
): Promise<number> {
  const { events, total } = await connection.sendRequest(watchers.runWatchers, params);
  printEvents(io, format, events);
  if (total > events.length) io.stderr(`vigil: ${total - events.length} more events are in the eventlog\n`);
  return 0;
}

function printEvents(io: Io, format: EventlogFormat, events: readonly protocol.EventlogEntry[]): void {
  const formatted = eventlogFormatter({ format, time: 'iso' });
  for (const entry of events) io.stdout(`${formatted(entry)}\n`);
}

function printWatchers(io: Io, job: protocol.JobInfo): void {
  const rows = job.watchers.map(({ name, state, matchCount, triggerCount, failures, reason }) =>
    [name, state, String(matchCount), String(triggerCount), String(failures), reason ?? ''].map(printable),
  );
  table(io, ['WATCHER', 'STATE', 'MATCHES', 'TRIGGERS', 'FAILURES', 'WHY'], rows);
}

/** `vigil jobs --foreign`: this user's jobs on a cluster that are not watched; with `days` those that are over, too. */
export async function printForeignJobs(
  io: Io,
  { connection }: EngineSession,
  params: watchers.ForeignJobsParams,
): Promise<void> {
  const jobs = await connection.sendRequest(watchers.listForeignJobs, params);
  const rows = jobs.map((job) =>
    [`${job.cluster}/${job.jobId}`, job.name, job.state, job.partition ?? '', job.nodes ?? ''].map(printable),
  );
  table(io, ['JOB', 'NAME', 'STATE', 'PARTITION', 'NODES'], rows);
}
