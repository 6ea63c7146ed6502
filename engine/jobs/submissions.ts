/**
 * Submitting exactly once: a submission is written down before the scheduler is asked and carries a key; one whose reply
 * was lost is found again by that key, never repeated blindly.
 */
import { randomUUID } from 'node:crypto';
import type { WatcherSpec } from '../../language/watcher/spec.ts';
import type { Clock } from '../clock.ts';
import { ConnectionError } from '../clusters/connection.ts';
import type { Logger } from '../logger.ts';
import type { JobKey } from '../protocol.ts';
import type { Publisher } from '../publisher.ts';
import type { JobSnapshot, Scheduler } from '../schedulers/scheduler.ts';
import type { JobRecord, SubmissionRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { initialProgress } from '../watch/progress.ts';

export interface Submission {
  readonly script: string;
  readonly scriptPath?: string;
  /** Job name where the script gives none. */
  readonly name: string;
  readonly workdir?: string;
  readonly options: readonly string[];
  readonly watchers: readonly WatcherSpec[];
  readonly resubmitOf?: JobKey;
  /** Makes it happen once, however often it is asked for. Absent: a new one each time. */
  readonly key?: string;
}

export interface SubmissionsDependencies {
  readonly cluster: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publisher: Publisher;
}

export class Submissions {
  readonly #deps: SubmissionsDependencies;
  /** Keys that this very process is about to submit. */
  readonly #underWay = new Set<string>();

  constructor(deps: SubmissionsDependencies) {
    this.#deps = deps;
  }

  /** Is there a submission whose outcome is not known? */
  get isPending(): boolean {
    return this.#deps.store.submissions(this.#deps.cluster).length > 0;
  }

  /** Resolves to the new job, as stored. Rejects with `RefusalError` or `ConnectionError`; after the latter `recover` settles it. */
  async submit(scheduler: Scheduler, submission: Submission): Promise<JobRecord> {
    const { store, cluster } = this.#deps;
    const key = submission.key ?? randomUUID();
    const done = store.jobBySubmitKey(key);
    if (done) return done;
    const repeated = store.submissions(cluster).some((other) => other.key === key);
    const record = this.#record(key, submission);
    if (!repeated) store.saveSubmission(record);
    this.#underWay.add(key);
    try {
      const found = repeated ? await scheduler.findByKey(key) : undefined;
      const { script, name, options, workdir } = submission;
      const jobId = found ?? (await scheduler.submit({ script, name, options, key, ...(workdir ? { workdir } : {}) }));
      return await this.#adopt(scheduler, record, jobId);
    } catch (error) {
      // A lost reply says nothing: the submission stays written down until the scheduler was asked for its key.
      if (!ConnectionError.is(error)) store.dropSubmission(key);
      throw error;
    } finally {
      this.#underWay.delete(key);
    }
  }

  #record(key: string, submission: Submission): SubmissionRecord {
    const { script, key: _, scriptPath, workdir, resubmitOf, ...rest } = submission;
    const request = {
      ...rest,
      scriptHash: this.#deps.store.saveScript(script),
      ...(scriptPath === undefined ? {} : { scriptPath }),
      ...(workdir === undefined ? {} : { workdir }),
      ...(resubmitOf === undefined ? {} : { resubmitOf }),
    };
    return { key, cluster: this.#deps.cluster, created: this.#deps.clock.now(), request };
  }

  /** Settles what was left open by a broken connection or by the end of an engine; the jobs that are there after all. */
  async recover(scheduler: Scheduler): Promise<JobRecord[]> {
    const { store, cluster, publisher } = this.#deps;
    const found: JobRecord[] = [];
    for (const submission of store.submissions(cluster)) {
      // A resubmission is an action without a result: it is performed again, with the same key.
      if (this.#underWay.has(submission.key) || submission.request.resubmitOf) continue;
      const jobId = await scheduler.findByKey(submission.key);
      if (jobId) found.push(await this.#adopt(scheduler, submission, jobId));
      else {
        store.dropSubmission(submission.key);
        const message = `${submission.request.name} was not submitted: the connection to ${cluster} broke before it was accepted.`;
        publisher.notification({ level: 'warning', message });
      }
    }
    return found;
  }

  /** Writes down a job that the scheduler has accepted. */
  async #adopt(scheduler: Scheduler, submission: SubmissionRecord, jobId: string): Promise<JobRecord> {
    const { store, clock, cluster, publisher, log } = this.#deps;
    const described = await scheduler.describe(jobId).catch((error: unknown): JobSnapshot[] => {
      log.warn(`job ${jobId} is submitted, but cannot be described yet: ${String(error)}`);
      return [];
    });
    const now = clock.now();
    const job = newJob(cluster, submission, jobId, described, now);
    const { watchers, resubmitOf } = submission.request;
    const entries = store.transaction(() => {
      for (const key of store.addJob(job)) publisher.forgotten(key);
      store.dropSubmission(submission.key);
      store.saveWatchers(
        job.key,
        watchers.map((spec) => ({ spec, state: initialProgress(spec, now) })),
      );
      const context = { jobid: jobId, ...(resubmitOf ? { resubmit_of: resubmitOf } : {}) };
      return store.append(job.key, [{ timestamp: job.submitted, name: 'submit', context }], now);
    });
    publisher.eventlog(job.key, entries);
    return job;
  }
}

function newJob(
  cluster: string,
  submission: SubmissionRecord,
  jobId: string,
  described: readonly JobSnapshot[],
  now: number,
): JobRecord {
  const { scriptHash, options, name, scriptPath, resubmitOf, workdir } = submission.request;
  const snapshot = described.find((candidate) => candidate.jobId === jobId) ?? described[0];
  const isArray = snapshot?.isArray === true || snapshot?.arrayTask !== undefined;
  const told = { workdir: snapshot?.workdir ?? workdir, partition: snapshot?.partition, scriptPath, resubmitOf };
  const output = isArray ? {} : { stdoutPath: snapshot?.stdoutPath, stderrPath: snapshot?.stderrPath };
  return {
    key: `${cluster}/${jobId}`,
    cluster,
    jobId,
    name: snapshot?.name ?? name,
    state: 'pending',
    phase: 'submitted',
    submitted: snapshot?.submitted ?? now,
    restarts: 0,
    scriptHash,
    options,
    submitKey: submission.key,
    ...(isArray ? { isArray: true } : {}),
    ...Object.fromEntries(Object.entries({ ...told, ...output }).filter(([, value]) => value !== undefined)),
  };
}
