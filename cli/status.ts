/** `vigil status`: how the engine is, and what it has to do. */
import * as protocol from '../engine/protocol.ts';
import { choice, readArguments } from './arguments.ts';
import { stateWords } from './cluster-words.ts';
import type { EngineSession } from './engine-session.ts';
import type { Io } from './io.ts';
import type { EngineTask } from './jobs.ts';
import { age, mebibytes, table } from './table.ts';

/** Exit status 1 while the engine cannot write down what happens: for scripts that watch it. */
export function runStatus(argv: readonly string[], io: Io): EngineTask {
  const { values } = readArguments(argv, [], { format: { type: 'string', default: 'text' } });
  const format = choice('format', values.format, ['text', 'json'] as const);
  const run = async ({ connection }: EngineSession) => {
    const status = await connection.sendRequest(protocol.readStatus);
    if (format === 'json') io.stdout(`${JSON.stringify(status, null, 2)}\n`);
    else print(io, status);
    return status.store.problem ? 1 : 0;
  };
  return { run };
}

function print(io: Io, status: protocol.EngineStatus): void {
  const { version, pid, node, started, now, clients, jobs, store, memory, cpuShare, clusters } = status;
  const room = store.freeBytes === undefined ? '' : `, ${mebibytes(store.freeBytes)} free`;
  const health = store.problem ? `NOT WRITABLE for ${age(store.problem.since, now)}: ${store.problem.why}` : 'well';
  const lines = [
    [
      'engine',
      `${version}, pid ${pid}, Node.js ${node}, up ${age(started, now)}, ${clients} client${clients === 1 ? '' : 's'}`,
    ],
    [
      'memory',
      `${mebibytes(memory.rssBytes)} (heap ${mebibytes(memory.heapUsedBytes)}), ${(cpuShare * 100).toFixed(1)} % of a core`,
    ],
    ['jobs', `${jobs.followed} followed, ${jobs.known} known`],
    ['store', `${store.path}, ${mebibytes(store.bytes)}${room}`],
    ['', health],
  ];
  for (const [name = '', words] of lines) io.stdout(`${name.padEnd(8)}${words}\n`);
  if (clusters.length === 0) return;
  io.stdout('\n');
  const rows = clusters.map((one) => [
    one.name,
    stateWords(one, now),
    String(one.followedJobs),
    one.lookedAt === undefined ? '-' : `${age(one.lookedAt, now)} ago`,
    [one.stale?.why ?? one.detail ?? '', clockWords(one.clockOffsetSeconds)].filter(Boolean).join('; '),
  ]);
  table(io, ['CLUSTER', 'STATE', 'JOBS', 'LOOKED AT', ''], rows);
}

/** A clock that is far off confuses people who compare times; Vigil reckons with it. */
function clockWords(offsetSeconds: number): string {
  if (Math.abs(offsetSeconds) < 10) return '';
  return `its clock is ${Math.round(Math.abs(offsetSeconds))} s ${offsetSeconds > 0 ? 'ahead' : 'behind'}`;
}
