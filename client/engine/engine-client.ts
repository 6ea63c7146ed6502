/** The engine as the extension sees it: requests over a connection that mends itself, and a store that follows its notifications. */
import type { CancellationToken, Disposable, MessageConnection } from 'vscode-jsonrpc/node';
import {
  type CommandAnswer,
  type CommandPrompt,
  type EmittedEvent,
  type EngineSecrets,
  emitEvent,
  promptCommand,
  secretsChanged,
  takeBackCancels,
} from '../../engine/protocol/actions.ts';
import { readClusterLog } from '../../engine/protocol/clusters.ts';
import {
  type FilePart,
  type ReadFileParams,
  readFilePart,
  type SearchOutputParams,
  type SearchOutputResult,
  searchOutput,
} from '../../engine/protocol/files.ts';
import {
  type JobOrder,
  type JobUsage,
  type MemoChanges,
  noteJob,
  orderJob,
  readUsage,
} from '../../engine/protocol/jobs.ts';
import {
  listMutes,
  type Mute,
  muteNotifications,
  unmuteNotifications,
  windowFocused,
} from '../../engine/protocol/notifications.ts';
import {
  type PastSubmission,
  previewSubmit,
  readSubmission,
  type SubmitPreview,
  type SubmitProgress,
  submitProgressed,
} from '../../engine/protocol/submit.ts';
import { type TrialParams, type TrialResult, tryWatchers } from '../../engine/protocol/trials.ts';
import {
  type UploadParams,
  type UploadProgress,
  type UploadResult,
  uploadFiles,
  uploadProgressed,
} from '../../engine/protocol/uploads.ts';
import {
  approveStep,
  cancelRun,
  describeWorkflow,
  listRuns,
  type RunInfo,
  retryRun,
  runChanged,
  type StartRunParams,
  startRun,
  type WorkflowDescription,
  type WorkflowFile,
} from '../../engine/protocol/workflows.ts';
import {
  type ClusterInfo,
  cancelJob,
  clusterChanged,
  clusterFacts,
  connectCluster,
  disconnectCluster,
  type EngineSettings,
  eventlogAppended,
  eventlogPage,
  forgetJob,
  type HostKeyPrompt,
  type InputPrompt,
  type JobInfo,
  type JobKey,
  type JsonValue,
  jobChanged,
  jobForgotten,
  listClusters,
  listJobs,
  promptHostKey,
  promptInput,
  type ReplayParams,
  type ReplayResult,
  readEventlog,
  readScript,
  replayWatchers,
  type SubmitParams,
  settingsChanged,
  submitJob,
  type UserNotification,
  userNotification,
} from '../../engine/protocol.ts';
import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';
import { RunList } from '../workflows/run-list.ts';
import { EngineLink, type EngineLinkOptions } from './engine-link.ts';
import { JobStore } from './job-store.ts';

/** The person at the window, for what the engine has to ask or to tell. */
export interface EngineAudience {
  /** `null`: declined. `token` is cancelled when the answer is no longer wanted. */
  input(prompt: InputPrompt, token: CancellationToken): Promise<string | null>;
  confirmHostKey(prompt: HostKeyPrompt, token: CancellationToken): Promise<boolean>;
  confirmCommand(prompt: CommandPrompt): Promise<CommandAnswer>;
  notify(notification: UserNotification): void;
}

export interface EngineClientOptions extends Omit<EngineLinkOptions, 'register' | 'load'> {
  readonly audience: EngineAudience;
  readonly settings: () => EngineSettings;
  /** Registers what else listens on each new connection (output documents). */
  readonly register: (connection: MessageConnection) => void;
  /** The connection stands. */
  readonly onConnected: (connection: MessageConnection) => void;
}

export class EngineClient {
  readonly store = new JobStore();
  readonly runs = new RunList();
  readonly link: EngineLink;
  readonly #options: EngineClientOptions;
  readonly #logReads = new Map<JobKey, Promise<void>>();
  readonly #stateListener: Disposable;
  /** By the key of the submission. */
  readonly #submitListeners = new Map<string, (progress: SubmitProgress) => void>();
  readonly #uploadListeners = new Set<(progress: UploadProgress) => void>();
  #connection: MessageConnection | undefined;

