/** Slurm over a connection: sbatch, squeue, sacct (scontrol where there is no accounting), scancel. */
import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import type { Clock } from '../clock.ts';
import type { Connection } from '../clusters/connection.ts';
import type { JobUsage } from '../protocol/jobs.ts';
import type { SubmitForecast } from '../protocol/submit.ts';
import { inBatches } from './batches.ts';
import { clustersOf, commandOptions } from './command-options.ts';
import { mergeComponents } from './het-jobs.ts';
import {
  type ControlVerb,
  type JobSnapshot,
  RefusalError,
  type RequestedResources,
  type Scheduler,
  SchedulerUnavailableError,
  type SubmitRequest,
} from './scheduler.ts';
import { isUnanswered, SlurmCommands, wordsOf } from './slurm-commands.ts';
import { gatherSlurmFacts } from './slurm-facts.ts';
import { joinJobId, printedJobId, splitJobId, wholeJobId, withoutSteps } from './slurm-job-id.ts';
import {
  parseKeys,
  parseSacct,
  parseScontrolJobs,
  parseSqueue,
  type ShownJob,
  squeueFormat,
  squeueKeyFormat,
} from './slurm-parse.ts';
import { expandPath, needsHostname } from './slurm-paths.ts';
import { SlurmQueue } from './slurm-queue.ts';
import { parseRequested, parseRequestedAccounting, requestedColumns } from './slurm-requested.ts';
import { parseTestOnly, sbatchLine } from './slurm-submit.ts';
import { parseUsage, usageColumns } from './slurm-usage.ts';
import { isEnded } from './transitions.ts';

export interface SlurmDependencies {
  readonly cluster: string;
  /** The open connection, or a new one. */
  readonly connection: () => Promise<Connection>;
  /** Whose jobs are looked at. */
  readonly user: string;
  readonly version: string;
  /** `JobFileAppend` of slurm.conf(5). */
  readonly appendsOutput?: boolean;
  readonly keysKeptSeconds?: number;
  readonly clockOffsetSeconds?: number;
  readonly clock: Pick<Clock, 'now'>;
}

/** Does this cluster have Slurm? `undefined` where `sbatch` is not found. */
export async function detectSlurm(
  cluster: string,
  connection: () => Promise<Connection>,
  clock: Pick<Clock, 'now'>,
): Promise<Slurm | undefined> {
  const link = await connection();
  const version = await link.exec(['sbatch', '--version']);
  if (version.status !== 0) return undefined;
  const asked = clock.now();
  const told = await link.exec(['sh', '-c', 'id -un; date +%s']);
  const answered = clock.now();
  const [user = '', seconds = ''] = told.stdout.trim().split('\n');
  const words = version.stdout.trim().replace(/^slurm(-wlm)?\s*/, 'Slurm ');
  // Who could not ask takes the usual for granted.
  const config = await link.exec(['scontrol', 'show', 'config']);
  const appendsOutput = /^JobFileAppend\s*=\s*1\b/m.test(config.stdout);
  const clockOffsetSeconds = clockOffset(Number(seconds), asked, answered);
  const kept = keysKeptSeconds(config.stdout);
  return new Slurm({
    cluster,
    connection,
    appendsOutput,
    user,
    version: words,
    clock,
    clockOffsetSeconds,
    ...(kept === undefined ? {} : { keysKeptSeconds: kept }),
  });
}

/** slurm.conf(5): the default of MinJobAge. */
const usualJobAgeSeconds = 300;

/**
 * Keys are in comments: accounting has those with `job_comment` in AccountingStoreFlags (not the default), squeue for
 * MinJobAge after the end (0: always). `config`: what `scontrol show config` prints.
 */
export function keysKeptSeconds(config: string): number | undefined {
  if (/^AccountingStoreFlags\s*=.*\bjob_comment\b/m.test(config)) return undefined;
  const told = /^MinJobAge\s*=\s*(\d+)/m.exec(config)?.[1];
  const seconds = told === undefined ? usualJobAgeSeconds : Number(told);
  return seconds === 0 ? undefined : seconds;
}

/** `told`: the cluster's clock, in whole seconds, at some moment from `asked` to `answered`. What may be delay is none. */
function clockOffset(told: number, asked: number, answered: number): number {
  if (!told) return 0;
  if (told + 1 < asked) return told + 1 - asked;
  return told > answered ? told - answered : 0;
}

