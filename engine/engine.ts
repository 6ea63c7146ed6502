/** The engine: all clusters, all jobs, what clients may ask of them. No sockets here: `rpc-server.ts` serves this. */
import { join } from 'node:path';
import type { ClusterFacts } from '../language/directives/cluster-facts.ts';
import type { Clock } from './clock.ts';
import { connectSsh } from './clusters/connect-ssh.ts';
import { ConnectionError } from './clusters/connection.ts';
import type { ClusterEntry } from './clusters/directory.ts';
import { openLocalConnection } from './clusters/local-connection.ts';
import { readLogOfCluster } from './clusters/log-of-cluster.ts';
import { PasswordMemory } from './clusters/password-memory.ts';
import type { Prompter } from './clusters/prompter.ts';
import { sendBySmtp } from './email/smtp.ts';
import { UnknownClusterError, UnknownJobError } from './engine-errors.ts';
import { JobEventlogs } from './eventlog/job-eventlogs.ts';
import { runKeyPrefix } from './eventlog/log-names.ts';
import { type EventSource, type WatchOptions, waitEvent, watchEvents } from './eventlog/read-events.ts';
import { EmittedEvents } from './events/emitted-events.ts';
import { FileRequests } from './file-requests.ts';
import { FileSystemRequests } from './files/file-system-requests.ts';
import { JobRequests } from './job-requests.ts';
import { JobViews } from './job-views.ts';
import { createLocalBackend, createRemoteBackend } from './jobs/backend.ts';
import { ClusterService } from './jobs/cluster-service.ts';
import { knownClusters } from './jobs/known-clusters.ts';
import { LeftJobs } from './jobs/left-jobs.ts';
import type { ActionServices } from './jobs/outer-host.ts';
import { noOutput } from './jobs/replay-source.ts';
import type { Logger } from './logger.ts';
import { Notices } from './notifications/notices.ts';
import type { Follow, FollowListener } from './output/reader.ts';
import type { EnginePaths } from './paths.ts';
import { PortRequests } from './ports/port-requests.ts';
import { postJson } from './post-json.ts';
import type { ActionRun, CommandAnswer, CommandPrompt, EngineSecrets, MetricSeries } from './protocol/actions.ts';
import type { OpenOutputParams } from './protocol/output.ts';
import type { SubmitProgress } from './protocol/submit.ts';
import type { AdoptParams, ForeignJob, ForeignJobsParams } from './protocol/watchers.ts';
import type { RunInfo } from './protocol/workflows.ts';
import type {
  ClusterInfo,
  EngineSettings,
  EngineStatus,
  EventlogEntry,
  EventlogName,
  JobInfo,
  JobKey,
  SubmitParams,
  UserNotification,
  WaitEventParams,
} from './protocol.ts';
import type { Publisher } from './publisher.ts';
import { SchedulerUnavailableError } from './schedulers/scheduler.ts';
import { pollSeconds } from './settings.ts';
import type { JobRecord } from './store/records.ts';
import type { Store } from './store/store.ts';
import { StoreFailure } from './store/store-failure.ts';
import { StoreHealth } from './store-health.ts';
import { SubmitRequests } from './submit-requests.ts';
import { ToldSettings } from './told-settings.ts';
import { WatcherRequests } from './watcher-requests.ts';
import { type OpenRuns, openWorkflows, type Workflows } from './workflows/open-workflows.ts';
import { placedTexts } from './workflows/placed-texts.ts';

export interface EngineDependencies {
  readonly store: Store;
  readonly runs: OpenRuns;
  /** What the setting `vigil.store` was when the engine started. */
  readonly storeSetting: string;
  readonly paths: EnginePaths;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publisher: Publisher;
  /** Shows it in one window; false: there is none. */
  readonly showInWindow: (notification: UserNotification) => boolean;
  readonly prompter: Prompter;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly isWatched: () => boolean;
  /** May a watcher run this command? `undefined`: nobody is there to be asked. */
  readonly askCommand: (prompt: CommandPrompt) => Promise<CommandAnswer | undefined>;
  /** From the engine's own environment; clients may tell others. */
  readonly secrets: EngineSecrets;
  /** A workflow run has changed. */
  readonly onRun: (run: RunInfo) => void;
}

