/** A job of the embedded scheduler: what is kept of it, and what can be told of it without running anything. Pure. */
import { pointInTime } from '../../language/directives/point-in-time.ts';
import { countIndices, parseArrayRanges, parseDependency, parseTimeLimit } from '../../language/directives/values.ts';
import type { JobState, Timestamp } from '../protocol.ts';
import type { JobSnapshot } from './scheduler.ts';

export interface LocalJob {
  /** `12`, or `12_3` for an array task. */
  readonly id: string;
  /** The number that `%j` and SLURM_JOB_ID give: array tasks have one of their own, as with Slurm. */
  readonly number: number;
  readonly name: string;
  readonly key: string;
  readonly workdir: string;
  /** `export`, `dependency`, … by canonical long name. */
  readonly options: { readonly [name: string]: string };
  /** Exported to it beside what `--export` lets through. */
  readonly env?: { readonly [name: string]: string };
  readonly stdoutPath: string;
  readonly stderrPath: string;
  readonly submitted: Timestamp;
  /** CPUs it takes of the machine's. */
  readonly cpus: number;
  /** Seconds it may run; absent: no limit. */
  timeLimitSeconds?: number;
  readonly arrayTask?: { readonly parentJobId: string; readonly index: number; readonly limit?: number };
  state: JobState;
  reason?: string;
  held?: boolean;
  /** Not before it (`--begin`). */
  readonly begin?: Timestamp;
  /** 1 to 31; absent: the default. */
  urgency?: number;
  started?: Timestamp;
  ended?: Timestamp;
  /** wait(2) status. */
  status?: number;
  /** Of the session's leader, and when that process began: together they name one process for good. */
  pid?: number;
  pidStarted?: string;
  /** Why it is being ended: decides the state it ends in. */
  ending?: 'cancelled' | 'timeout';
}

export function snapshotOf(job: LocalJob, hostname: string, userId: number | undefined): JobSnapshot {
  const ran = job.started !== undefined;
  return {
    jobId: job.id,
    state: job.state,
    name: job.name,
    submitted: job.submitted,
    restarts: 0,
    workdir: job.workdir,
    stdoutPath: job.stdoutPath,
    stderrPath: job.stderrPath,
    ...(job.reason ? { reason: job.reason } : {}),
    ...(job.reason === 'BeginTime' && job.begin !== undefined ? { expectedStart: job.begin } : {}),
    ...(job.timeLimitSeconds === undefined ? {} : { timeLimitSeconds: job.timeLimitSeconds }),
    ...(ran ? { started: job.started, eligible: job.started, nodes: hostname } : {}),
    ...(job.ended === undefined ? {} : { ended: job.ended }),
    ...(job.status === undefined ? {} : { status: job.status }),
    ...(job.state === 'cancelled' && userId !== undefined ? { cancelledBy: userId } : {}),
    ...(job.arrayTask ? { arrayTask: { parentJobId: job.arrayTask.parentJobId, index: job.arrayTask.index } } : {}),
  } as JobSnapshot;
}

/** The shell's `$?` as a wait(2) status. A shell tells death by signal N as 128 + N; so does a script that exits with that. */
export function waitStatus(shellStatus: number): number {
  return shellStatus > 128 && shellStatus <= 192 ? shellStatus - 128 : shellStatus << 8;
}

/**
 * Why `job` may not start yet with these others around, in Slurm's words; `undefined`: it may. `never` is a
 * dependency that cannot be met any more: as in Slurm the job then waits until somebody cancels it.
 */
export function waitReason(job: LocalJob, jobs: readonly LocalJob[], now: Timestamp): string | undefined {
  if (job.held) return 'JobHeldUser';
  if (job.begin !== undefined && job.begin > now) return 'BeginTime';
  const limit = job.arrayTask?.limit;
  if (limit !== undefined) {
    const siblings = jobs.filter((other) => other.arrayTask?.parentJobId === job.arrayTask?.parentJobId);
    if (siblings.filter((other) => other.state === 'running').length >= limit) return 'JobArrayTaskLimit';
  }
  const spec = job.options.dependency;
  const dependency = spec ? parseDependency(spec) : undefined;
  if (!dependency) return undefined;
  const verdicts = dependency.terms.map((term) => termVerdict(term, job, jobs, now));
  const met = dependency.any ? verdicts.includes('met') : verdicts.every((verdict) => verdict === 'met');
  if (met) return undefined;
  const never = dependency.any ? verdicts.every((verdict) => verdict === 'never') : verdicts.includes('never');
  return never ? 'DependencyNeverSatisfied' : 'Dependency';
}

type Verdict = 'met' | 'waiting' | 'never';
type Dependency = NonNullable<ReturnType<typeof parseDependency>>;

