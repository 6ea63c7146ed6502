/** Follows one open job: its state as the scheduler tells it, its output, its watchers and their actions, into its eventlog. */
import type { PatternSets } from '../../language/pattern/pattern-set.ts';
import type { WatcherSpec } from '../../language/watcher/spec.ts';
import type { Clock } from '../clock.ts';
import { Event } from '../event.ts';
import { execLog } from '../eventlog/log-names.ts';
import { printedEventLine } from '../events/printed-event.ts';
import type { Logger } from '../logger.ts';
import type { OutputReader } from '../output/reader.ts';
import type { EventlogEntry, JobInfo, Staleness, Timestamp, WatcherVerb } from '../protocol.ts';
import type { Publisher } from '../publisher.ts';
import type { JobSnapshot } from '../schedulers/scheduler.ts';
import { closeLog, isEnded, transition } from '../schedulers/transitions.ts';
import type { ActionIntent, JobRecord, NewEvent } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { notKept } from '../store/store-failure.ts';
import { JobWatch } from '../watch/job-watch.ts';
import type { OutputBatch, OutputLine } from '../watch/lines.ts';
import type { WatcherProgress } from '../watch/progress.ts';
import type { JobFacts } from '../watch/scope.ts';
import type { WatchEffect } from '../watch/trigger.ts';
import { attachWatchers } from './attach-watchers.ts';
import { JobActions, loggedIntent, type OuterHost } from './job-actions.ts';
import { isOneFile, jobFacts, jobInfo } from './job-info.ts';
import { JobLog } from './job-log.ts';
import { JobOutput } from './job-output.ts';
import { PrintedEvents } from './printed-events.ts';
import type { Stretch } from './stretch.ts';

export interface FollowerDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publisher: Publisher;
  readonly reader: OutputReader;
  readonly patternSets: PatternSets;
  /** For `$USER`; empty until the cluster was reached. */
  readonly user: () => string;
  readonly host: OuterHost;
  /** Does the scheduler add to the files of a job that runs again? */
  readonly appendsOutput: () => boolean;
  /** How far the cluster's clock, by which the scheduler tells times, is ahead of the engine's. */
  readonly clockOffsetSeconds: () => number;
  /** Is the cluster connected? */
  readonly isReachable: () => boolean;
  /** The store failed: this follower is dead, and what it knew beyond the store with it. A new one goes on from there. */
  readonly onBroken: (key: string) => void;
  /** The output says that the job is probably over: a look is worth while. */
  readonly onHint: () => void;
  /** The eventlog is ended by `clean`. */
  readonly onClosed: (key: string) => void;
}

/** After the end: output on a network file system may come late. */
const settleMs = 250;

export class JobFollower {
  readonly #deps: FollowerDependencies;
  readonly #log: JobLog;
  readonly #watch: JobWatch;
  readonly #output: JobOutput;
  readonly #actions: JobActions;
  readonly #printed: PrintedEvents;
  readonly #stop = new Event(Number.POSITIVE_INFINITY);
  #cancelTick = () => {};
  #confirming = false;
  #closing = false;
  /** When the scheduler last told of the job, and what has kept it from telling since. */
  #toldAt: Timestamp | undefined;
  #stale: Staleness | undefined;

