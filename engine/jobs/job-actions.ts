/** The actions of one followed job: performs what its watchers decided, in order, and writes the results down. */
import { findAction } from '../../language/actions/catalogue.ts';
import { parsePattern } from '../../language/pattern/parse.ts';
import {
  type ActionHost,
  type ActionResult,
  actionKey,
  type Resubmission,
  type TryLaterError,
} from '../actions/action.ts';
import { perform } from '../actions/perform.ts';
import type { Clock } from '../clock.ts';
import type { EmittedEvent } from '../protocol/actions.ts';
import type { JobKey, JsonValue } from '../protocol.ts';
import { type ControlVerb, SchedulerUnavailableError } from '../schedulers/scheduler.ts';
import type { KeptResult, OpenIntent } from '../store/action-table.ts';
import type { ActionIntent, NewEvent } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { StoreFailure } from '../store/store-failure.ts';
import type { JobWatch } from '../watch/job-watch.ts';
import type { WatchEffect } from '../watch/trigger.ts';
import { ActionQueue } from './action-queue.ts';
import type { JobLog } from './job-log.ts';
import { permissionKey } from './permission.ts';

/** What actions may do to the world beyond their job's own records. */
export type OuterHost = Pick<
  ActionHost,
  | 'settings'
  | 'secrets'
  | 'update'
  | 'submit'
  | 'requested'
  | 'clusterFacts'
  | 'notify'
  | 'postJson'
  | 'sendEmail'
  | 'connection'
  | 'readBesideScript'
  | 'environment'
  | 'ask'
> & {
  /** `again`: it may have been asked for before, by an engine or over a connection that died before it knew. */
  cancel(again: boolean, signal?: string, reason?: string): Promise<void>;
  control(again: boolean, verb: ControlVerb): Promise<void>;
  /** `remaining`: how many resubmits each watcher still has, in their order. */
  resubmit(resubmission: Resubmission, remaining: readonly number[]): Promise<JobKey>;
  emit(name: string, payload: JsonValue, key: string): EmittedEvent;
};

export interface JobActionsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: JobLog;
  readonly watch: JobWatch;
  readonly host: OuterHost;
  /** Writes down what the watchers' states become, and starts what follows from it. */
  readonly record: (effects: readonly WatchEffect[]) => void;
  /** No action can be performed any more: whoever follows the job has to begin again from the store. */
  readonly onBroken: (error: unknown) => void;
}

/** Text of a result that the eventlog has; `listActions` tells all of it. */
const loggedText = 2000;
const mostSeries = 200;

export class JobActions {
  readonly #options: JobActionsOptions;
  readonly #queue: ActionQueue;
  /** Intents that may have been performed already, to the end or not. */
  readonly #begun = new WeakSet<ActionIntent>();
  /** Why actions are put off, as it was logged; until one of the same watcher went through. */
  readonly #putOff = new Map<number, Set<string>>();

