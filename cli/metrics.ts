/** `vigil metrics`: the numbers that a job's watchers stored, as CSV or JSON. */
import { readMetrics } from '../engine/protocol/actions.ts';
import { choice, readArguments } from './arguments.ts';
import type { EngineSession } from './engine-session.ts';
import type { Io } from './io.ts';
import type { EngineTask } from './jobs.ts';
import { clusterOf } from './table.ts';

export function runMetrics(argv: readonly string[], io: Io): EngineTask {
  const { values, positionals } = readArguments(argv, ['JOB'], {
    name: { type: 'string' },
    format: { type: 'string', default: 'csv' },
  });
  const [job = ''] = positionals;
  const format = choice('format', values.format, ['csv', 'json'] as const);
  const run = async ({ connection }: EngineSession) => {
    const series = await connection.sendRequest(readMetrics, {
      job,
      ...(values.name === undefined ? {} : { name: values.name }),
    });
    if (format === 'json') {
      io.stdout(`${JSON.stringify(series, null, 2)}\n`);
      return 0;
    }
    io.stdout('name,timestamp,value\n');
    for (const { name, points } of series)
      for (const [timestamp, value] of points) io.stdout(`${field(name)},${timestamp},${value}\n`);
    return 0;
  };
  return { cluster: clusterOf(job), run };
}

/** RFC 4180. Names hold nothing that a spreadsheet takes for a formula: `store_metric` checks them. */
function field(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
