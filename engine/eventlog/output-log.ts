/** The output log of a Flux job (RFC 24): what its tasks printed, event by event. Pure. */
import type { LoggedEvent } from './rfc18.ts';

/** As `flux job attach` names the levels of syslog(3); there are no lines of less. */
const levels: readonly (string | undefined)[] = ['FATAL', 'FATAL', 'FATAL', 'ERROR', 'WARN', 'NOTICE'];

/**
 * What `event` adds to `stream`, all tasks in the order in which it came, and how often; empty: nothing. What the job's shell
 * has to say (`log`) is on stderr, where `flux job attach` prints it.
 */
export function outputOf({ name, context = {} }: LoggedEvent, stream: 'stdout' | 'stderr'): Repeated {
  if (name === 'data' && context.stream === stream) {
    const { data, encoding, repeat } = context;
    if (typeof data !== 'string') return nothing;
    const bytes = Buffer.from(data, encoding === 'base64' ? 'base64' : 'utf8');
    return { bytes, times: typeof repeat === 'number' && repeat > 1 ? Math.floor(repeat) : 1 };
  }
  return name === 'log' && stream === 'stderr' ? { bytes: logLine(context), times: 1 } : nothing;
}

export interface Repeated {
  readonly bytes: Uint8Array;
  readonly times: number;
}

const nothing: Repeated = { bytes: new Uint8Array(), times: 1 };

/** In pieces of some 64 KiB: what is repeated may be more than fits into the memory. */
export function* piecesOf({ bytes, times }: Repeated): Generator<Uint8Array> {
  if (bytes.length === 0) return;
  const atOnce = Math.max(1, Math.min(times, Math.floor(pieceBytes / bytes.length)));
  const piece = atOnce === 1 ? bytes : Buffer.concat(Array.from({ length: atOnce }, () => bytes));
  for (let left = times; left > 0; left -= atOnce) yield left < atOnce ? piece.subarray(0, left * bytes.length) : piece;
}

const pieceBytes = 64 * 1024;

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
