/** The commands of `vigil` that speak of clusters and jobs through the engine. */
import { resolve } from 'node:path';
import type { EngineConnection } from '../engine/launch.ts';
import * as protocol from '../engine/protocol.ts';
import { choice, readArguments } from './arguments.ts';
import { eventlogFormats, eventlogFormatter, timeFormats } from './format-eventlog.ts';
import { type Io, UsageError } from './io.ts';

const listFormats = ['text', 'json'] as const;

export async function runClusters(argv: readonly string[], io: Io, engine: EngineConnection): Promise<number> {
  const { values } = readArguments(argv, [], { format: { type: 'string', default: 'text' } });
  const clusters = await engine.connection.sendRequest(protocol.listClusters);
  if (choice('format', values.format, listFormats) === 'json') io.stdout(`${JSON.stringify(clusters, null, 2)}\n`);
  else
    table(
      io,
      ['NAME', 'STATE', 'ADDRESS', 'FROM', ''],
      clusters.map((one) => [one.name, one.state, one.address ?? 'this machine', one.source, one.detail ?? '']),
    );
  return 0;
}

export async function runConnect(argv: readonly string[], io: Io, engine: EngineConnection): Promise<number> {
  const { positionals } = readArguments(argv, ['CLUSTER'], {});
  const cluster = await engine.connection.sendRequest(protocol.connectCluster, { cluster: positionals[0] ?? '' });
  io.stdout(`${cluster.name} ${cluster.state} ${cluster.detail ?? ''}\n`);
  return 0;
}

const submitOptions = {
  cluster: { type: 'string', default: 'local' },
  workdir: { type: 'string' },
  format: { type: 'string', default: 'text' },
} as const;

/** `SCRIPT [--cluster C] [--workdir D] [-- SBATCH OPTIONS]`, as `submit` and `run-script` take it. */
export async function submitScript(
  argv: readonly string[],
  io: Io,
  engine: EngineConnection,
): Promise<{ job: protocol.JobInfo; format: 'text' | 'json' }> {
  const { values, positionals, rest } = readArguments(argv, ['SCRIPT'], submitOptions);
  const scriptPath = resolve(positionals[0] ?? '');
  const job = await engine.connection.sendRequest(protocol.submitJob, {
    cluster: values.cluster,
    script: await io.readFile(scriptPath),
    scriptPath,
    options: rest,
    ...(values.workdir === undefined ? {} : { workdir: values.workdir }),
  });
  return { job, format: choice('format', values.format, listFormats) };
}

export async function runSubmit(argv: readonly string[], io: Io, engine: EngineConnection): Promise<number> {
  const { job, format } = await submitScript(argv, io, engine);
  io.stdout(format === 'json' ? `${JSON.stringify(job)}\n` : `${job.key}\n`);
  return 0;
}

export async function runJobs(argv: readonly string[], io: Io, engine: EngineConnection): Promise<number> {
  const { values } = readArguments(argv, [], {
    format: { type: 'string', default: 'text' },
    cluster: { type: 'string' },
  });
  const all = await engine.connection.sendRequest(protocol.listJobs);
  const jobs = all.filter((job) => values.cluster === undefined || job.cluster === values.cluster);
  if (choice('format', values.format, listFormats) === 'json') {
    io.stdout(`${JSON.stringify(jobs, null, 2)}\n`);
    return 0;
  }
  const rows = jobs.map((job) => {
    const watchers = job.watchers.map((watcher) => `${watcher.name}:${watcher.triggerCount}`).join(' ');
    return [
      job.key,
      job.name,
      job.state,
      job.reason ?? job.nodes ?? '',
      new Date(job.submitted * 1000).toLocaleString('sv-SE'),
      watchers,
    ];
  });
  table(io, ['JOB', 'NAME', 'STATE', 'NODES(REASON)', 'SUBMITTED', 'WATCHERS(TRIGGERS)'], rows);
  return 0;
}

export async function runCancel(argv: readonly string[], _io: Io, engine: EngineConnection): Promise<number> {
  const { positionals } = readArguments(argv, ['JOB'], {});
  await engine.connection.sendRequest(protocol.cancelJob, { job: positionals[0] ?? '' });
  return 0;
}

