/** What clients ask of watchers: try them, attach them to jobs, control them, run them over output that is there. */
import { basename } from 'node:path';
import { parseScript, type ScriptDocument } from '../language/script/parse-script.ts';
import type { WatcherSpec } from '../language/watcher/spec.ts';
import type { Clock } from './clock.ts';
import type { ClusterService } from './jobs/cluster-service.ts';
import { answerReplay, eventLimit } from './jobs/replay-request.ts';
import { noOutput, openReplaySource } from './jobs/replay-source.ts';
import { answerTrial } from './jobs/trial-request.ts';
import type { TrialParams, TrialResult } from './protocol/trials.ts';
import type { AttachParams, RunWatchersParams, RunWatchersResult } from './protocol/watchers.ts';
import type { JobInfo, JobKey, ReplayParams, ReplayProgress, ReplayResult, WatcherVerb } from './protocol.ts';
import type { Publisher } from './publisher.ts';
import { commandOptions } from './schedulers/command-options.ts';
import { scriptWatcher, scriptWatchers } from './script-watchers.ts';
import { followedBy } from './store/ownership.ts';
import type { JobRecord } from './store/records.ts';
import type { Store } from './store/store.ts';
import { begunAnew, WatcherControlError } from './watch/control.ts';
import { initialProgress, type WatcherProgress } from './watch/progress.ts';

export interface WatcherRequestDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly publisher: Publisher;
  readonly maxWatchers: () => number;
  readonly service: (cluster: string) => Promise<ClusterService>;
  /** Throws when there is no such job. */
  readonly job: (key: JobKey) => JobRecord;
  readonly info: (job: JobRecord) => JobInfo;
}

const mostEvents = 1000;
/** What it is called that has no name in its script. */
const automaticName = /^watcher-\d+$/;

export class WatcherRequests {
  readonly #deps: WatcherRequestDependencies;

  constructor(deps: WatcherRequestDependencies) {
    this.#deps = deps;
  }

  // Trying

