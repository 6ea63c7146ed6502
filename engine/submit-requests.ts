/** What clients ask about scripts that are to become jobs. */
import { randomUUID } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { loginCommands } from '../language/script/login-setup.ts';
import type { ScriptDocument } from '../language/script/parse-script.ts';
import type { ClusterService } from './jobs/cluster-service.ts';
import { checkedEnvironment, type OnSubmitStage, type Submission, schedulerRequest } from './jobs/submissions.ts';
import type { Logger } from './logger.ts';
import type { PastSubmission, SubmitForecast, SubmitPreview, SubmitProgress } from './protocol/submit.ts';
import type { UploadParams, UploadProgress, UploadResult } from './protocol/uploads.ts';
import type { EngineSettings, JobInfo, JobKey, Refusal, SubmitParams } from './protocol.ts';
import { SubmitRefusedError } from './refusal.ts';
import { commandOptions } from './schedulers/command-options.ts';
import { RefusalError, SchedulerUnavailableError } from './schedulers/scheduler.ts';
import { locateRefusal } from './schedulers/slurm-refusal.ts';
import { rangeOf } from './script-problems.ts';
import { scriptWatchers } from './script-watchers.ts';
import type { JobRecord } from './store/records.ts';
import { listedFiles } from './uploads/listed-files.ts';
import { Uploads } from './uploads/uploads.ts';

export interface SubmitRequestDependencies {
  readonly settings: () => Pick<EngineSettings, 'clusters' | 'maxWatchersPerJob'>;
  readonly service: (cluster: string) => Promise<ClusterService>;
  /** Throws when there is no such job. */
  readonly job: (key: JobKey) => JobRecord;
  /** As it was submitted; likewise. */
  readonly script: (key: JobKey) => string;
  readonly log: Logger;
}

export class SubmitRequests {
  readonly #deps: SubmitRequestDependencies;
  readonly #uploads: Uploads;

  constructor(deps: SubmitRequestDependencies) {
    this.#deps = deps;
    this.#uploads = new Uploads(deps.log);
  }

  /** Rejects with `SubmitRefusedError` when the script or the scheduler stands against it. */
  async submit(params: SubmitParams, send?: (progress: SubmitProgress) => void): Promise<JobInfo> {
    const { service, document, submission } = await this.#prepare(params);
    const { key } = params;
    const onStage: OnSubmitStage = (stage, line) => {
      if (key !== undefined) send?.({ key, stage, ...(line === undefined ? {} : { line }) });
    };
    return whileRefused(document, () => service.submit(submission, onStage));
  }

  /** What `submit` would do; nothing of the script runs. Rejects as `submit` does. */
  async preview(params: SubmitParams): Promise<SubmitPreview> {
    const { service, document, submission } = await this.#prepare(params);
    const scheduler = await service.backend.scheduler();
    const request = schedulerRequest(submission, randomUUID());
    let answer: { readonly forecast?: SubmitForecast; readonly unanswered?: string } = {};
    if (scheduler.test) {
      answer = await whileRefused(document, () => asked(scheduler.test?.(request)));
    }
    const { warnings = [], ...forecast } = answer.forecast ?? {};
    const setup = loginCommands(document.loginSetup);
    return {
      cluster: params.cluster,
      scheduler: scheduler.kind,
      version: scheduler.version,
      name: commandOptions(document, submission.options).get('job-name') || submission.name,
      options: countingOptions(document, submission.options, scheduler.kind),
      watchers: submission.watchers.map(({ name }) => name),
      warnings: warnings.map((words) => located(document, words)),
      ...(submission.workdir === undefined ? {} : { workdir: submission.workdir }),
      ...(setup === '' ? {} : { loginSetup: setup }),
      ...(answer.forecast ? { forecast } : {}),
      ...(answer.unanswered === undefined ? {} : { unanswered: answer.unanswered }),
    };
  }

  /** What `submit` was asked for then. */
  past(key: JobKey): PastSubmission {
    const { options, scriptPath, workdir, arrayTask } = this.#deps.job(key);
    const array = arrayTask ? [`--array=${arrayTask.index}`] : [];
    return {
      script: this.#deps.script(key),
      // The last one counts, for sbatch too.
      options: [...(arrayTask ? options.filter((word) => !word.startsWith('--array=')) : options), ...array],
      ...(scriptPath === undefined ? {} : { scriptPath }),
      ...(workdir === undefined ? {} : { workdir }),
    };
  }