export class Slurm implements Scheduler {
  readonly kind = 'slurm';
  readonly version: string;
  readonly appendsOutput: boolean;
  /** The account that the jobs belong to. */
  readonly user: string;
  readonly clockOffsetSeconds: number;
  readonly keysKeptSeconds?: number;
  readonly #deps: SlurmDependencies;
  readonly #commands: SlurmCommands;
  /** By the name of the cluster of the site, for `-M`. */
  readonly #queues = new Map<string, SlurmQueue>();
  /** Of nodes, by name. */
  readonly #hostnames = new Map<string, string>();

  constructor(deps: SlurmDependencies) {
    this.#deps = deps;
    this.version = deps.version;
    this.appendsOutput = deps.appendsOutput ?? false;
    this.user = deps.user;
    if (deps.keysKeptSeconds !== undefined) this.keysKeptSeconds = deps.keysKeptSeconds;
    this.clockOffsetSeconds = deps.clockOffsetSeconds ?? 0;
    this.#commands = new SlurmCommands(deps.cluster, deps.connection);
  }

  async submit(request: SubmitRequest): Promise<string> {
    const result = await this.#sbatch(request, sbatchLine(request));
    const jobId = printedJobId(result.stdout);
    if (result.status === 0 && jobId) return jobId;
    const words = wordsOf(result, 'sbatch');
    if (isUnanswered(result, 'sbatch')) {
      // A script that says `--quiet` is accepted without a word.
      const clusters = clustersOf(commandOptions(parseScript(request.script), request.options));
      const found = result.status === 0 ? await this.findByKey(request.key, clusters) : undefined;
      if (found !== undefined) return found;
      throw new SchedulerUnavailableError(
        `sbatch on ${this.#deps.cluster} cannot tell whether the job was accepted; it will be looked for: ${words}`,
      );
    }
    throw new RefusalError(this.#deps.cluster, words);
  }

  async test(request: SubmitRequest): Promise<SubmitForecast> {
    const [program = '', ...rest] = sbatchLine(request);
    // There will be no job that inherits the format.
    const result = await this.#sbatch(request, [program, '--test-only', ...rest], { SLURM_TIME_FORMAT: '%s' });
    if (result.status === 0) return parseTestOnly(result.stderr);
    if (isUnanswered(result, 'sbatch')) throw this.#commands.unavailable(result, 'sbatch --test-only');
    throw new RefusalError(this.#deps.cluster, wordsOf(result, 'sbatch'));
  }

  #sbatch({ script, workdir = '~', env }: SubmitRequest, line: readonly string[], own?: SubmitRequest['env']) {
    const exported = env || own ? { env: { ...env, ...own } } : {};
    return this.#commands.run(line, { stdin: script, cwd: workdir, ...exported });
  }

  async findByKey(key: string, clusters: readonly string[] = ['']): Promise<string | undefined> {
    for (const on of clusters) {
      const id = await this.#findOn(key, on);
      if (id !== undefined) return joinJobId(wholeJobId(id), on);
    }
    return undefined;
  }

  async #findOn(key: string, on: string): Promise<string | undefined> {
    const marked = ({ comment }: { comment: string }) => comment.includes(`vigil:${key}`);
    const argv = ['squeue', '-h', '-t', 'all', '-u', this.user, '-o', squeueKeyFormat];
    const queued = parseKeys(await this.#commands.ask(argv, { on })).find(marked);
    if (queued) return queued.jobId;
    const columns = ['JobID', 'Comment'];
    const sacct = await this.#commands.accounting(['-S', 'now-2days', '-u', this.user], { on, columns });
    return parseKeys(sacct ?? '').find(marked)?.jobId;
  }

  async cancel(jobId: string, signal?: string): Promise<void> {
    const { id, on } = splitJobId(jobId);
    const options = signal ? [...(await this.#reach(id, on)), `--signal=${signal}`] : [];
    // scancel(1) is silent and successful for jobs that are over or unknown.
    await this.#commands.order(['scancel', ...options, id], { on });
  }

  async cancelTasks(jobId: string, tasks: string): Promise<void> {
    const { id, on } = splitJobId(jobId);
    await this.#commands.order(['scancel', `${id}_[${withoutSteps(tasks)}]`], { on });
  }

  /**
   * scancel(1): a signal goes to the steps that srun started, not to the batch script. A job without such steps would not
   * hear it: there the script and what it runs are meant.
   */
  async #reach(id: string, on: string): Promise<readonly string[]> {
    const steps = await this.#commands.run(['squeue', '-h', '-s', '-j', id, '-o', '%i'], { on });
    return steps.status === 0 && /\.\d+\s*$/m.test(steps.stdout) ? [] : ['--full'];
  }

  control(jobId: string, verb: ControlVerb): Promise<void> {
    const { id, on } = splitJobId(jobId);
    return this.#commands.order(['scontrol', verb, id], { on });
  }

  update(jobId: string, changes: { readonly [name: string]: string }): Promise<void> {
    const { id, on } = splitJobId(jobId);
    const words = Object.entries(changes).map(([name, value]) => `${name}=${value}`);
    return this.#commands.order(['scontrol', 'update', `JobId=${id}`, ...words], { on });
  }

  /** scontrol(1) counts in minutes, and adds. */
  extend(jobId: string, seconds: number): Promise<void> {
    return this.update(jobId, { TimeLimit: `+${Math.ceil(seconds / 60)}` });
  }

  /**
   * 0 holds the job. The others release it and give it a nice value: 100, what sbatch's `--nice` adds, for each step below
   * the default. Above it only operators may go; the controller says so to others.
   */
  async setUrgency(jobId: string, urgency: number): Promise<void> {
    if (urgency === 0) return this.control(jobId, 'hold');
    await this.update(jobId, { Nice: String((16 - urgency) * 100) });
    await this.control(jobId, 'release');
  }

  async observe(
    jobIds: readonly string[],
    onUnsure: (jobId: string, why: string) => void = () => {},
  ): Promise<readonly JobSnapshot[]> {
    const byCluster = new Map<string, string[]>();
    for (const { id, on } of jobIds.map(splitJobId)) byCluster.set(on, [...(byCluster.get(on) ?? []), id]);
    const silent: SchedulerUnavailableError[] = [];
    const seen = await inBatches([...byCluster], async ([on, ids]) => {
      try {
        const jobs = await this.#queueOf(on).observe(ids, (id, why) => onUnsure(joinJobId(id, on), why));
        return jobs.map((job) => qualified(job, on));
      } catch (error) {
        if (!(error instanceof SchedulerUnavailableError)) throw error;
        silent.push(error);
        for (const id of ids) onUnsure(joinJobId(id, on), error.message);
        return [];
      }
    });
    // The jobs of the other clusters of the site are told all the same.
    const [first] = silent;
    if (first && silent.length === byCluster.size) throw first;
    return seen.flat();
  }

  #queueOf(on: string): SlurmQueue {
    const known = this.#queues.get(on);
    if (known) return known;
    const queue = new SlurmQueue(this.#commands, this.user, on, (id) => this.#describeOn(id, on));
    this.#queues.set(on, queue);
    return queue;
  }

  async describe(jobId: string): Promise<readonly JobSnapshot[]> {
    const { id, on } = splitJobId(jobId);
    return (await this.#describeOn(id, on)).map((job) => qualified(job, on));
  }

  async #describeOn(id: string, on: string): Promise<readonly JobSnapshot[]> {
    const jobs = await this.#show(id, on);
    return mergeComponents(await inBatches(jobs, (job) => this.#withPaths(job, on)));
  }

  /** scontrol leaves what only the node knows in the paths of a job (`%N`), even while it runs. */
  async #withPaths(job: ShownJob, on: string): Promise<JobSnapshot> {
    const { batchHost, ...snapshot } = job;
    if (batchHost === undefined) return snapshot;
    const paths = [job.stdoutPath, job.stderrPath];
    const hostname = paths.some(needsHostname) ? await this.#hostname(batchHost, on) : batchHost;
    const context = { hostname, jobId: job.jobId };
    const [stdoutPath, stderrPath] = paths.map((path) => (path === undefined ? path : expandPath(path, context)));
    return { ...snapshot, ...(stdoutPath ? { stdoutPath } : {}), ...(stderrPath ? { stderrPath } : {}) };
  }

  /** A node's name in Slurm need not be its host's: `%N` is the latter. */
  async #hostname(node: string, on: string): Promise<string> {
    const key = joinJobId(node, on);
    const known = this.#hostnames.get(key);
    if (known !== undefined) return known;
    const shown = await this.#commands.ask(['scontrol', 'show', 'node', node], { on });
    const hostname = (/\bNodeHostName=(\S+)/.exec(shown)?.[1] ?? node).replace(/\..*$/, '');
    this.#hostnames.set(key, hostname);
    return hostname;
  }

  async nodeAddress(jobId: string, node: string): Promise<string | undefined> {
    const shown = await this.#commands.ask(['scontrol', 'show', 'node', node], { on: splitJobId(jobId).on });
    return /\bNodeAddr=(\S+)/.exec(shown)?.[1];
  }

  facts(): Promise<ClusterFacts> {
    const { cluster, version, clock } = this.#deps;
    return gatherSlurmFacts({
      cluster,
      version,
      user: this.user,
      now: clock.now(),
      exec: (argv) => this.#commands.run(argv),
    });
  }

  async mine(jobId?: string): Promise<readonly JobSnapshot[]> {
    const { id: wanted, on } = splitJobId(jobId ?? '');
    const squeue = ['squeue', '-h', '-r', '-t', 'all', '-u', this.user, '-o', squeueFormat];
    // All of this user's: asked for one that it has forgotten, squeue fails.
    const queued = mergeComponents(parseSqueue(await this.#commands.ask(squeue, { on })));
    const running = queued.filter((job) => !isEnded(job.state));
    if (jobId === undefined) return running;
    if (!/^\d+(_\d+)?$/.test(wanted)) return [];
    const argv = ['-j', wholeJobId(wanted), '-u', this.user];
    const told = (await this.#commands.accounting(argv, { on })) ?? '';
    const accounted = mergeComponents(parseSacct(told, this.#commands.sacctColumns));
    const byId = new Map([...queued, ...accounted, ...running].map((job) => [job.jobId, job]));
    return [...byId.values()]
      .filter((job) => job.jobId === wanted || job.arrayTask?.parentJobId === wanted)
      .map((job) => qualified(job, on));
  }

  async past(days: number): Promise<readonly JobSnapshot[] | undefined> {
    // sacct(1): without an end those that run or wait are told, too.
    const told = await this.#commands.accounting(['-S', `now-${days}days`, '-u', this.user]);
    return told === undefined ? undefined : mergeComponents(parseSacct(told, this.#commands.sacctColumns));
  }

  async batchScript(jobId: string): Promise<string | undefined> {
    // scontrol(1): to the standard output. The user's own, and only while the controller has the job.
    const { id, on } = splitJobId(jobId);
    const result = await this.#commands.run(['scontrol', 'write', 'batch_script', id, '-'], { on });
    return result.status === 0 && result.stdout.startsWith('#!') ? result.stdout : undefined;
  }

  async requested(jobId: string): Promise<RequestedResources> {
    const { id, on } = splitJobId(jobId);
    const result = await this.#commands.run(['scontrol', 'show', 'job', id], { on });
    if (result.status === 0) return parseRequested(result.stdout);
    // It ended more than MinJobAge ago.
    const told = await this.#commands.accounting(['-j', id], { on, columns: requestedColumns });
    return told === undefined ? {} : parseRequestedAccounting(told);
  }

  async usage(jobId: string): Promise<JobUsage | undefined> {
    const { id, on } = splitJobId(jobId);
    const told = await this.#commands.accounting(['-j', id], { on, columns: usageColumns, withSteps: true });
    return told === undefined ? undefined : parseUsage(told, id);
  }

  onHint(): () => void {
    return () => {};
  }

  async #show(id: string, on: string): Promise<ShownJob[]> {
    const result = await this.#commands.run(['scontrol', 'show', 'job', id], { on });
    if (result.status === 0) return parseScontrolJobs(result.stdout);
    if (/Invalid job id/i.test(result.stderr)) return [];
    throw this.#commands.unavailable(result, 'scontrol');
  }
}

/** Ids as the rest of Vigil knows them: with the name of the cluster where it is another one of the site. */
function qualified(job: JobSnapshot, on: string): JobSnapshot {
  if (on === '') return job;
  const { arrayTask } = job;
  const parent = arrayTask && { ...arrayTask, parentJobId: joinJobId(arrayTask.parentJobId, on) };
  return { ...job, jobId: joinJobId(job.jobId, on), ...(parent ? { arrayTask: parent } : {}) };
}
