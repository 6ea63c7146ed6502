/** Slurm over a connection: sbatch, squeue, sacct (scontrol where there is no accounting), scancel. */
import { parseScript } from '../../language/script/parse-script.ts';
import type { Connection, ExecResult } from '../clusters/connection.ts';
import { commandOptions } from './command-options.ts';
import {
  type ControlVerb,
  type JobSnapshot,
  RefusalError,
  type Scheduler,
  SchedulerUnavailableError,
  type SubmitRequest,
} from './scheduler.ts';
import {
  parseSacct,
  parseScontrolJobs,
  parseSqueue,
  parseSqueueKeys,
  sacctFormat,
  squeueFormat,
  squeueKeyFormat,
} from './slurm-parse.ts';
import { isEnded } from './transitions.ts';

export interface SlurmDependencies {
  readonly cluster: string;
  /** The open connection, or a new one. */
  readonly connection: () => Promise<Connection>;
  /** Whose jobs are looked at. */
  readonly user: string;
  readonly version: string;
}

/** Does this cluster have Slurm? `undefined` where `sbatch` is not found. */
export async function detectSlurm(cluster: string, connection: () => Promise<Connection>): Promise<Slurm | undefined> {
  const link = await connection();
  const version = await link.exec(['sbatch', '--version']);
  if (version.status !== 0) return undefined;
  const user = await link.exec(['id', '-un']);
  const words = version.stdout.trim().replace(/^slurm(-wlm)?\s*/, 'Slurm ');
  return new Slurm({ cluster, connection, user: user.stdout.trim(), version: words });
}

/** At most this many ended jobs are asked for one by one in one look, where accounting does not tell. */
const singleLooks = 20;

export class Slurm implements Scheduler {
  readonly kind = 'slurm';
  readonly version: string;
  /** The account that the jobs belong to. */
  readonly user: string;
  readonly #deps: SlurmDependencies;
  #hasAccounting = true;

  constructor(deps: SlurmDependencies) {
    this.#deps = deps;
    this.version = deps.version;
    this.user = deps.user;
  }

  async #exec(argv: readonly string[], stdin?: string, cwd?: string): Promise<ExecResult> {
    const connection = await this.#deps.connection();
    return connection.exec(argv, {
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
    if (result.status !== 0 || !jobId) throw new RefusalError(this.#deps.cluster, wordsOf(result, 'sbatch'));
    return jobId;
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

  async observe(jobIds: readonly string[]): Promise<readonly JobSnapshot[]> {
    const wanted = new Set(jobIds);
    const ofInterest = (job: JobSnapshot) => wanted.has(job.jobId) || wanted.has(job.arrayTask?.parentJobId ?? '');
    const stdout = await this.#ask(['squeue', '-h', '-r', '-t', 'all', '-u', this.user, '-o', squeueFormat]);
    const queued = parseSqueue(stdout).filter(ofInterest);
    const seen = new Set(queued.flatMap((job) => [job.jobId, job.arrayTask?.parentJobId ?? job.jobId]));
    // squeue does not tell exit codes, and forgets a job after MinJobAge (300 s).
    const unsettled = [
      ...queued.filter((job) => isEnded(job.state)).map((job) => job.jobId),
      ...jobIds.filter((id) => !seen.has(id)),
    ];
    const settled = unsettled.length > 0 ? await this.#settle(unsettled) : [];
    const byId = new Map([...queued, ...settled].filter(ofInterest).map((job) => [job.jobId, job]));
    return [...byId.values()];
  }

  /** How ended jobs ended: one question to accounting for all; what it cannot tell (yet) is asked of the controller. */
  async #settle(jobIds: readonly string[]): Promise<JobSnapshot[]> {
    const told = await this.#accounting(['-j', jobIds.join(','), '-o', sacctFormat]);
    const accounted = parseSacct(told ?? '').filter((job) => isEnded(job.state));
    const known = new Set(accounted.flatMap((job) => [job.jobId, job.arrayTask?.parentJobId ?? job.jobId]));
    const rest = jobIds.filter((id) => !known.has(id)).slice(0, singleLooks);
    const described = await Promise.all(rest.map((id) => this.#show(id)));
    return [...accounted, ...described.flat().filter((job) => isEnded(job.state) || !told)];
  }

  describe(jobId: string): Promise<readonly JobSnapshot[]> {
    return this.#show(jobId);
  }

  onHint(): () => void {
    return () => {};
  }

  async #show(jobId: string): Promise<JobSnapshot[]> {
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

/** The command's own words, without its name before each line. */
function wordsOf(result: ExecResult, program: string): string {
  const words = (result.stderr.trim() || result.stdout.trim())
    .split('\n')
    .map((line) => line.replace(new RegExp(`^${program}: (error: )?`), '').trim())
    .join('\n');
  return words || `${program} ended with status ${result.status ?? result.signal}`;
}
