/** The jobs of one cluster: submits, looks at all of them with one query, and follows each that is open. */
import type { ActionHost } from '../actions/action.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { ClusterInfo, ClusterState, JobInfo, JobKey, UserNotification } from '../protocol.ts';
import type { Publisher } from '../publisher.ts';
import type { JobSnapshot, Scheduler } from '../schedulers/scheduler.ts';
import { isEnded } from '../schedulers/transitions.ts';
import type { JobRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { initialProgress } from '../watch/progress.ts';
import { arraySnapshot } from './array.ts';
import type { Backend, BackendListener } from './backend.ts';
import { JobFollower } from './job-follower.ts';
import { jobInfo } from './job-info.ts';
import { pollPeriod } from './poll-period.ts';
import { type Submission, Submissions } from './submissions.ts';

export interface ClusterServiceDependencies {
  /** Name, kind, source and address. */
  readonly cluster: Pick<ClusterInfo, 'name' | 'kind' | 'source' | 'address'>;
  readonly createBackend: (listener: BackendListener) => Backend;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publisher: Publisher;
  readonly postJson: ActionHost['postJson'];
  readonly environment: { readonly [name: string]: string | undefined };
  /** Is a client attached? */
  readonly isWatched: () => boolean;
  readonly minPollSeconds: () => number;
}

/** How long a follower whose store failed waits before it begins again. */
const restartMs = 10_000;

export class ClusterService {
  readonly backend: Backend;
  readonly #deps: ClusterServiceDependencies;
  readonly #submissions: Submissions;
  readonly #followers = new Map<JobKey, JobFollower>();
  #info: ClusterInfo;
  #release: (() => void) | undefined;
  #cancelLook = () => {};
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #lastChange = 0;
  #idleLooks = 0;
  #disposed = false;
  #lost = false;
  #endHints = () => {};

  constructor(deps: ClusterServiceDependencies) {
    this.#deps = deps;
    this.#info = { ...deps.cluster, state: 'idle' };
    this.#submissions = new Submissions({ ...deps, cluster: deps.cluster.name });
    this.backend = deps.createBackend({
      onState: (state, detail) => this.#onState(state, detail),
      onSchedulerKnown: (scheduler) => this.#onScheduler(scheduler),
    });
  }

  get info(): ClusterInfo {
    return this.#info;
  }

  /** Goes on with what was open when the engine ended. */
  resume(): void {
    const open = this.#deps.store.openJobs(this.#deps.cluster.name);
    for (const job of open) this.#followers.set(job.key, this.#follower(job));
    if (this.#followers.size > 0 || this.#submissions.isPending) this.#hold();
  }

  async connect(): Promise<ClusterInfo> {
    await this.backend.scheduler();
    return this.#info;
  }

  async disconnect(): Promise<ClusterInfo> {
    await this.backend.disconnect();
    return this.#info;
  }

  /** Has it anything to do when no client is attached? */
  get isBusy(): boolean {
    return this.#followers.size > 0 || this.#submissions.isPending;
  }

  /** Somebody came who can be asked for a password: a connection that failed for want of one is tried again. */
  personCame(): void {
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
  async submit(submission: Submission): Promise<JobInfo> {
    const scheduler = await this.backend.scheduler();
    try {
      return this.#followNew(await this.#submissions.submit(scheduler, submission));
    } finally {
      if (this.#submissions.isPending) this.#hold();
    }
  }

  /** A job that the scheduler has just accepted. */
  #followNew(job: JobRecord): JobInfo {
    // A submission that is repeated with its key may find its job long over.
    if (job.phase === 'clean') return jobInfo(job, []);
    const follower = this.#followers.get(job.key) ?? this.#follower(job);
    this.#followers.set(job.key, follower);
    this.#deps.publisher.job(follower.info);
    this.#changed();
    this.#hold();
    this.lookNow();
    return follower.info;
  }

  cancel(jobId: string, signal?: string): Promise<void> {
    return this.#ask((scheduler) => scheduler.cancel(jobId, signal));
  }

  /** Something that changes a job, so that a look is worth while afterwards. */
  async #ask(request: (scheduler: Scheduler) => Promise<void>): Promise<void> {
    await request(await this.backend.scheduler());
    this.#changed();
    this.lookNow();
  }

  /** Ends following; what runs on the cluster goes on. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#cancelLook();
    this.#endHints();
    for (const follower of this.#followers.values()) follower.dispose();
    this.#followers.clear();
    this.#release?.();
    await this.backend.disconnect();
    this.backend.reader.dispose();
  }

  #follower(job: JobRecord): JobFollower {
    const { store, clock, log, publisher } = this.#deps;
    return new JobFollower(job, {
      store,
      clock,
      log,
      publisher,
      reader: this.backend.reader,
      user: () => this.backend.user,
      isReachable: () => this.#info.state === 'connected',
      host: {
        cancel: (signal) => this.cancel(job.jobId, signal),
        control: (verb) => this.#ask((scheduler) => scheduler.control(job.jobId, verb)),
        update: (changes) => this.#ask((scheduler) => scheduler.update(job.jobId, changes)),
        resubmit: (key, options, remaining) => this.#resubmit(job, key, options, remaining),
        notify: (notification: UserNotification) => publisher.notification(notification),
        postJson: this.#deps.postJson,
        environment: (name) => this.#deps.environment[name],
      },
      onHint: () => this.lookNow(),
      onClosed: (key) => this.#onClosed(key),
      onBroken: (key) => this.#restart(key),
    });
  }

  /** After the store failed: again from what it has, when it may be well again. */
  #restart(key: JobKey): void {
    this.#deps.clock.setTimeout(() => {
      const job = this.#deps.store.job(key);
      if (!this.#disposed && job && job.phase !== 'clean') this.#followers.set(key, this.#follower(job));
    }, restartMs);
  }

  async #resubmit(
    job: JobRecord,
    key: string,
    options: readonly string[],
    remaining: readonly number[],
  ): Promise<string> {
    const { store } = this.#deps;
    const script = store.script(job.scriptHash);
    if (script === undefined) throw new Error(`the script of job ${job.jobId} is not stored any more`);
    const task = job.arrayTask ? [`--array=${job.arrayTask.index}`] : [];
    const watchers = store.watchers(job.key).map(({ spec }, index) => ({
      ...spec,
      remainingResubmits: remaining[index] ?? spec.remainingResubmits,
    }));
    const info = await this.submit({
      script,
      name: job.name,
      options: [...job.options, ...task, ...options],
      watchers,
      resubmitOf: job.key,
      key,
      ...(job.scriptPath === undefined ? {} : { scriptPath: job.scriptPath }),
      ...(job.workdir === undefined ? {} : { workdir: job.workdir }),
    });
    return info.key;
  }

  #onClosed(key: JobKey): void {
    this.#followers.delete(key);
    if (this.#followers.size > 0) return;
    this.#cancelLook();
    this.#release?.();
    this.#release = undefined;
  }

  // The connection

  #hold(): void {
    this.#release ??= this.backend.hold();
    this.#lookLater(0);
  }

  #onScheduler(scheduler: Scheduler): void {
    this.#info = { ...this.#info, scheduler: scheduler.kind, detail: scheduler.version };
    this.#endHints();
    this.#endHints = scheduler.onHint(() => this.lookNow());
    this.#deps.publisher.cluster(this.#info);
  }

  #onState(state: ClusterState, detail?: string): void {
    const before = this.#info.state;
    const { detail: _, ...rest } = this.#info;
    this.#info = { ...rest, state, ...(detail === undefined ? {} : { detail }) };
    this.#deps.publisher.cluster(this.#info);
    if (before === 'connected' && state === 'offline')
      this.#logOfAll('connection.lost', detail ? { note: detail } : {});
    if (state === 'connected' && this.#lost) this.#logOfAll('connection.restored', {});
    if (state === 'connected' && this.#followers.size > 0) this.lookNow();
  }

  #logOfAll(name: 'connection.lost' | 'connection.restored', context: { readonly note?: string }): void {
    this.#lost = name === 'connection.lost';
    for (const follower of this.#followers.values()) {
      if (!isEnded(follower.job.state)) follower.logEvents([{ name, ...(context.note ? { context } : {}) }]);
    }
  }

  // Looking

  #changed(): void {
    this.#lastChange = this.#deps.clock.now();
    this.#idleLooks = 0;
  }

  /** A look at once, or right after the one that is under way. */
  lookNow(): void {
    if (this.#looking !== undefined) this.#lookAgain = true;
    else this.#lookLater(0);
  }

  #lookLater(seconds: number): void {
    this.#cancelLook();
    if (this.#disposed) return;
    this.#cancelLook = this.#deps.clock.setTimeout(() => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
        const again = this.#lookAgain;
        this.#lookAgain = false;
        if (this.#followers.size > 0) this.#lookLater(again ? this.#minSeconds() : this.#period());
      });
    }, seconds * 1000);
  }

  #minSeconds(): number {
    return this.#info.scheduler === 'local' ? 0 : this.#deps.minPollSeconds();
  }

  #period(): number {
    return pollPeriod({
      now: this.#deps.clock.now(),
      lastChange: this.#lastChange,
      watched: this.#deps.isWatched(),
      idleLooks: this.#idleLooks,
      minSeconds: this.#minSeconds(),
    });
  }

  async #look(): Promise<void> {
    // The link opens itself again when it can, and then there is a look; what needs a person waits for one.
    if (this.#info.state === 'offline') return;
    try {
      const scheduler = await this.backend.scheduler();
      for (const job of await this.#submissions.recover(scheduler)) this.#followNew(job);
      const open = [...this.#followers.values()].map((follower) => follower.job).filter((job) => !isEnded(job.state));
      const wanted = [...new Set(open.map((job) => (job.arrayTask ? jobIdOf(job.arrayTask.parent) : job.jobId)))];
      if (wanted.length === 0) return;
      const seen = await this.#withPaths(scheduler, await scheduler.observe(wanted));
      const news = this.#take(open, seen);
      if (news) this.#changed();
      else this.#idleLooks++;
    } catch (error) {
      // "Could not ask" is not "gone": the jobs keep their last known state. A lost link reopens by itself.
      this.#idleLooks++;
      this.#deps.log.warn(
        `jobs of ${this.#deps.cluster.name} could not be looked at: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  /** True when something changed. */
  #take(open: readonly JobRecord[], seen: readonly JobSnapshot[]): boolean {
    let news = false;
    const byId = new Map(seen.map((snapshot) => [snapshot.jobId, snapshot]));
    for (const job of open) {
      const tasks = job.isArray ? seen.filter((snapshot) => snapshot.arrayTask?.parentJobId === job.jobId) : [];
      for (const task of tasks) news = this.#takeTask(job, task) || news;
      const snapshot = job.isArray ? arraySnapshot(job.jobId, tasks) : byId.get(job.jobId);
      const gone: JobSnapshot = { jobId: job.jobId, state: 'lost', ended: this.#deps.clock.now() };
      const known = snapshot ?? (this.#mayBeUnseen(job) ? undefined : gone);
      if (known) news = this.#followers.get(job.key)?.apply(known) || news;
    }
    return news;
  }

  /** Right after a submission the scheduler may not list the job yet. */
  #mayBeUnseen(job: JobRecord): boolean {
    return this.#deps.clock.now() - job.submitted < 30;
  }

  /** An array task gets an eventlog, and watchers of its own, when it has started. */
  #takeTask(parent: JobRecord, snapshot: JobSnapshot): boolean {
    const { store, publisher, clock, cluster } = this.#deps;
    const key = `${cluster.name}/${snapshot.jobId}`;
    if (this.#followers.has(key) || snapshot.state === 'pending' || store.job(key)) return false;
    const { isArray, started, ended, status, reason, nodes, stdoutPath, stderrPath, ...shared } = parent;
    const index = snapshot.arrayTask?.index ?? 0;
    const job: JobRecord = {
      ...shared,
      key,
      jobId: snapshot.jobId,
      state: 'pending',
      phase: 'submitted',
      restarts: 0,
      arrayTask: { parent: parent.key, index },
    };
    const now = clock.now();
    const entries = store.transaction(() => {
      store.saveJob(job);
      const specs = store.watchers(parent.key).map(({ spec }) => spec);
      store.saveWatchers(
        key,
        specs.map((spec) => ({ spec, state: initialProgress(spec, now) })),
      );
      const context = { jobid: snapshot.jobId, array: parent.jobId, task: index };
      return store.append(key, [{ timestamp: job.submitted, name: 'submit', context }], now);
    });
    publisher.eventlog(key, entries);
    const follower = this.#follower(job);
    this.#followers.set(key, follower);
    follower.apply(snapshot);
    this.#changed();
    return true;
  }

  /**
   * squeue and sacct do not tell output paths: they are asked for once, when a job has begun to run, and with one
   * question for all tasks of an array.
   */
  async #withPaths(scheduler: Scheduler, seen: readonly JobSnapshot[]): Promise<JobSnapshot[]> {
    const { store, cluster } = this.#deps;
    const lacking = seen.filter((snapshot) => {
      if (snapshot.stdoutPath !== undefined || snapshot.state === 'pending') return false;
      return store.job(`${cluster.name}/${snapshot.jobId}`)?.stdoutPath === undefined;
    });
    const asked = [...new Set(lacking.map((snapshot) => snapshot.arrayTask?.parentJobId ?? snapshot.jobId))];
    const described = (await Promise.all(asked.map((jobId) => scheduler.describe(jobId)))).flat();
    const byId = new Map(described.map((snapshot) => [snapshot.jobId, snapshot]));
    return seen.map((snapshot) => {
      const { stdoutPath, stderrPath, workdir } = byId.get(snapshot.jobId) ?? {};
      const paths = Object.entries({ stdoutPath, stderrPath, workdir }).filter(([, value]) => value !== undefined);
      return { ...Object.fromEntries(paths), ...snapshot };
    });
  }
}

function jobIdOf(key: JobKey): string {
  return key.slice(key.indexOf('/') + 1);
}
