/** What the steps of runs do, done by the engine. */
import { posix } from 'node:path';
import type { Connection } from '../clusters/connection.ts';
import type { EmittedEvents } from '../events/emitted-events.ts';
import { UnknownOutcomeError } from '../jobs/submissions.ts';
import type { JobInfo, JobKey, SubmitParams, UserNotification } from '../protocol.ts';
import { isEnded } from '../schedulers/transitions.ts';
import type { Store } from '../store/store.ts';
import { NotNowError, type RunEffects } from './effects.ts';
import { type FilePlace, folderOf, placeWords } from './file-place.ts';
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
  /** The text of a file; connects its cluster if need be. */
  readonly readText: (file: FilePlace) => Promise<string>;
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
      const text = begunScript(store, cluster, key) ?? (await readText(deps, 'script', script));
      const scheduler = await deps.schedulerOf(cluster);
      try {
        const job = await deps.submit({
          cluster,
          script: text,
          ...scriptPlace(script, cluster),
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
    async runCommand(key, { folder, ...effect }, signal) {
      const { path, cluster } = folder;
      const isThere = cluster === undefined ? await deps.isHere(effect.cluster) : cluster === effect.cluster;
      const workdir = isThere ? path : '~';
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
    startChild: (key, child) => service.startChild(key, child, () => readText(deps, 'workflow', child.file)),
    runEnd: (run) => service.endOf(run),
    cancelRun: (run, reason) => service.cancel(run, reason),
  };
}

function notNow({ isPassing }: EngineEffectsDependencies, error: unknown): unknown {
  return isPassing(error) ? new NotNowError(error instanceof Error ? error.message : String(error)) : error;
}

/** Of a submission that was begun, by an engine that died say: going on with it does not depend on a file any more. */
function begunScript(store: Store, cluster: string, key: string): string | undefined {
  const hash = store.jobBySubmitKey(key)?.scriptHash ?? store.submission(cluster, key)?.request.scriptHash;
  return hash === undefined ? undefined : store.script(hash);
}

/** A script of this machine is known by its path; one of the very cluster that it is submitted to runs in its folder. */
function scriptPlace(script: FilePlace, cluster: string): Partial<SubmitParams> {
  if (script.cluster === undefined) return { scriptPath: script.path };
  const scriptName = posix.basename(script.path);
  return script.cluster === cluster ? { scriptName, workdir: folderOf(script).path } : { scriptName };
}

async function readText(deps: EngineEffectsDependencies, what: string, file: FilePlace): Promise<string> {
  try {
    return await deps.readText(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (deps.isPassing(error)) throw new NotNowError(why);
    throw new StepFailure('failed', `the ${what} ${placeWords(file)} cannot be read: ${why}`);
  }
}