  constructor(options: EngineClientOptions) {
    this.#options = options;
    this.link = new EngineLink({
      ...options,
      register: (connection) => this.#register(connection),
      load: (connection) => this.#load(connection),
    });
    this.#stateListener = this.link.onState((state) => {
      if (state.kind !== 'connected') this.#connection = undefined;
    });
  }

  async clusters(): Promise<readonly ClusterInfo[]> {
    return (await this.link.ensure()).sendRequest(listClusters);
  }

  async connectCluster(cluster: string): Promise<ClusterInfo> {
    return this.#remember(await (await this.link.ensure()).sendRequest(connectCluster, { cluster }));
  }

  async disconnectCluster(cluster: string): Promise<ClusterInfo> {
    return this.#remember(await (await this.link.ensure()).sendRequest(disconnectCluster, { cluster }));
  }

  /** Of a connected cluster; `null`: it is not, or no engine is. Starts nothing. */
  async clusterFacts(cluster: string, maxAgeSeconds?: number): Promise<ClusterFacts | null> {
    const params = { cluster, ...(maxAgeSeconds !== undefined && { maxAgeSeconds }) };
    return (await this.#connection?.sendRequest(clusterFacts, params)) ?? null;
  }

  /** What the engine's log says about it. */
  async clusterLog(cluster: string): Promise<readonly string[]> {
    return (await this.link.ensure()).sendRequest(readClusterLog, { cluster });
  }

  /** What `submit` would do; nothing is submitted. */
  async previewSubmit(params: SubmitParams): Promise<SubmitPreview> {
    return (await this.link.ensure()).sendRequest(previewSubmit, params);
  }

  async submission(job: JobKey): Promise<PastSubmission> {
    return (await this.link.ensure()).sendRequest(readSubmission, { job });
  }

  /** Ends when the token is cancelled; what it does is told by `onUpload`. */
  async upload(params: UploadParams, token: CancellationToken): Promise<UploadResult> {
    return (await this.link.ensure()).sendRequest(uploadFiles, params, token);
  }

  onUpload(listener: (progress: UploadProgress) => void): Disposable {
    this.#uploadListeners.add(listener);
    return { dispose: () => this.#uploadListeners.delete(listener) };
  }

  /** What it is at is told of a submission that carries a key. */
  async submit(params: SubmitParams, onProgress?: (progress: SubmitProgress) => void): Promise<JobInfo> {
    const { key } = params;
    const connection = await this.link.ensure();
    if (key !== undefined && onProgress) this.#submitListeners.set(key, onProgress);
    const job = await connection.sendRequest(submitJob, params).finally(() => this.#submitListeners.delete(key ?? ''));
    // The notification about it, and newer ones, may have come before the answer.
    if (!this.store.jobs.has(job.key)) this.store.setJob(job);
    return job;
  }

  async cancel(job: JobKey): Promise<void> {
    await (await this.link.ensure()).sendRequest(cancelJob, { job });
  }

  async order(job: JobKey, order: JobOrder): Promise<void> {
    await (await this.link.ensure()).sendRequest(orderJob, { job, order });
  }

  async note(job: JobKey, changes: MemoChanges): Promise<void> {
    this.store.setJob(await (await this.link.ensure()).sendRequest(noteJob, { job, changes }));
  }

  /** Of a cluster that is connected: nobody is asked to log in for it. `null`: nobody tells. */
  async usage({ key, cluster }: JobInfo): Promise<JobUsage | null> {
    if (this.store.clusters.get(cluster)?.state !== 'connected') return null;
    return (await this.link.ensure()).sendRequest(readUsage, { job: key });
  }

  async forget(job: JobKey): Promise<void> {
    await (await this.link.ensure()).sendRequest(forgetJob, { job });
    this.store.forget(job);
  }

  /** Runs watchers over output; performs nothing. */
  async replay(params: ReplayParams, token: CancellationToken): Promise<ReplayResult> {
    return (await this.link.ensure()).sendRequest(replayWatchers, params, token);
  }

  /** Tries watchers match by match, as they stand in the editor; performs nothing. */
  async tryWatchers(params: TrialParams, token: CancellationToken): Promise<TrialResult> {
    return (await this.link.ensure()).sendRequest(tryWatchers, params, token);
  }

  async script(job: JobKey): Promise<string> {
    return (await this.link.ensure()).sendRequest(readScript, { job });
  }

  /** Of a file on the cluster of a job. */
  async readFilePart(params: ReadFileParams): Promise<FilePart> {
    return (await this.link.ensure()).sendRequest(readFilePart, params);
  }

  /** Searches some seconds long where the output is. */
  async searchOutput(params: SearchOutputParams, token: CancellationToken): Promise<SearchOutputResult> {
    return (await this.link.ensure()).sendRequest(searchOutput, params, token);
  }

  async describeWorkflow(file: WorkflowFile, text: string): Promise<WorkflowDescription> {
    return (await this.link.ensure()).sendRequest(describeWorkflow, { ...file, text });
  }

  async startRun(params: StartRunParams): Promise<RunInfo> {
    const run = await (await this.link.ensure()).sendRequest(startRun, params);
    if (!this.runs.get(run.id)) this.runs.set(run);
    return run;
  }

  async cancelRun(run: string, reason: string): Promise<void> {
    await (await this.link.ensure()).sendRequest(cancelRun, { run, reason });
  }

  async retryRun(run: string, from?: string): Promise<void> {
    await (await this.link.ensure()).sendRequest(retryRun, { run, ...(from === undefined ? {} : { from }) });
  }

  async approveStep(run: string, step: string, approved: boolean, by: string): Promise<void> {
    await (await this.link.ensure()).sendRequest(approveStep, { run, step, approved, by });
  }

  /** `key`: it happens once, however often it is tried. */
  async emitEvent(name: string, payload: JsonValue, key: string): Promise<EmittedEvent> {
    return (await this.link.ensure()).sendRequest(emitEvent, { name, payload, key });
  }

  /** Tells a connected engine the settings anew; one that is started later gets them when it is. */
  async settingsChanged(): Promise<void> {
    if (!this.#connection) return;
    await this.#connection.sendNotification(settingsChanged, this.#options.settings());
    await this.#loadLists(this.#connection);
  }

  /** Tells a connected engine secrets anew; one that is started later gets them when it is. */
  async secretsChanged(secrets: EngineSecrets): Promise<void> {
    await this.#connection?.sendNotification(secretsChanged, secrets);
  }

  /** False: no cancel waits (any more). */
  async takeBackCancels(job: JobKey): Promise<boolean> {
    return (await this.link.ensure()).sendRequest(takeBackCancels, { job });
  }

  async mute(params: { readonly job?: JobKey; readonly watcher?: string; readonly seconds?: number }): Promise<void> {
    await (await this.link.ensure()).sendRequest(muteNotifications, params);
  }

  async unmute(params: { readonly job?: JobKey; readonly watcher?: string }): Promise<void> {
    await (await this.link.ensure()).sendRequest(unmuteNotifications, params);
  }

  async mutes(): Promise<readonly Mute[]> {
    return (await this.link.ensure()).sendRequest(listMutes);
  }

  /** This window came to the front: what the engine has to tell from now on is told here. */
  async windowFocused(): Promise<void> {
    await this.#connection?.sendNotification(windowFocused, null);
  }

  /** Asks for all clusters and jobs again. */
  async refresh(): Promise<void> {
    await this.#loadLists(await this.link.ensure());
  }

  /** Reads what is not yet known of a job's eventlog. With no engine, what is known stays. */
  async loadEventlog(job: JobKey): Promise<void> {
    const connection = this.#connection;
    if (!connection) return;
    if (this.#logReads.has(job)) return this.#logReads.get(job);
    const read = this.#readEventlog(connection, job).finally(() => this.#logReads.delete(job));
    this.#logReads.set(job, read);
    return read;
  }

  dispose(): void {
    this.#stateListener.dispose();
    this.link.dispose();
    this.store.dispose();
    this.runs.dispose();
  }

  #register(connection: MessageConnection): void {
    const { audience } = this.#options;
    connection.onRequest(promptInput, (prompt, token) => audience.input(prompt, token));
    connection.onRequest(promptHostKey, (prompt, token) => audience.confirmHostKey(prompt, token));
    connection.onRequest(promptCommand, (prompt) => audience.confirmCommand(prompt));
    connection.onNotification(userNotification, (notification) => audience.notify(notification));
    connection.onNotification(clusterChanged, (cluster) => this.store.setCluster(cluster));
    connection.onNotification(submitProgressed, (progress) => this.#submitListeners.get(progress.key)?.(progress));
    connection.onNotification(uploadProgressed, (progress) => {
      for (const listener of this.#uploadListeners) listener(progress);
    });
    connection.onNotification(jobChanged, (job) => this.store.setJob(job));
    connection.onNotification(runChanged, (run) => this.runs.set(run));
    connection.onNotification(jobForgotten, ({ job }) => {
      const run = /^run\/(.+)$/.exec(job)?.[1];
      if (run === undefined) this.store.forget(job);
      else this.runs.forget(run);
    });
    connection.onNotification(eventlogAppended, ({ job, entries, log }) => {
      if (log !== undefined) return;
      // The log of a job that nobody looked at yet is read when somebody does.
      if (!this.store.eventlogs.has(job) || this.store.append(job, entries)) return;
      void this.loadEventlog(job);
    });
    this.#options.register(connection);
  }

  async #load(connection: MessageConnection): Promise<void> {
    this.#connection = connection;
    await this.#loadLists(connection);
    await Promise.all([...this.store.eventlogs.keys()].map((job) => this.loadEventlog(job)));
    this.#options.onConnected(connection);
  }

  async #loadLists(connection: MessageConnection): Promise<void> {
    const [clusters, jobs, runs] = await Promise.all([
      connection.sendRequest(listClusters),
      connection.sendRequest(listJobs),
      connection.sendRequest(listRuns, {}),
    ]);
    this.store.replaceAll(clusters, jobs);
    this.runs.replaceAll(runs);
  }

  async #readEventlog(connection: MessageConnection, job: JobKey): Promise<void> {
    try {
      for (;;) {
        const entries = await connection.sendRequest(readEventlog, { job, from: this.store.nextSeq(job) });
        this.store.append(job, entries);
        if (entries.length < eventlogPage) return;
      }
    } catch (error) {
      // The views show what they have; the link says that the engine is gone, if it is.
      this.#options.log.warn(`eventlog of ${job}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #remember(cluster: ClusterInfo): ClusterInfo {
    this.store.setCluster(cluster);
    return cluster;
  }
}