function termVerdict(
  term: Dependency['terms'][number],
  job: LocalJob,
  jobs: readonly LocalJob[],
  now: Timestamp,
): Verdict {
  if (term.type === 'singleton') {
    const earlier = jobs.filter(
      (other) => other.name === job.name && other.submitted < job.submitted && other.id !== job.id,
    );
    return earlier.every(hasEnded) ? 'met' : 'waiting';
  }
  const verdicts = term.jobs.map((wanted): Verdict => {
    const id = wanted.task === undefined || wanted.task === '*' ? wanted.id : `${wanted.id}_${wanted.task}`;
    const others = jobs.filter((other) => other.id === id || other.arrayTask?.parentJobId === id);
    // As sbatch(1): a job that is not known any more counts as ended well.
    if (others.length === 0) return term.type === 'afternotok' ? 'never' : 'met';
    if (term.type === 'after') {
      const delay = (wanted.delayMinutes ?? 0) * 60;
      const begun = others.every((other) => (other.started ?? other.ended ?? Number.POSITIVE_INFINITY) + delay <= now);
      return begun ? 'met' : 'waiting';
    }
    if (!others.every(hasEnded)) return 'waiting';
    const allWell = others.every((other) => other.state === 'completed');
    if (term.type === 'afterany') return 'met';
    if (term.type === 'aftercorr') {
      const twin = others.find((other) => other.arrayTask?.index === job.arrayTask?.index) ?? others[0];
      return twin?.state === 'completed' ? 'met' : 'never';
    }
    if (term.type === 'afternotok') return allWell ? 'never' : 'met';
    return allWell ? 'met' : 'never';
  });
  if (verdicts.includes('never')) return 'never';
  return verdicts.every((verdict) => verdict === 'met') ? 'met' : 'waiting';
}

const hasEnded = (job: LocalJob) => !['pending', 'running'].includes(job.state);

/** As with Slurm's default MaxArraySize of 1001. */
const mostTasks = 1000;

/** The options that the embedded scheduler reads, checked as sbatch checks them; the words of the first refusal, or none. */
export function refusalOf(options: ReadonlyMap<string, string>): string | undefined {
  const time = options.get('time');
  if (time !== undefined && parseTimeLimit(time) === undefined) return 'Invalid --time specification';
  const begin = options.get('begin');
  if (begin !== undefined && !pointInTime(begin, new Date())) return 'Invalid --begin specification';
  const array = options.get('array');
  const ranges = array === undefined ? undefined : parseArrayRanges(array);
  if (array !== undefined && !ranges) return 'Invalid job array specification (--array)';
  const tasks = ranges ? countIndices(ranges) : 0;
  if (tasks > mostTasks)
    return `Invalid job array specification (--array): ${tasks} tasks, here an array has at most ${mostTasks}`;
  const dependency = options.get('dependency');
  if (dependency !== undefined && !parseDependency(dependency)) return 'Job dependency problem (--dependency)';
  return undefined;
}

/** CPUs by `--ntasks` and `--cpus-per-task`, at most all there are. */
export function cpusOf(options: ReadonlyMap<string, string>, available: number): number {
  const count = (name: string) => Math.max(1, Number.parseInt(options.get(name) ?? '1', 10) || 1);
  return Math.min(available, count('ntasks') * count('cpus-per-task'));
}

/** The job's environment: what `--export` lets through (sbatch(1)), and the variables that Slurm sets. */
export function environmentOf(
  job: LocalJob,
  own: { readonly [name: string]: string | undefined },
  hostname: string,
): { [name: string]: string } {
  const spec = job.options.export ?? 'ALL';
  const items = spec.split(',').filter((item) => item !== '');
  const everything = items.length === 0 || items.includes('ALL');
  const inherited = everything ? Object.keys(own) : ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', ...items];
  const environment: { [name: string]: string } = {};
  for (const name of inherited) {
    const value = own[name];
    if (value !== undefined) environment[name] = value;
  }
  for (const item of items) {
    const at = item.indexOf('=');
    if (at > 0) environment[item.slice(0, at)] = item.slice(at + 1);
  }
  return {
    ...environment,
    ...job.env,
    SLURM_JOB_ID: String(job.number),
    SLURM_JOBID: String(job.number),
    SLURM_JOB_NAME: job.name,
    SLURM_SUBMIT_DIR: job.workdir,
    SLURM_JOB_NODELIST: hostname,
    SLURMD_NODENAME: hostname,
    SLURM_JOB_NUM_NODES: '1',
    SLURM_NTASKS: job.options.ntasks ?? '1',
    SLURM_CPUS_PER_TASK: job.options['cpus-per-task'] ?? '1',
    SLURM_CPUS_ON_NODE: String(job.cpus),
    ...(job.arrayTask
      ? { SLURM_ARRAY_JOB_ID: job.arrayTask.parentJobId, SLURM_ARRAY_TASK_ID: String(job.arrayTask.index) }
      : {}),
  };
}
