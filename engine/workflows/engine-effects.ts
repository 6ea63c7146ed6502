/** What the steps of runs do, done by the engine. */
import { readFile } from 'node:fs/promises';
import type { Connection } from '../clusters/connection.ts';
import type { EmittedEvents } from '../events/emitted-events.ts';
import { UnknownOutcomeError } from '../jobs/submissions.ts';
import type { JobInfo, JobKey, SubmitParams, UserNotification } from '../protocol.ts';
import { isEnded } from '../schedulers/transitions.ts';
import type { Store } from '../store/store.ts';
import { NotNowError, type RunEffects } from './effects.ts';
import { runKeyedCommand } from './keyed-command.ts';
import { StepFailure } from './perform.ts';
import { unknownOutcome } from './run-state.ts';
import { submitOptions } from './submit-options.ts';
import type { WorkflowService } from './workflow-service.ts';

export interface EngineEffectsDependencies {
  readonly store: Store;
  readonly events: EmittedEvents;
  readonly submit: (params: SubmitParams) => Promise<JobInfo>;
  readonly cancelJob: (job: JobKey) => Promise<void>;
  /** Connects if need be. */
  readonly connect: (cluster: string) => Promise<Connection>;
  readonly isHere: (cluster: string) => Promise<boolean>;
  readonly schedulerOf: (cluster: string) => Promise<string | undefined>;
  readonly notify: (notification: UserNotification) => void;
  /** Would asking again be of use? The cluster is away, not the request wrong. */
  readonly isPassing: (error: unknown) => boolean;
}

export function engineEffects(deps: EngineEffectsDependencies, service: WorkflowService): RunEffects {
  const { store, events } = deps;
  return {
    async submit(key, { cluster, script, env, options }) {
      const text = await readScript(script);
      const scheduler = await deps.schedulerOf(cluster);
      try {
        const job = await deps.submit({
          cluster,
          script: text,
          scriptPath: script,
          key,
          options: submitOptions(scheduler, options),
          env,
        });
        return job.key;
      } catch (error) {
        if (error instanceof UnknownOutcomeError) throw new StepFailure(unknownOutcome, error.message);
        // As long as the cluster is away it is not known whether the job is there: its key tells, later.
        throw notNow(deps, error);
      }
    },
    cancelJob: (job) =>
      deps.cancelJob(job).catch((error: unknown) => {
        throw notNow(deps, error);
      }),
    jobEnd(key) {
      const job = store.job(key);
      if (!job) return null;
      if (job.phase !== 'clean' || !isEnded(job.state)) return undefined;
      return { state: job.state, ...(job.status === undefined ? {} : { status: job.status }) };
    },
    async runCommand(key, effect, signal) {
      const workdir = (await deps.isHere(effect.cluster)) ? effect.folder : '~';
      const end = await runKeyedCommand(() => deps.connect(effect.cluster), { ...effect, key, workdir }, signal);
      if (end === 'timeout')
        throw new StepFailure('timeout', `the command took longer than ${effect.timeoutSeconds} s`);
      return end;
    },
    events: (name) => events.list({ name }),
    emit: (key, event) => void events.emit({ ...event, key }),
    notify: ({ level, message }) =>
      deps.notify({
        level: level === 'error' || level === 'critical' ? 'error' : level === 'warning' ? 'warning' : 'info',
        message,
      }),
    startChild: (key, child) => service.startChild(key, child),
    runEnd: (run) => service.endOf(run),
    cancelRun: (run, reason) => service.cancel(run, reason),
  };
}

function notNow({ isPassing }: EngineEffectsDependencies, error: unknown): unknown {
  return isPassing(error) ? new NotNowError(error instanceof Error ? error.message : String(error)) : error;
}

async function readScript(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new StepFailure(
      'failed',
      `the script ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
