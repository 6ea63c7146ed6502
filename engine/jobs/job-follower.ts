/** Follows one open job: its state as the scheduler tells it, its output, its watchers and their actions, into its eventlog. */

import type { PatternSets } from '../../language/pattern/pattern-set.ts';
import type { ActionHost, ActionResult } from '../actions/action.ts';
import { perform } from '../actions/perform.ts';
import type { Clock } from '../clock.ts';
import { execLog } from '../eventlog/log-names.ts';
import type { Logger } from '../logger.ts';
import type { OutputReader } from '../output/reader.ts';
import type { EventlogEntry, JobInfo, Staleness, Timestamp } from '../protocol.ts';
import type { Publisher } from '../publisher.ts';
import type { JobSnapshot } from '../schedulers/scheduler.ts';
import { closeLog, isEnded, transition } from '../schedulers/transitions.ts';
import type { ActionIntent, JobRecord, NewEvent } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { JobWatch, type Stream, type WatchEffect } from '../watch/job-watch.ts';
import type { OutputBatch } from '../watch/lines.ts';
import type { WatcherProgress } from '../watch/progress.ts';
import type { JobFacts } from '../watch/scope.ts';
import { ActionQueue } from './action-queue.ts';
import { isOneFile, jobFacts, jobInfo } from './job-info.ts';
import { Stretch } from './stretch.ts';

export interface FollowerDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publisher: Publisher;
  readonly reader: OutputReader;
  readonly patternSets: PatternSets;
  /** For `$USER`; empty until the cluster was reached. */
  readonly user: () => string;
  /** What actions may do beside what the follower does itself. */
  readonly host: Pick<ActionHost, 'cancel' | 'control' | 'update' | 'notify' | 'postJson' | 'environment'> & {
    /** `remaining`: how many resubmits each watcher still has, in their order. */
    resubmit(key: string, options: readonly string[], remaining: readonly number[]): Promise<string>;
  };
  /** Is the cluster connected? */
  readonly isReachable: () => boolean;
  /** The store failed: this follower is dead, and what it knew beyond the store with it. A new one goes on from there. */
  readonly onBroken: (key: string) => void;
  /** The output says that the job is probably over: a look is worth while. */
  readonly onHint: () => void;
  /** The eventlog is ended by `clean`. */
  readonly onClosed: (key: string) => void;
}

/** Positions are stored with each match, and else every so often: what has no match may be read again. */
const saveEveryBytes = 1024 * 1024;
const notificationsPerHour = 30;
/** After the end: output on a network file system may come late. */
const settleMs = 250;

export class JobFollower {
  readonly #deps: FollowerDependencies;
  #job: JobRecord;
  readonly #watch: JobWatch;
  readonly #stretches = new Map<Stream, Stretch>();
  readonly #actions: ActionQueue;
  readonly #stop = new AbortController();
  #cancelTick = () => {};
  #confirming = false;
  #notified: number[] = [];
  #closing = false;
  /** When the scheduler last told of the job, and what has kept it from telling since. */
  #toldAt: Timestamp | undefined;
  #stale: Staleness | undefined;

