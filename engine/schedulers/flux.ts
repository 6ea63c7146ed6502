/** Flux over a connection: flux batch, the journal of its events (or flux job eventlog and flux jobs), flux cancel. */
import { parseScript } from '../../language/script/parse-script.ts';
import type { Clock } from '../clock.ts';
import type { Connection, ExecOptions, ExecResult } from '../clusters/connection.ts';
import { parseEventlog } from '../eventlog/rfc18.ts';
import type { Logger } from '../logger.ts';
import type { Timestamp } from '../protocol.ts';
import { FluxFollowers } from './flux-followers.ts';
import { fluxIdPattern, plainFluxId } from './flux-id.ts';
import { KnownFluxJob, readJobspec } from './flux-job.ts';
import { FluxJournal } from './flux-journal.ts';
import {
  type ControlVerb,
  type JobException,
  type JobSnapshot,
  RefusalError,
  type Scheduler,
  SchedulerUnavailableError,
  type SubmitRequest,
} from './scheduler.ts';

export interface FluxDependencies {
  readonly cluster: string;
  readonly connection: () => Promise<Connection>;
  readonly user: string;
  readonly version: string;
  /** `FLUX_URI` of the instance, where it is not the one that `flux` finds by itself (flux-environment(7)). */
  readonly uri?: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Does this cluster have a Flux instance? `undefined` where there is none. */
export async function detectFlux(deps: Omit<FluxDependencies, 'user' | 'version'>): Promise<Flux | undefined> {
  const link = await deps.connection();
  const env = fluxEnvironment(deps.uri);
  const version = await link.exec(['flux', 'version'], { env });
  // Outside of an instance it tells its own version, but no broker's.
  const broker = /^broker:\s*(\S+)/m.exec(version.stdout)?.[1];
  if (version.status !== 0 || broker === undefined) return undefined;
  const user = await link.exec(['id', '-un']);
  return new Flux({ ...deps, user: user.stdout.trim(), version: `Flux ${broker}` });
}

/** Names the instance to Flux' programs (flux-environment(7)). */
export function fluxEnvironment(uri: string | undefined): { [name: string]: string } {
  return uri === undefined ? {} : { FLUX_URI: uri };
}

/** What Flux' programs say when there is no broker to talk to, or none that answers. */
const unavailable =
  /unable to connect|flux_open|connection (refused|reset)|broken pipe|no route to host|host is unreachable|broker .*(lost|down)|ENOENT: .*local-|timed? ?out/i;

export class Flux implements Scheduler {
  readonly kind = 'flux';
  readonly keepsEventlogs = true;
  readonly version: string;
  readonly user: string;
  readonly #deps: FluxDependencies;
  readonly #journal: FluxJournal;
  readonly #followers: FluxFollowers;
  readonly #listeners = new Set<() => void>();
  /** Without the journal: what was read of each job, and the state that it was read in. */
  readonly #polled = new Map<string, { readonly job: KnownFluxJob; readonly seen: string }>();
  #lastList: { readonly at: Timestamp; readonly jobs: ReadonlyMap<string, ListedJob> } | undefined;