  constructor(job: JobRecord, deps: FollowerDependencies) {
    this.#deps = deps;
    const { store, clock, log, publisher, reader, host, isReachable } = deps;
    const stored = store.watchers(job.key).map(({ spec, state }, position) => ({
      spec,
      progress: state as WatcherProgress,
      history: store.histories.of(job.key, position),
    }));
    const watch = new JobWatch(stored, jobFacts(job, deps.user(), deps.clockOffsetSeconds()), {
      now: clock.now(),
      oneFile: isOneFile(job),
      patternSets: deps.patternSets,
      alsoPatterns: [endsJob.source, printedEventLine.source],
    });
    this.#watch = watch;
    const onBroken = () => this.#broken();
    this.#log = new JobLog(job, { store, clock, log, publisher, watch, info: () => this.info, onBroken });
    const jobLog = this.#log;
    this.#actions = new JobActions({
      store,
      clock,
      log: jobLog,
      watch,
      host,
      record: (effects) => {
        this.#record(effects);
      },
      onBroken: (error) => {
        log.error(`an action of ${job.key} could not be performed: ${String(error)}`);
        this.#broken();
      },
    });
    this.#printed = new PrintedEvents({ store, log: jobLog, now: () => clock.now(), emit: host.emit });
    this.#output = new JobOutput({
      store,
      clock,
      log,
      reader,
      jobLog,
      watch,
      isReachable,
      appends: deps.appendsOutput,
      onLines: (stretch, batch) => this.#lines(stretch, batch),
    });
    if (job.phase === 'clean') {
      this.#closing = true;
      void this.#finishActions();
      return;
    }
    if (!isEnded(job.state)) this.#scheduleTick();
    this.#output.open();
    if (isEnded(job.state)) void this.#close();
  }

  get job(): JobRecord {
    return this.#log.job;
  }

  get info(): JobInfo {
    return { ...jobInfo(this.job, this.#watch.info), ...(this.#stale ? { stale: this.#stale } : {}) };
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
    return jobFacts(this.job, this.#deps.user(), this.#deps.clockOffsetSeconds());
  }

  /** Takes in what the scheduler says now. True when that was news. */
  apply(snapshot: JobSnapshot): boolean {
    if (this.#closing || this.#isStopped) return false;
    const now = this.#deps.clock.now();
    const before = this.job;
    const { job, events, execEvents = [] } = transition(before, snapshot, now + this.#deps.clockOffsetSeconds());
    if (events.length === 0 && JSON.stringify(job) === JSON.stringify(before)) return false;
    const isNews = events.length > 0 || withoutForecast(job) !== withoutForecast(before);
    const { store, publisher } = this.#deps;
    let exec: readonly EventlogEntry[] = [];
    const kept = this.#log.commit(() => {
      store.saveJob(job);
      exec = store.append(job.key, execEvents, now, execLog);
      return this.#log.append(events);
    }, job);
    if (!kept) return false;
    if (exec.length > 0) publisher.eventlog(job.key, exec, execLog);
    this.#watch.updateJob(this.#facts(), isOneFile(job));
    const runsAgain = job.state === 'running' && before.state !== 'running';
    if (runsAgain || before.started !== job.started) this.#watch.started(now);
    this.#output.open();
    this.#scheduleTick();
    if (isEnded(job.state)) void this.#close();
    return isNews;
  }

  /** Logs events that are not the scheduler's, e.g. `connection.lost`. */
  logEvents(events: readonly Omit<NewEvent, 'timestamp'>[]): void {
    this.#log.write(events);
  }

  /** Keeps `memo` as the notes on the job. Throws `StoreFailure` when it was not kept. */
  note(memo: { readonly [key: string]: string }, event: Omit<NewEvent, 'timestamp'>): void {
    const { store, clock } = this.#deps;
    const job = { ...this.job, memo };
    const kept = this.#log.commit(() => {
      store.saveJob(job);
      return this.#log.append([{ timestamp: clock.now(), ...event }]);
    }, job);
    if (!kept) throw notKept(store, 'the notes are as they were');
  }

  // What people ask of watchers

  /** Throws `WatcherControlError` when the state of the watcher does not allow it, `StoreFailure` when it was not kept. */
  control(name: string, verb: WatcherVerb): void {
    const kept = this.#record(this.#watch.control(name, verb, this.#deps.clock.now()));
    if (!kept) throw notKept(this.#deps.store, `watcher ${name} is as it was`);
  }

  /** Throws `WatcherControlError` when there is no such watcher, `StoreFailure` when it was not kept. */
  edit(name: string, spec: WatcherSpec): void {
    const kept = this.#record(this.#watch.edit(name, spec, this.#deps.clock.now()));
    if (!kept) throw notKept(this.#deps.store, `watcher ${name} is as it was`);
    this.#output.open();
  }

  /** More watchers: for all that the job has printed, or for what it prints from now on. */
  async attach(specs: readonly WatcherSpec[], from: 'start' | 'end'): Promise<void> {
    const { store, clock, reader, isReachable } = this.#deps;
    const ended = () => this.#isStopped || this.#closing;
    await attachWatchers(specs, from, {
      store,
      clock,
      reader,
      isReachable,
      ended,
      log: this.#log,
      watch: this.#watch,
      output: this.#output,
    });
    this.#scheduleTick();
  }

  /** Somebody came whom actions may wait for. */
  personCame(): void {
    this.#actions.personCame();
  }

  /** Takes back the cancels of its watchers that wait for it; false: there are none. */
  takeBackCancels(): boolean {
    return this.#actions.takeBackCancels();
  }

  /** Stops following, e.g. because the engine ends; the job goes on. */
  dispose(): void {
    if (this.#isStopped) return;
    this.#halt(true);
  }

  /** What is kept of the job was removed: nothing is written any more. */
  forget(): void {
    if (!this.#isStopped) this.#halt(false);
  }

  get #isStopped(): boolean {
    return this.#stop.isSet();
  }

  #halt(save: boolean): void {
    this.#cancelTick();
    this.#actions.stop();
    this.#output.stop(save);
    this.#log.end();
    this.#stop.set();
  }

  /** What is in memory is ahead of what is kept: only who begins again from the store goes on without loss. */
  #broken(): void {
    this.#halt(false);
    this.#deps.onBroken(this.job.key);
  }

  /** A promise where the reader has to wait: more is decided than is done. */
  #lines(stretch: Stretch, batch: OutputBatch): Promise<void> | undefined {
    if (this.#isStopped) return undefined;
    const { lines } = batch;
    const now = this.#deps.clock.now();
    const printed = this.#printed.take(stretch, lines).map((event) => ({ event }));
    const effects = [...tellOfCut(stretch, lines, now), ...printed, ...this.#watch.feed(stretch.stream, batch, now)];
    if (lines.some((line) => endsJob.test(line.text))) this.#deps.onHint();
    if (effects.length > 0) this.#record(effects, stretch);
    else this.#output.saveNow(stretch);
    return this.#actions.room();
  }

  /** Writes down what the watchers found, together with how far the output is read; then starts what they decided. False: not kept. */
  #record(effects: readonly WatchEffect[], stretch?: Stretch): boolean {
    const intents: ActionIntent[] = [];
    const kept = this.#log.commit(() => {
      const entries = this.#log.append(
        effects.map(({ event, intent }) => (intent ? loggedIntent(event, intent) : event)),
      );
      effects.forEach(({ intent }, index) => {
        const seq = entries[index]?.seq;
        if (!intent || seq === undefined) return;
        this.#deps.store.actions.add(this.job.key, intent, seq);
        intents.push(intent);
      });
      if (stretch) this.#output.store(stretch);
      return entries;
    });
    if (!kept) return false;
    if (stretch) stretch.unsaved = 0;
    this.#actions.push(intents);
    this.#scheduleTick();
    return true;
  }

  // Times

  #scheduleTick(): void {
    this.#cancelTick();
    const runs = this.job.state === 'running' && this.job.started !== undefined;
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
    await this.#output.confirm();
    this.#confirming = false;
    if (this.#isStopped || this.#closing) return;
    const effects = this.job.state === 'running' ? this.#watch.silence(this.#deps.clock.now()) : [];
    if (effects.length > 0) this.#record(effects);
    else this.#scheduleTick();
  }

  // The end

  /** Reads the output to its end, lets the watchers and their actions finish, and ends the log. */
  async #close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#cancelTick();
    const { clock, store } = this.#deps;
    if (this.#output.isOpen) await clock.sleep(settleMs, this.#stop.signal).catch(() => undefined);
    await this.#output.readToEnd(this.#stop.signal);
    if (this.#isStopped) return;
    this.#record(this.#watch.jobEnded(this.#facts(), clock.now()));
    await this.#actions.settled();
    if (this.#isStopped) return;
    const { job, events } = closeLog(this.job, clock.now());
    const kept = this.#log.commit(() => {
      store.saveJob(job);
      return this.#log.append(events);
    }, job);
    if (kept) await this.#finishActions();
  }

  /** What is to be tried later is done after `clean`: nothing but results may follow that. */
  async #finishActions(): Promise<void> {
    this.#output.stop(false);
    await this.#actions.done();
    if (this.#isStopped) return;
    this.#halt(false);
    this.#deps.onClosed(this.job.key);
  }
}

/** When it is expected to start changes with everybody's jobs: no reason to look more often. */
function withoutForecast({ expectedStart: _, ...job }: JobRecord): string {
  return JSON.stringify(job);
}

/** What slurmstepd writes into the output when it ends a job: a reason to look, not yet a fact. As Python's `re` too. */
const endsJob = /^(slurmstepd|srun)[^:]*: (error: )?\*\*\* (JOB|STEP)/;

/** Section 5: that a line is too long to be matched whole is recorded once. */
function tellOfCut(stretch: Stretch, lines: readonly OutputLine[], now: Timestamp): readonly WatchEffect[] {
  const cut = stretch.toldOfCut ? undefined : lines.find((line) => line.cut);
  if (!cut) return [];
  stretch.toldOfCut = true;
  const note = `line ${cut.number} is longer than 64 KiB: only its beginning is matched, as of all such lines`;
  const context = { stream: stretch.stream, path: stretch.path, note, offset: cut.endOffset };
  return [{ event: { timestamp: now, name: 'output.lost', context } }];
}