  /** What watchers would have done. `send` gets the events where the request has a token. */
  async replay(
    params: ReplayParams,
    send: (progress: ReplayProgress) => Promise<void>,
    signal: AbortSignal,
  ): Promise<ReplayResult> {
    const { source, token, job } = params;
    const now = this.#deps.clock.now();
    const { name, watchers } = this.#tried(params);
    const recorded = await openReplaySource(this.#deps, { source, name, now, ...(job ? { told: job } : {}) }, signal);
    const { release, endState, ...read } = recorded;
    const shared = { watchers, maxEvents: eventLimit(params), now, send, signal, ...(token ? { token } : {}) };
    try {
      const state = params.endState === undefined ? endState : params.endState;
      return await answerReplay({ ...shared, ...read, endState: state });
    } finally {
      release();
    }
  }

  /** What watchers would do at each line that they match, while they are being written. */
  async try(params: TrialParams, signal: AbortSignal): Promise<TrialResult> {
    const { script, scriptPath, source } = params;
    const { clock } = this.#deps;
    const about = { source, name: jobName(parseScript(script), scriptPath), now: clock.now() };
    const { release, endState, ...read } = await openReplaySource(this.#deps, about, signal);
    try {
      const state = params.endState === undefined ? endState : params.endState;
      const maxWatchers = this.#deps.maxWatchers();
      return await answerTrial({ ...params, ...read, script, maxWatchers, endState: state, clock, signal });
    } finally {
      release();
    }
  }

  /** The watchers of the script, or those that the job has. */
  #tried({ script, scriptPath, source, watcher }: ReplayParams): { name: string; watchers: readonly WatcherSpec[] } {
    if (script === undefined) {
      if (source.kind !== 'job') throw new Error('Not replayed: no script was given, and text has no watchers.');
      const stored = this.#deps.store.watchers(source.job).map(({ spec }) => spec);
      const watchers = stored.filter(({ name }) => watcher === undefined || name === watcher);
      if (watchers.length === 0) throw new WatcherControlError(noWatchers(source.job, watcher));
      return { name: source.job, watchers };
    }
    const most = this.#deps.maxWatchers();
    const what = 'Not replayed:';
    const { specs, document } =
      watcher === undefined ? scriptWatchers(script, most, what) : scriptWatcher(script, watcher, most, what);
    return { name: jobName(document, scriptPath), watchers: specs };
  }

  // Controlling

  /** Of an array: the template, and its tasks as far as they are in a state for it. */
  async control(key: JobKey, name: string, verb: WatcherVerb): Promise<JobInfo> {
    const job = this.#deps.job(key);
    const service = await this.#deps.service(job.cluster);
    if (verb === 'trigger' && job.isArray)
      throw new WatcherControlError(`${key} is an array: its watchers are templates. Trigger one of its tasks'.`);
    this.#follower(service, job).control(name, verb);
    for (const task of service.taskFollowers(key)) {
      try {
        task.control(name, verb);
      } catch (error) {
        // The other tasks are asked all the same: one that is paused already cannot be paused.
        if (!(error instanceof WatcherControlError)) throw error;
      }
    }
    return this.#deps.info(this.#deps.job(key));
  }

  async edit(key: JobKey, name: string, script: string): Promise<JobInfo> {
    const job = this.#deps.job(key);
    const { specs } = scriptWatcher(script, name, this.#deps.maxWatchers(), 'Not changed:');
    const service = await this.#deps.service(job.cluster);
    const follower = this.#follower(service, job);
    for (const spec of specs) {
      follower.edit(name, spec);
      for (const task of service.taskFollowers(key)) task.edit(name, spec);
    }
    return this.#deps.info(this.#deps.job(key));
  }

  #follower(service: ClusterService, { key, phase }: JobRecord) {
    const follower = phase === 'clean' ? undefined : service.follower(key);
    if (follower) return follower;
    if (phase !== 'clean') this.#refuseElsewhere(key);
    throw new WatcherControlError(
      `Job ${key} is over: its watchers are at rest. They can be run over its output ("vigil watchers run ${key}").`,
    );
  }

  /** On a database that engines share, watchers are those of the engine that follows the job. */
  #refuseElsewhere(key: JobKey): void {
    const other = this.#deps.store.ownership.otherOf(key);
    if (other) throw new WatcherControlError(`${followedBy(key, other)}: its watchers are controlled there.`);
  }

  /** The watchers' cancels of a job that wait for it; false: there are none (any more). */
  async takeBackCancels(key: JobKey): Promise<boolean> {
    const { cluster, phase } = this.#deps.job(key);
    if (phase !== 'clean') this.#refuseElsewhere(key);
    return (await this.#deps.service(cluster)).follower(key)?.takeBackCancels() ?? false;
  }

  // Attaching

  async attach({ job: key, script, watcher, from = 'start', ...paths }: AttachParams): Promise<JobInfo> {
    const most = this.#deps.maxWatchers();
    const what = 'Not attached:';
    const { specs } =
      watcher === undefined ? scriptWatchers(script, most, what) : scriptWatcher(script, watcher, most, what);
    if (specs.length === 0) throw new Error('Not attached: the script has no watchers.');
    const slash = key.indexOf('/');
    const service = await this.#deps.service(key.slice(0, Math.max(0, slash)));
    const known = this.#deps.store.job(key);
    const job = known ?? (await service.adoptions.adopt({ jobId: key.slice(slash + 1), ...paths }));
    const named = this.#named(job.key, specs);
    if (job.phase === 'clean') return this.#attachToOutput(job, named);
    const follower = service.follower(job.key);
    if (!follower) this.#refuseElsewhere(job.key);
    if (!follower || job.phase === 'finished')
      throw new Error(`Job ${job.key} ends just now: attach the watchers in a moment, they run over its output then.`);
    await follower.attach(named, from);
    await Promise.all(service.taskFollowers(job.key).map((task) => task.attach(named, from)));
    return this.#deps.info(this.#deps.job(job.key));
  }

  /** Names are unique in a job: automatic ones give way, others are refused. */
  #named(key: JobKey, specs: readonly WatcherSpec[]): readonly WatcherSpec[] {
    const stored = this.#deps.store.watchers(key);
    const taken = new Set(stored.map(({ spec }) => spec.name));
    const atWork = stored.filter(({ state }) => !['completed', 'disabled'].includes((state as WatcherProgress).state));
    const most = this.#deps.maxWatchers();
    if (atWork.length + specs.length > most)
      throw new Error(
        `Not attached: job ${key} would have ${atWork.length + specs.length} watchers at work, at most ${most} may be (setting vigil.maxWatchersPerJob).`,
      );
    return specs.map((spec) => {
      const name = automaticName.test(spec.name) ? freeName(taken) : spec.name;
      if (taken.has(name))
        throw new Error(
          `Not attached: job ${key} has a watcher "${name}" already. Rename the new one, or edit the old.`,
        );
      taken.add(name);
      return { ...spec, name };
    });
  }

