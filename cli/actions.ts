/** `vigil actions`: what a job's watchers did, with all that is kept of each result. */
import { type ActionRun, listActions } from '../engine/protocol/actions.ts';
import { choice, readArguments } from './arguments.ts';
import type { EngineSession } from './engine-session.ts';
import type { Io } from './io.ts';
import type { EngineTask } from './jobs.ts';
import { clusterOf, printable, table } from './table.ts';

export function runActions(argv: readonly string[], io: Io): EngineTask {
  const { values, positionals } = readArguments(argv, ['JOB'], { format: { type: 'string', default: 'text' } });
  const [job = ''] = positionals;
  const format = choice('format', values.format, ['text', 'json'] as const);
  const run = async ({ connection }: EngineSession) => {
    const runs = await connection.sendRequest(listActions, { job });
    if (format === 'json') io.stdout(`${JSON.stringify(runs, null, 2)}\n`);
    else table(io, ['LOG', 'WATCHER', 'TRIGGER', 'ACTION', 'RESULT', ''], runs.map(rowOf));
    return 0;
  };
  return { cluster: clusterOf(job), run };
}

function rowOf(run: ActionRun): string[] {
  const result =
    run.ok === undefined ? (run.attempts > 0 ? `tried ${run.attempts} times` : 'open') : run.ok ? 'ok' : 'failed';
  const { intentSeq, watcher, trigger, action, message = '' } = run;
  return [String(intentSeq), printable(watcher), String(trigger), action, result, printable(message)];
}
