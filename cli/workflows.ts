/** The commands of `vigil` that are about workflow runs. */
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { runKeyPrefix } from '../engine/eventlog/log-names.ts';
import * as protocol from '../engine/protocol/workflows.ts';
import { choice, readArguments } from './arguments.ts';
import type { EngineSession } from './engine-session.ts';
import { eventlogFormatter } from './format-eventlog.ts';
import { type Io, UsageError } from './io.ts';
import type { EngineTask } from './jobs.ts';
import { readEventlog } from './read-eventlog.ts';
import { labelled, readRunArguments } from './run-arguments.ts';
import { age, printable, table } from './table.ts';

const listFormats = ['text', 'json'] as const;

/** `vigil run FILE.vigil.yaml [-p name=value …] [--cluster C] [--follow] …` */
export async function runWorkflow(argv: readonly string[], io: Io): Promise<EngineTask> {
  const { format, follow, key, ...given } = await readRunArguments(argv, io);
  // Without a key of the user's: the request that is sent again starts nothing twice.
  const params = { ...given, key: key ?? randomUUID() };
  const run = async (engine: EngineSession) => {
    const started = await engine.connection.sendRequest(protocol.startRun, params);
    if (!started.isNew) io.stderr(`vigil: this run was started before, with the same key: it is not started again\n`);
    io.stdout(format === 'json' ? `${JSON.stringify(started)}\n` : `${started.id}\n`);
    return follow ? await followRun(engine, started.id, io) : 0;
  };
  return { ...(given.cluster === undefined ? {} : { cluster: given.cluster }), run };
}

/** `vigil schedule FILE.vigil.yaml [-p name=value …] [--cluster C]`: prints the id of the run that waits. */
export async function runSchedule(argv: readonly string[], io: Io): Promise<EngineTask> {
  const { format, follow, startAt, key, ...given } = await readRunArguments(argv, io);
  if (follow || startAt !== undefined)
    throw new UsageError(
      'a schedule begins its runs when the file says: --follow, --delay and --at are for "vigil run"',
    );
  const run = async ({ connection }: EngineSession) => {
    const params = { ...given, key: key ?? randomUUID(), isScheduled: true };
    const started = await connection.sendRequest(protocol.startRun, params);
    io.stdout(format === 'json' ? `${JSON.stringify(started)}\n` : `${started.id}\n`);
    return 0;
  };
  return { ...(given.cluster === undefined ? {} : { cluster: given.cluster }), run };
}

/** Prints what happens to a run until it is over; 0: it is completed. */
export async function followRun(engine: EngineSession, id: string, io: Io): Promise<number> {
  const print = eventlogFormatter({ format: 'text', time: 'offset' });
  let status: unknown;
  await readEventlog(engine, { job: `${runKeyPrefix}${id}` }, true, (entry) => {
    const { mark: _, ...context } = entry.context ?? {};
    io.stderr(`${print({ ...entry, context })}\n`);
    if (entry.name === 'finish') status = entry.context?.status;
    return false;
  });
  return status === 'completed' ? 0 : 1;
}

/** `vigil runs [--state S] [--name GLOB] [--label N=V] [--limit N] [--run RUN]` */
export function runRuns(argv: readonly string[], io: Io): EngineTask {
  const { values } = readArguments(argv, [], {
    state: { type: 'string' },
    name: { type: 'string' },
    label: { type: 'string', multiple: true },
    limit: { type: 'string', default: '50' },
    format: { type: 'string', default: 'text' },
    run: { type: 'string' },
  });
  const format = choice('format', values.format, listFormats);
  const statuses = ['pending', 'running', 'sleeping', 'completed', 'failed', 'cancelled'] as const;
  const status = values.state === undefined ? undefined : choice('state', values.state, statuses);
  const limit = Number(values.limit);
  const labels = labelled(values.label);
  if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit is a whole number');
  const run = async ({ connection }: EngineSession) => {
    if (values.run !== undefined) {
      const info = await connection.sendRequest(protocol.getRun, { run: values.run });
      io.stdout(format === 'json' ? `${JSON.stringify(info, null, 2)}\n` : stepsOf(info));
      return 0;
    }
    const runs = await connection.sendRequest(protocol.listRuns, {
      limit,
      ...(status === undefined ? {} : { status }),
      ...(values.name === undefined ? {} : { name: values.name }),
      ...labels,
    });
    if (format === 'json') io.stdout(`${JSON.stringify(runs, null, 2)}\n`);
    else table(io, ['RUN', 'NAME', 'STATUS', 'SINCE', 'STEPS', ''], runs.map(rowOf));
    return 0;
  };
  return { run };
}

