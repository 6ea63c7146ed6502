/** The commands of `vigil` that look after runs which are over: doing them again, telling all of them, forgetting them. */
import { cleanRuns, dumpRun, retryRun } from '../engine/protocol/workflows.ts';
import { readArguments } from './arguments.ts';
import type { EngineSession } from './engine-session.ts';
import { type Io, UsageError } from './io.ts';
import type { EngineTask } from './jobs.ts';
import { readDuration } from './run-arguments.ts';
import { followRun } from './workflows.ts';

/** `vigil retry-run RUN [--from STEP] [--new] [--follow]`: prints the run's id. */
export function runRetryRun(argv: readonly string[], io: Io): EngineTask {
  const { values, positionals } = readArguments(argv, ['RUN'], {
    from: { type: 'string' },
    new: { type: 'boolean', default: false },
    follow: { type: 'boolean', short: 'F', default: false },
  });
  const { from, new: isNew, follow } = values;
  const run = async (engine: EngineSession) => {
    const params = { run: positionals[0] ?? '', isNew, ...(from === undefined ? {} : { from }) };
    const { id } = await engine.connection.sendRequest(retryRun, params);
    io.stdout(`${id}\n`);
    return follow ? await followRun(engine, id, io) : 0;
  };
  return { run };
}

/** `vigil dump-run RUN` */
export function runDumpRun(argv: readonly string[], io: Io): EngineTask {
  const { positionals } = readArguments(argv, ['RUN'], {});
  const run = async ({ connection }: EngineSession) => {
    const dump = await connection.sendRequest(dumpRun, { run: positionals[0] ?? '' });
    io.stdout(`${JSON.stringify(dump, null, 2)}\n`);
    return 0;
  };
  return { run };
}

/** `vigil clean-runs [--older-than 30d] [--limit 1000]` */
export function runCleanRuns(argv: readonly string[], io: Io): EngineTask {
  const { values } = readArguments(argv, [], {
    'older-than': { type: 'string', default: '30d' },
    limit: { type: 'string', default: '1000' },
  });
  const olderThanSeconds = readDuration('older-than', values['older-than']);
  const limit = Number(values.limit);
  if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit is a whole number');
  const run = async ({ connection }: EngineSession) => {
    const count = await connection.sendRequest(cleanRuns, { olderThanSeconds, limit });
    io.stdout(`${count} ${count === 1 ? 'run' : 'runs'} removed\n`);
    return 0;
  };
  return { run };
}
