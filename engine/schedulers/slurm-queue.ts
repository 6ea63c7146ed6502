/** One look at many jobs of a Slurm: squeue for all, sacct for those that left it, scontrol for whom neither tells. */
import { inBatches } from './batches.ts';
import { mergeComponents } from './het-jobs.ts';
import { type JobSnapshot, SchedulerUnavailableError } from './scheduler.ts';
import type { SlurmCommands } from './slurm-commands.ts';
import { wholeJobId } from './slurm-job-id.ts';
import { parseSacct, parseSqueue, revoked, squeueFormat } from './slurm-parse.ts';
import { isEnded } from './transitions.ts';

/** At most this many jobs are asked for one by one in one look, where accounting does not tell; the others in the next. */
const singleLooks = 20;
/** Ids in one command line: some 20 kB, far from every limit. */
const idsInCommand = 2000;
/** Accounting that did not answer is left alone for so many looks, doubling each time. */
const longestRest = 32;

type OnUnsure = (jobId: string, why: string) => void;

interface Accounted {
  readonly jobs: readonly JobSnapshot[];
  /** It could not be asked. */
  readonly why?: string;
}

/** Of one cluster of the site (`on`, as for `-M`). Ids are without its name. */
export class SlurmQueue {
  readonly #commands: SlurmCommands;
  readonly #user: string;
  readonly #on: string;
  readonly #describe: (jobId: string) => Promise<readonly JobSnapshot[]>;
  /** Tasks that squeue listed, by array, at the last look that accounting had a part in. */
  #listedTasks = new Map<string, ReadonlySet<string>>();
  /** A job of ours runs on another cluster of the federation: squeue and sacct are asked for all of them. */
  #federation: readonly string[] = [];
  /** Looks in which accounting is not asked, after so many failures, and why. */
  #rest = { looks: 0, failures: 0, why: '' };

  constructor(
    commands: SlurmCommands,
    user: string,
    on: string,
    describe: (jobId: string) => Promise<readonly JobSnapshot[]>,
  ) {
    this.#commands = commands;
    this.#user = user;
    this.#on = on;
    this.#describe = describe;
  }

  /** As `Scheduler.observe`. */
  async observe(jobIds: readonly string[], onUnsure: OnUnsure): Promise<readonly JobSnapshot[]> {
    const wanted = new Set(jobIds);
    const ofInterest = (job: JobSnapshot) => wanted.has(job.jobId) || wanted.has(job.arrayTask?.parentJobId ?? '');
    const queued = await this.#queued(ofInterest);
    const listed = new Set(queued.flatMap((job) => [job.jobId, wholeJobId(job.jobId)]));
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
    const known = new Set([...byId.values()].flatMap((job) => [job.jobId, wholeJobId(job.jobId)]));
    const lagging = accounted.map((job) => job.jobId).filter((id) => !known.has(id));
    const open = new Set([...unsettled.filter((id) => !known.has(id)), ...lagging]);
    const unsure = new Set<string>();
    const shown = await this.#showEach([...open], { ...told, lagging }, (id, why) => {
      // As long as one task is not known, neither is the whole array.
      for (const one of [id, wholeJobId(id)]) {
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

  async #queued(ofInterest: (job: JobSnapshot) => boolean): Promise<readonly JobSnapshot[]> {
    const ask = async () => {
      const argv = ['squeue', ...this.#federation, '-h', '-r', '-t', 'all', '-u', this.#user, '-o', squeueFormat];
      return mergeComponents(parseSqueue(await this.#commands.ask(argv, { on: this.#on }))).filter(ofInterest);
    };
    const jobs = await ask();
    if (this.#federation.length > 0 || !jobs.some(isRevoked)) return jobs.filter((job) => !isRevoked(job));
    this.#federation = ['--federation'];
    return (await ask()).filter((job) => !isRevoked(job));
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

  /** What accounting has of these jobs, with all tasks of their arrays. */
  async #accountFor(jobIds: readonly string[]): Promise<Accounted> {
    const asked = [...new Set(jobIds.map(wholeJobId))];
    if (asked.length === 0 || !this.#commands.hasAccounting) return { jobs: [] };
    if (this.#rest.looks > 0) {
      this.#rest.looks--;
      return { jobs: [], why: this.#rest.why };
    }
    try {
      const jobs: JobSnapshot[] = [];
      for (let start = 0; start < asked.length; start += idsInCommand) {
        const argv = [...this.#federation, '-j', asked.slice(start, start + idsInCommand).join(',')];
        const stdout = (await this.#commands.accounting(argv, { on: this.#on })) ?? '';
        jobs.push(...parseSacct(stdout, this.#commands.sacctColumns));
      }
      this.#rest = { looks: 0, failures: 0, why: '' };
      return { jobs: mergeComponents(jobs) };
    } catch (error) {
      if (!(error instanceof SchedulerUnavailableError)) throw error;
      const { failures } = this.#rest;
      const looks = failures === 0 ? 0 : Math.min(2 ** failures, longestRest);
      this.#rest = { looks, failures: failures + 1, why: error.message };
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
    onUnsure: OnUnsure,
  ): Promise<JobSnapshot[]> {
    for (const id of jobIds.slice(singleLooks)) onUnsure(id, `more than ${singleLooks} jobs ended at once`);
    const shown = await inBatches(jobIds.slice(0, singleLooks), async (id) => {
      try {
        const jobs = await this.#describe(id);
        if (jobs.length > 0) return jobs;
        if (told.why !== undefined) onUnsure(id, told.why);
        else if (told.lagging.includes(id)) onUnsure(id, 'accounting does not have its end yet');
      } catch (error) {
        if (!(error instanceof SchedulerUnavailableError)) throw error;
        onUnsure(id, error.message);
      }
      return [];
    });
    return shown.flat();
  }
}

/** Another cluster of the federation has started the job: this one has only a mark of it left. */
const isRevoked = (job: JobSnapshot) => job.reason === revoked;

function tasksOf(jobId: string, jobs: readonly JobSnapshot[]): ReadonlySet<string> {
  return new Set(jobs.filter((job) => job.arrayTask?.parentJobId === jobId).map((job) => job.jobId));
}
