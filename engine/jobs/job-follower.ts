/** Follows one open job: its state as the scheduler tells it, its output, its watchers and their actions, into its eventlog. */

import type { ActionHost, ActionResult } from '../actions/action.ts';
import { perform } from '../actions/perform.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { Follow, OutputReader } from '../output/reader.ts';
import type { EventlogEntry, JobInfo } from '../protocol.ts';
import type { Publisher } from '../publisher.ts';
import type { JobSnapshot } from '../schedulers/scheduler.ts';
import { closeLog, isEnded, transition } from '../schedulers/transitions.ts';
import type { ActionIntent, JobRecord, NewEvent } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { JobWatch, type Stream, type WatchEffect } from '../watch/job-watch.ts';
import { LineSplitter, type OutputLine } from '../watch/lines.ts';
import type { WatcherProgress } from '../watch/progress.ts';
import type { JobFacts } from '../watch/scope.ts';
import { jobInfo } from './job-info.ts';

export interface FollowerDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publisher: Publisher;
  readonly reader: OutputReader;
  /** For `$USER`. */
  readonly user: string;
  /** What actions may do beside what the follower does itself. */
  readonly host: Pick<ActionHost, 'cancel' | 'control' | 'update' | 'resubmit' | 'notify' | 'postJson' | 'environment'>;
  /** The output says that the job is probably over: a look is worth while. */
  readonly onHint: () => void;
  /** The eventlog is ended by `clean`. */
  readonly onClosed: (key: string) => void;
}

interface Stretch {
  readonly stream: Stream;
  readonly path: string;
  splitter: LineSplitter;
  follow: Follow;
  /** Bytes read since the position was stored. */
  unsaved: number;
  /** Resolves when the file has been read to its end after the job's. */
  onceRead: (() => void) | undefined;
}

/** Positions are stored with each match, and else every so often: what has no match may be read again. */
const saveEveryBytes = 1024 * 1024;
/** How long the end of the output is waited for before a log is closed without it. */
const drainMs = 30_000;
/** After the end: output on a network file system may come late. */
const settleMs = 250;

export class JobFollower {
  readonly #deps: FollowerDependencies;
  #job: JobRecord;
  readonly #watch: JobWatch;
  readonly #stretches = new Map<Stream, Stretch>();
  readonly #queue: ActionIntent[] = [];
  #performing: Promise<void> | undefined;
  #cancelTick = () => {};
  #closing = false;
  #disposed = false;

