/** `vigil emit` and `vigil events`: the durable events that workflows await. */
import { randomUUID } from 'node:crypto';
import { emitEvent, listEvents } from '../engine/protocol/actions.ts';
import { listRuns, type RunInfo } from '../engine/protocol/workflows.ts';
import type { JsonValue } from '../engine/protocol.ts';
import { choice, readArguments } from './arguments.ts';
import type { EngineSession } from './engine-session.ts';
import { type Io, UsageError } from './io.ts';
import type { EngineTask } from './jobs.ts';
import { printable, table } from './table.ts';

export function runEmit(argv: readonly string[], io: Io): EngineTask {
  const { values, positionals } = readArguments(argv, ['EVENT'], {
    payload: { type: 'string', default: 'null' },
    'idempotency-key': { type: 'string', default: randomUUID() },
  });
  const [name = ''] = positionals;
  const payload = json(values.payload);
  if (values['idempotency-key'] === '')
    throw new UsageError('--idempotency-key is a text of your own, e.g. go-2026-11-21');
  const key = `cli:${values['idempotency-key']}`;
  const run = async ({ connection }: EngineSession) => {
    const event = await connection.sendRequest(emitEvent, { name, payload, key });
    if (event.duplicate) io.stderr(`vigil: ${printable(name)} was emitted before: this one is kept as a duplicate\n`);
    return 0;
  };
  return { run };
}

function json(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new UsageError(`--payload is JSON, e.g. '{"loss": 0.1}', not ${text}`);
  }
}

export function runEvents(argv: readonly string[], io: Io): EngineTask {
  const { values } = readArguments(argv, [], {
    name: { type: 'string' },
    awaited: { type: 'boolean', default: false },
    format: { type: 'string', default: 'text' },
  });
  const format = choice('format', values.format, ['text', 'json'] as const);
  const run = async ({ connection }: EngineSession) => {
    if (values.awaited) return printAwaited(await connection.sendRequest(listRuns, {}), values.name, format, io);
    const events = await connection.sendRequest(listEvents, values.name === undefined ? {} : { name: values.name });
    const rows = events.map((event) => [
      String(event.seq),
      new Date(event.emitted * 1000).toLocaleString('sv-SE'),
      printable(event.name) + (event.duplicate ? ' (duplicate)' : ''),
      event.source,
      printable(JSON.stringify(event.payload)),
    ]);
    if (format === 'json') io.stdout(`${JSON.stringify(events, null, 2)}\n`);
    else table(io, ['SEQ', 'EMITTED', 'NAME', 'FROM', 'PAYLOAD'], rows);
    return 0;
  };
  return { run };
}

/** The events that open runs wait for. */
function printAwaited(runs: readonly RunInfo[], name: string | undefined, format: 'text' | 'json', io: Io): number {
  const awaited = runs.flatMap(({ id, name: workflow, steps }) =>
    steps.flatMap(({ key, awaits = [], waitsUntil }) =>
      awaits
        .filter((event) => name === undefined || event === name)
        .map((event) => ({
          event,
          run: id,
          workflow,
          step: key,
          ...(waitsUntil === undefined ? {} : { until: waitsUntil }),
        })),
    ),
  );
  const rows = awaited.map(({ event, run, workflow, step, until }) => [
    printable(event),
    run,
    printable(workflow),
    step,
    until === undefined ? '' : new Date(until * 1000).toLocaleString('sv-SE'),
  ]);
  if (format === 'json') io.stdout(`${JSON.stringify(awaited, null, 2)}\n`);
  else table(io, ['EVENT', 'RUN', 'WORKFLOW', 'STEP', 'UNTIL'], rows);
  return 0;
}