  /** Sends files to where a job is to run. Rejects with the signal's reason, or with what stands against it. */
  async upload(
    { cluster, folder, entries, workdir, token }: UploadParams,
    send: (progress: UploadProgress) => void,
    signal: AbortSignal,
  ): Promise<UploadResult> {
    const service = await this.#deps.service(cluster);
    const target = workdir ?? this.#defaultWorkdir(service, undefined) ?? '~';
    const files = await listedFiles(folder, entries);
    // Whoever was disconnected on purpose is connected again, as by a submission.
    await service.connect();
    const connection = await service.backend.connection();
    const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const onProgress = (sent: Pick<UploadProgress, 'files' | 'bytes'>) => {
      if (token !== undefined) send({ token, ...sent, totalBytes });
    };
    const release = service.backend.hold();
    try {
      const { sent, unchanged } = await this.#uploads.send({
        connection,
        cluster,
        folder,
        files,
        target,
        signal,
        onProgress,
      });
      return { ...sent, unchanged, workdir: target };
    } finally {
      release();
    }
  }

  async #prepare(params: SubmitParams) {
    const {
      cluster,
      script,
      scriptPath,
      scriptName = 'sbatch',
      workdir,
      options = [],
      key,
      env,
      untrusted,
      resubmitOf,
    } = params;
    if (key !== undefined && !/^[\w-]{8,64}$/.test(key)) throw new Error('the key of a submission is a UUID');
    const { document, specs: watchers } = scriptWatchers(
      script,
      this.#deps.settings().maxWatchersPerJob,
      'Not submitted: a watcher of the script would not do what is written.',
    );
    const service = await this.#deps.service(cluster);
    const directory = workdir ?? this.#defaultWorkdir(service, scriptPath);
    const submission: Submission = {
      script,
      name: scriptPath === undefined ? scriptName : basename(scriptPath),
      options,
      watchers,
      ...(scriptPath === undefined ? {} : { scriptPath }),
      ...(directory === undefined ? {} : { workdir: directory }),
      ...(key === undefined ? {} : { key }),
      ...(env === undefined ? {} : { env: checkedEnvironment(env) }),
      ...(untrusted ? { untrusted } : {}),
      ...(resubmitOf === undefined ? {} : { resubmitOf, isByPerson: true }),
    };
    return { service, document, submission };
  }

  /** The cluster's own setting; on this machine the script's folder; else the home directory. */
  #defaultWorkdir({ info: { name, kind } }: ClusterService, scriptPath: string | undefined): string | undefined {
    const configured = this.#deps.settings().clusters.find((cluster) => cluster.name === name)?.workdir;
    return configured ?? (kind === 'local' && scriptPath !== undefined ? dirname(scriptPath) : undefined);
  }
}

/** What the scheduler said, or that it said nothing: then the submission itself will tell. */
async function asked(answer: Promise<SubmitForecast> | undefined) {
  try {
    const forecast = await answer;
    return forecast ? { forecast } : {};
  } catch (error) {
    if (!(error instanceof SchedulerUnavailableError)) throw error;
    return { unanswered: error.message };
  }
}

/** A refusal by the scheduler becomes one that says which directive it concerns. */
async function whileRefused<Result>(document: ScriptDocument, request: () => Promise<Result>): Promise<Result> {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof RefusalError)) throw error;
    throw new SubmitRefusedError(error.message, located(document, error.words), true, error);
  }
}

function located(document: ScriptDocument, words: string): Refusal {
  const span = locateRefusal(document, words);
  return { words, ...(span ? { range: rangeOf(document.text, span) } : {}) };
}

/** Slurm's options by their long names, each once; `local` reads the same. Flux' as they are written. */
function countingOptions(document: ScriptDocument, given: readonly string[], scheduler: string): readonly string[] {
  const word = (name: string, value: string | undefined) => (value === undefined ? name : `${name}=${value}`);
  if (scheduler !== 'flux') {
    const options = [...commandOptions(document, given)];
    return options.map(([name, value]) => word(`--${name}`, value === '' ? undefined : value));
  }
  const written = document.directives.filter((directive) => directive.scheduler === 'flux' && directive.effective);
  return [...written.flatMap(({ options }) => options.map(({ spelling, value }) => word(spelling, value))), ...given];
}
