/** The commands of `vigil` that speak of clusters and jobs through the engine. */
import { resolve } from 'node:path';
import { orderJob } from '../engine/protocol/jobs.ts';
import * as outputProtocol from '../engine/protocol/output.ts';
import * as protocol from '../engine/protocol.ts';
import { choice, readArguments } from './arguments.ts';
import { connectionWords, stateWords } from './cluster-words.ts';
import type { EngineSession } from './engine-session.ts';
import { type Io, UsageError } from './io.ts';
import { readEventlog } from './read-eventlog.ts';
import { age, clusterOf, table } from './table.ts';
import { printForeignJobs } from './watch.ts';

const listFormats = ['text', 'json'] as const;

/** What a command does once there is an engine. `cluster`: the one that it is about. */
export interface EngineTask {
  readonly cluster?: string;
  /** Default: true, where there is a terminal. */
  readonly answersPrompts?: boolean;
  run(engine: EngineSession): Promise<number>;
}

export function runClusters(argv: readonly string[], io: Io): EngineTask {
  const { values } = readArguments(argv, [], { format: { type: 'string', default: 'text' } });
  const format = choice('format', values.format, listFormats);
  const run = async ({ connection }: EngineSession) => {
    const clusters = await connection.sendRequest(protocol.listClusters);
    const rows = clusters.map((one) => [
      one.name,
      stateWords(one),
      one.address ?? 'this machine',
      one.source,
      one.stale ? staleWords(one.stale) : (one.detail ?? ''),
    ]);
    if (format === 'json') io.stdout(`${JSON.stringify(clusters, null, 2)}\n`);
    else table(io, ['NAME', 'STATE', 'ADDRESS', 'FROM', ''], rows);
    return 0;
  };
  return { run };
}

export function runConnect(argv: readonly string[], io: Io): EngineTask {
  const { positionals } = readArguments(argv, ['CLUSTER'], {});
  const [cluster = ''] = positionals;
  const run = async ({ connection }: EngineSession) => {
    const info = await connection.sendRequest(protocol.connectCluster, { cluster });
    const words = [`${info.name} ${info.state}`, info.detail ?? '', connectionWords(info.connection)];
    io.stdout(`${words.filter((word) => word !== '').join(', ')}\n`);
    return 0;
  };
  return { cluster, run };
}

const submitOptions = {
  cluster: { type: 'string', default: 'local' },
  workdir: { type: 'string' },
  format: { type: 'string', default: 'text' },
} as const;

/** `SCRIPT [--cluster C] [--workdir D] [-- SBATCH OPTIONS]`, as `submit` and `run-script` take it. */
export async function readSubmission(
  argv: readonly string[],
  io: Io,
): Promise<{ params: protocol.SubmitParams; format: 'text' | 'json' }> {
  const { values, positionals, rest } = readArguments(argv, ['SCRIPT'], submitOptions);
  const format = choice('format', values.format, listFormats);
  const scriptPath = resolve(positionals[0] ?? '');
  const params = {
    cluster: values.cluster,
    script: textOf(scriptPath, await io.readBytes(scriptPath)),
    scriptPath,
    options: rest,
    ...(values.workdir === undefined ? {} : { workdir: values.workdir }),
  };
  return { params, format };
}

/** A script is submitted to the byte, and crosses the engine as text: what is no UTF-8 would be altered. */
function textOf(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError(`${path} is not UTF-8 text and would not arrive as it is: convert it, e.g. with iconv`);
  }
}

export async function runSubmit(argv: readonly string[], io: Io): Promise<EngineTask> {
  const { params, format } = await readSubmission(argv, io);
  const run = async ({ connection }: EngineSession) => {
    const job = await connection.sendRequest(protocol.submitJob, params);
    io.stdout(format === 'json' ? `${JSON.stringify(job)}\n` : `${job.key}\n`);
    return 0;
  };
  return { cluster: params.cluster, run };
}

export function runJobs(argv: readonly string[], io: Io): EngineTask {
  const { values } = readArguments(argv, [], {
    format: { type: 'string', default: 'text' },
    cluster: { type: 'string' },
    foreign: { type: 'boolean', default: false },
    days: { type: 'string' },
  });
  const format = choice('format', values.format, listFormats);
  const { cluster } = values;
  if (values.days !== undefined && !values.foreign) throw new UsageError('--days goes with --foreign');
  if (values.foreign) {
    const days = values.days === undefined ? {} : { days: readDays(values.days) };
    if (cluster === undefined) throw new UsageError('--foreign needs --cluster C: whose scheduler is asked');
    const list = async (engine: EngineSession) => {
      await printForeignJobs(io, engine, { cluster, ...days });
      return 0;
    };
    return { cluster, run: list };
  }
  const run = async ({ connection }: EngineSession) => {
    const all = await connection.sendRequest(protocol.listJobs);
    const clusters = format === 'text' ? await connection.sendRequest(protocol.listClusters) : [];
    const staleOf = new Map(clusters.map((one) => [one.name, one.stale]));
    const jobs = all.filter((job) => cluster === undefined || job.cluster === cluster);
    if (format === 'json') io.stdout(`${JSON.stringify(jobs, null, 2)}\n`);
    else {
      const rows = jobs.map((job) => rowOf(job, job.logEnded ? undefined : (job.stale ?? staleOf.get(job.cluster))));
      table(io, ['JOB', 'NAME', 'STATE', 'NODES(REASON)', 'SUBMITTED', 'WATCHERS(TRIGGERS)'], rows);
      for (const { name, stale } of clusters) {
        if (stale && jobs.some((job) => job.cluster === name && !job.logEnded)) {
          io.stderr(`vigil: the jobs of ${name} cannot be asked for: ${staleWords(stale)}\n`);
        }
      }
    }
    return 0;
  };
  return { run };
}