  /** What was decided before the engine ended, and has no recorded result, is performed now. */
  constructor(options: JobActionsOptions) {
    this.#options = options;
    this.#queue = new ActionQueue({
      clock: options.clock,
      perform: (open) => this.#perform(open),
      record: (intent, result) => this.#record(intent, result),
      defer: (open, error) => this.#defer(open, error),
      onWaiting: (intent, error) => this.#waits(intent, `waits for the cluster: ${error.message}`),
      onBroken: options.onBroken,
    });
    const open = options.store.actions.open(options.log.job.key);
    for (const { intent } of open) this.#begun.add(intent);
    options.watch.resumePending(open.map(({ intent }) => intent));
    this.#queue.push(open);
  }

  push(intents: readonly ActionIntent[]): void {
    this.#queue.push(intents.map((intent) => ({ intent, attempts: 0, memo: {} })));
  }

  /** A promise where there is no room for more now. */
  room(): Promise<void> | undefined {
    return this.#queue.room();
  }

  /** Everything that was decided is done, or is to be tried later. */
  settled(): Promise<void> {
    return this.#queue.settled();
  }

  /** Everything is done. */
  done(): Promise<void> {
    return this.#queue.done();
  }

  /** A person or a password came that some of them may wait for. */
  personCame(): void {
    this.#queue.personCame();
  }

  /** Takes back the cancels that wait for it; false: there are none. Throws `StoreFailure`. */
  takeBackCancels(): boolean {
    const { store, log } = this.#options;
    const { key } = log.job;
    const waiting = store.actions
      .open(key)
      .filter(({ memo }) => memo.cancelAt !== undefined && memo.undone !== true && memo.underWay !== true);
    if (waiting.length === 0) return false;
    const isKept = log.commit(() => {
      for (const { intent, memo } of waiting) store.actions.remember(key, intent, { ...memo, undone: true });
      return [];
    });
    if (!isKept) throw new StoreFailure('that the job is to go on could not be written down');
    this.#queue.personCame();
    return true;
  }

  /** What is not done has no result, so the next engine does it. */
  stop(): void {
    this.#queue.stop();
  }

  #waits({ watcher: index, watcherName: watcher, action, trigger, position }: ActionIntent, message: string): void {
    this.#options.watch.actionWaits(index, `${action} ${message}`);
    const { log } = this.#options;
    if (log.job.phase === 'clean') return;
    const context = { watcher, action, trigger, position, level: 'warning', message };
    log.write([{ name: 'log', context }]);
  }

  #defer({ intent }: OpenIntent, error: TryLaterError): OpenIntent {
    const { store, clock, log, watch } = this.#options;
    const { watcherName: watcher, action, trigger, position } = intent;
    const kept = store.actions.one(log.job.key, intent);
    const attempts = (kept?.attempts ?? 0) + 1;
    const notBefore = clock.now() + error.waitMs / 1000;
    const message = `tried again in ${Math.round(error.waitMs / 1000)} s: ${error.message}`;
    watch.actionWaits(intent.watcher, `${action} is ${message}`);
    const isNews = this.#isNews(intent, error);
    log.commit(() => {
      store.actions.defer(log.job.key, intent, attempts, notBefore);
      if (!isNews) return [];
      const context = { watcher, action, trigger, position, level: 'warning', message: message.slice(0, loggedText) };
      return log.append([{ timestamp: clock.now(), name: 'log', context }]);
    });
    return { intent, attempts, notBefore, memo: kept?.memo ?? {} };
  }

  /** A crowd of actions that wait for the same is logged once; after `clean` nothing but results is logged. */
  #isNews({ watcher, action }: ActionIntent, { message }: TryLaterError): boolean {
    if (this.#options.log.job.phase === 'clean') return false;
    const why = `${action} ${message}`;
    const logged = this.#putOff.get(watcher) ?? new Set();
    if (logged.has(why)) return false;
    this.#putOff.set(watcher, logged.add(why));
    return true;
  }

  async #perform(open: OpenIntent): Promise<ActionResult> {
    // Another engine may do it by now: until that is known, nobody was asked.
    if (!this.#options.store.ownership.isAlive)
      throw new SchedulerUnavailableError('the database could not be asked whether this job is still this engine’s');
    const again = this.#begun.has(open.intent);
    this.#begun.add(open.intent);
    return perform(open.intent, this.#host(open, again));
  }

  #host({ intent, attempts, memo }: OpenIntent, again: boolean): ActionHost {
    const { host, store, clock, log, watch, record } = this.#options;
    const { job } = log;
    const key = actionKey(job, intent);
    const permission = permissionKey(job, watch.specs[intent.watcher], intent.position);
    // What was remembered may have changed since: a person takes a cancel back.
    let kept = again ? (store.actions.one(job.key, intent)?.memo ?? memo) : memo;
    const remember: ActionHost['remember'] = (more) => {
      const next = { ...kept, ...more };
      const isKept = log.commit(() => {
        store.actions.remember(job.key, intent, next);
        return [];
      });
      if (!isKept) throw new StoreFailure(`how far ${intent.action} is could not be written down`);
      kept = next;
    };
    const isWatcher = (name: string) => watch.specs.some((spec) => spec.name === name);
    return {
      ...host,
      job,
      key,
      attempt: attempts,
      now: () => clock.now(),
      get memo() {
        return kept;
      },
      remember,
      get settings() {
        return host.settings;
      },
      get secrets() {
        return host.secrets;
      },
      control: (verb) => host.control(again, verb),
      resubmit: (resubmission) => {
        const remaining = watch.progress.map((progress) => progress.remainingResubmits);
        return host.resubmit(resubmission, remaining);
      },
      mayNotify: () => this.#spend(`notifications ${job.key}`, host.settings['actions.notificationsPerHour'], 3600),
      mayAct: () => this.#spend(`acts ${job.cluster}`, host.settings['actions.perMinute'], 60),
      cancel: async (signal, reason) => {
        if (reason !== undefined) this.#noteReason(reason);
        await host.cancel(again, signal, reason);
      },
      // Counted with what keeps that it was: neither a crash nor a lost connection counts it twice.
      takeResubmit: () => {
        if (kept.taken === true || store.hasSubmitKey(key)) return true;
        if (!watch.takeResubmit(intent.watcher)) return false;
        remember({ taken: true });
        return true;
      },
      script: () => {
        const text = store.script(job.templateHash ?? job.scriptHash);
        if (text === undefined) throw new Error(`the script of job ${job.jobId} is not stored any more`);
        return text;
      },
      captureNames: captureNames(watch, intent.watcher),
      isScriptAllowed: () => permission !== undefined && store.actions.isScriptAllowed(permission),
      allowScript: () => {
        if (permission !== undefined) store.actions.allowScript(permission, clock.now());
      },
      emit: (name, payload) => host.emit(name, payload, key),
      mayStoreMetric: (name) => store.hasMetric(job.key, name) || store.metricCount(job.key) < mostSeries,
      pauseWatcher: (name, reason, seconds) => {
        const now = clock.now();
        record(watch.pause(name, reason, now, seconds === undefined ? undefined : now + seconds));
        return isWatcher(name);
      },
      stopWatcher: (name, reason) => {
        record(watch.stop(name, reason, clock.now()));
        return isWatcher(name);
      },
    };
  }

  #noteReason(cancelReason: string): void {
    const { log, store } = this.#options;
    const job = { ...log.job, cancelReason };
    log.commit(() => {
      store.saveJob(job);
      return [];
    }, job);
  }

  #spend(budget: string, most: number, seconds: number): boolean {
    const { store, clock } = this.#options;
    return store.transaction(() => store.actions.spend(budget, most, seconds, clock.now()));
  }

  #record(intent: ActionIntent, result: ActionResult): void {
    const { store, clock, log, watch } = this.#options;
    const { key } = log.job;
    const timestamp = clock.now();
    this.#putOff.delete(intent.watcher);
    const disabled = watch.actionFinished(intent.watcher, result.ok, timestamp).map(({ event }) => event);
    log.commit(() => {
      const events = (result.events ?? []).map((event) => ({ timestamp, ...event }));
      const entries = log.append([resultEvent(intent, result, timestamp), ...events, ...disabled]);
      store.actions.finish(key, intent, entries[0]?.seq ?? -1, timestamp, keptOf(result));
      if (result.metric) store.addMetric(key, result.metric.name, timestamp, result.metric.value);
      return entries;
    });
  }
}

