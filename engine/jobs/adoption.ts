/** Takes up jobs that were submitted elsewhere, by whatever means: only this user's. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { AdoptParams, ForeignJob } from '../protocol/watchers.ts';
import type { JobKey } from '../protocol.ts';
import type { Publisher } from '../publisher.ts';
import type { JobSnapshot, Scheduler } from '../schedulers/scheduler.ts';
import { closeLog, isEnded, transition } from '../schedulers/transitions.ts';
import type { JobRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { arraySnapshot } from './array.ts';
import { jobInfo } from './job-info.ts';

/** This user has no such job, or the scheduler cannot tell. */
export class NotAdoptableError extends Error {}

export interface AdoptionDependencies {
  readonly cluster: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly publisher: Publisher;
  /** Connects. */
  readonly scheduler: () => Promise<Scheduler>;
  readonly follow: (job: JobRecord) => void;
  /** Ends following a job whose id came again. */
  readonly forget: (key: JobKey) => void;
}

export class Adoptions {
  readonly #deps: AdoptionDependencies;

  constructor(deps: AdoptionDependencies) {
    this.#deps = deps;
  }

  /**
   * This user's jobs that wait or run and are not followed here; of an array the whole. With `days` those that have ended
   * within so many days, too. Rejects with `NotAdoptableError` where the scheduler cannot tell.
   */
  async foreignJobs(days?: number): Promise<readonly ForeignJob[]> {
    return foreignJobs(await this.#deps.scheduler(), this.#deps, days);
  }

  /** From now on as if it had been submitted here. Rejects with `NotAdoptableError`. */
  async adopt(params: Omit<AdoptParams, 'cluster'>): Promise<JobRecord> {
    const { store, publisher, cluster, follow } = this.#deps;
    const known = store.job(`${cluster}/${params.jobId}`);
    if (known) return known;
    const { job, isNew } = await adopt(await this.#deps.scheduler(), params, this.#deps);
    if (!isNew) return job;
    publisher.eventlog(job.key, store.eventlog(job.key));
    if (job.phase === 'clean') publisher.job(jobInfo(job, []));
    else follow(job);
    return job;
  }
}

async function foreignJobs(
  scheduler: Scheduler,
  { cluster, store }: Pick<AdoptionDependencies, 'cluster' | 'store'>,
  days: number | undefined,
): Promise<ForeignJob[]> {
  const mine = days === undefined ? await ask(scheduler, cluster) : await askForPast(scheduler, cluster, days);
  const byId = new Map<string, JobSnapshot[]>();
  for (const snapshot of mine) {
    const id = snapshot.arrayTask?.parentJobId ?? snapshot.jobId;
    byId.set(id, [...(byId.get(id) ?? []), snapshot]);
  }
  const found = [...byId].flatMap(([jobId, snapshots]) => {
    const whole = wholeOf(jobId, snapshots);
    const isMeant = whole && (days !== undefined || !isEnded(whole.state));
    return store.job(`${cluster}/${jobId}`) || !isMeant ? [] : [foreignJob(cluster, whole)];
  });
  return found.sort((one, other) => (other.submitted ?? 0) - (one.submitted ?? 0));
}

/** A job that is the sum of its tasks where it has any. */
function wholeOf(jobId: string, snapshots: readonly JobSnapshot[]): JobSnapshot | undefined {
  const isArray = snapshots.some(({ arrayTask }) => arrayTask?.parentJobId === jobId);
  return isArray ? arraySnapshot(jobId, snapshots) : snapshots[0];
}

function foreignJob(cluster: string, snapshot: JobSnapshot): ForeignJob {
  const { jobId, name = jobId, state, submitted, partition, nodes, isArray } = snapshot;
  return {
    cluster,
    jobId,
    name,
    state,
    ...(submitted === undefined ? {} : { submitted }),
    ...(partition ? { partition } : {}),
    ...(nodes ? { nodes } : {}),
    ...(isArray ? { isArray } : {}),
  };
}

async function ask(scheduler: Scheduler, cluster: string, jobId?: string): Promise<readonly JobSnapshot[]> {
  if (!scheduler.mine)
    throw new NotAdoptableError(
      `${scheduler.version} on ${cluster} cannot tell of jobs that were submitted elsewhere.`,
    );
  return await scheduler.mine(jobId);
}

const mostDays = 366;

async function askForPast(scheduler: Scheduler, cluster: string, days: number): Promise<readonly JobSnapshot[]> {
  if (!(Number.isInteger(days) && days > 0 && days <= mostDays))
    throw new Error(`the days to look back are 1 to ${mostDays}, not ${days}`);
  const told = await scheduler.past?.(days);
  if (!told)
    throw new NotAdoptableError(`${scheduler.version} on ${cluster} keeps no accounting of jobs that are over.`);
  return told;
}

/** Writes the job down, unless somebody has: it is to be followed then, if it is not over. Rejects with `NotAdoptableError`. */
async function adopt(
  scheduler: Scheduler,
  { jobId, stdoutPath, stderrPath }: Omit<AdoptParams, 'cluster'>,
  { cluster, store, clock, publisher, forget }: AdoptionDependencies,
): Promise<{ readonly job: JobRecord; readonly isNew: boolean }> {
  const whole = wholeOf(jobId, await ask(scheduler, cluster, jobId));
  if (!whole) throw new NotAdoptableError(`You have no job ${jobId} on ${cluster}, or the scheduler has forgotten it.`);
  const described = await scheduler.describe(jobId);
  const told = whole.isArray ? undefined : described.find((one) => one.jobId === whole.jobId);
  const script = await scheduler.batchScript?.(jobId);
  const now = clock.now();
  const given = { ...(stdoutPath ? { stdoutPath } : {}), ...(stderrPath ? { stderrPath } : {}) };
  const snapshot = { ...told, ...whole, ...pathsOf(told), ...given };
  const job: JobRecord = {
    key: `${cluster}/${whole.jobId}`,
    cluster,
    jobId: whole.jobId,
    name: snapshot.name ?? whole.jobId,
    state: 'pending',
    phase: 'submitted',
    submitted: snapshot.submitted ?? now,
    restarts: snapshot.restarts ?? 0,
    scriptHash: script === undefined ? '' : store.saveScript(script),
    options: [],
    submitKey: `adopted-${randomUUID()}`,
    ...(snapshot.workdir ? { workdir: snapshot.workdir } : {}),
    ...(whole.arrayTask
      ? { arrayTask: { parent: `${cluster}/${whole.arrayTask.parentJobId}`, index: whole.arrayTask.index } }
      : {}),
    ...(whole.isArray ? { isArray: true } : {}),
  };
  let replaced: readonly JobKey[] = [];
  let isNew = true;
  const adopted = store.transaction(() => {
    // Somebody else may have adopted it while the scheduler was asked.
    const known = store.job(job.key);
    isNew = known === undefined;
    if (known) return known;
    replaced = store.addJob(job);
    const context = { jobid: whole.jobId, adopted: true };
    if (!scheduler.keepsEventlogs) store.append(job.key, [{ timestamp: job.submitted, name: 'submit', context }], now);
    const seen = transition(job, snapshot, now);
    const closed = isEnded(seen.job.state) ? closeLog(seen.job, now) : { job: seen.job, events: [] };
    store.append(job.key, [...seen.events, ...closed.events], now);
    store.saveJob(closed.job);
    return closed.job;
  });
  for (const key of replaced) {
    forget(key);
    publisher.forgotten(key);
  }
  return { job: adopted, isNew };
}

function pathsOf(told: JobSnapshot | undefined): Partial<JobSnapshot> {
  const { stdoutPath, stderrPath } = told ?? {};
  return { ...(stdoutPath ? { stdoutPath } : {}), ...(stderrPath ? { stderrPath } : {}) };
}
