/** What the actions of a job may do to the world: its scheduler, its cluster, and what the engine has for all of them. */
import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';
import type { ActionHost, EmailMessage, Resubmission, ScriptSubmission } from '../actions/action.ts';
import type { Connection } from '../clusters/connection.ts';
import type { Emit } from '../events/emitted-events.ts';
import type { ActionSettings, CommandAnswer, CommandPrompt, EmittedEvent, EngineSecrets } from '../protocol/actions.ts';
import type { JobKey, UserNotification } from '../protocol.ts';
import type { Scheduler } from '../schedulers/scheduler.ts';
import { scriptWatchers } from '../script-watchers.ts';
import type { JobRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { isOver, isRequeued } from './done-already.ts';
import type { OuterHost } from './job-actions.ts';
import type { Submission } from './submissions.ts';

/** What the engine has for the actions of all jobs. */
export interface ActionServices {
  readonly settings: () => ActionSettings;
  readonly secrets: () => EngineSecrets;
  readonly maxWatchersPerJob: () => number;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly postJson: ActionHost['postJson'];
  readonly sendEmail: (message: EmailMessage) => Promise<void>;
  readonly ask: (prompt: CommandPrompt) => Promise<CommandAnswer | undefined>;
  readonly emit: (emit: Emit) => EmittedEvent;
}

export interface OuterHostOptions {
  readonly store: Store;
  readonly services: ActionServices;
  readonly notify: (notification: UserNotification) => void;
  /** Something that changes a job. It is no reason to connect what a person has disconnected: rejects with `ConnectionError`. */
  readonly change: (request: (scheduler: Scheduler) => Promise<void>) => Promise<void>;
  /** The same for what is only asked. */
  readonly scheduler: () => Promise<Scheduler>;
  readonly connection: () => Promise<Connection>;
  readonly clusterFacts: () => Promise<ClusterFacts | undefined>;
  readonly submit: (submission: Submission) => Promise<JobKey>;
}

const longestScriptBytes = 4 * 1024 * 1024;
/** The environment of a command goes over in its text, which sshd(8) and the kernel bound. */
const longestEnvironment = 16 * 1024;

export function outerHost(job: JobRecord, options: OuterHostOptions): OuterHost {
  const { services, notify, change, scheduler, connection, clusterFacts } = options;
  return {
    get settings() {
      return services.settings();
    },
    get secrets() {
      return services.secrets();
    },
    cancel: (again, signal, reason) =>
      change(async (one) => {
        if (again && signal === undefined && (await isOver(one, job.jobId))) return;
        await one.cancel(job.jobId, signal, reason);
      }),
    control: (again, verb) =>
      change(async (one) => {
        const restarts = options.store.job(job.key)?.restarts ?? job.restarts;
        if (again && verb === 'requeue' && (await isRequeued(one, job.jobId, restarts))) return;
        await one.control(job.jobId, verb);
      }),
    update: (changes) => change((one) => one.update(job.jobId, changes)),
    resubmit: (resubmission, remaining) => resubmit(job, resubmission, remaining, options),
    submit: (submission) => submitScript(job, submission, options),
    requested: async () => (await (await scheduler()).requested?.(job.jobId)) ?? {},
    clusterFacts,
    notify,
    postJson: services.postJson,
    sendEmail: services.sendEmail,
    connection,
    readBesideScript: (path) => readBeside(job.scriptPath, path),
    environment: (name) => services.environment[name],
    ask: services.ask,
    emit: (name, payload, key) => services.emit({ name, payload, source: job.key, key }),
  };
}

/** The watchers of the job go on in the next one, with what they have left of `remaining_resubmits`. */
function resubmit(
  job: JobRecord,
  { key, script, options, env }: Resubmission,
  remaining: readonly number[],
  { store, submit }: OuterHostOptions,
): Promise<JobKey> {
  checkEnvironment(env);
  // Section 8: of an array only this task.
  const task = job.arrayTask ? [`--array=${job.arrayTask.index}`] : [];
  const watchers = store.watchers(job.key).map(({ spec }, index) => ({
    ...spec,
    remainingResubmits: remaining[index] ?? spec.remainingResubmits,
  }));
  const original = job.templateHash ?? job.scriptHash;
  return submit({
    key,
    script,
    name: job.name,
    options: [...job.options, ...task, ...options],
    env: { ...job.env, ...env },
    watchers,
    resubmitOf: job.key,
    ...(store.script(original) === script ? {} : { templateHash: original }),
    ...(job.scriptPath === undefined ? {} : { scriptPath: job.scriptPath }),
    ...(job.workdir === undefined ? {} : { workdir: job.workdir }),
  });
}

/** Its watchers are its own. Rejects when they would not do what is written. */
async function submitScript(
  job: JobRecord,
  { key, path, script, options, env }: ScriptSubmission,
  { services, submit }: OuterHostOptions,
): Promise<JobKey> {
  checkEnvironment(env);
  const what = `${path} is not submitted: a watcher of it would not do what is written.`;
  const { specs: watchers } = scriptWatchers(script, services.maxWatchersPerJob(), what);
  return submit({
    key,
    script,
    name: basename(path),
    options,
    env,
    watchers,
    submittedBy: job.key,
    ...(job.workdir === undefined ? {} : { workdir: job.workdir }),
  });
}

function checkEnvironment(env: { readonly [name: string]: string }): void {
  if (Buffer.byteLength(JSON.stringify(env)) > longestEnvironment)
    throw new Error(`the environment for the job is longer than ${longestEnvironment / 1024} KiB`);
}

/** On the machine that the script came from, which is the engine's: nothing but what is really below the script's folder. */
export async function readBeside(scriptPath: string | undefined, path: string): Promise<string | undefined> {
  if (scriptPath === undefined || !isAbsolute(scriptPath) || isAbsolute(path) || path.startsWith('~')) return undefined;
  if (path.split(/[\\/]/).includes('..')) return undefined;
  try {
    const folder = await realpath(dirname(scriptPath));
    const file = await realpath(join(folder, path));
    const below = relative(folder, file);
    if (isAbsolute(below) || /^\.\.(?:[\\/]|$)/.test(below)) return undefined;
    const bytes = await readFile(file);
    return bytes.length > longestScriptBytes ? undefined : new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // That it cannot be read on the cluster is what is told.
    return undefined;
  }
}