function resultEvent(intent: ActionIntent, result: ActionResult, timestamp: number): NewEvent {
  const { watcherName: watcher, action, trigger, position } = intent;
  const { ok, message, output, status } = result;
  const context = {
    watcher,
    action,
    trigger,
    position,
    ok,
    message: message.slice(0, loggedText),
    ...(status === undefined ? {} : { status }),
    ...(output ? { output: output.slice(0, loggedText) } : {}),
  };
  return { timestamp, name: 'watcher.result', context };
}

function keptOf({ ok, message, output, status }: ActionResult): KeptResult {
  return { ok, message, ...(output === undefined ? {} : { output }), ...(status === undefined ? {} : { status }) };
}

function captureNames(watch: JobWatch, index: number): readonly string[] {
  const spec = watch.specs[index];
  if (!spec) return [];
  const named = spec.pattern === undefined ? [] : parsePattern(spec.pattern).groupNames.keys();
  return [...new Set([...spec.captures, ...named])];
}

/** As `watcher.action` has it in the log: a URL may hold a secret, so that only its server is told. */
export function loggedIntent(event: NewEvent, intent: ActionIntent): NewEvent {
  const secret = (findAction(intent.action)?.parameters ?? []).filter((parameter) => parameter.secret);
  const { params } = event.context ?? {};
  if (secret.length === 0 || params === null || typeof params !== 'object' || Array.isArray(params)) return event;
  const shown = Object.entries(params as { readonly [name: string]: JsonValue }).map(([name, value]) =>
    secret.some((parameter) => parameter.name === name) ? [name, withoutSecret(value)] : [name, value],
  );
  return {
    ...event,
    context: { ...event.context, params: Object.fromEntries(shown) as { [name: string]: JsonValue } },
  };
}

function withoutSecret(value: JsonValue): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  return url ? `${url.protocol}//${url.host}/…` : '…';
}