  constructor(deps: FluxDependencies) {
    this.#deps = deps;
    this.version = deps.version;
    this.user = deps.user;
    const options = {
      ...deps,
      environment: fluxEnvironment(deps.uri),
      onEvent: () => {
        for (const listener of [...this.#listeners]) listener();
      },
    };
    this.#journal = new FluxJournal(options);
    this.#followers = new FluxFollowers(options);
  }

  /** The journal tells everything, or the logs of all open jobs are followed: a look costs nothing. */
  get looksAreFree(): boolean {
    return this.#journal.isLive || this.#isListGood([...this.#polled.keys()]);
  }

  async #flux(
    argv: readonly string[],
    { stdin, cwd, env = {} }: Pick<ExecOptions, 'stdin' | 'cwd' | 'env'> = {},
  ): Promise<ExecResult> {
    const connection = await this.#deps.connection();
    return connection.exec(['flux', ...argv], {
      lane: 'scheduler',
      env: { ...env, ...fluxEnvironment(this.#deps.uri) },
      ...(stdin === undefined ? {} : { stdin }),
      ...(cwd === undefined ? {} : { cwd }),
    });
  }

  /** Throws `SchedulerUnavailableError` when the instance did not answer, else an `Error` with Flux' own words. */
  #fail(what: string, result: ExecResult): never {
    const words = wordsOf(result);
    const message = `${what} on ${this.#deps.cluster} failed: ${words}`;
    throw result.status === null || unavailable.test(words)
      ? new SchedulerUnavailableError(message)
      : new Error(message);
  }

  async submit(request: SubmitRequest): Promise<string> {
    const named = parseScript(request.script).directives.some(
      ({ scheduler, options }) => scheduler === 'flux' && options.some(({ spelling }) => spelling === '--job-name'),
    );
    const result = await this.#flux(
      [
        'batch',
        ...(named ? [] : [`--job-name=${request.name}`]),
        ...request.options,
        // Taken from the environment of flux batch, after what the script's directives leave out: not to be seen in `ps`.
        ...Object.keys(request.env ?? {}).map((name) => `--env=${name}`),
        `--setattr=user.vigil=${request.key}`,
      ],
      { stdin: request.script, cwd: request.workdir ?? '~', ...(request.env ? { env: request.env } : {}) },
    );
    const id = fluxIdPattern.exec(result.stdout)?.[1];
    if (result.status === 0 && id !== undefined) return plainFluxId(id);
    const words = wordsOf(result);
    if (!result.status || unavailable.test(words)) {
      throw new SchedulerUnavailableError(
        `flux batch on ${this.#deps.cluster} cannot tell whether the job was accepted; it will be looked for: ${words}`,
      );
    }
    throw new RefusalError(this.#deps.cluster, words);
  }

  async findByKey(key: string): Promise<string | undefined> {
    if (await this.#journal.ready()) return this.#journal.byKey(key)?.id;
    // The newest come first: a submission that is looked for is not old.
    for (const { jobid } of (await this.#list()).slice(0, searchedJobs)) {
      const id = plainFluxId(jobid);
      if ((await this.#jobspec(id)).key === key) return id;
    }
    return undefined;
  }

  async #jobspec(id: string) {
    const result = await this.#flux(['job', 'info', id, 'jobspec']);
    if (result.status !== 0) this.#fail(`flux job info ${id}`, result);
    return readJobspec(JSON.parse(result.stdout) as unknown);
  }

  async cancel(jobId: string, signal?: string, reason?: string): Promise<void> {
    const name = signal === undefined ? [] : ['-s', signal.replace(/^(?!SIG|\d)/, 'SIG')];
    const argv =
      signal === undefined ? ['cancel', ...(reason ? ['-m', reason] : []), jobId] : ['job', 'kill', ...name, jobId];
    const result = await this.#flux(argv);
    // A job that is over already is a success.
    if (result.status !== 0 && !/job is (inactive|not running)/.test(result.stderr))
      this.#fail(`flux ${argv.join(' ')}`, result);
  }

  async control(jobId: string, verb: ControlVerb): Promise<void> {
    if (verb === 'requeue')
      throw new Error(`Flux has no requeue: cancel ${jobId} and submit it again, as the action resubmit does`);
    // RFC 27: 0 holds a job, 16 is the default.
    await this.setUrgency(jobId, verb === 'hold' ? 0 : 16);
  }

  setUrgency(jobId: string, urgency: number): Promise<void> {
    return this.#order(['job', 'urgency', jobId, String(urgency)]);
  }

  update(jobId: string, changes: { readonly [name: string]: string }): Promise<void> {
    return this.#order(['update', jobId, ...Object.entries(changes).map(([name, value]) => `${name}=${value}`)]);
  }

  extend(jobId: string, seconds: number): Promise<void> {
    return this.update(jobId, { duration: `+${seconds}s` });
  }

  raise(jobId: string, { type, severity, note }: JobException): Promise<void> {
    const message = note ? ['-m', note] : [];
    return this.#order(['job', 'raise', `--type=${type}`, `--severity=${severity}`, ...message, jobId]);
  }

  /** flux-job(1): values are JSON. */
  setMemo(jobId: string, changes: { readonly [key: string]: string | null }): Promise<void> {
    return this.#order(['job', 'memo', jobId, ...Object.entries(changes).map(([k, v]) => `${k}=${JSON.stringify(v)}`)]);
  }

  async #order(argv: readonly string[]): Promise<void> {
    const result = await this.#flux(argv);
    if (result.status !== 0) this.#fail(`flux ${argv.join(' ')}`, result);
  }

  async observe(
    jobIds: readonly string[],
    onUnsure: (jobId: string, why: string) => void = () => {},
  ): Promise<readonly JobSnapshot[]> {
    const isLive = await this.#journal.ready();
    const jobs = isLive ? jobIds.flatMap((id) => this.#journal.job(id) ?? []) : await this.#poll(jobIds, onUnsure);
    const complete = await Promise.all(jobs.map((job) => this.#withExec(job, onUnsure)));
    return complete.flatMap((job) => job?.snapshot ?? []);
  }

  /** The log of the execution is complete before a job is told to be over. */
  async #withExec(
    job: KnownFluxJob,
    onUnsure: (jobId: string, why: string) => void,
  ): Promise<KnownFluxJob | undefined> {
    if (!job.isInactive || job.hasExec) return job;
    const result = await this.#flux(['job', 'eventlog', '-f', 'json', '-p', 'exec', job.id]);
    if (result.status === 0) job.setExec(parseEventlog(result.stdout).events);
    else if (unavailable.test(result.stderr)) {
      onUnsure(job.id, wordsOf(result));
      return undefined;
    }
    return job;
  }

  async #list(): Promise<readonly ListedJob[]> {
    const result = await this.#flux(['jobs', '-a', '--json']);
    if (result.status !== 0) this.#fail('flux jobs', result);
    const told = JSON.parse(result.stdout) as { readonly jobs?: readonly ListedJob[] };
    // A single job that is asked for by its id comes bare.
    return told.jobs ?? [];
  }

  /** Without the journal: a few jobs are followed; one query tells of all, and the logs of those that have changed are read. */
  async #poll(jobIds: readonly string[], onUnsure: (jobId: string, why: string) => void): Promise<KnownFluxJob[]> {
    const listed = await this.#listed(jobIds);
    for (const id of this.#polled.keys()) if (!jobIds.includes(id)) this.#polled.delete(id);
    const found: KnownFluxJob[] = [];
    for (const id of jobIds) {
      const job = listed.get(id);
      if (!job) continue;
      try {
        found.push(await this.#read(id, job));
      } catch (error) {
        if (!(error instanceof SchedulerUnavailableError)) throw error;
        onUnsure(id, error.message);
      }
    }
    this.#followers.follow(found.filter((job) => !job.isInactive).map(({ id }) => id));
    return found;
  }

  async #listed(jobIds: readonly string[]): Promise<ReadonlyMap<string, ListedJob>> {
    if (this.#lastList && this.#isListGood(jobIds)) return this.#lastList.jobs;
    const jobs = new Map((await this.#list()).map((job) => [plainFluxId(job.jobid), job]));
    this.#lastList = { at: this.#deps.clock.now(), jobs };
    return jobs;
  }

  /** Jobs whose logs are followed tell more than a new list would; now and then one shows whether they tell all. */
  #isListGood(jobIds: readonly string[]): boolean {
    const list = this.#lastList;
    if (!list || this.#deps.clock.now() - list.at >= goodForSeconds) return false;
    return jobIds.every(
      (id) => list.jobs.has(id) && (this.#followers.eventsOf(id).length > 0 || this.#polled.get(id)?.job.isInactive),
    );
  }

  async #read(id: string, listed: ListedJob): Promise<KnownFluxJob> {
    const before = this.#polled.get(id);
    const job = before?.job ?? new KnownFluxJob(id);
    if (!before) job.jobspec = await this.#jobspec(id);
    job.nodes = listed.nodelist || undefined;
    const followed = this.#followers.eventsOf(id);
    if (followed.length > job.eventCount) job.setEvents(followed);
    if (before && (before.seen === listed.state || (followed.length > 0 && job.state === listed.state))) return job;
    const result = await this.#flux(['job', 'eventlog', '-f', 'json', id]);
    if (result.status !== 0) this.#fail(`flux job eventlog ${id}`, result);
    job.setEvents(parseEventlog(result.stdout).events);
    this.#polled.set(id, { job, seen: listed.state });
    return job;
  }

  /** Right after the submission the journal may not have the job yet: its jobspec is asked for. */
  async describe(jobId: string): Promise<readonly JobSnapshot[]> {
    const known = (await this.#journal.ready()) ? this.#journal.job(jobId) : undefined;
    if (known) return [known.snapshot];
    const job = new KnownFluxJob(jobId);
    job.jobspec = await this.#jobspec(jobId);
    return [job.snapshot];
  }

  onHint(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  dispose(): void {
    this.#journal.dispose();
    this.#followers.dispose();
  }
}

/** One of `flux jobs`. */
interface ListedJob {
  readonly jobid: string;
  readonly state: string;
  readonly nodelist?: string;
}

/** So long a list of the jobs is good where all that are open are followed. */
const goodForSeconds = 60;
/** A submission whose reply was lost is looked for among so many of the newest jobs. */
const searchedJobs = 100;

/** What Flux said, without the name of its program. */
function wordsOf({ stderr, stdout, status, signal }: ExecResult): string {
  const text = stderr.trim() || stdout.trim();
  return (
    text.replace(/^flux-[\w-]+: (ERROR: )?/gm, '') || `it ended with ${signal ?? `status ${status}`} and said nothing`
  );
}
