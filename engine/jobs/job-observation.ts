/** What a scheduler tells of all open jobs of a cluster at once, given to their followers. */
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { OutputReader } from '../output/reader.ts';
import type { JobKey } from '../protocol.ts';
import type { Publisher } from '../publisher.ts';
import type { JobSnapshot, Scheduler } from '../schedulers/scheduler.ts';
import { isEnded } from '../schedulers/transitions.ts';
import type { JobRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { Absences } from './absences.ts';
import { arraySnapshot } from './array.ts';
import { addTask } from './array-tasks.ts';
import type { JobFollower } from './job-follower.ts';
import { endFromOutput, readTail } from './last-words.ts';
import { withPaths } from './output-paths.ts';

export interface JobObservationDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publisher: Publisher;
  readonly cluster: string;
  readonly reader: () => OutputReader;
  readonly clockOffsetSeconds: () => number;
  readonly followers: ReadonlyMap<JobKey, JobFollower>;
  /** Begins to follow a job. */
  readonly follow: (job: JobRecord) => JobFollower;
}

export class JobObservation {
  readonly #deps: JobObservationDependencies;
  readonly #absences: Absences;
  /** Jobs that nobody knows any more, while their output is asked how they ended. */
  readonly #settling = new Set<JobKey>();
  #disposed = false;

  constructor(deps: JobObservationDependencies) {
    this.#deps = deps;
    this.#absences = new Absences(deps.clock);
  }

  /**
   * Asks the scheduler for all of them with one query; true when something changed. Rejects when it could not be asked.
   * @param onLooked called when it has answered, before what it said is taken
   */
  async observe(scheduler: Scheduler, onLooked: () => void): Promise<boolean> {
    const { store, cluster, log, followers } = this.#deps;
    const open = [...followers.values()].map((follower) => follower.job).filter((job) => !isEnded(job.state));
    const wanted = [
      ...new Set(open.flatMap(({ jobId, arrayTask: task }) => (task ? [jobIdOf(task.parent), jobId] : jobId))),
    ];
    if (wanted.length === 0) return false;
    const unsure = new Map<string, string>();
    const onUnsure = (jobId: string, why: string) => {
      if (!unsure.has(jobId)) log.info(`${cluster}/${jobId} could not be told this time: ${why}`);
      unsure.set(jobId, why);
    };
    const observed = await scheduler.observe(wanted, onUnsure);
    onLooked();
    const seen = await withPaths({
      scheduler,
      seen: observed,
      stored: (jobId) => store.job(`${cluster}/${jobId}`),
      mayWait: (jobId, why) => {
        if (this.#absences.missed(`paths of ${jobId}`)) return false;
        onUnsure(jobId, why);
        return true;
      },
    });
    return this.#take(scheduler, open, seen, unsure);
  }

  /** It is not followed any more. */
  closed(key: JobKey): void {
    for (const what of [key, `paths of ${jobIdOf(key)}`]) this.#absences.seen(what);
  }

  dispose(): void {
    this.#disposed = true;
  }

  /** True when something changed. */
  #take(
    scheduler: Scheduler,
    open: readonly JobRecord[],
    seen: readonly JobSnapshot[],
    unsure: ReadonlyMap<string, string>,
  ): boolean {
    const { followers } = this.#deps;
    let news = false;
    const byId = new Map(seen.map((snapshot) => [snapshot.jobId, snapshot]));
    const tasksOf = new Map<string, JobSnapshot[]>();
    for (const snapshot of seen) {
      const parent = snapshot.arrayTask?.parentJobId;
      if (parent !== undefined) tasksOf.get(parent)?.push(snapshot) ?? tasksOf.set(parent, [snapshot]);
    }
    for (const job of open) {
      const tasks = tasksOf.get(job.jobId) ?? [];
      for (const task of tasks) news = this.#takeTask(job, task) || news;
      // Only tasks that are all told tell of the whole array.
      const why = [job.jobId, ...tasks.map((task) => task.jobId)].map((id) => unsure.get(id)).find(Boolean);
      followers.get(job.key)?.told(why);
      const told = tasks.length > 0 || job.isArray ? arraySnapshot(job.jobId, tasks) : byId.get(job.jobId);
      if (told) this.#absences.seen(job.key);
      if (told && why === undefined) news = followers.get(job.key)?.apply(told) || news;
      // Right after its submission, or while the scheduler restarts, that nobody knows it means nothing yet.
      else if (why === undefined && this.#absences.missed(job.key)) void this.#settle(scheduler, job);
    }
    return news;
  }

  /** Nobody knows the job any more: its output may tell how it ended, else it is lost. */
  async #settle({ kind }: Scheduler, { key, jobId, stdoutPath, stderrPath }: JobRecord): Promise<void> {
    if (this.#settling.has(key)) return;
    this.#settling.add(key);
    const { clock, reader, followers, clockOffsetSeconds } = this.#deps;
    // slurmstepd writes to stderr.
    const path = kind === 'slurm' ? (stderrPath ?? stdoutPath) : undefined;
    const tail = path === undefined ? '' : await readTail(reader(), path, clock);
    this.#settling.delete(key);
    const state = endFromOutput(tail, jobId) ?? 'lost';
    if (!this.#disposed) followers.get(key)?.apply({ jobId, state, ended: clock.now() + clockOffsetSeconds() });
  }

  /** An array task gets an eventlog, and watchers of its own, when it has started. */
  #takeTask(parent: JobRecord, snapshot: JobSnapshot): boolean {
    const { store, publisher, clock, cluster, followers, follow } = this.#deps;
    const key = `${cluster}/${snapshot.jobId}`;
    if (followers.has(key) || snapshot.state === 'pending' || store.job(key)) return false;
    const { job, entries } = addTask(store, clock.now(), parent, snapshot);
    publisher.eventlog(key, entries);
    follow(job).apply(snapshot);
    return true;
  }
}

function jobIdOf(key: JobKey): string {
  return key.slice(key.indexOf('/') + 1);
}