  #attachToOutput(job: JobRecord, specs: readonly WatcherSpec[]): JobInfo {
    const { store, clock, publisher, info } = this.#deps;
    const now = clock.now();
    const reason = 'attached to a job that is over: runs by hand';
    const entries = store.transaction(() => {
      const first = store.watchers(job.key).length;
      specs.forEach((spec, index) => {
        const state: WatcherProgress = { ...initialProgress(spec, now), state: 'static', reason };
        store.saveWatcher(job.key, first + index, { spec, state });
      });
      const events = specs.map(({ name }) => ({
        timestamp: now,
        name: 'watcher.state',
        context: { watcher: name, state: 'static', reason },
      }));
      return store.append(job.key, events, now);
    });
    publisher.eventlog(job.key, entries);
    publisher.job(info(job));
    return info(job);
  }

  // Running over output that is there

  async run({ job: key, watchers: wanted }: RunWatchersParams): Promise<RunWatchersResult> {
    const { store, clock, info, service } = this.#deps;
    const job = this.#deps.job(key);
    if (job.phase !== 'clean')
      throw new WatcherControlError(`Job ${key} is not over: its watchers watch it. Trigger one of them instead.`);
    if (job.stdoutPath === undefined) throw new Error(`The output of job ${key} cannot be read: ${noOutput(job)}.`);
    const stored = store.watchers(key);
    const missing = wanted?.find((name) => !stored.some(({ spec }) => spec.name === name));
    if (missing !== undefined || stored.length === 0) throw new WatcherControlError(noWatchers(key, missing));
    const cluster = await service(job.cluster);
    await cluster.connect();
    // Somebody else may have begun while it connected.
    if (this.#deps.job(key).phase !== 'clean')
      throw new WatcherControlError(
        `The watchers of job ${key} run over its output already: wait until they are done.`,
      );
    const now = clock.now();
    const from = store.eventlogLength(key);
    const reopened: JobRecord = { ...job, phase: 'finished', reread: true };
    store.transaction(() => {
      stored.forEach(({ spec, state }, position) => {
        if (wanted !== undefined && !wanted.includes(spec.name)) return;
        store.histories.drop(key, position);
        store.saveWatcher(key, position, {
          spec,
          state: begunAnew(initialProgress({ ...spec, enabled: true }, now), state as WatcherProgress),
        });
      });
      store.positions.drop(key);
      store.saveJob(reopened);
      store.ownership.take(key);
    });
    await cluster.reread(reopened);
    const events = store.eventlog(key, from);
    const over = this.#deps.job(key);
    return { events: events.slice(0, mostEvents), total: events.length, job: info(over) };
  }
}

/** What a job of the script would be called. */
function jobName(document: ScriptDocument, scriptPath: string | undefined): string {
  return commandOptions(document, []).get('job-name') ?? basename(scriptPath ?? 'script');
}

function freeName(taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const name = `watcher-${number}`;
    if (!taken.has(name)) return name;
  }
}

function noWatchers(key: JobKey, watcher: string | undefined): string {
  return watcher === undefined
    ? `Job ${key} has no watchers: attach some with "vigil watch ${key} --with SCRIPT".`
    : `Job ${key} has no watcher "${watcher}".`;
}
