/** Slurm over a connection: sbatch, squeue, sacct (scontrol where there is no accounting), scancel. */
import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import type { Clock } from '../clock.ts';
import type { Connection, ExecResult } from '../clusters/connection.ts';
import { inBatches } from './batches.ts';
import { commandOptions } from './command-options.ts';
import {
  type ControlVerb,
  type JobSnapshot,
  RefusalError,
  type Scheduler,
  SchedulerUnavailableError,
  type SubmitRequest,
} from './scheduler.ts';
import { gatherSlurmFacts } from './slurm-facts.ts';
import {
  parseSacct,
  parseScontrolJobs,
  parseSqueue,
  parseSqueueKeys,
  type ShownJob,
  sacctFormat,
  squeueFormat,
  squeueKeyFormat,
} from './slurm-parse.ts';
import { expandPath, needsHostname } from './slurm-paths.ts';
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
  const user = await link.exec(['id', '-un']);
  const words = version.stdout.trim().replace(/^slurm(-wlm)?\s*/, 'Slurm ');
  // Who could not ask takes the usual for granted.
  const config = await link.exec(['scontrol', 'show', 'config']);
  const appendsOutput = /^JobFileAppend\s*=\s*1\b/m.test(config.stdout);
  return new Slurm({ cluster, connection, appendsOutput, user: user.stdout.trim(), version: words, clock });
}

/** At most this many jobs are asked for one by one in one look, where accounting does not tell; the others in the next. */
const singleLooks = 20;

/**
 * What sbatch says when it does not know whether the controller took the job (slurm_errno.c, 20.11 to 25.x): the request
 * was sent, or may have been, and no answer came.
 */
const noAnswer =
  /timed? ?out|unable to contact|communication (connection|shutdown)|(send|receive|connect)(ing)? (failure|error)|zero bytes|connection (refused|reset|aborted)|transport endpoint|temporarily unable|slurm backup controller/i;

export class Slurm implements Scheduler {
  readonly kind = 'slurm';
  readonly version: string;
  readonly appendsOutput: boolean;
  /** The account that the jobs belong to. */
  readonly user: string;
  readonly #deps: SlurmDependencies;
  #hasAccounting = true;
  readonly #hostnames = new Map<string, string>();
  /** Tasks that squeue listed, by array, at the last look that accounting had a part in. */
  #listedTasks = new Map<string, ReadonlySet<string>>();

  constructor(deps: SlurmDependencies) {
    this.#deps = deps;
    this.version = deps.version;
    this.appendsOutput = deps.appendsOutput ?? false;
    this.user = deps.user;
  }

