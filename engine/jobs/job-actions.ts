/** The actions of one followed job: performs what its watchers decided, in order, and writes the results down. */
import type { ActionHost, ActionResult } from '../actions/action.ts';
import { perform } from '../actions/perform.ts';
import type { Clock } from '../clock.ts';
import type { ControlVerb } from '../schedulers/scheduler.ts';
import type { ActionIntent } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { JobWatch, WatchEffect } from '../watch/job-watch.ts';
import { ActionQueue } from './action-queue.ts';
import type { JobLog } from './job-log.ts';

/** What actions may do beside what is done here. */
export type OuterHost = Pick<ActionHost, 'update' | 'notify' | 'postJson' | 'environment'> & {
  /** `again`: it may have been asked for before, by an engine or over a connection that died before it knew. */
  cancel(again: boolean, signal?: string, reason?: string): Promise<void>;
  control(again: boolean, verb: ControlVerb): Promise<void>;
  /** `remaining`: how many resubmits each watcher still has, in their order. */
  resubmit(key: string, options: readonly string[], remaining: readonly number[]): Promise<string>;
};

export interface JobActionsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: JobLog;
  readonly watch: JobWatch;
  readonly host: OuterHost;
  /** Writes down what the watchers' states become, and starts what follows from it. */
  readonly record: (effects: readonly WatchEffect[]) => void;
}

const notificationsPerHour = 30;

export class JobActions {
  readonly #options: JobActionsOptions;
  readonly #queue: ActionQueue;
  /** Intents that may have been performed already, to the end or not. */
  readonly #begun = new WeakSet<ActionIntent>();
  readonly #stop = new AbortController();
  #notified: number[] = [];

  /** What was decided before the engine ended, and has no recorded result, is performed now. */
  constructor(options: JobActionsOptions) {
    this.#options = options;
    this.#queue = new ActionQueue({
      clock: options.clock,
      perform: (intent) => this.#perform(intent),
      record: (intent, result) => this.#record(intent, result),
      onWaiting: (intent, error) => this.#waits(intent, error),
    });
    const open = options.store.openIntents(options.log.job.key);
    for (const intent of open) this.#begun.add(intent);
    options.watch.resumePending(open);
    this.#queue.push(open);
  }

  push(intents: readonly ActionIntent[]): void {
    this.#queue.push(intents);
  }

  /** A promise where there is no room for more now. */
  room(): Promise<void> | undefined {
    return this.#queue.room();
  }

  settled(): Promise<void> {
    return this.#queue.settled();
  }

  /** What is not done has no result, so the next engine does it. */
  stop(): void {
    this.#stop.abort();
    this.#queue.stop();
  }

  #waits(intent: ActionIntent, error: Error): void {
    const { watcherName: watcher, action, trigger, position } = intent;
    const message = `waits for the cluster: ${error.message}`;
    this.#options.watch.actionWaits(intent.watcher, `${action} ${message}`);
    const context = { watcher, action, trigger, position, level: 'warning', message };
    this.#options.log.write([{ name: 'log', context }]);
  }

  #perform(intent: ActionIntent): Promise<ActionResult> {
    const again = this.#begun.has(intent);
    this.#begun.add(intent);
    return perform(intent, this.#host(intent, again));
  }

  #host(intent: ActionIntent, again: boolean): ActionHost {
    const { host, store, clock, log, watch, record } = this.#options;
    return {
      ...host,
      control: (verb) => host.control(again, verb),
      job: log.job,
      resubmit: (key, options) => {
        const remaining = watch.progress.map((progress) => progress.remainingResubmits);
        return host.resubmit(key, options, remaining);
      },
      mayNotify: () => this.#mayNotify(),
      sleep: (ms) => clock.sleep(ms, this.#stop.signal),
      cancel: async (signal, reason) => {
        const job = reason ? { ...log.job, cancelReason: reason } : log.job;
        log.commit(() => {
          store.saveJob(job);
          return [];
        }, job);
        await host.cancel(again, signal, reason);
      },
      // A resubmission that was begun before a crash or a lost connection has been counted.
      takeResubmit: (key) => store.hasSubmitKey(key) || watch.takeResubmit(intent.watcher),
      setWatcherState: (name, state, reason) => {
        if (!watch.specs.some((spec) => spec.name === name)) return false;
        record(watch.setState(name, state, reason, clock.now()));
        return true;
      },
    };
  }

  /** Section 9: so many an hour and job. */
  #mayNotify(): boolean {
    const now = this.#options.clock.now();
    this.#notified = this.#notified.filter((at) => now - at < 3600);
    if (this.#notified.length >= notificationsPerHour) return false;
    this.#notified.push(now);
    return true;
  }

  #record(intent: ActionIntent, result: ActionResult): void {
    const { store, clock, log, watch } = this.#options;
    const { key } = log.job;
    const timestamp = clock.now();
    const { watcherName: watcher, action, trigger, position } = intent;
    const disabled = watch.actionFinished(intent.watcher, result.ok, timestamp).map(({ event }) => event);
    log.commit(() => {
      const { ok, message } = result;
      const context = { watcher, action, trigger, position, ok, message };
      const events = [
        { timestamp, name: 'watcher.result', context },
        ...(result.events ?? []).map((event) => ({ timestamp, ...event })),
      ];
      const entries = log.append([...events, ...disabled]);
      store.saveResult(key, intent, entries[0]?.seq ?? -1);
      if (result.metric) store.addMetric(key, result.metric.name, timestamp, result.metric.value);
      return entries;
    });
  }
}