  constructor(job: JobRecord, deps: FollowerDependencies) {
    this.#job = job;
    this.#deps = deps;
    const stored = deps.store.watchers(job.key);
    this.#watch = new JobWatch(
      stored.map(({ spec }) => spec),
      this.#facts(),
      {
        now: deps.clock.now(),
        oneFile: job.stderrPath === undefined || job.stderrPath === job.stdoutPath,
        progress: stored.map(({ state }) => state as WatcherProgress),
      },
    );
    // What was decided before the engine ended, and has no recorded result, is performed now.
    this.#enqueue(deps.store.openIntents(job.key));
    if (!isEnded(job.state)) this.#scheduleTick();
    this.#openOutput();
    if (isEnded(job.state)) void this.#close();
  }

  get job(): JobRecord {
    return this.#job;
  }

  get info(): JobInfo {
    return jobInfo(this.#job, this.#watch.info);
  }

  #facts(): JobFacts {
    const { jobId, name, cluster, workdir, state, started } = this.#job;
    return {
      jobId,
      name,
      hostname: cluster,
      user: this.#deps.user,
      workdir: workdir ?? '',
      state,
      ...(isEnded(state) ? { endState: state } : {}),
      ...(started === undefined ? {} : { started }),
    };
  }

  /** Takes in what the scheduler says now. True when that was news. */
  apply(snapshot: JobSnapshot): boolean {
    if (this.#closing || this.#disposed) return false;
    const now = this.#deps.clock.now();
    const before = this.#job;
    const { job, events } = transition(before, snapshot, now);
    if (events.length === 0 && JSON.stringify(job) === JSON.stringify(before)) return false;
    this.#commit(() => {
      this.#job = job;
      this.#deps.store.saveJob(job);
      return this.#append(events);
    });
    this.#watch.updateJob(this.#facts());
    if (before.started !== job.started && !isEnded(job.state)) this.#watch.started(now);
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
    this.#disposed = true;
    this.#cancelTick();
    for (const stretch of this.#stretches.values()) {
      this.#savePosition(stretch);
      stretch.follow.stop();
    }
    this.#stretches.clear();
  }

  // Output

  #openOutput(): void {
    const { state, isArray, stdoutPath, stderrPath } = this.#job;
    if (state === 'pending' || isArray || this.#disposed) return;
    const paths: Record<Stream, string | undefined> = { stdout: stdoutPath, stderr: stderrPath };
    for (const stream of this.#watch.streams) {
      const path = paths[stream];
      const open = this.#stretches.get(stream);
      if (!path || open?.path === path) continue;
      open?.follow.stop();
      this.#stretches.set(stream, this.#stretch(stream, path));
    }
  }

  #stretch(stream: Stream, path: string): Stretch {
    const stored = this.#deps.store
      .outputs(this.#job.key)
      .find((output) => output.stream === stream && output.path === path);
    const splitter = new LineSplitter(stored);
    const stretch: Stretch = {
      stream,
      path,
      splitter,
      follow: { check() {}, stop() {} },
      unsaved: 0,
      onceRead: undefined,
    };
    stretch.follow = this.#deps.reader.follow(
      { path, offset: splitter.position.offset },
      {
        onData: (_offset, bytes) => {
          stretch.unsaved += bytes.length;
          this.#lines(stretch, stretch.splitter.push(bytes));
        },
        onRestart: () => {
          const { offset } = stretch.splitter.position;
          stretch.splitter = new LineSplitter();
          this.logEvents([
            { name: 'output.lost', context: { stream, path, note: 'the file was truncated or replaced', offset } },
          ]);
        },
        onCaughtUp: () => stretch.onceRead?.(),
        onProblem: (problem) => {
          if (!stretch.onceRead) return this.#deps.log.debug(`${this.#job.key}: ${problem}`);
          this.logEvents([{ name: 'output.lost', context: { stream, path, note: problem } }]);
          stretch.onceRead();
        },
      },
    );
    return stretch;
  }

  #lines(stretch: Stretch, lines: readonly OutputLine[]): void {
    const effects = this.#watch.feed(stretch.stream, lines, this.#deps.clock.now());
    if (lines.some((line) => endsJob.test(line.text))) this.#deps.onHint();
    if (effects.length > 0) this.#record(effects, stretch);
    else if (stretch.unsaved >= saveEveryBytes) this.#savePosition(stretch);
  }

  #savePosition(stretch: Stretch): void {
    const { stream, path, splitter } = stretch;
    this.#deps.store.saveOutput(this.#job.key, { stream, path, ...splitter.position });
    stretch.unsaved = 0;
  }

  // Watchers and actions

  /** Writes down what the watchers found, together with how far the output is read; then starts what they decided. */
  #record(effects: readonly WatchEffect[], stretch?: Stretch): void {
    const intents: ActionIntent[] = [];
    this.#commit(() => {
      const entries = this.#append(effects.map(({ event }) => event));
      effects.forEach(({ intent }, index) => {
        const seq = entries[index]?.seq;
        if (!intent || seq === undefined) return;
        this.#deps.store.saveIntent(this.#job.key, intent, seq);
        intents.push(intent);
      });
      if (stretch) this.#savePosition(stretch);
      return entries;
    });
    this.#enqueue(intents);
    this.#scheduleTick();
  }

  #scheduleTick(): void {
    this.#cancelTick();
    const due = isEnded(this.#job.state) || this.#job.started === undefined ? undefined : this.#watch.nextTick();
    if (due === undefined || this.#disposed) return;
    const waitMs = Math.min(Math.max(0, due - this.#deps.clock.now()) * 1000, 3_600_000);
    this.#cancelTick = this.#deps.clock.setTimeout(() => {
      const effects = this.#watch.tick(this.#deps.clock.now());
      if (effects.length > 0) this.#record(effects);
      else this.#scheduleTick();
    }, waitMs);
  }

  #enqueue(intents: readonly ActionIntent[]): void {
    this.#queue.push(...intents);
    if (this.#queue.length > 0) this.#performing ??= this.#performAll();
  }

  async #performAll(): Promise<void> {
    // Not in the caller's turn: it may be in the middle of a batch of lines.
    await Promise.resolve();
    for (let intent = this.#queue.shift(); intent && !this.#disposed; intent = this.#queue.shift()) {
      const result = await perform(intent, this.#host());
      if (!this.#disposed) this.#recordResult(intent, result);
    }
    this.#performing = undefined;
  }

  #host(): ActionHost {
    const { host, store, clock } = this.#deps;
    return {
      ...host,
      job: this.#job,
      sleep: (ms) => clock.sleep(ms),
      cancel: async (signal, reason) => {
        if (reason) {
          this.#job = { ...this.#job, cancelReason: reason };
          store.saveJob(this.#job);
        }
        await host.cancel(signal);
      },
      takeResubmit: (watcher) => this.#watch.takeResubmit(watcher),
      setWatcherState: (name, state, reason) => {
        if (!this.#watch.specs.some((spec) => spec.name === name)) return false;
        this.#record(this.#watch.setState(name, state, reason, this.#deps.clock.now()));
        return true;
      },
    };
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
    await this.#deps.clock.sleep(this.#stretches.size > 0 ? settleMs : 0);
    await Promise.race([this.#drained(), this.#deps.clock.sleep(drainMs)]);
    if (this.#disposed) return;
    for (const stretch of this.#stretches.values()) {
      this.#lines(stretch, stretch.splitter.end());
      this.#savePosition(stretch);
    }
    this.#record(this.#watch.jobEnded(this.#facts(), this.#deps.clock.now()));
    while (this.#performing && !this.#disposed) await this.#performing;
    if (this.#disposed) return;
    this.#commit(() => {
      const { job, events } = closeLog(this.#job, this.#deps.clock.now());
      this.#job = job;
      this.#deps.store.saveJob(job);
      return this.#append(events);
    });
    this.dispose();
    this.#deps.onClosed(this.#job.key);
  }

  async #drained(): Promise<void> {
    const stretches = [...this.#stretches.values()];
    await Promise.all(
      stretches.map(
        (stretch) =>
          new Promise<void>((resolve) => {
            stretch.onceRead = resolve;
            stretch.follow.check();
          }),
      ),
    );
  }

  // The log

  #append(events: readonly NewEvent[]): EventlogEntry[] {
    return this.#deps.store.append(this.#job.key, events, this.#deps.clock.now());
  }

  /** One transaction; what it logged is published when it is kept, not before. */
  #commit(work: () => readonly EventlogEntry[]): void {
    const { publisher } = this.#deps;
    const entries = this.#keep(work);
    if (entries.length > 0) publisher.eventlog(this.#job.key, entries);
    publisher.job(this.info);
  }

  #keep(work: () => readonly EventlogEntry[]): readonly EventlogEntry[] {
    const { store, log } = this.#deps;
    try {
      return store.transaction(() => {
        const appended = work();
        const progress = this.#watch.progress;
        const watchers = this.#watch.specs.map((spec, index) => ({ spec, state: progress[index] }));
        store.saveWatchers(this.#job.key, watchers);
        return appended;
      });
    } catch (error) {
      log.error(`the eventlog of ${this.#job.key} cannot be written: ${String(error)}`);
      // What is in memory is ahead of what is kept: only a new engine, which reads that, goes on without loss.
      setImmediate(() => {
        throw error;
      });
      throw error;
    }
  }
}

/** What slurmstepd writes into the output when it ends a job: a reason to look, not yet a fact. */
const endsJob = /^(slurmstepd|srun)[^:]*: (error: )?\*\*\* (JOB|STEP)/;