  async #exec(argv: readonly string[], stdin?: string, cwd?: string): Promise<ExecResult> {
    const connection = await this.#deps.connection();
    return connection.exec(argv, {
      lane: 'scheduler',
      // Times as seconds since the epoch: sites differ in time zone and format. Not for sbatch: jobs would inherit it.
      ...(argv[0] === 'sbatch' ? {} : { env: { SLURM_TIME_FORMAT: '%s' } }),
      ...(stdin === undefined ? {} : { stdin }),
      ...(cwd === undefined ? {} : { cwd }),
    });
  }

  async submit(request: SubmitRequest): Promise<string> {
    const own = commandOptions(parseScript(request.script), request.options);
    const comment = own.get('comment');
    const argv = [
      'sbatch',
      '--parsable',
      ...(own.has('job-name') ? [] : [`--job-name=${request.name}`]),
      ...request.options,
      `--comment=${comment ? `${comment} ` : ''}vigil:${request.key}`,
    ];
    const result = await this.#exec(argv, request.script, request.workdir ?? '~');
    const jobId = /^(\d+)(?:;.*)?$/m.exec(result.stdout)?.[1];
    if (result.status === 0 && jobId) return jobId;
    const words = wordsOf(result, 'sbatch');
    // Ended by a signal, or without an answer: the job may have been accepted all the same.
    if (!result.status || noAnswer.test(words)) {
      throw new SchedulerUnavailableError(
        `sbatch on ${this.#deps.cluster} cannot tell whether the job was accepted; it will be looked for: ${words}`,
      );
    }
    throw new RefusalError(this.#deps.cluster, words);
  }

  async findByKey(key: string): Promise<string | undefined> {
    const marked = ({ comment }: { comment: string }) => comment.includes(`vigil:${key}`);
    const squeue = await this.#ask(['squeue', '-h', '-t', 'all', '-u', this.user, '-o', squeueKeyFormat]);
    const queued = parseSqueueKeys(squeue).find(marked);
    if (queued) return queued.jobId.replace(/_.*$/, '');
    const sacct = await this.#accounting(['-S', 'now-2days', '-u', this.user, '-o', 'JobID,Comment']);
    const line = sacct?.split('\n').find((text) => marked({ comment: text }));
    return line?.split('|')[0]?.replace(/_.*$/, '');
  }

  async cancel(jobId: string, signal?: string): Promise<void> {
    // scancel(1) is silent and successful for jobs that are over or unknown.
    const result = await this.#exec(['scancel', ...(signal ? [`--signal=${signal}`] : []), jobId]);
    if (result.status !== 0)
      throw new Error(`scancel ${jobId} on ${this.#deps.cluster} failed: ${wordsOf(result, 'scancel')}`);
  }

  async control(jobId: string, verb: ControlVerb): Promise<void> {
    await this.#scontrol([verb, jobId]);
  }

  async update(jobId: string, changes: { readonly [name: string]: string }): Promise<void> {
    await this.#scontrol([
      'update',
      `JobId=${jobId}`,
      ...Object.entries(changes).map(([name, value]) => `${name}=${value}`),
    ]);
  }

  async #scontrol(argv: readonly string[]): Promise<void> {
    const result = await this.#exec(['scontrol', ...argv]);
    if (result.status !== 0)
      throw new Error(`scontrol ${argv.join(' ')} on ${this.#deps.cluster} failed: ${wordsOf(result, 'scontrol')}`);
  }

  async observe(
    jobIds: readonly string[],
    onUnsure: (jobId: string, why: string) => void = () => {},
  ): Promise<readonly JobSnapshot[]> {
    const wanted = new Set(jobIds);
    const ofInterest = (job: JobSnapshot) => wanted.has(job.jobId) || wanted.has(job.arrayTask?.parentJobId ?? '');
    const stdout = await this.#ask(['squeue', '-h', '-r', '-t', 'all', '-u', this.user, '-o', squeueFormat]);
    const queued = parseSqueue(stdout).filter(ofInterest);
    const listed = new Set(queued.flatMap((job) => [job.jobId, parentOf(job.jobId)]));
    // squeue does not tell exit codes, and forgets a job after MinJobAge (300 s): also tasks whose siblings it still has.
    const unsettled = [
      ...queued.filter((job) => isEnded(job.state)).map((job) => job.jobId),
      ...jobIds.filter((id) => !listed.has(id) || this.#mayLackTasks(id, queued)),
    ];
    const told = await this.#accountFor(unsettled);
    // sacct calls a job `allocation` whose start slurmdbd has not got yet.
    const queuedNames = new Map(queued.map(({ jobId, name }) => [jobId, name]));
    const accounted = told.jobs.filter(ofInterest).map((job) => {
      const name = queuedNames.get(job.jobId);
      return name === undefined ? job : { ...job, name };
    });
    const running = queued.filter((job) => !isEnded(job.state));
    const byId = new Map([...accounted.filter((job) => isEnded(job.state)), ...running].map((job) => [job.jobId, job]));
    const known = new Set([...byId.values()].flatMap((job) => [job.jobId, parentOf(job.jobId)]));
    const lagging = accounted.map((job) => job.jobId).filter((id) => !known.has(id));
    const open = new Set([...unsettled.filter((id) => !known.has(id)), ...lagging]);
    const unsure = new Set<string>();
    const shown = await this.#showEach([...open], { ...told, lagging }, (id, why) => {
      // As long as one task is not known, neither is the whole array.
      for (const one of [id, parentOf(id)]) {
        if (!unsure.has(one)) onUnsure(one, why);
        unsure.add(one);
      }
    });
    // What squeue alone says of an ended job comes last: it lacks the exit code.
    const last = queued.filter((job) => isEnded(job.state) && !unsure.has(job.jobId));
    for (const job of [...shown.filter(ofInterest), ...last]) if (!byId.has(job.jobId)) byId.set(job.jobId, job);
    if (told.why === undefined && unsure.size === 0) this.#noteTasks(jobIds, queued);
    return [...byId.values()];
  }

  /** Tasks of this array may have left squeue since accounting was last asked for it, and nobody knows of them yet. */
  #mayLackTasks(jobId: string, queued: readonly JobSnapshot[]): boolean {
    const tasks = tasksOf(jobId, queued);
    if (tasks.size === 0) return false;
    const before = this.#listedTasks.get(jobId);
    return before === undefined || [...before].some((task) => !tasks.has(task));
  }

  #noteTasks(jobIds: readonly string[], queued: readonly JobSnapshot[]): void {
    this.#listedTasks = new Map(
      jobIds.map((id) => [id, tasksOf(id, queued)] as const).filter(([, tasks]) => tasks.size > 0),
    );
  }

  /** What accounting has of these jobs, with all tasks of their arrays. `why`: it could not be asked. */
  async #accountFor(jobIds: readonly string[]): Promise<Accounted> {
    const asked = [...new Set(jobIds.map(parentOf))];
    if (asked.length === 0) return { jobs: [] };
    try {
      return { jobs: parseSacct((await this.#accounting(['-j', asked.join(','), '-o', sacctFormat])) ?? '') };
    } catch (error) {
      if (!(error instanceof SchedulerUnavailableError)) throw error;
      return { jobs: [], why: error.message };
    }
  }

  /**
   * What accounting does not tell (yet) is asked of the controller, job by job. Whoever stays unknown because somebody
   * could not be asked, or has the job but not its end, is unsure: that is not "gone".
   */
  async #showEach(
    jobIds: readonly string[],
    told: Pick<Accounted, 'why'> & { readonly lagging: readonly string[] },
    onUnsure: (jobId: string, why: string) => void,
  ): Promise<JobSnapshot[]> {
    for (const id of jobIds.slice(singleLooks)) onUnsure(id, `more than ${singleLooks} jobs ended at once`);
    const shown = await inBatches(jobIds.slice(0, singleLooks), async (id) => {
      try {
        const jobs = await this.describe(id);
        if (jobs.length > 0) return jobs;
        if (told.why !== undefined) onUnsure(id, told.why);
        else if (told.lagging.includes(id))
          onUnsure(id, `accounting of ${this.#deps.cluster} does not have its end yet`);
      } catch (error) {
        if (!(error instanceof SchedulerUnavailableError)) throw error;
        onUnsure(id, error.message);
      }
      return [];
    });
    return shown.flat();
  }

  async describe(jobId: string): Promise<readonly JobSnapshot[]> {
    const jobs = await this.#show(jobId);
    return inBatches(jobs, (job) => this.#withPaths(job));
  }

  /** scontrol leaves what only the node knows in the paths of a job (`%N`), even while it runs. */
  async #withPaths(job: ShownJob): Promise<JobSnapshot> {
    const { batchHost, ...snapshot } = job;
    if (batchHost === undefined) return snapshot;
    const paths = [job.stdoutPath, job.stderrPath];
    const hostname = paths.some(needsHostname) ? await this.#hostname(batchHost) : batchHost;
    const context = { hostname, jobId: job.jobId };
    const [stdoutPath, stderrPath] = paths.map((path) => (path === undefined ? path : expandPath(path, context)));
    return { ...snapshot, ...(stdoutPath ? { stdoutPath } : {}), ...(stderrPath ? { stderrPath } : {}) };
  }

  /** A node's name in Slurm need not be its host's: `%N` is the latter. */
  async #hostname(node: string): Promise<string> {
    const known = this.#hostnames.get(node);
    if (known !== undefined) return known;
    const shown = await this.#ask(['scontrol', 'show', 'node', node]);
    const hostname = (/\bNodeHostName=(\S+)/.exec(shown)?.[1] ?? node).replace(/\..*$/, '');
    this.#hostnames.set(node, hostname);
    return hostname;
  }

  facts(): Promise<ClusterFacts> {
    const { cluster, version, clock } = this.#deps;
    return gatherSlurmFacts({ cluster, version, user: this.user, now: clock.now(), exec: (argv) => this.#exec(argv) });
  }

  onHint(): () => void {
    return () => {};
  }

  async #show(jobId: string): Promise<ShownJob[]> {
    const result = await this.#exec(['scontrol', 'show', 'job', jobId]);
    if (result.status === 0) return parseScontrolJobs(result.stdout);
    if (/Invalid job id/i.test(result.stderr)) return [];
    throw new SchedulerUnavailableError(`scontrol on ${this.#deps.cluster}: ${wordsOf(result, 'scontrol')}`);
  }

  /** What sacct prints; `undefined` where the site keeps no accounting. */
  async #accounting(options: readonly string[]): Promise<string | undefined> {
    if (!this.#hasAccounting) return undefined;
    const result = await this.#exec(['sacct', '--noheader', '--parsable2', '--allocations', ...options]);
    if (result.status === 0) return result.stdout;
    if (result.status === 127 || /accounting storage is disabled/i.test(result.stderr)) {
      this.#hasAccounting = false;
      return undefined;
    }
    throw new SchedulerUnavailableError(`sacct on ${this.#deps.cluster}: ${wordsOf(result, 'sacct')}`);
  }

  async #ask(argv: readonly string[]): Promise<string> {
    const result = await this.#exec(argv);
    if (result.status === 0) return result.stdout;
    throw new SchedulerUnavailableError(`${argv[0]} on ${this.#deps.cluster}: ${wordsOf(result, argv[0] ?? '')}`);
  }
}

interface Accounted {
  readonly jobs: readonly JobSnapshot[];
  readonly why?: string;
}

/** The array's id of a task's, else the id itself. */
function parentOf(jobId: string): string {
  return jobId.replace(/_.*$/, '');
}

function tasksOf(jobId: string, jobs: readonly JobSnapshot[]): ReadonlySet<string> {
  return new Set(jobs.filter((job) => job.arrayTask?.parentJobId === jobId).map((job) => job.jobId));
}

/** The command's own words, without its name before each line. */
function wordsOf(result: ExecResult, program: string): string {
  const words = (result.stderr.trim() || result.stdout.trim())
    .split('\n')
    .map((line) => line.replace(new RegExp(`^${program}: (error: )?`), '').trim())
    .join('\n');
  return words || `${program} ended with status ${result.status ?? result.signal}`;
}