  constructor(job: JobRecord, deps: FollowerDependencies) {
    this.#job = job;
    this.#deps = deps;
    const stored = deps.store.watchers(job.key);
    this.#watch = new JobWatch(
      stored.map(({ spec }) => spec),
      this.#facts(),
      {
        now: deps.clock.now(),
        oneFile: isOneFile(job),
        progress: stored.map(({ state }) => state as WatcherProgress),
        patternSets: deps.patternSets,
        alsoPatterns: [endsJob.source],
      },
    );
    // What was decided before the engine ended, and has no recorded result, is performed now.
    this.#actions = new ActionQueue({
      clock: deps.clock,
      perform: (intent) => perform(intent, this.#host(intent)),
      record: (intent, result) => this.#recordResult(intent, result),
      onWaiting: (intent, error) => this.#logWaiting(intent, error),
    });
    this.#actions.push(deps.store.openIntents(job.key));
    if (!isEnded(job.state)) this.#scheduleTick();
    this.#openOutput();
    if (isEnded(job.state)) void this.#close();
  }

  get job(): JobRecord {
    return this.#job;
  }

  get info(): JobInfo {
    return { ...jobInfo(this.#job, this.#watch.info), ...(this.#stale ? { stale: this.#stale } : {}) };
  }

  /** After each look that was to tell of this job. `why`: it could not, and so what is known stays and grows old. */
  told(why: string | undefined): void {
    const before = this.#stale;
    if (why === undefined) {
      this.#toldAt = this.#deps.clock.now();
      this.#stale = undefined;
    } else if (before?.why !== why) {
      this.#stale = { why, ...(this.#toldAt === undefined ? {} : { asOf: this.#toldAt }) };
    }
    if (this.#stale !== before) this.#deps.publisher.job(this.info);
  }

  #facts(): JobFacts {
    return jobFacts(this.#job, this.#deps.user());
  }

  /** Takes in what the scheduler says now. True when that was news. */
  apply(snapshot: JobSnapshot): boolean {
    if (this.#closing || this.#isStopped) return false;
    const now = this.#deps.clock.now();
    const before = this.#job;
    const { job, events, execEvents = [] } = transition(before, snapshot, now);
    if (events.length === 0 && JSON.stringify(job) === JSON.stringify(before)) return false;
    const { store, publisher } = this.#deps;
    let exec: readonly EventlogEntry[] = [];
    const kept = this.#commit(() => {
      store.saveJob(job);
      exec = store.append(job.key, execEvents, now, execLog);
      return this.#append(events);
    }, job);
    if (!kept) return false;
    if (exec.length > 0) publisher.eventlog(job.key, exec, execLog);
    this.#watch.updateJob(this.#facts(), isOneFile(job));
    const runsAgain = job.state === 'running' && before.state !== 'running';
    if (runsAgain || before.started !== job.started) this.#watch.started(now);
    this.#openOutput();
    this.#scheduleTick();
    if (isEnded(job.state)) void this.#close();
    return true;
  }

  /** Logs events that are not the scheduler's, e.g. `connection.lost`. */
  logEvents(events: readonly Omit<NewEvent, 'timestamp'>[]): void {
    const timestamp = this.#deps.clock.now();
    this.#commit(() => this.#append(events.map((event) => ({ timestamp, ...event }))));
  }

  /** Stops following, e.g. because the engine ends; the job goes on. */
  dispose(): void {
    if (this.#isStopped) return;
    for (const stretch of this.#stretches.values()) this.#savePosition(stretch);
    this.#halt();
  }

  get #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  #halt(): void {
    this.#stop.abort();
    this.#cancelTick();
    this.#actions.stop();
    for (const stretch of this.#stretches.values()) stretch.stop();
    this.#stretches.clear();
  }

  // Output

  #openOutput(): void {
    const { state, isArray, stdoutPath, stderrPath } = this.#job;
    if (state === 'pending' || isArray || this.#isStopped) return;
    const paths: Record<Stream, string | undefined> = { stdout: stdoutPath, stderr: stderrPath };
    for (const stream of this.#watch.streams) {
      const path = paths[stream];
      const open = this.#stretches.get(stream);
      if (!path || open?.path === path) continue;
      open?.stop();
      this.#stretches.set(stream, this.#stretch(stream, path));
    }
  }

  #stretch(stream: Stream, path: string): Stretch {
    const { store, reader, clock, log, isReachable } = this.#deps;
    return new Stretch({
      stream,
      path,
      from: store.outputs(this.#job.key).find((output) => output.stream === stream && output.path === path),
      lineReader: this.#watch,
      reader,
      clock,
      isReachable,
      onLines: (stretch, batch) => this.#lines(stretch, batch),
      onRestart: (_stretch, offset) => this.#logLost(stream, path, offset, 'the file was truncated or replaced'),
      onProblem: (_stretch, problem) => log.info(`${this.#job.key}: ${problem}`),
    });
  }

  #logLost(stream: Stream, path: string, offset: number, note: string): void {
    this.logEvents([{ name: 'output.lost', context: { stream, path, note, offset } }]);
  }

  /** A promise where the reader has to wait: more is decided than is done. */
  #lines(stretch: Stretch, batch: OutputBatch): Promise<void> | undefined {
    if (this.#isStopped) return undefined;
    const { lines } = batch;
    const effects = this.#watch.feed(stretch.stream, batch, this.#deps.clock.now());
    if (lines.some((line) => endsJob.test(line.text))) this.#deps.onHint();
    this.#tellOfCut(stretch, batch);
    if (effects.length > 0) this.#record(effects, stretch);
    else if (stretch.unsaved >= saveEveryBytes) this.#savePosition(stretch);
    return this.#actions.room();
  }

  /** Section 5: recorded once. */
  #tellOfCut(stretch: Stretch, { lines }: OutputBatch): void {
    const cut = stretch.toldOfCut ? undefined : lines.find((line) => line.cut);
    if (!cut) return;
    stretch.toldOfCut = true;
    const note = `line ${cut.number} is longer than 64 KiB: only its beginning is matched, as of all such lines`;
    this.#logLost(stretch.stream, stretch.path, cut.endOffset, note);
  }

  #savePosition(stretch: Stretch): void {
    // With the watchers' counters, which know what was read (`silence` does).
    this.#commit(() => {
      const { stream, path, position } = stretch;
      this.#deps.store.saveOutput(this.#job.key, { stream, path, ...position });
      return [];
    });
    stretch.unsaved = 0;
  }

  // Watchers and actions

  /** Writes down what the watchers found, together with how far the output is read; then starts what they decided. */
  #record(effects: readonly WatchEffect[], stretch?: Stretch): void {
    const intents: ActionIntent[] = [];
    const kept = this.#commit(() => {
      const entries = this.#append(effects.map(({ event }) => event));
      effects.forEach(({ intent }, index) => {
        const seq = entries[index]?.seq;
        if (!intent || seq === undefined) return;
        this.#deps.store.saveIntent(this.#job.key, intent, seq);
        intents.push(intent);
      });
      if (stretch) {
        const { stream, path, position } = stretch;
        this.#deps.store.saveOutput(this.#job.key, { stream, path, ...position });
      }
      return entries;
    });
    if (!kept) return;
    if (stretch) stretch.unsaved = 0;
    this.#actions.push(intents);
    this.#scheduleTick();
  }

  #scheduleTick(): void {
    this.#cancelTick();
    const runs = this.#job.state === 'running' && this.#job.started !== undefined;
    const due = runs ? this.#watch.nextTick(this.#confirming) : undefined;
    if (due === undefined || this.#isStopped || this.#closing) return;
    const waitMs = Math.min(Math.max(0, due - this.#deps.clock.now()) * 1000, 3_600_000);
    this.#cancelTick = this.#deps.clock.setTimeout(() => this.#tick(), waitMs);
  }

  #tick(): void {
    const now = this.#deps.clock.now();
    const effects = this.#watch.tick(now);
    if (effects.length > 0) this.#record(effects);
    if (this.#watch.isSilent(now) && !this.#confirming) void this.#confirmSilence();
    this.#scheduleTick();
  }

  /**
   * Silence is what the job does, not what arrives here: a lost connection, a sleeping laptop and a new engine are silent
   * too. So before anything is done about it, all that was written until now is read.
   */
  async #confirmSilence(): Promise<void> {
    this.#confirming = true;
    await Promise.all([...this.#stretches.values()].map((stretch) => stretch.confirm()));
    this.#confirming = false;
    if (this.#isStopped || this.#closing) return;
    const effects = this.#job.state === 'running' ? this.#watch.silence(this.#deps.clock.now()) : [];
    if (effects.length > 0) this.#record(effects);
    else this.#scheduleTick();
  }

  #logWaiting({ watcherName: watcher, action, trigger, position }: ActionIntent, error: Error): void {
    const message = `waits for the cluster: ${error.message}`;
    this.logEvents([{ name: 'log', context: { watcher, action, trigger, position, level: 'warning', message } }]);
  }

  #host(intent: ActionIntent): ActionHost {
    const { host, store, clock } = this.#deps;
    return {
      ...host,
      job: this.#job,
      resubmit: (key, options) => {
        const remaining = this.#watch.progress.map((progress) => progress.remainingResubmits);
        return host.resubmit(key, options, remaining);
      },
      mayNotify: () => this.#mayNotify(),
      sleep: (ms) => clock.sleep(ms, this.#stop.signal),
      cancel: async (signal, reason) => {
        const job = reason ? { ...this.#job, cancelReason: reason } : this.#job;
        this.#commit(() => {
          store.saveJob(job);
          return [];
        }, job);
        await host.cancel(signal, reason);
      },
      // A resubmission that was begun before a crash or a lost connection has been counted.
      takeResubmit: (key) => store.hasSubmitKey(key) || this.#watch.takeResubmit(intent.watcher),
      setWatcherState: (name, state, reason) => {
        if (!this.#watch.specs.some((spec) => spec.name === name)) return false;
        this.#record(this.#watch.setState(name, state, reason, this.#deps.clock.now()));
        return true;
      },
    };
  }

  /** Section 9: so many an hour and job. */
  #mayNotify(): boolean {
    const now = this.#deps.clock.now();
    this.#notified = this.#notified.filter((at) => now - at < 3600);
    if (this.#notified.length >= notificationsPerHour) return false;
    this.#notified.push(now);
    return true;
  }

  #recordResult(intent: ActionIntent, result: ActionResult): void {
    const { store, clock } = this.#deps;
    const timestamp = clock.now();
    const { watcherName: watcher, action, trigger, position } = intent;
    this.#commit(() => {
      const { ok, message } = result;
      const context = { watcher, action, trigger, position, ok, message };
      const events = [
        { timestamp, name: 'watcher.result', context },
        ...(result.events ?? []).map((event) => ({ timestamp, ...event })),
      ];
      const disabled = this.#watch.actionFinished(intent.watcher, ok, timestamp).map(({ event }) => event);
      const entries = this.#append([...events, ...disabled]);
      store.saveResult(this.#job.key, intent, entries[0]?.seq ?? -1);
      if (result.metric) store.addMetric(this.#job.key, result.metric.name, timestamp, result.metric.value);
      return entries;
    });
  }

  // The end

  /** Reads the output to its end, lets the watchers and their actions finish, and ends the log. */
  async #close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#cancelTick();
    const { clock } = this.#deps;
    if (this.#stretches.size > 0) await clock.sleep(settleMs, this.#stop.signal).catch(() => undefined);
    await Promise.all([...this.#stretches.values()].map((stretch) => this.#readToEnd(stretch)));
    if (this.#isStopped) return;
    this.#record(this.#watch.jobEnded(this.#facts(), clock.now()));
    await this.#actions.settled();
    if (this.#isStopped) return;
    const { job, events } = closeLog(this.#job, clock.now());
    const kept = this.#commit(() => {
      this.#deps.store.saveJob(job);
      return this.#append(events);
    }, job);
    if (!kept) return;
    this.#halt();
    this.#deps.onClosed(this.#job.key);
  }

  async #readToEnd(stretch: Stretch): Promise<void> {
    const problem = await stretch.readToEnd(this.#stop.signal);
    if (this.#isStopped) return;
    void this.#lines(stretch, stretch.lastLine());
    this.#savePosition(stretch);
    if (problem !== undefined) this.#logLost(stretch.stream, stretch.path, stretch.position.offset, problem);
  }

  // The log

  #append(events: readonly NewEvent[]): EventlogEntry[] {
    return this.#deps.store.append(this.#job.key, events, this.#deps.clock.now());
  }

  /**
   * One transaction; what it logged is published when it is kept, not before. False: the store failed, and this follower
   * has ended. `job`: the record from now on, if it was kept.
   */
  #commit(work: () => readonly EventlogEntry[], job = this.#job): boolean {
    if (this.#isStopped) return false;
    const { store, publisher, log, onBroken } = this.#deps;
    try {
      const entries = store.transaction(() => {
        const appended = work();
        const progress = this.#watch.progress;
        const watchers = this.#watch.specs.map((spec, index) => ({ spec, state: progress[index] }));
        store.saveWatchers(this.#job.key, watchers);
        return appended;
      });
      this.#job = job;
      if (entries.length > 0) publisher.eventlog(this.#job.key, entries);
      publisher.job(this.info);
      return true;
    } catch (error) {
      // What is in memory is ahead of what is kept: only who begins again from the store goes on without loss.
      log.error(`the eventlog of ${this.#job.key} cannot be written: ${String(error)}`);
      this.#halt();
      onBroken(this.#job.key);
      return false;
    }
  }
}

/** What slurmstepd writes into the output when it ends a job: a reason to look, not yet a fact. As Python's `re` too. */
const endsJob = /^(slurmstepd|srun)[^:]*: (error: )?\*\*\* (JOB|STEP)/;
