/** Puts the workflow runs of one engine together: OpenWorkflow's store, the effects, the service. */
import type { Backend } from 'openworkflow/internal';
import type { Logger } from '../logger.ts';
import type { RunInfo } from '../protocol/workflows.ts';
import { type EngineEffectsDependencies, engineEffects } from './engine-effects.ts';
import type { RunLogDependencies } from './run-log.ts';
import type { RunsDatabase } from './runs-database.ts';
import { WorkflowService } from './workflow-service.ts';

/** OpenWorkflow's store, open. */
export interface OpenRuns {
  readonly backend: Backend;
  readonly database: RunsDatabase;
  /** What is beside the backend. */
  close(): void;
}

export interface OpenWorkflowsOptions extends RunLogDependencies {
  readonly runs: OpenRuns;
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
  /** Other engines are gone: their runs go on here, or with others. */
  enginesEnded(engines: readonly string[]): void;
  /** Now and then, where engines share the store: what others have done may be what runs here wait for. */
  lookAround(): void;
  dispose(): Promise<void>;
}

/** The caller holds the engine's lock: nobody else works on the files. */
export function openWorkflows({
  runs: { backend, database, close },
  effects,
  store,
  publisher,
  clock,
  log,
  onRun,
  keepDays,
}: OpenWorkflowsOptions): Workflows {
  const { events } = effects;
  const { ownership } = store;
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
  let seen = 0;
  const stopListening = events.onEmitted(({ name }) => service.eventEmitted(name));
  return {
    service,
    get isBusy() {
      return database.openCount() > 0;
    },
    async start() {
      if (!ownership.isShared) database.releaseLeases('');
      seen = events.lastSeq();
      await service.start();
    },
    enginesEnded(engines) {
      for (const engine of engines) database.releaseLeases(engine);
      service.enginesEnded();
    },
    lookAround() {
      // Those of other engines; this one's own were heard already, and wake nobody who does not wait for them.
      for (const { name, seq } of events.list({ from: seen + 1 })) {
        service.eventEmitted(name);
        seen = seq;
      }
      service.lookAround(database.endedJobSignals());
    },
    async dispose() {
      stopListening();
      service.dispose();
      close();
      await backend.stop();
    },
  };
}