export async function runEventlog(argv: readonly string[], io: Io, engine: EngineConnection): Promise<number> {
  const { values, positionals } = readArguments(argv, ['JOB'], {
    follow: { type: 'boolean', short: 'F', default: false },
    format: { type: 'string', short: 'f', default: 'text' },
    'time-format': { type: 'string', short: 'T', default: 'raw' },
  });
  const job = positionals[0] ?? '';
  const print = eventlogFormatter({
    format: choice('format', values.format, eventlogFormats),
    time: choice('time-format', values['time-format'], timeFormats),
  });
  await readEventlog(engine, job, values.follow, (entry) => io.stdout(`${print(entry)}\n`));
  return 0;
}

/** Hands out the entries there are and, when asked to follow, those that come, until `clean`. No gap, no repeat. */
export async function readEventlog(
  { connection }: EngineConnection,
  job: protocol.JobKey,
  follow: boolean,
  onEntry: (entry: protocol.EventlogEntry) => void,
): Promise<void> {
  let next = 0;
  let past: (() => void) | undefined;
  const live: protocol.EventlogEntry[] = [];
  await new Promise<void>((done, fail) => {
    const take = (entries: readonly protocol.EventlogEntry[]) => {
      for (const entry of entries) {
        if (entry.seq < next) continue;
        next = entry.seq + 1;
        onEntry(entry);
        if (entry.name === 'clean') done();
      }
    };
    const listener = connection.onNotification(protocol.eventlogAppended, (params) => {
      if (params.job !== job) return;
      if (past) live.push(...params.entries);
      else take(params.entries);
    });
    connection.onClose(() =>
      fail(new Error('the engine ended; the job goes on, and the engine that comes next follows it')),
    );
    past = () => {};
    connection
      .sendRequest(protocol.readEventlog, { job })
      .then((entries) => {
        past = undefined;
        take(entries);
        take(live);
        if (!follow) done();
      })
      .catch(fail)
      .finally(() => follow || listener.dispose());
  });
}

export async function runOutput(argv: readonly string[], io: Io, engine: EngineConnection): Promise<number> {
  const { values, positionals } = readArguments(argv, ['JOB'], {
    stream: { type: 'string', default: 'stdout' },
    follow: { type: 'boolean', short: 'F', default: false },
  });
  const stream = choice('stream', values.stream, ['stdout', 'stderr'] as const);
  const job = positionals[0] ?? '';
  const write = (bytes: Buffer) => io.writeBytes('stdout', bytes);
  if (!values.follow) {
    await readOutput(engine, { job, stream, offset: 0 }, write).untilCaughtUp;
    return 0;
  }
  const output = readOutput(engine, { job, stream, offset: 0 }, write);
  await readEventlog(engine, job, true, () => {});
  await output.finish();
  return 0;
}

export interface ReadingOutput {
  /** All that the file had when it was opened was handed out. Rejects when it cannot be read. */
  readonly untilCaughtUp: Promise<void>;
  /** After the job's end: hands out what is left. */
  finish(): Promise<void>;
}

/** Hands out a job's output from `offset` on. */
export function readOutput(
  engine: EngineConnection,
  from: protocol.OpenOutputParams,
  onBytes: (bytes: Buffer) => void,
): ReadingOutput {
  const { connection } = engine;
  let { offset } = from;
  let subscription: number | undefined;
  const untilCaughtUp = new Promise<void>((done, fail) => {
    const early: protocol.OutputChunk[] = [];
    const take = (chunk: protocol.OutputChunk) => {
      if (chunk.subscription !== subscription) return;
      if (chunk.restarted) offset = 0;
      if (chunk.data !== undefined) {
        const bytes = Buffer.from(chunk.data, 'base64');
        offset = chunk.offset + bytes.length;
        onBytes(bytes);
      }
      if (chunk.problem) fail(new UsageError(chunk.problem));
      if (chunk.caughtUp) done();
    };
    connection.onNotification(
      protocol.outputChunk,
      (chunk) => void (subscription === undefined ? early.push(chunk) : take(chunk)),
    );
    connection
      .sendRequest(protocol.openOutput, from)
      .then((opened) => {
        subscription = opened.subscription;
        early.forEach(take);
      })
      .catch(fail);
  });
  untilCaughtUp.catch(() => {}); // `finish` or the caller tells.
  return {
    untilCaughtUp,
    async finish() {
      if (subscription !== undefined) await connection.sendRequest(protocol.closeOutput, { subscription });
      await readOutput(engine, { ...from, offset }, onBytes).untilCaughtUp;
    },
  };
}

function table(io: Io, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  for (const row of all)
    io.stdout(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
}
