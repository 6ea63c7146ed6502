/** `vigil run-script`: submits, shows events and output until the end, and exits as the job did. */
import {
  type EventlogEntry,
  type JobInfo,
  jobChanged,
  type SubmitParams,
  submitJob,
  userNotification,
} from '../engine/protocol.ts';
import type { EngineSession } from './engine-session.ts';
import { eventlogFormatter } from './format-eventlog.ts';
import type { Io } from './io.ts';
import { type EngineTask, type ReadingOutput, readOutput, readSubmission } from './jobs.ts';
import { readEventlog } from './read-eventlog.ts';

export async function runScript(argv: readonly string[], io: Io): Promise<EngineTask> {
  const { params, format } = await readSubmission(argv, io);
  return { cluster: params.cluster, run: (engine) => submitAndFollow(engine, io, params, format) };
}

async function submitAndFollow(
  engine: EngineSession,
  io: Io,
  params: SubmitParams,
  format: 'text' | 'json',
): Promise<number> {
  engine.on(userNotification, ({ level, message }) => io.stderr(`[${level}] ${clean(message)}\n`));
  const tasks = new Map<string, Promise<void>>();
  const job = await engine.connection.sendRequest(submitJob, params);
  io.stderr(`submitted ${job.key}\n`);
  const print = eventlogFormatter({ format, time: 'offset' });
  // The tasks of an array are followed as they start, each line with its task in front.
  engine.on(jobChanged, (info) => {
    if (info.arrayTask?.parent === job.key && !tasks.has(info.key)) {
      tasks.set(
        info.key,
        followJob(io, engine, info, `${info.arrayTask.index}: `, eventlogFormatter({ format, time: 'offset' })),
      );
    }
  });
  const result: { entries: EventlogEntry[] } = { entries: [] };
  await followJob(io, engine, job, '', print, result.entries);
  await Promise.all(tasks.values());
  return exitStatus(result.entries);
}

async function followJob(
  io: Io,
  engine: EngineSession,
  job: JobInfo,
  label: string,
  print: (entry: EventlogEntry) => string,
  seen: EventlogEntry[] = [],
): Promise<void> {
  const outputs: ReadingOutput[] = [];
  const isArray = () => !label && job.stdoutPath === undefined && job.arrayTask === undefined;
  await readEventlog(engine, { job: job.key }, true, (entry) => {
    seen.push(entry);
    io.stderr(`${label}${print(entry)}\n`);
    if (entry.name === 'start' && outputs.length === 0 && !isArray())
      outputs.push(...openOutputs(io, engine, job, label));
    return false;
  });
  for (const output of outputs) {
    await output
      .finish()
      .catch((error: unknown) =>
        io.stderr(`vigil: ${label}${error instanceof Error ? error.message : String(error)}\n`),
      );
  }
}

function openOutputs(io: Io, engine: EngineSession, job: JobInfo, label: string): ReadingOutput[] {
  const open = (stream: 'stdout' | 'stderr') => {
    const print = labelled(label, (bytes) => io.writeBytes(stream, bytes));
    return readOutput(engine, { job: job.key, stream, offset: 0 }, print);
  };
  const separate = job.stderrPath !== undefined && job.stderrPath !== job.stdoutPath;
  return separate ? [open('stdout'), open('stderr')] : [open('stdout')];
}

/** Bytes as they are, each line with a label in front. */
function labelled(
  label: string,
  write: (bytes: Uint8Array) => Promise<void> | undefined,
): (bytes: Buffer) => Promise<void> | undefined {
  if (!label) return write;
  let atLineStart = true;
  return (bytes) => {
    // latin1 keeps every byte as it is.
    const text = bytes.toString('latin1');
    const marked = text.replace(/(?<=\n)(?!$)/g, label);
    const bytesMarked = Buffer.from(atLineStart ? label + marked : marked, 'latin1');
    atLineStart = text.endsWith('\n');
    return write(bytesMarked);
  };
}

/** As the job did: its exit code, 128 + signal; 1 when it never ran or ended by an exception with status 0. */
export function exitStatus(entries: readonly EventlogEntry[]): number {
  const finish = entries.findLast((entry) => entry.name === 'finish');
  const fatal = entries.some((entry) => entry.name === 'exception' && entry.context?.severity === 0);
  const status = Number(finish?.context?.status ?? 0);
  const code = (status & 0x7f) !== 0 ? 128 + (status & 0x7f) : status >> 8;
  return code === 0 && (fatal || !finish) ? 1 : code;
}

/** Text from a job must not steer the terminal. */
function clean(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}