export class Engine {
  /** What workflows await. */
  readonly events: EmittedEvents;
  readonly notices: Notices;
  readonly #deps: EngineDependencies;
  readonly #services = new Map<string, ClusterService>();
  readonly #passwords = new PasswordMemory();
  readonly #eventlogs: JobEventlogs;
  readonly watchers: WatcherRequests;
  readonly submissions: SubmitRequests;
  readonly jobRequests: JobRequests;
  readonly files: FileRequests;
  readonly fileSystems: FileSystemRequests;
  readonly ports: PortRequests;
  readonly workflows: Workflows;
  readonly #told: ToldSettings;
  #secrets: EngineSecrets;
  readonly #storeHealth: StoreHealth;
  readonly #left: LeftJobs;
  readonly #views: JobViews;

  constructor(deps: EngineDependencies) {
    this.#eventlogs = new JobEventlogs(deps.store);
    this.notices = new Notices({ ...deps, settings: () => this.#told.now, show: deps.showInWindow });
    const publisher = this.notices.watching(this.#eventlogs.announcing(deps.publisher));
    const job = (info: JobInfo) => {
      publisher.job(info);
      this.workflows.service.jobChanged(info);
      this.ports.jobChanged(info);
    };
    this.#deps = { ...deps, publisher: { ...publisher, job } };
    this.#views = new JobViews({ ...deps, live: ({ cluster, key }) => this.#services.get(cluster)?.job(key) });
    this.#storeHealth = new StoreHealth({ ...this.#deps, onWell: () => this.#told.keep() });
    this.events = new EmittedEvents(deps);
    const requests = {
      ...this.#deps,
      service: (cluster: string) => this.#service(cluster),
      job: (key: JobKey) => this.#job(key),
      info: (record: JobRecord) => this.#views.info(record),
    };
    this.watchers = new WatcherRequests({ ...requests, maxWatchers: () => this.#told.now.maxWatchersPerJob });
    this.jobRequests = new JobRequests(requests);
    this.files = new FileRequests(requests);
    this.fileSystems = new FileSystemRequests(requests);
    this.ports = new PortRequests(requests);
    this.submissions = new SubmitRequests({
      settings: () => this.#told.now,
      service: (cluster) => this.#service(cluster),
      job: (key) => this.#job(key),
      script: (key) => this.script(key),
      log: deps.log,
    });
    this.#secrets = deps.secrets;
    this.#told = new ToldSettings(this.#deps);
    // What is wrong with the list is told to whoever asks for it.
    const listClusters = () => knownClusters(this.#told.now, deps.environment, () => {});
    this.#left = new LeftJobs({ ...deps, ownership: deps.store.ownership, knownClusters: listClusters });
    this.workflows = this.#openWorkflows();
  }

  #openWorkflows(): Workflows {
    const { store, runs, publisher, clock, log } = this.#deps;
    return openWorkflows({
      runs,
      store,
      publisher,
      clock,
      log,
      onRun: this.#deps.onRun,
      keepDays: () => this.#told.now['workflows.keepDays'],
      effects: {
        events: this.events,
        readText: placedTexts((address) => this.fileSystems.readText(address)),
        submit: (params) => this.submit(params),
        cancelJob: (key) => this.cancel(key),
        connect: async (cluster) => (await this.#service(cluster)).backend.connection(),
        isHere: async (cluster) => (await this.#service(cluster)).info.kind === 'local',
        schedulerOf: async (cluster) => (await this.#service(cluster)).connect().then(({ scheduler }) => scheduler),
        notify: (notification) => publisher.notification(notification),
        isPassing: (error) => ConnectionError.is(error) || error instanceof SchedulerUnavailableError,
      },
    });
  }

  /** Takes up all that was open when the last engine ended, and whose cluster is known now. */
  async resume(): Promise<void> {
    this.#left.reconsider();
    const taken = await this.#left.takeOver();
    const { store } = this.#deps;
    const names = [...store.openJobs(), ...store.submissions()].map(({ cluster }) => cluster);
    // A service that is there follows its own already, but not what was taken over just now.
    await this.#follow([...new Set([...taken, ...names.filter((name) => !this.#services.has(name))])]);
  }

  async #follow(clusters: readonly string[]): Promise<void> {
    for (const name of clusters) {
      try {
        (await this.#service(name)).resume();
      } catch (error) {
        this.#deps.log.error(`the jobs of ${name} cannot be followed: ${String(error)}`);
      }
    }
  }

  /** This engine is alive, as the shared store knows. */
  lookAround(): void {
    const taken = this.#left.takeOver().then((names) => this.#follow(names));
    taken.catch((error: unknown) => {
      // How the store is, is told once.
      if (!(error instanceof StoreFailure)) this.#deps.log.warn(`jobs of other engines: ${String(error)}`);
    });
    this.#views.lookAround();
    this.#eventlogs.lookAround();
    this.workflows.lookAround();
  }

  /** Other engines took over what this one followed. */
  leaveJobs(): void {
    this.#left.reconsider();
    for (const service of this.#services.values()) service.leave();
  }

  configure(settings: Partial<EngineSettings>): void {
    this.#told.tell(settings);
    this.notices.wake();
    // A cluster that was not known until now may have open jobs.
    void this.resume();
  }

  /** Kept in memory. What is not given stays as it is. */
  tellSecrets(secrets: EngineSecrets): void {
    this.#secrets = { ...this.#secrets, ...secrets };
    for (const service of this.#services.values()) service.personCame();
  }

  /** A client attached that answers prompts. */
  personCame(): void {
    for (const service of this.#services.values()) service.personCame();
  }

  /** Jobs are followed, so that the engine must go on without clients. */
  get isBusy(): boolean {
    try {
      return this.workflows.isBusy || [...this.#services.values()].some((service) => service.isBusy);
    } catch (error) {
      // Whoever cannot ask must not take it that there is nothing to do.
      if (error instanceof StoreFailure) return true;
      throw error;
    }
  }

  async dispose(): Promise<void> {
    this.notices.dispose();
    this.ports.dispose();
    await this.workflows.dispose();
    await Promise.all([...this.#services.values()].map((service) => service.dispose()));
    this.#services.clear();
  }

  /** What only the process knows is added by `rpc-server.ts`. */
  status(): Pick<EngineStatus, 'clusters' | 'jobs' | 'store'> {
    const { store } = this.#deps;
    const clusters = [...this.#services.values()].map(({ info, lookedAt, followedJobs, clockOffsetSeconds }) => ({
      ...info,
      followedJobs,
      clockOffsetSeconds,
      ...(lookedAt === undefined ? {} : { lookedAt }),
    }));
    const followed = clusters.reduce((sum, cluster) => sum + cluster.followedJobs, 0);
    return {
      clusters,
      jobs: { known: store.jobCount(), followed },
      store: { ...store.usage(), ...(this.#storeHealth.problem ? { problem: this.#storeHealth.problem } : {}) },
    };
  }

  // Clusters

  async clusters(): Promise<ClusterInfo[]> {
    return (await this.#known()).map(
      ({ settings: _, ...cluster }) => this.#services.get(cluster.name)?.info ?? { ...cluster, state: 'idle' },
    );
  }

  #known(): Promise<readonly ClusterEntry[]> {
    return knownClusters(this.#told.now, this.#deps.environment, (problem) => {
      this.#deps.log.warn(problem);
      this.#deps.publisher.notification({ level: 'warning', message: problem });
    });
  }

  async connect(name: string): Promise<ClusterInfo> {
    return (await this.#service(name)).connect();
  }

  async disconnect(name: string): Promise<ClusterInfo> {
    this.#passwords.forget(name);
    return (await this.#service(name)).disconnect();
  }

  /** Of a cluster that is connected; never connects one. */
  async facts(name: string, maxAgeSeconds?: number): Promise<ClusterFacts | undefined> {
    return this.#services.get(name)?.facts(maxAgeSeconds);
  }

  /** Lines of the engine's log. Rejects when there is none, or it cannot be read. */
  clusterLog(name: string): Promise<readonly string[]> {
    return readLogOfCluster(this.#deps.paths.logFile, name);
  }

  async #service(name: string): Promise<ClusterService> {
    const known = this.#services.get(name);
    if (known) return known;
    const listed = await this.#known();
    const cluster = listed.find((candidate) => candidate.name === name);
    if (!cluster) {
      throw new UnknownClusterError(
        `There is no cluster "${name}": it is neither a Host of ${this.#told.now.sshConfigFile} nor in the setting vigil.clusters. Known: ${listed.map((one) => one.name).join(', ')}.`,
      );
    }
    // Somebody else may have made it while the list was read.
    const made = this.#services.get(name);
    if (made) return made;
    const service = this.#createService(cluster);
    this.#services.set(name, service);
    service.resume();
    return service;
  }

  #actionServices(): ActionServices {
    const { environment, askCommand } = this.#deps;
    return {
      settings: () => this.#told.now,
      secrets: () => this.#secrets,
      maxWatchersPerJob: () => this.#told.now.maxWatchersPerJob,
      environment,
      postJson,
      sendEmail: (message) =>
        sendBySmtp(message, { settings: this.#told.now, password: this.#secrets.emailPassword || undefined }),
      ask: askCommand,
      emit: (emit) => this.events.emit(emit),
    };
  }

  #createService({ settings, ...cluster }: ClusterEntry): ClusterService {
    const { store, clock, publisher, prompter, paths, environment, isWatched } = this.#deps;
    const log = this.#deps.log.child(cluster.name);
    const { name } = cluster;
    return new ClusterService({
      cluster,
      store,
      clock,
      log,
      publisher,
      isWatched,
      actions: this.#actionServices(),
      minPollSeconds: () => this.#told.now.minPollSeconds,
      createBackend: (listener) => {
        if (cluster.kind === 'local' && settings.scheduler === 'local') {
          const directory = join(paths.localJobs, name);
          const reserve = store.reserver(`jobs of ${name}`);
          return createLocalBackend({ cluster: name, directory, clock, log, environment, reserve }, listener);
        }
        const open = async (signal: AbortSignal) => {
          if (cluster.kind === 'local') return openLocalConnection(name, environment);
          // As the settings are now: a mended host or port counts at the next try.
          const latest = (await this.#known()).find((entry) => entry.name === name)?.settings ?? settings;
          const directory = paths.runtimeDirectory;
          const options = {
            settings: latest,
            sshConfigFile: this.#told.now.sshConfigFile,
            directory,
            environment,
            log,
          };
          return this.#passwords.during(name, prompter, (asking) => connectSsh(options, asking, signal));
        };
        const { scheduler: wanted = 'auto', fluxUri } = settings;
        const backOff = () => {
          const { reconnectSeconds, longestReconnectSeconds } = this.#told.now;
          return { firstSeconds: reconnectSeconds, longestSeconds: longestReconnectSeconds };
        };
        return createRemoteBackend({
          name,
          open,
          filesAreHere: cluster.kind === 'local',
          backOff,
          clock,
          log,
          listener,
          wanted: wanted === 'local' ? 'auto' : wanted,
          ...(fluxUri === undefined ? {} : { fluxUri }),
          pollSeconds: () => pollSeconds(this.#told.now.clusters.find((one) => one.name === name)),
        });
      },
    });
  }

  // Jobs

  async foreignJobs({ cluster, days }: ForeignJobsParams): Promise<readonly ForeignJob[]> {
    return (await this.#service(cluster)).adoptions.foreignJobs(days);
  }

  async adopt({ cluster, ...params }: AdoptParams): Promise<JobInfo> {
    return this.#views.info(await (await this.#service(cluster)).adoptions.adopt(params));
  }

  jobs(): JobInfo[] {
    return this.#views.all();
  }

  #job(key: JobKey): JobRecord {
    const job = this.#deps.store.job(key);
    if (!job)
      throw new UnknownJobError(
        `There is no job ${key} here: jobs are named CLUSTER/JOBID, as "vigil jobs" lists them.`,
      );
    return job;
  }

  /** See `SubmitRequests.submit`. */
  submit(params: SubmitParams, send?: (progress: SubmitProgress) => void): Promise<JobInfo> {
    return this.submissions.submit(params, send);
  }

  async cancel(key: JobKey): Promise<void> {
    const job = this.#job(key);
    await (await this.#service(job.cluster)).cancel(job.jobId);
  }

  /** Only ended jobs can be forgotten. */
  forget(key: JobKey): void {
    const job = this.#job(key);
    if (job.phase !== 'clean') throw new Error(`Job ${key} has not ended: cancel it first.`);
    this.#services.get(job.cluster)?.forget(key);
    this.#deps.store.forgetJob(key);
    this.#deps.publisher.forgotten(key);
  }

  eventlog(key: JobKey, from = 0, log: EventlogName = 'eventlog'): readonly EventlogEntry[] {
    return this.#log(key, log).read(from);
  }

  /** Of a job, or of a workflow run (`run/ID`). */
  #log(key: JobKey, log?: EventlogName): EventSource {
    const source = this.#eventlogs.source(key, log);
    if (!key.startsWith(runKeyPrefix) || source.read(0).length === 0) this.#job(key);
    return source;
  }

  /** The entries of a job's log, the past first, then as they come, until it ends. Throws `UnknownJobError`. */
  watchEvents(key: JobKey, { log, ...options }: WatchOptions & { readonly log?: EventlogName } = {}) {
    return watchEvents(this.#log(key, log), options);
  }

  /** See `waitEvent` of eventlog/read-events.ts. Rejects with `UnknownJobError` too. */
  async waitEvent({ job: key, name, log, ...options }: WaitEventParams, signal?: AbortSignal) {
    const source = this.#log(key, log);
    return waitEvent(source, name, { ...options, ...(signal ? { signal } : {}) }, this.#deps.clock);
  }

  metrics(key: JobKey, name?: string): readonly MetricSeries[] {
    this.#job(key);
    return this.#deps.store.metrics(key, name);
  }

  actionRuns(key: JobKey): readonly ActionRun[] {
    this.#job(key);
    return this.#deps.store.actions.runs(key);
  }

  script(key: JobKey): string {
    const text = this.#deps.store.script(this.#job(key).scriptHash);
    if (text === undefined) throw new UnknownJobError(`The script of ${key} is not stored any more.`);
    return text;
  }

  /** Follows a job's output for a client. Rejects when the scheduler has not told a path (yet). */
  async openOutput(
    { job: key, stream, offset }: OpenOutputParams,
    listener: FollowListener,
  ): Promise<{ follow: Follow; path: string }> {
    const job = this.#job(key);
    const service = await this.#service(job.cluster);
    const path = stream === 'stdout' ? job.stdoutPath : (job.stderrPath ?? job.stdoutPath);
    if (!path) {
      throw new Error(`The ${stream} of job ${key} cannot be opened: ${noOutput(job)}.`);
    }
    // The reader needs a connection; what fails here is told to the caller.
    await service.connect();
    const release = service.backend.hold();
    const follow = service.backend.reader.follow({ path, offset }, listener);
    const stop = () => {
      follow.stop();
      release();
    };
    return { follow: { check: () => follow.check(), stop }, path };
  }
}
