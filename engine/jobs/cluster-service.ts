/** The jobs of one cluster: submits, looks at all of them with one query, and follows each that is open. */

import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';
import { PatternSets } from '../../language/pattern/pattern-set.ts';
import type { Clock } from '../clock.ts';
import { ConnectionError } from '../clusters/connection.ts';
import type { LinkReport } from '../clusters/link.ts';
import type { Logger } from '../logger.ts';
import type { ClusterInfo, ClusterState, JobInfo, JobKey, Timestamp } from '../protocol.ts';
import type { Publisher } from '../publisher.ts';
import { appendsOutput } from '../schedulers/command-options.ts';
import type { Scheduler } from '../schedulers/scheduler.ts';
import { isEnded } from '../schedulers/transitions.ts';
import type { JobRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { Adoptions } from './adoption.ts';
import type { Backend, BackendListener } from './backend.ts';
import { FactsCache } from './facts-cache.ts';
import { JobFollower } from './job-follower.ts';
import { jobInfo } from './job-info.ts';
import { JobObservation } from './job-observation.ts';
import { loginSetupOn } from './login-setup.ts';
import { LookingLoop } from './looking-loop.ts';
import { type ActionServices, outerHost } from './outer-host.ts';
import { type OnSubmitStage, type Submission, Submissions } from './submissions.ts';

export interface ClusterServiceDependencies {
  /** Name, kind, source and address. */
  readonly cluster: Pick<ClusterInfo, 'name' | 'kind' | 'source' | 'address'>;
  readonly createBackend: (listener: BackendListener) => Backend;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publisher: Publisher;
  /** What the engine has for the actions of all jobs. */
  readonly actions: ActionServices;
  /** Is a client attached? */
  readonly isWatched: () => boolean;
  readonly minPollSeconds: () => number;
}

/** How long a follower whose store failed waits before it begins again. */
const restartMs = 10_000;

export class ClusterService {
  readonly backend: Backend;
  /** Jobs that were submitted elsewhere. */
  readonly adoptions: Adoptions;
  readonly #deps: ClusterServiceDependencies;
  readonly #submissions: Submissions;
  readonly #followers = new Map<JobKey, JobFollower>();
  /** Who waits for the end of a job's log. */
  readonly #closing = new Map<JobKey, () => void>();
  #info: ClusterInfo;
  #release: (() => void) | undefined;
  readonly #looking: LookingLoop;
  readonly #observation: JobObservation;
  #scheduler: Scheduler | undefined;
  readonly #facts: FactsCache;
  readonly #patternSets = new PatternSets();
  #disposed = false;
  #lost = false;
  #clockOffsetSeconds = 0;
  /** When the scheduler last told of the jobs. */
  #lookedAt: Timestamp | undefined;
  /** Disconnected on purpose: nothing but a person's wish connects it again. */
  #apart = false;
  #endHints = () => {};
  /** Does a job that runs again add to its output, unless its options say otherwise? */
  #siteAppends = false;

  constructor(deps: ClusterServiceDependencies) {
    this.#deps = deps;
    this.#info = { ...deps.cluster, state: 'idle' };
    const loginSetup = loginSetupOn(deps.cluster.name, () => this.backend.connection(), deps.clock);
    this.#submissions = new Submissions({
      ...deps,
      cluster: deps.cluster.name,
      loginSetup,
      forget: (key) => this.forget(key),
    });
    this.#observation = new JobObservation({
      ...deps,
      cluster: deps.cluster.name,
      reader: () => this.backend.reader,
      clockOffsetSeconds: () => this.#clockOffsetSeconds,
      followers: this.#followers,
      follow: (job) => this.#follow(job),
    });
    this.#facts = new FactsCache(deps.clock);
    this.#looking = new LookingLoop({
      clock: deps.clock,
      look: () => this.#look(),
      // "Could not ask" is not "gone": the jobs keep their last known state. A lost link reopens by itself.
      onFailure: (error) => this.#lookFailed(error),
      isWanted: () => this.isBusy && !this.#apart && !this.#disposed,
      isWatched: deps.isWatched,
      minSeconds: () => (this.#areLooksFree ? 0 : deps.minPollSeconds()),
    });
    this.adoptions = new Adoptions({
      ...deps,
      cluster: deps.cluster.name,
      scheduler: () => this.backend.scheduler(),
      follow: (job) => void this.#followNew(job),
      forget: (key) => this.forget(key),
    });
    this.backend = deps.createBackend({
      onState: (state, report) => this.#onState(state, report),
      onSchedulerKnown: (scheduler) => this.#onScheduler(scheduler),
    });
  }

  get info(): ClusterInfo {
    return this.#info;
  }

  get lookedAt(): Timestamp | undefined {
    return this.#lookedAt;
  }

  /** How far its clock is ahead of the engine's. */
  get clockOffsetSeconds(): number {
    return this.#clockOffsetSeconds;
  }

  get followedJobs(): number {
    return this.#followers.size;
  }

  /** Goes on with what was open when the engine ended. */
  resume(): void {
    const open = this.#deps.store.openJobs(this.#deps.cluster.name);
    // May be called again, e.g. when settings arrive while the engine starts.
    for (const job of open) if (!this.#followers.has(job.key)) this.#follow(job);
    if (this.isBusy) this.#hold();
  }

  /** Other engines have its jobs now: nothing more is written about them. */
  leave(): void {
    for (const key of [...this.#followers.keys()]) this.forget(key);
  }

  async connect(): Promise<ClusterInfo> {
    await this.backend.scheduler();
    return this.#info;
  }

  /** What the cluster says of itself; undefined: it is not connected, or has nothing to say. Never connects. */
  async facts(maxAgeSeconds?: number): Promise<ClusterFacts | undefined> {
    if (this.#info.state !== 'connected') return undefined;
    return this.#facts.of(await this.backend.scheduler(), maxAgeSeconds);
  }

  /** Nothing is asked there any more until somebody connects, submits or cancels; what is followed goes on then. */
  async disconnect(): Promise<ClusterInfo> {
    this.#apart = true;
    this.#looking.stop();
    await this.backend.disconnect();
    return this.#info;
  }

  /** Has it anything to do when no client is attached? */
  get isBusy(): boolean {
    return this.#followers.size > 0 || this.#submissions.isPending;
  }

  /** Somebody came who can be asked for a password: a connection that failed for want of one is tried again. */
  personCame(): void {
    for (const follower of this.#followers.values()) follower.personCame();
    if (!this.isBusy || this.#info.state !== 'offline') return;
    this.backend.scheduler().catch((error: unknown) => this.#deps.log.warn(String(error)));
  }

  job(key: JobKey): JobInfo | undefined {
    return this.#followers.get(key)?.info;
  }

  /**
   * Submits, once per key. Rejects with `RefusalError`, `ConnectionError` or `NoSchedulerError`. When the connection
   * breaks before the reply, it is looked whether the job was accepted as soon as there is a connection again.
   */
  async submit(submission: Submission, onStage: OnSubmitStage = () => undefined): Promise<JobInfo> {
    onStage('connecting');
    const scheduler = await this.backend.scheduler();
    try {
      return this.#followNew(await this.#submissions.submit(scheduler, submission, onStage));
    } finally {
      if (this.#submissions.isPending) {
        this.#looking.changed();
        this.#hold();
      }
    }
  }

  /** A job that the scheduler has just accepted. */
  #followNew(job: JobRecord): JobInfo {
    // A submission that is repeated with its key may find its job long over.
    if (job.phase === 'clean') return jobInfo(job, []);
    const follower = this.#followers.get(job.key) ?? this.#follow(job);
    this.#deps.publisher.job(follower.info);
    this.#looking.changed();
    this.#hold();
    return follower.info;
  }

  /** The follower of a job that is open. */
  follower(key: JobKey): JobFollower | undefined {
    return this.#followers.get(key);
  }

  /** Those of the tasks of an array that are open. */
  taskFollowers(array: JobKey): readonly JobFollower[] {
    return [...this.#followers.values()].filter(({ job }) => job.arrayTask?.parent === array);
  }

  /** Follows a job that is over to the end of its output once more. Resolves when that is done. */
  async reread(job: JobRecord): Promise<void> {
    await this.backend.scheduler();
    await new Promise<void>((resolve) => {
      this.#closing.set(job.key, resolve);
      this.#followNew(job);
    });
  }

  cancel(jobId: string, signal?: string): Promise<void> {
    return this.order((scheduler) => scheduler.cancel(jobId, signal));
  }

  /** Has the scheduler do something that changes a job, so that a look is worth while afterwards. */
  async order(request: (scheduler: Scheduler) => Promise<void>): Promise<void> {
    await request(await this.backend.scheduler());
    this.#looking.changed();
    this.lookNow();
  }

  /** The same for an action: it is no reason to connect what a person has disconnected. */
  async #askUnlessApart(request: (scheduler: Scheduler) => Promise<void>): Promise<void> {
    this.#mayConnect();
    await this.order(request);
  }

  #schedulerUnlessApart(): Promise<Scheduler> {
    this.#mayConnect();
    return this.backend.scheduler();
  }

  #mayConnect(): void {
    const { name } = this.#deps.cluster;
    if (this.#apart) throw new ConnectionError('closed', name, `${name} was disconnected: connect it again to go on.`);
  }

  /** Ends following; what runs on the cluster goes on. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#observation.dispose();
    this.#looking.stop();
    this.#endHints();
    for (const follower of this.#followers.values()) follower.dispose();
    this.#followers.clear();
    this.#release?.();
    await this.backend.disconnect();
    this.backend.dispose();
  }

  #follow(job: JobRecord): JobFollower {
    const { store, clock, log, publisher } = this.#deps;
    const follower = new JobFollower(job, {
      store,
      clock,
      log,
      publisher,
      reader: this.backend.reader,
      patternSets: this.#patternSets,
      user: () => this.backend.user,
      clockOffsetSeconds: () => this.#clockOffsetSeconds,
      isReachable: () => this.#info.state === 'connected',
      appendsOutput: () => appendsOutput(store.script(job.scriptHash) ?? '', job.options, this.#siteAppends),
      host: outerHost(job, {
        store,
        services: this.#deps.actions,
        notify: (notification) => publisher.notification(notification),
        change: (request) => this.#askUnlessApart(request),
        scheduler: () => this.#schedulerUnlessApart(),
        connection: async () => {
          await this.#schedulerUnlessApart();
          return this.backend.connection();
        },
        clusterFacts: () => this.facts().catch(() => undefined),
        submit: async (submission) => {
          this.#mayConnect();
          return (await this.submit(submission)).key;
        },
      }),
      onHint: () => this.lookNow(),
      onClosed: (key) => this.#onClosed(key),
      onBroken: (key) => this.#restart(key),
    });
    this.#followers.set(job.key, follower);
    return follower;
  }

  /** After the store failed: again from what it has, when it may be well again. */
  #restart(key: JobKey): void {
    this.#deps.clock.setTimeout(() => {
      if (this.#disposed) return;
      try {
        const { store } = this.#deps;
        const job = store.job(key);
        if (job && store.ownership.isOwn(key) && (job.phase !== 'clean' || store.actions.hasOpen(key)))
          this.#follow(job);
      } catch (error) {
        this.#warn(`${key} cannot be followed yet`, error);
        this.#restart(key);
      }
    }, restartMs);
  }

  /** What is kept of this job is removed: what it still had to tell is told no more. */
  forget(key: JobKey): void {
    this.#followers.get(key)?.forget();
    this.#onClosed(key);
  }

  #onClosed(key: JobKey): void {
    this.#followers.delete(key);
    this.#closing.get(key)?.();
    this.#closing.delete(key);
    this.#observation.closed(key);
    this.#releaseIfIdle();
  }

  // The connection

  #hold(): void {
    this.#release ??= this.backend.hold();
    this.lookNow();
  }

  #releaseIfIdle(): void {
    if (this.isBusy) return;
    this.#looking.stop();
    this.#release?.();
    this.#release = undefined;
  }

  get #areLooksFree(): boolean {
    return this.#scheduler?.looksAreFree === true;
  }

  #onScheduler(scheduler: Scheduler): void {
    this.#scheduler = scheduler;
    const { user } = this.backend;
    this.#info = { ...this.#info, scheduler: scheduler.kind, detail: scheduler.version, ...(user !== '' && { user }) };
    this.#siteAppends = scheduler.appendsOutput ?? false;
    this.#clockOffsetSeconds = scheduler.clockOffsetSeconds ?? 0;
    this.#endHints();
    this.#endHints = scheduler.onHint(() => this.lookNow());
    this.#deps.publisher.cluster(this.#info);
  }

  #onState(state: ClusterState, report: LinkReport): void {
    const { detail } = report;
    const { state: before, since: beforeSince } = this.#info;
    const { detail: _, nextAttempt: __, connection: ___, ...rest } = this.#info;
    const since = state === before && beforeSince !== undefined ? beforeSince : this.#deps.clock.now();
    this.#info = { ...rest, state, since, ...report };
    this.#deps.publisher.cluster(this.#info);
    if (before === 'connected' && (state === 'offline' || state === 'idle')) {
      const note = detail ?? (this.#apart ? 'disconnected on request' : undefined);
      this.#logOfAll('connection.lost', note ? { note } : {});
    }
    if (state !== 'connected') return;
    this.#apart = false;
    if (this.#lost) this.#logOfAll('connection.restored', {});
    if (this.isBusy) this.lookNow();
  }

  #logOfAll(name: 'connection.lost' | 'connection.restored', context: { readonly note?: string }): void {
    this.#lost = name === 'connection.lost';
    for (const follower of this.#followers.values()) {
      if (!isEnded(follower.job.state)) follower.logEvents([{ name, ...(context.note ? { context } : {}) }]);
    }
  }

  // Looking

  /** A look as soon as may be, or right after the one that is under way. */
  lookNow(): void {
    this.#looking.now();
  }

  /** Clients are told once how old what they show is, not each time. */
  #lookFailed(error: unknown): void {
    const { name } = this.#deps.cluster;
    this.#warn(`jobs of ${name} could not be looked at`, error);
    const why = error instanceof Error ? error.message : String(error);
    if (this.#info.stale?.why === why) return;
    this.#info = { ...this.#info, stale: { why, ...(this.#lookedAt === undefined ? {} : { asOf: this.#lookedAt }) } };
    this.#deps.publisher.cluster(this.#info);
  }

  #looked(): void {
    this.#lookedAt = this.#deps.clock.now();
    if (!this.#info.stale) return;
    // Much may have happened in the meantime.
    this.#looking.changed();
    const { stale: _, ...fresh } = this.#info;
    this.#info = fresh;
    this.#deps.publisher.cluster(this.#info);
  }

  #warn(what: string, error: unknown): void {
    this.#deps.log.warn(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }

  /** True when something changed. */
  async #look(): Promise<boolean> {
    // The link opens itself again when it can, and then there is a look; what needs a person waits for one.
    if (this.#info.state === 'offline') return false;
    const scheduler = await this.backend.scheduler();
    for (const job of await this.#submissions.recover(scheduler)) this.#followNew(job);
    this.#releaseIfIdle();
    return this.#observation.observe(scheduler, () => this.#looked());
  }
}