function rowOf({ id, name, status, created, steps, reason, schedule }: protocol.RunInfo): string[] {
  const over = steps.filter((step) => step.status === 'completed' || step.status === 'skipped').length;
  const waits = steps.flatMap(({ status: state, key, waitsFor }) =>
    state === 'waiting' ? `${key}: ${printable(waitsFor ?? '')}` : [],
  );
  if (schedule?.isWaiting) waits.push(dueWords(schedule));
  return [id, printable(name), status, age(created), `${over}/${steps.length}`, printable(reason ?? waits.join(', '))];
}

/** `begins 2026-11-22 06:00:00 or on data.ready`. */
function dueWords({ at, events }: NonNullable<protocol.RunInfo['schedule']>): string {
  const when = at === undefined ? [] : [new Date(at * 1000).toLocaleString('sv-SE')];
  return `begins ${[...when, ...events.map((name) => `on ${name}`)].join(' or ')}`;
}

function stepsOf({ id, name, status, steps }: protocol.RunInfo): string {
  const lines = steps.flatMap(({ key, status: state, waitsFor, detail, items, asks = [] }) => [
    [key, state, items ? `${items.over}/${items.all}` : '', printable(waitsFor ?? ''), printable(detail ?? '')]
      .filter((cell) => cell !== '')
      .join('  '),
    ...(items ? asks.map(({ unit, text }) => `  ${unit}  asks: ${printable(text)}`) : []),
  ]);
  return `${id}  ${printable(name)}  ${status}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** `vigil cancel-run RUN … | --all` */
export function runCancelRun(argv: readonly string[], io: Io): EngineTask {
  const { values, positionals } = readArguments(argv, argv.includes('--all') ? [] : ['RUN'], {
    all: { type: 'boolean', default: false },
    reason: { type: 'string', default: 'cancelled on the command line' },
    wait: { type: 'boolean', default: false },
  });
  const run = async (engine: EngineSession) => {
    const { connection } = engine;
    const open = (await connection.sendRequest(protocol.listRuns, {})).filter(({ finished }) => finished === undefined);
    const wanted = values.all ? open.map(({ id }) => id) : positionals;
    for (const id of wanted) await connection.sendRequest(protocol.cancelRun, { run: id, reason: values.reason });
    if (values.wait) for (const id of wanted) await followRun(engine, id, { ...io, stderr: () => {} });
    return 0;
  };
  return { run };
}

/** `vigil wait-run RUN …`: until all are over; 0: all are completed. */
export function runWaitRun(argv: readonly string[], io: Io): EngineTask {
  const { positionals } = readArguments(argv, ['RUN'], {});
  const run = async (engine: EngineSession) => followRun(engine, positionals[0] ?? '', { ...io, stderr: () => {} });
  return { run };
}

/** `vigil approve RUN STEP [--no]` */
export function runApprove(argv: readonly string[], _io: Io): EngineTask {
  const { values, positionals } = readArguments(argv, ['RUN', 'STEP'], { no: { type: 'boolean', default: false } });
  const [id = '', step = ''] = positionals;
  const run = async ({ connection }: EngineSession) => {
    await connection.sendRequest(protocol.approveStep, {
      run: id,
      step,
      approved: !values.no,
      by: userInfo().username,
    });
    return 0;
  };
  return { run };
}
