/** The embedded scheduler: runs batch scripts as processes of this machine, as many at once as it has cores. */
import { existsSync, statSync } from 'node:fs';
import { constants, cpus, homedir, hostname, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { pointInTime } from '../../language/directives/point-in-time.ts';
import { expandFileName, parseArraySpec, parseTimeLimit } from '../../language/directives/values.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import { urgencies } from '../protocol/jobs.ts';
import type { SubmitForecast } from '../protocol/submit.ts';
import { commandOptions } from './command-options.ts';
import { LocalJobFiles } from './local-files.ts';
import { cpusOf, environmentOf, type LocalJob, refusalOf, snapshotOf, waitReason } from './local-job.ts';
import { claimant, isAlive, recordedStatus, signalProcess, startProcess } from './local-process.ts';
import {
  type ControlVerb,
  type JobSnapshot,
  RefusalError,
  type RequestedResources,
  type Scheduler,
  type SubmitRequest,
} from './scheduler.ts';
import { isEnded } from './transitions.ts';

export interface LocalSchedulerDependencies {
  readonly cluster: string;
  /** Holds a folder a job: the script, the job's record, its exit status. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** The environment that jobs inherit. */
  readonly environment: { readonly [name: string]: string | undefined };
  readonly cores?: number;
  /** Numbers that no other engine's jobs have: so many, none less than `least`; the first of them. */
  readonly reserve?: ((least: number, count: number) => number) | undefined;
}

/** Milliseconds from SIGTERM to SIGKILL, as Slurm's KillWait (30 s there). */
const killWaitMs = 10_000;
/** Looks at processes that an earlier engine started: no exit event tells of those. */
const adoptedPollMs = 1000;
/** How long a signal waits for a script that is being started. */
const beginPollMs = 20;
const beginTries = 100;
const keepEndedSeconds = 30 * 86_400;

export class LocalScheduler implements Scheduler {
  readonly kind = 'local';
  readonly looksAreFree = true;
  readonly version: string;
  readonly #deps: LocalSchedulerDependencies;
  readonly #cores: number;
  readonly #files: LocalJobFiles;
  readonly #jobs = new Map<string, LocalJob>();
  readonly #listeners = new Set<() => void>();
  readonly #timers = new Map<string, () => void>();
  #nextId = 1;
  #disposed = false;

  constructor(deps: LocalSchedulerDependencies) {
    this.#deps = deps;
    this.#cores = deps.cores ?? Math.max(1, cpus().length);
    this.version = `processes on ${hostname()}, ${this.#cores} at once`;
    this.#files = new LocalJobFiles(deps.directory);
    this.#load();
  }

  #load(): void {
    const { clock, log } = this.#deps;
    const { jobs, nextId } = this.#files.read(clock.now() - keepEndedSeconds, log);
    this.#nextId = nextId;
    for (const job of jobs) this.#jobs.set(job.id, job);
    for (const job of jobs) if (job.state === 'running' || this.#isClaimed(job)) this.#adopt(job);
    this.#schedule();
  }

  /** Was it started by an engine that did not live to write that down? */
  #isClaimed(job: LocalJob): boolean {
    const process = job.state === 'pending' ? claimant(this.#files.claim(job)) : undefined;
    if (!process) return false;
    const started = statSync(this.#files.claim(job)).mtimeMs / 1000;
    Object.assign(job, { ...process, state: 'running', started, reason: undefined });
    this.#save(job);
    return true;
  }

  #save(job: LocalJob): void {
    this.#files.save(job);
  }

  async test(request: SubmitRequest): Promise<SubmitForecast> {
    this.#checkedOptions(request);
    return { warnings: [] };
  }

  /** Of a script that can be run. Throws `RefusalError`. */
  #checkedOptions(request: SubmitRequest): ReadonlyMap<string, string> {
    const options = commandOptions(parseScript(request.script), request.options);
    const refuse = (words: string): never => {
      throw new RefusalError(this.#deps.cluster, words);
    };
    if (!request.script.startsWith('#!')) {
      refuse(
        'This does not look like a batch script.  The first line must start with #! followed by the path to an interpreter.',
      );
    }
    if (request.script.includes('\r\n'))
      refuse('Batch script contains DOS line breaks (\\r\\n) instead of expected UNIX line breaks (\\n).');
    const words = refusalOf(options);
    if (words) refuse(words);
    return options;
  }

  async submit(request: SubmitRequest): Promise<string> {
    const options = this.#checkedOptions(request);
    const base = absolute(request.workdir ?? '~', homedir());
    const workdir = absolute(options.get('chdir') ?? base, base);
    const array = options.has('array') ? parseArraySpec(options.get('array') ?? '') : undefined;
    const indices = array ? array.indices : [undefined];
    this.#nextId = this.#deps.reserve?.(this.#nextId, indices.length) ?? this.#nextId;
    const id = String(this.#nextId);
    this.#files.keepLastId(this.#nextId + indices.length - 1);
    for (const index of indices) {
      const task =
        index === undefined ? undefined : { parentJobId: id, index, ...(array?.limit ? { limit: array.limit } : {}) };
      const job = this.#record(this.#nextId++, request, options, workdir, task);
      // The record comes last: with it there is a job, whole.
      this.#files.saveScript(job, request.script);
      this.#save(job);
      this.#jobs.set(job.id, job);
    }
    this.#schedule();
    return id;
  }

  #record(
    number: number,
    request: SubmitRequest,
    options: ReadonlyMap<string, string>,
    workdir: string,
    task: LocalJob['arrayTask'],
  ): LocalJob {
    const name = options.get('job-name') || request.name;
    const names = {
      jobId: String(number),
      arrayJobId: task?.parentJobId ?? String(number),
      ...(task ? { arrayTaskId: String(task.index) } : {}),
      jobName: name,
      userName: userInfo().username,
      nodeName: hostname(),
    };
    const file = (pattern: string) => absolute(expandFileName(pattern, names), workdir);
    const stdoutPath = file(options.get('output') ?? (task ? 'slurm-%A_%a.out' : 'slurm-%j.out'));
    const seconds = parseTimeLimit(options.get('time') ?? '0') ?? 0;
    const limited = seconds > 0 && Number.isFinite(seconds);
    const submitted = this.#deps.clock.now();
    const begin = pointInTime(options.get('begin') ?? '', new Date(submitted * 1000));
    return {
      id: task ? `${task.parentJobId}_${task.index}` : String(number),
      number,
      name,
      key: request.key,
      workdir,
      options: Object.fromEntries(options),
      ...(request.env ? { env: request.env } : {}),
      stdoutPath,
      stderrPath: options.has('error') ? file(options.get('error') ?? '') : stdoutPath,
      submitted,
      ...(begin ? { begin: begin.getTime() / 1000 } : {}),
      ...(options.has('hold') ? { held: true } : {}),
      cpus: cpusOf(options, this.#cores),
      ...(limited ? { timeLimitSeconds: seconds } : {}),
      ...(task ? { arrayTask: task } : {}),
      state: 'pending',
      reason: 'None',
    };
  }

  async findByKey(key: string): Promise<string | undefined> {
    const job = [...this.#jobs.values()].find((candidate) => candidate.key === key);
    return job && (job.arrayTask?.parentJobId ?? job.id);
  }

  async cancel(jobId: string, signal?: string): Promise<void> {
    for (const job of this.#withTasks(jobId)) {
      if (isEnded(job.state)) continue;
      if (job.state === 'pending') {
        if (!signal) this.#end(job, 'cancelled', undefined);
      } else if (signal) {
        this.#signal(job, this.#signalName(signal));
      } else this.#terminate(job, 'cancelled');
    }
  }

  async cancelTasks(jobId: string, tasks: string): Promise<void> {
    const indices = new Set(parseArraySpec(tasks)?.indices);
    const chosen = this.#withTasks(jobId).filter((job) => job.arrayTask && indices.has(job.arrayTask.index));
    if (chosen.length === 0) throw new Error(`job ${jobId} on ${this.#deps.cluster} has no task ${tasks}`);
    for (const { id } of chosen) await this.cancel(id);
  }

  #signalName(signal: string): NodeJS.Signals {
    const name = `SIG${signal.replace(/^SIG/i, '').toUpperCase()}`;
    const known = Object.entries(constants.signals).find(
      ([each, number]) => each === name || String(number) === signal,
    );
    if (!known) throw new Error(`${this.#deps.cluster} knows no signal ${signal}`);
    return known[0] as NodeJS.Signals;
  }

  /** Jobs in the queue can be held; a process that runs cannot go back. */
  async control(jobId: string, verb: ControlVerb): Promise<void> {
    for (const job of this.#withTasks(jobId)) {
      if (verb === 'requeue' || job.state !== 'pending') {
        throw new Error(
          `job ${job.id} on ${this.#deps.cluster} is ${job.state}: only a job in the queue can be held or released`,
        );
      }
      job.held = verb === 'hold';
      this.#save(job);
    }
    this.#schedule();
  }

  async update(jobId: string, changes: { readonly [name: string]: string }): Promise<void> {
    const limit = changes.TimeLimit === undefined ? undefined : parseTimeLimit(changes.TimeLimit);
    if (limit === undefined || Object.keys(changes).length > 1) {
      throw new Error(`job ${jobId} on ${this.#deps.cluster}: only its TimeLimit can be changed, e.g. to 2:00:00`);
    }
    this.#setLimit(jobId, () => limit);
  }

  async extend(jobId: string, seconds: number): Promise<void> {
    this.#setLimit(jobId, (before, id) => {
      if (before === undefined) throw new Error(`job ${id} on ${this.#deps.cluster} has no time limit`);
      return before + seconds;
    });
  }

  /** `limitOf`: from the limit in seconds as it is to that which is to be. */
  #setLimit(jobId: string, limitOf: (before: number | undefined, id: string) => number): void {
    for (const job of this.#openTasks(jobId)) {
      job.timeLimitSeconds = limitOf(job.timeLimitSeconds, job.id);
      this.#save(job);
      this.#limit(job);
    }
    this.#changed();
  }

  /** Jobs of higher urgency start first. */
  async setUrgency(jobId: string, urgency: number): Promise<void> {
    for (const job of this.#openTasks(jobId)) {
      if (job.state !== 'pending') throw new Error(`job ${job.id} on ${this.#deps.cluster} runs already`);
      Object.assign(job, { held: urgency === 0, urgency });
      this.#save(job);
    }
    this.#schedule();
  }

  #openTasks(jobId: string): readonly LocalJob[] {
    const open = this.#withTasks(jobId).filter((job) => !isEnded(job.state));
    if (open.length === 0) throw new Error(`job ${jobId} on ${this.#deps.cluster} is over`);
    return open;
  }

  #withTasks(jobId: string): LocalJob[] {
    return [...this.#jobs.values()].filter((job) => job.id === jobId || job.arrayTask?.parentJobId === jobId);
  }

  async observe(jobIds: readonly string[]): Promise<readonly JobSnapshot[]> {
    const ids = new Set(jobIds.flatMap((id) => this.#withTasks(id).map((job) => job.id)));
    return [...ids].flatMap((id) => this.#snapshot(this.#jobs.get(id)));
  }

  async requested(jobId: string): Promise<RequestedResources> {
    return this.#withTasks(jobId)[0]?.options ?? {};
  }

  async describe(jobId: string): Promise<readonly JobSnapshot[]> {
    const jobs = this.#withTasks(jobId).flatMap((job) => this.#snapshot(job));
    const [first] = jobs;
    return first?.arrayTask && first.jobId !== jobId ? [{ ...first, jobId, isArray: true }, ...jobs] : jobs;
  }

  #snapshot(job: LocalJob | undefined): JobSnapshot[] {
    const { uid } = userInfo();
    return job ? [snapshotOf(job, hostname(), uid >= 0 ? uid : undefined)] : [];
  }

  /** All processes that this scheduler knows were started through it. */
  async mine(): Promise<readonly JobSnapshot[]> {
    return [];
  }

  onHint(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops looking and waiting; what runs goes on running, and the next engine adopts it. */
  dispose(): void {
    this.#disposed = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#listeners.clear();
  }

  /** Starts what may start, first come first served. */
  #schedule(): void {
    if (this.#disposed) return;
    const jobs = [...this.#jobs.values()];
    let free = this.#cores - jobs.filter((job) => job.state === 'running').reduce((sum, job) => sum + job.cpus, 0);
    for (const job of byUrgency(jobs.filter((candidate) => candidate.state === 'pending'))) {
      const reason = waitReason(job, jobs, this.#deps.clock.now()) ?? (job.cpus > free ? 'Resources' : undefined);
      if (!reason) {
        this.#start(job);
        if (job.state === 'running') free -= job.cpus;
      } else if (reason !== job.reason) {
        job.reason = reason;
        this.#save(job);
        this.#changed();
      }
    }
    // Reasons that time alone removes.
    const waits = (job: LocalJob) => job.reason === 'BeginTime' || job.options.dependency?.includes('+');
    if (jobs.some((job) => job.state === 'pending' && waits(job))) {
      const begins = jobs.flatMap(({ state, begin }) => (state === 'pending' && begin !== undefined ? [begin] : []));
      const waitMs = Math.min(10_000, ...begins.map((begin) => Math.max(10, (begin - this.#deps.clock.now()) * 1000)));
      this.#timer('schedule', waitMs, () => this.#schedule());
    }
  }

  #start(job: LocalJob): void {
    const folder = this.#files.folder(job);
    const environment = environmentOf(job, this.#deps.environment, hostname());
    try {
      const { pid, pidStarted, exited } = startProcess({
        program: join(folder, 'script'),
        statusFile: join(folder, 'status'),
        begunFile: join(folder, 'begun'),
        claimFile: this.#files.claim(job),
        workdir: job.workdir,
        environment,
        stdoutPath: job.stdoutPath,
        stderrPath: job.stderrPath,
      });
      Object.assign(job, { state: 'running', reason: undefined, started: this.#deps.clock.now(), pid, pidStarted });
      this.#save(job);
      this.#limit(job);
      void exited.then(() => this.#exited(job));
    } catch (error) {
      // What Slurm does too: the job fails at once. Unlike there, the reason is told.
      job.reason = error instanceof Error ? error.message : String(error);
      this.#deps.log.error(`job ${job.id} cannot start: ${job.reason}`);
      job.started = this.#deps.clock.now();
      this.#end(job, 'failed', 1 << 8);
    }
    this.#changed();
  }

  /** A process of an earlier engine: watched by looking, as no exit event will tell. */
  #adopt(job: LocalJob): void {
    this.#limit(job);
    if (job.ending) this.#killLater(job);
    const look = () => {
      if (isEnded(job.state)) return;
      if (isAlive(job.pid ?? 0, job.pidStarted ?? '')) this.#timer(`adopted ${job.id}`, adoptedPollMs, look);
      else this.#exited(job);
    };
    look();
  }

  #limit(job: LocalJob): void {
    if (job.timeLimitSeconds === undefined || job.started === undefined) return;
    const leftSeconds = job.started + job.timeLimitSeconds - this.#deps.clock.now();
    // setTimeout holds 2^31 ms at most: look again until the time has come.
    const waitMs = Math.min(Math.max(0, leftSeconds * 1000), 86_400_000);
    this.#timer(`limit ${job.id}`, waitMs, () => {
      if (job.state !== 'running') return;
      if (waitMs < leftSeconds * 1000) this.#limit(job);
      else this.#terminate(job, 'timeout');
    });
  }

  #terminate(job: LocalJob, ending: 'cancelled' | 'timeout'): void {
    job.ending ??= ending;
    this.#save(job);
    this.#signal(job, 'SIGTERM');
    this.#killLater(job);
  }

  #killLater(job: LocalJob): void {
    this.#timer(`kill ${job.id}`, killWaitMs, () => {
      if (job.state === 'running' && isAlive(job.pid ?? 0, job.pidStarted ?? '')) this.#send(job, 'SIGKILL');
    });
  }

  /** Signals once the script is there to hear it: it may have been started this very moment. */
  #signal(job: LocalJob, signal: NodeJS.Signals, tries = 0): void {
    if (isEnded(job.state)) return;
    if (tries === beginTries || existsSync(join(this.#files.folder(job), 'begun'))) this.#send(job, signal);
    else this.#timer(`signal ${job.id} ${signal}`, beginPollMs, () => this.#signal(job, signal, tries + 1));
  }

  /** Most signals are sent later than they are asked for: what goes wrong is logged. */
  #send(job: LocalJob, signal: NodeJS.Signals): void {
    try {
      signalProcess(job.pid ?? 0, signal);
    } catch (error) {
      this.#deps.log.error(`${signal} could not be sent to the processes of job ${job.id}: ${String(error)}`);
    }
  }

  #exited(job: LocalJob): void {
    // After `dispose` it is the next engine's to find out.
    if (this.#disposed || isEnded(job.state)) return;
    const runs = claimant(this.#files.claim(job));
    if (runs && runs.pid !== job.pid) {
      // Ours came second: the job has been running since an engine that was killed started it.
      Object.assign(job, runs);
      this.#save(job);
      this.#adopt(job);
      return;
    }
    const status = recordedStatus(join(this.#files.folder(job), 'status'));
    if (job.ending) this.#end(job, job.ending, status ?? 9);
    else if (status === undefined) this.#end(job, 'node_fail', 9);
    else this.#end(job, status === 0 ? 'completed' : 'failed', status);
    this.#schedule();
  }

  #end(job: LocalJob, state: LocalJob['state'], status: number | undefined): void {
    Object.assign(job, { state, ended: this.#deps.clock.now(), ...(status === undefined ? {} : { status }) });
    for (const name of ['limit', 'kill', 'adopted']) {
      this.#timers.get(`${name} ${job.id}`)?.();
      this.#timers.delete(`${name} ${job.id}`);
    }
    this.#save(job);
    this.#changed();
  }

  #timer(name: string, ms: number, callback: () => void): void {
    this.#timers.get(name)?.();
    this.#timers.set(name, this.#deps.clock.setTimeout(callback, ms));
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Of the same urgency first come, first served. */
function byUrgency(jobs: readonly LocalJob[]): readonly LocalJob[] {
  const urgency = (job: LocalJob) => job.urgency ?? urgencies.default;
  return jobs.toSorted((a, b) => urgency(b) - urgency(a) || a.number - b.number);
}

function absolute(path: string, base: string): string {
  const expanded = path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
  return isAbsolute(expanded) ? expanded : resolve(base, expanded);
}
