/** The output log of a Flux job (RFC 24): what its tasks printed, event by event. Pure. */
import type { LoggedEvent } from './rfc18.ts';

/** As `flux job attach` names the levels of syslog(3); there are no lines of less. */
const levels: readonly (string | undefined)[] = ['FATAL', 'FATAL', 'FATAL', 'ERROR', 'WARN', 'NOTICE'];

/**
 * What `event` adds to `stream`, all tasks in the order in which it came; empty: nothing. What the job's shell has to say
 * (`log`) is on stderr, where `flux job attach` prints it.
 */
export function outputBytes({ name, context = {} }: LoggedEvent, stream: 'stdout' | 'stderr'): Uint8Array {
  if (name === 'data' && context.stream === stream) {
    const { data, encoding, repeat } = context;
    if (typeof data !== 'string') return new Uint8Array();
    const bytes = Buffer.from(data, encoding === 'base64' ? 'base64' : 'utf8');
    const times = typeof repeat === 'number' && repeat > 1 ? Math.min(Math.floor(repeat), mostRepeated) : 1;
    return times === 1 ? bytes : Buffer.concat(Array.from({ length: times }, () => bytes));
  }
  if (name === 'log' && stream === 'stderr') return logLine(context);
  return new Uint8Array();
}

/** A log that claims more is wrong, and would fill the memory. */
const mostRepeated = 10_000;

/** `flux-shell[0]: FATAL: task 0 (host n0): start failed: …`. */
function logLine({ rank, level, component, message }: NonNullable<LoggedEvent['context']>): Uint8Array {
  const word = typeof level === 'number' ? levels[level] : undefined;
  if (word === undefined || typeof message !== 'string') return new Uint8Array();
  const parts = [
    `flux-shell[${String(rank ?? 0)}]`,
    word,
    ...(typeof component === 'string' ? [component] : []),
    message,
  ];
  return Buffer.from(`${parts.join(': ')}\n`);
}
