/** The commands of `vigil` that do something to a job: hold, release, requeue, signal, extend, urgency, raise, memo. */
import { type JobOrder, type MemoChanges, noteJob, orderJob, urgencies } from '../engine/protocol/jobs.ts';
import { listJobs } from '../engine/protocol.ts';
import { parseDuration } from '../language/watcher/read-scalar.ts';
import { readArguments } from './arguments.ts';
import type { EngineSession } from './engine-session.ts';
import { type Io, UsageError } from './io.ts';
import type { EngineTask } from './jobs.ts';
import { clusterOf, printable } from './table.ts';

type OrderCommand = (argv: readonly string[]) => EngineTask;

const simple =
  (verb: 'hold' | 'release' | 'requeue'): OrderCommand =>
  (argv) => {
    const [job = ''] = readArguments(argv, ['JOB'], {}).positionals;
    return task(job, { verb });
  };

/** By the names of the commands. */
export const orderCommands = {
  hold: simple('hold'),
  release: simple('release'),
  requeue: simple('requeue'),
  signal(argv) {
    const [job = '', signal = ''] = readArguments(argv, ['JOB', 'SIGNAL'], {}).positionals;
    return task(job, { verb: 'signal', signal });
  },
  extend(argv) {
    const [job = '', time = ''] = readArguments(argv, ['JOB', 'TIME'], {}).positionals;
    return task(job, { verb: 'extend', seconds: Math.ceil(readDuration(time)) });
  },
  urgency(argv) {
    const [job = '', word = ''] = readArguments(argv, ['JOB', 'N|hold|default|expedite'], {}).positionals;
    return task(job, { verb: 'urgency', urgency: readUrgency(word) });
  },
  raise(argv) {
    const { values, positionals } = readArguments(argv, ['JOB', 'NOTE…'], {
      type: { type: 'string', short: 't', default: 'cancel' },
      severity: { type: 'string', short: 's', default: '0' },
    });
    const [job = '', ...words] = positionals;
    if (!/^[0-7]$/.test(values.severity)) throw new UsageError('--severity is 0 (ends the job) to 7');
    const note = words.length > 0 ? { note: words.join(' ') } : {};
    return task(job, { verb: 'raise', type: values.type, severity: Number(values.severity), ...note });
  },
} as const satisfies { readonly [name: string]: OrderCommand };

function task(job: string, order: JobOrder): EngineTask {
  const run = async ({ connection }: EngineSession) => {
    await connection.sendRequest(orderJob, { job, order });
    return 0;
  };
  return { cluster: clusterOf(job), run };
}

function readDuration(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined || seconds <= 0)
    throw new UsageError(`TIME is a time such as 90s, 10m, 2h or 1d, not "${text}"`);
  return seconds;
}

/** A number from 0 to 31, or its name, as flux-job(1) has them. Throws `UsageError`. */
export function readUrgency(word: string): number {
  if (Object.hasOwn(urgencies, word)) return urgencies[word as keyof typeof urgencies];
  const urgency = /^\d{1,2}$/.test(word) ? Number(word) : urgencies.expedite + 1;
  if (urgency <= urgencies.expedite) return urgency;
  throw new UsageError(`an urgency is 0 to 31, ${Object.keys(urgencies).join(', ')}, not "${word}"`);
}

/** With no pairs: prints the notes. `KEY=` takes one away. */
export function runMemo(argv: readonly string[], io: Io): EngineTask {
  const [job = '', ...pairs] = readArguments(argv, ['JOB', 'KEY=VALUE…'], {}).positionals;
  const changes = readMemo(pairs);
  const run = async ({ connection }: EngineSession) => {
    if (pairs.length > 0) await connection.sendRequest(noteJob, { job, changes });
    else {
      const found = (await connection.sendRequest(listJobs)).find(({ key }) => key === job);
      if (!found) throw new UsageError(`there is no job ${job} here ("vigil jobs" lists them)`);
      for (const [key, text] of Object.entries(found.memo ?? {})) io.stdout(`${key}=${printable(text)}\n`);
    }
    return 0;
  };
  return { cluster: clusterOf(job), run };
}

/** Throws `UsageError` for a word that is no pair. */
export function readMemo(pairs: readonly string[]): MemoChanges {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new UsageError(`"${pair}" is not KEY=VALUE`);
      const text = pair.slice(at + 1);
      return [pair.slice(0, at), text === '' ? null : text];
    }),
  );
}