/** `stale`: the state is an old one. */
function rowOf(job: protocol.JobInfo, stale: protocol.Staleness | undefined): string[] {
  const watchers = job.watchers.map((watcher) => `${watcher.name}:${watcher.triggerCount}`).join(' ');
  const submitted = new Date(job.submitted * 1000).toLocaleString('sv-SE');
  const state = stale
    ? `${job.state} (${stale.asOf === undefined ? 'not asked yet' : `${age(stale.asOf)} ago`})`
    : job.state;
  return [job.key, job.name, state, job.reason ?? job.nodes ?? '', submitted, watchers];
}

function staleWords({ asOf, why }: protocol.Staleness): string {
  return `${why}${asOf === undefined ? '' : ` (last told ${age(asOf)} ago)`}`;
}

function readDays(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new UsageError(`--days is a number of days, 1 to 366, not "${text}"`);
  return Number(text);
}

export function runCancel(argv: readonly string[]): EngineTask {
  const { positionals } = readArguments(argv, ['JOB'], {});
  const [job = ''] = positionals;
  // As scancel(1) has them: 12_[1-5,8].
  const slice = /^(.+)_\[(.*)\]$/.exec(job);
  const run = async ({ connection }: EngineSession) => {
    const [, array = '', tasks = ''] = slice ?? [];
    if (slice) await connection.sendRequest(orderJob, { job: array, order: { verb: 'cancel-tasks', tasks } });
    else await connection.sendRequest(protocol.cancelJob, { job });
    return 0;
  };
  return { cluster: clusterOf(job), run };
}

export function runOutput(argv: readonly string[], io: Io): EngineTask {
  const { values, positionals } = readArguments(argv, ['JOB'], {
    stream: { type: 'string', default: 'stdout' },
    follow: { type: 'boolean', short: 'F', default: false },
  });
  const stream = choice('stream', values.stream, ['stdout', 'stderr'] as const);
  const [job = ''] = positionals;
  const run = async (engine: EngineSession) => {
    const output = readOutput(engine, { job, stream, offset: 0 }, (bytes) => io.writeBytes('stdout', bytes));
    if (values.follow) {
      await readEventlog(engine, { job }, true, () => false);
      await output.finish();
    } else await output.untilCaughtUp;
    return 0;
  };
  return { cluster: clusterOf(job), run };
}

export interface ReadingOutput {
  /** All that the file had when it was opened was handed out. Rejects when it cannot be read. */
  readonly untilCaughtUp: Promise<void>;
  /** After the job's end: hands out what is left. */
  finish(): Promise<void>;
}

/** Hands out a job's output from `offset` on; when the engine ends and the session goes on, so does this. */
export function readOutput(
  engine: EngineSession,
  from: outputProtocol.OpenOutputParams,
  onBytes: (bytes: Buffer) => Promise<void> | undefined,
): ReadingOutput {
  let { offset } = from;
  let subscription: number | undefined;
  let early: outputProtocol.OutputChunk[] = [];
  let stop = () => {};
  const untilCaughtUp = new Promise<void>((done, fail) => {
    const take = (chunk: outputProtocol.OutputChunk) => {
      if (chunk.subscription !== subscription) return;
      if (chunk.restarted) offset = 0;
      if (chunk.data !== undefined) {
        const bytes = Buffer.from(chunk.data, 'base64');
        offset = chunk.offset + bytes.length;
        const taken = onBytes(bytes);
        if (taken !== undefined) engine.pauseUntil(taken);
      }
      if (chunk.problem) fail(new UsageError(chunk.problem));
      if (chunk.caughtUp) done();
    };
    const open = () => {
      [subscription, early] = [undefined, []];
      engine.connection
        .sendRequest(outputProtocol.openOutput, { ...from, offset })
        .then((opened) => {
          subscription = opened.subscription;
          early.forEach(take);
        })
        .catch(fail);
    };
    const stopListening = engine.on(
      outputProtocol.outputChunk,
      (chunk) => void (subscription === undefined ? early.push(chunk) : take(chunk)),
    );
    const stopReopening = engine.onReconnected(open);
    stop = () => {
      stopListening();
      stopReopening();
    };
    open();
  });
  untilCaughtUp.catch(() => {}); // `finish` or the caller tells.
  return {
    untilCaughtUp,
    async finish() {
      stop();
      if (subscription !== undefined) await engine.connection.sendRequest(outputProtocol.closeOutput, { subscription });
      await readOutput(engine, { ...from, offset }, onBytes).untilCaughtUp;
    },
  };
}
