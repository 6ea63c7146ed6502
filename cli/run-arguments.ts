/** The command line of `vigil run`. */
import { resolve } from 'node:path';
import type { RunLabels } from '../engine/protocol/workflows.ts';
import type { JsonValue } from '../engine/protocol.ts';
import { parseDuration } from '../language/watcher/read-scalar.ts';
import { choice, readArguments } from './arguments.ts';
import { type Io, UsageError } from './io.ts';

/** What `vigil run` and `vigil schedule` are given. Throws `UsageError`; `now`: seconds since the epoch. */
export async function readRunArguments(argv: readonly string[], io: Io, now: number = Date.now() / 1000) {
  const { values, positionals } = readArguments(argv, ['FILE'], {
    param: { type: 'string', short: 'p', multiple: true },
    label: { type: 'string', multiple: true },
    cluster: { type: 'string' },
    follow: { type: 'boolean', short: 'F', default: false },
    'dry-run': { type: 'boolean', default: false },
    delay: { type: 'string' },
    at: { type: 'string' },
    'idempotency-key': { type: 'string' },
    format: { type: 'string', default: 'text' },
  });
  const { cluster, follow, delay, at, 'idempotency-key': key } = values;
  const file = resolve(positionals[0] ?? '');
  const startAt = readStart(delay, at, now);
  if (key === '') throw new UsageError('--idempotency-key is a text of your own, e.g. nightly-2026-11-21');
  return {
    format: choice('format', values.format, ['text', 'json'] as const),
    follow,
    file,
    text: await io.readFile(file),
    params: Object.fromEntries((values.param ?? []).map(readParam)),
    ...labelled(values.label),
    ...(key === undefined ? {} : { key }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(startAt === undefined ? {} : { startAt }),
  };
}

/** `--label name=value`, any number of them. Throws `UsageError`. */
export function labelled(written: readonly string[] = []): { readonly labels?: RunLabels } {
  if (written.length === 0) return {};
  const labels = written.map((text) => {
    const [, name, value] = /^(\w+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new UsageError(`"${text}" is no label: --label name=value`);
    return [name, value] as const;
  });
  return { labels: Object.fromEntries(labels) };
}

function readStart(delay: string | undefined, at: string | undefined, now: number): number | undefined {
  if (delay !== undefined && at !== undefined) throw new UsageError('--delay and --at exclude each other');
  if (delay !== undefined) return now + readDuration('delay', delay);
  if (at === undefined) return undefined;
  const time = Date.parse(at);
  if (Number.isNaN(time)) throw new UsageError(`--at is a time, e.g. 2026-11-21T18:30 (of this machine), not "${at}"`);
  return time / 1000;
}

/** Seconds; throws `UsageError`. */
export function readDuration(option: string, text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined) throw new UsageError(`--${option} is a time such as 90s, 10m, 2h or 1d, not "${text}"`);
  return seconds;
}

/** `name=value`: a text, read as the type of the default; `name:=json` as it is. */
function readParam(text: string): [string, JsonValue] {
  const match = /^(\w+)(:?)=(.*)$/s.exec(text);
  if (!match) throw new UsageError(`"${text}" is no parameter: -p name=value, or -p name:=JSON`);
  const [, name = '', isJson, value = ''] = match;
  return [name, isJson ? readJson(value) : value];
}

function readJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new UsageError(`"${text}" is not JSON`);
  }
}
