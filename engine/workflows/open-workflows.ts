/** Puts the workflow runs of one engine together: OpenWorkflow's store on SQLite, the effects, the service. */
import { BackendSqlite } from 'openworkflow/sqlite';
import type { Logger } from '../logger.ts';
import type { RunInfo } from '../protocol/workflows.ts';
import { GuardedDatabase } from '../store/guarded-database.ts';
import { SqliteDatabase } from '../store/sqlite-database.ts';
import { type EngineEffectsDependencies, engineEffects } from './engine-effects.ts';
import type { RunLogDependencies } from './run-log.ts';
import { RunsDatabase } from './runs-database.ts';
import { WorkflowService } from './workflow-service.ts';

export interface OpenWorkflowsOptions extends RunLogDependencies {
  /** Of the SQLite file, or `:memory:`. */
  readonly path: string;
  readonly effects: Omit<EngineEffectsDependencies, 'store'>;
  readonly log: Logger;
  readonly onRun: (run: RunInfo) => void;
  readonly keepDays: () => number;
}

export interface Workflows {
  readonly service: WorkflowService;
  /** Runs that are not over: the engine must not end. */
  readonly isBusy: boolean;
  start(): Promise<void>;
  dispose(): Promise<void>;
}

/** The caller holds the engine's lock: nobody else works on the file. */
export function openWorkflows({
  path,
  effects,
  store,
  publisher,
  clock,
  log,
  onRun,
  keepDays,
}: OpenWorkflowsOptions): Workflows {
  const backend = BackendSqlite.connect(path);
  const file = new GuardedDatabase(new SqliteDatabase(path, []));
  const database = new RunsDatabase(file);
  const { events } = effects;
  const service = new WorkflowService({
    backend,
    database,
    store,
    clock,
    log,
    publisher,
    onRun,
    keepDays,
    events: {
      list: (name) => events.list({ name }),
      // Answers of people, and the ends of runs.
      emit: (event) => void events.emit({ ...event, isOwn: true }),
    },
    effects: (self) => engineEffects({ ...effects, store }, self),
  });
  const stopListening = events.onEmitted(({ name }) => service.eventEmitted(name));
  return {
    service,
    get isBusy() {
      return database.openCount() > 0;
    },
    async start() {
      database.releaseLeases('');
      await service.start();
    },
    async dispose() {
      stopListening();
      service.dispose();
      file.close();
      await backend.stop();
    },
  };
}
