/**
 * Submitting exactly once: a submission is written down before the scheduler is asked and carries a key; one whose reply
 * was lost is found again by that key, never repeated blindly.
 */
import { randomUUID } from 'node:crypto';
import { loginCommands, withoutLoginSetup } from '../../language/script/login-setup.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import type { WatcherSpec } from '../../language/watcher/spec.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { SubmitStage } from '../protocol/submit.ts';
import type { JobKey } from '../protocol.ts';
import type { Publisher } from '../publisher.ts';
import { clustersOf, commandOptions } from '../schedulers/command-options.ts';
import { type JobSnapshot, RefusalError, type Scheduler, type SubmitRequest } from '../schedulers/scheduler.ts';
import type { JobRecord, SubmissionRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { StoreFailure } from '../store/store-failure.ts';
import { initialProgress } from '../watch/progress.ts';
import type { RunLoginSetup } from './login-setup.ts';

export interface Submission {
  readonly script: string;
  readonly scriptPath?: string;
  /** Job name where the script gives none. */
  readonly name: string;
  readonly workdir?: string;
  readonly options: readonly string[];
  readonly watchers: readonly WatcherSpec[];
  readonly resubmitOf?: JobKey;
  /** It is a person who submits that job once more, not one of its watchers. */
  readonly isByPerson?: true;
  /** Of the script that captures were filled into. */
  readonly templateHash?: string;
  /** The job whose watcher submits it. */
  readonly submittedBy?: JobKey;
  readonly env?: { readonly [name: string]: string };
  readonly untrusted?: boolean;
  /** Makes it happen once, however often it is asked for. Absent: a new one each time. */
  readonly key?: string;
}

/** Told what a submission is at, and the last line that its login setup has printed. */
export type OnSubmitStage = (stage: SubmitStage, line?: string) => void;

export interface SubmissionsDependencies {
  readonly cluster: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publisher: Publisher;
  /** Runs commands on the login node. Rejects with `RefusalError` when they fail. */
  readonly loginSetup: RunLoginSetup;
  /** Ends following a job whose id came again. */
  readonly forget: (key: JobKey) => void;
}

/** Longer than sbatch can live whose connection or engine is gone: until then the job may still come. */
const graceSeconds = 120;
/** So often a key is looked for in vain before it is given up. */
const enoughLooks = 2;
const lookAgainMs = 10_000;
/** By then nobody asks with the same key any more: a run that waits does so until its cluster is back. */
const unknownKeptSeconds = 90 * 86_400;

/** Nobody can tell any more whether there is a job: only a person may submit it again. */
export class UnknownOutcomeError extends Error {
  constructor({ request: { name } }: SubmissionRecord, cluster: string) {
    super(
      `It is not known whether ${name} was submitted on ${cluster}: the reply was lost, and the scheduler has forgotten what ended meanwhile. Look for it there (sacct, its output), and submit it again if it did not run.`,
    );
  }
}

interface RunningSetup {
  readonly ended: Promise<void>;
  /** Who is told what it prints. */
  readonly heard: Set<OnSubmitStage>;
}

/** How a submission was looked for in vain. */
interface Misses {
  readonly looks: number;
  readonly last: number;
  /** Between two looks it may have come, ended and been forgotten. */
  readonly unsure: boolean;
}

export class Submissions {
  readonly #deps: SubmissionsDependencies;
  /** Looks in vain by this process, by key. */
  readonly #misses = new Map<string, Misses>();
  /** Login setups that run, by key: whoever asks again with the same key waits for the same one. */
  readonly #setups = new Map<string, RunningSetup>();
  /** Keys that this very process is about to submit. */
  readonly #underWay = new Set<string>();

  constructor(deps: SubmissionsDependencies) {
    this.#deps = deps;
  }

  /** Is there a submission whose outcome is still to be learnt? Also where the store cannot be asked. */
  get isPending(): boolean {
    try {
      return this.#deps.store.submissions(this.#deps.cluster).some(({ request }) => request.outcome === undefined);
    } catch (error) {
      if (error instanceof StoreFailure) return true;
      throw error;
    }
  }

  /**
   * Resolves to the new job, as stored. Rejects with `RefusalError`; after every other error it is not known whether the
   * job was accepted, and `recover` settles it. A key that was submitted before is looked for first, for as long as its
   * first submission may still succeed.
   */
  async submit(
    scheduler: Scheduler,
    submission: Submission,
    onStage: OnSubmitStage = () => undefined,
  ): Promise<JobRecord> {
    const { store, cluster } = this.#deps;
    const key = submission.key ?? randomUUID();
    const done = store.jobBySubmitKey(key);
    if (done) return done;
    if (!store.submission(cluster, key)) await this.#prepare(key, submission, onStage);
    const earlier = store.submission(cluster, key);
    const record = earlier ?? this.#record(key, submission);
    if (!earlier) store.saveSubmission(record);
    this.#underWay.add(key);
    try {
      onStage(earlier ? 'looking-for-job' : 'submitting');
      const found = earlier ? await this.#findOrGiveUp(scheduler, earlier) : undefined;
      if (earlier && found === undefined) {
        this.#renew(earlier);
        onStage('submitting');
      }
      const jobId = found ?? (await scheduler.submit(schedulerRequest(submission, key)));
      return await this.#adopt(scheduler, record, jobId);
    } catch (error) {
      // A lost reply says nothing: the submission stays written down until the scheduler was asked for its key.
      if (error instanceof RefusalError) store.dropSubmission(key);
      throw error;
    } finally {
      this.#underWay.delete(key);
    }
  }

  /** The login setup comes first, and only once: a job that a watcher submits again finds what it made. */
  async #prepare(key: string, submission: Submission, onStage: OnSubmitStage): Promise<void> {
    const { script, workdir, resubmitOf, isByPerson, name } = submission;
    const isFirst = resubmitOf === undefined || isByPerson === true;
    const commands = isFirst ? loginCommands(parseScript(script).loginSetup) : '';
    if (commands === '') return;
    const { log, cluster, loginSetup } = this.#deps;
    log.info(`the login setup of ${name} runs on ${cluster}`);
    onStage('login-setup');
    const heard = this.#setups.get(key)?.heard ?? new Set<OnSubmitStage>();
    heard.add(onStage);
    const onLine = (line: string) => {
      for (const one of heard) one('login-setup', line);
    };
    const setup = this.#setups.get(key) ?? { heard, ended: loginSetup(commands, workdir, onLine) };
    this.#setups.set(key, setup);
    try {
      await setup.ended;
    } finally {
      this.#setups.delete(key);
    }
  }

  #record(key: string, submission: Submission): SubmissionRecord {
    const { script, key: _, name, options, watchers, ...others } = submission;
    const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
    const request = { ...given, name, options, watchers, scriptHash: this.#deps.store.saveScript(script) };
    return { key, cluster: this.#deps.cluster, created: this.#deps.clock.now(), request };
  }

  /** The job of a submission that was begun before; `undefined` once it is certain that there is none. Rejects with `UnknownOutcomeError`. */
  async #findOrGiveUp(scheduler: Scheduler, submission: SubmissionRecord): Promise<string | undefined> {
    for (;;) {
      const jobId = await this.#find(scheduler, submission);
      if (jobId !== undefined) return jobId;
      const missed = submission.request.outcome ?? this.#missed(scheduler, submission);
      if (missed === 'unknown') {
        this.#leaveUnknown(submission);
        throw new UnknownOutcomeError(submission, this.#deps.cluster);
      }
      if (missed === 'none') return undefined;
      await this.#deps.clock.sleep(lookAgainMs);
    }
  }

  /** It is submitted anew: from now on this sbatch may outlive its connection. */
  #renew(submission: SubmissionRecord): void {
    const { store, clock } = this.#deps;
    store.transaction(() => {
      store.dropSubmission(submission.key);
      store.saveSubmission({ ...submission, created: clock.now() });
    });
  }

  /** One more look in vain. `none`: the job will not come any more; `unknown`: nor is it known whether it came before. */
  #missed(scheduler: Scheduler, { key, created }: SubmissionRecord): 'wait' | 'none' | 'unknown' {
    const now = this.#deps.clock.now();
    const before = this.#misses.get(key) ?? { looks: 0, last: created, unsure: false };
    const unsure = before.unsure || now - before.last >= (scheduler.keysKeptSeconds ?? Number.POSITIVE_INFINITY);
    const looks = before.looks + 1;
    if (looks < enoughLooks || now - created < graceSeconds) {
      this.#misses.set(key, { looks, last: now, unsure });
      return 'wait';
    }
    this.#misses.delete(key);
    return unsure ? 'unknown' : 'none';
  }

  /** Settles what was left open by a broken connection or by the end of an engine; the jobs that are there after all. */
  async recover(scheduler: Scheduler): Promise<JobRecord[]> {
    const { store, cluster, log } = this.#deps;
    const found: JobRecord[] = [];
    for (const submission of store.submissions(cluster)) {
      if (this.#isForgotten(submission)) store.dropSubmission(submission.key);
      if (submission.request.outcome || this.#underWay.has(submission.key) || this.#isLeftToItsAction(submission))
        continue;
      try {
        const jobId = await this.#find(scheduler, submission);
        if (jobId !== undefined) {
          found.push(await this.#adopt(scheduler, submission, jobId));
          continue;
        }
        const missed = this.#missed(scheduler, submission);
        if (missed !== 'wait') this.#giveUp(submission, missed);
      } catch (error) {
        // The jobs that are known are looked at all the same; this one in the next look.
        log.warn(`${submission.request.name} could not be looked for on ${cluster}: ${String(error)}`);
      }
    }
    return found;
  }

  /** What an action submits is an action without a result: it is performed again, with the same key. */
  #isLeftToItsAction({ request: { resubmitOf, submittedBy, isByPerson } }: SubmissionRecord): boolean {
    const by = isByPerson ? undefined : (resubmitOf ?? submittedBy);
    return by !== undefined && this.#deps.store.actions.hasOpen(by);
  }

  #giveUp(submission: SubmissionRecord, missed: 'none' | 'unknown'): void {
    const { key, request } = submission;
    const { store, cluster, publisher } = this.#deps;
    if (missed === 'unknown') this.#leaveUnknown(submission);
    else store.dropSubmission(key);
    const none = `${request.name} was not found on ${cluster}: the reply to its submission was lost, and no job came of it. Submit it again.`;
    const message = missed === 'none' ? none : new UnknownOutcomeError(submission, cluster).message;
    publisher.notification({ level: 'warning', message });
  }

  /** Whoever asks with the same key again, a workflow say, must not submit what may have run. */
  #leaveUnknown(submission: SubmissionRecord): void {
    const { store } = this.#deps;
    store.transaction(() => {
      store.dropSubmission(submission.key);
      store.saveSubmission({ ...submission, request: { ...submission.request, outcome: 'unknown' } });
    });
  }

  #isForgotten({ created, request }: SubmissionRecord): boolean {
    return request.outcome !== undefined && this.#deps.clock.now() - created > unknownKeptSeconds;
  }

  /** Writes down a job that the scheduler has accepted. */
  async #adopt(scheduler: Scheduler, submission: SubmissionRecord, jobId: string): Promise<JobRecord> {
    const { store, clock, cluster, publisher, log, forget } = this.#deps;
    const described = await scheduler.describe(jobId).catch((error: unknown): JobSnapshot[] => {
      log.warn(`job ${jobId} is submitted, but cannot be described yet: ${String(error)}`);
      return [];
    });
    // Somebody who tried again with the same key may have been first.
    const done = store.jobBySubmitKey(submission.key);
    if (done) return done;
    const now = clock.now();
    const job = newJob(cluster, submission, jobId, described, { now, isArray: this.#isArray(submission) });
    const { watchers, resubmitOf, submittedBy } = submission.request;
    let replaced: readonly JobKey[] = [];
    const entries = store.transaction(() => {
      replaced = store.addJob(job);
      store.dropSubmission(submission.key);
      store.saveWatchers(
        job.key,
        watchers.map((spec) => ({ spec, state: initialProgress(spec, now) })),
      );
      const context = {
        jobid: jobId,
        ...(resubmitOf ? { resubmit_of: resubmitOf } : {}),
        ...(submittedBy ? { submitted_by: submittedBy } : {}),
      };
      const submit = { timestamp: job.submitted, name: 'submit', context };
      return store.append(job.key, scheduler.keepsEventlogs ? [] : [submit], now);
    });
    for (const key of replaced) {
      forget(key);
      publisher.forgotten(key);
    }
    if (entries.length > 0) publisher.eventlog(job.key, entries);
    return job;
  }

  #find(scheduler: Scheduler, submission: SubmissionRecord): Promise<string | undefined> {
    return scheduler.findByKey(submission.key, clustersOf(this.#options(submission)));
  }

  /** The scheduler may not be able to tell yet, or tell of its first task only. */
  #isArray(submission: SubmissionRecord): boolean {
    return this.#options(submission).has('array');
  }

  #options({ request: { scriptHash, options } }: SubmissionRecord): ReadonlyMap<string, string> {
    return commandOptions(parseScript(this.#deps.store.script(scriptHash) ?? ''), options);
  }
}

/** What a scheduler gets of a submission: the login setup is no part of the job. */
export function schedulerRequest(submission: Omit<Submission, 'watchers'>, key: string): SubmitRequest {
  const { name, options, workdir, env } = submission;
  const script = withoutLoginSetup(submission.script, parseScript(submission.script).loginSetup);
  return { script, name, options, key, ...(workdir ? { workdir } : {}), ...(env && hasAny(env) ? { env } : {}) };
}

function newJob(
  cluster: string,
  submission: SubmissionRecord,
  jobId: string,
  described: readonly JobSnapshot[],
  own: { readonly now: number; readonly isArray: boolean },
): JobRecord {
  const { scriptHash, options, name, workdir, watchers: _, isByPerson: _isByPerson, ...kept } = submission.request;
  const snapshot = described.find((candidate) => candidate.jobId === jobId) ?? described[0];
  const isArray = own.isArray || snapshot?.isArray === true || snapshot?.arrayTask !== undefined;
  const told = { workdir: snapshot?.workdir ?? workdir, partition: snapshot?.partition, ...kept };
  const output = isArray ? {} : { stdoutPath: snapshot?.stdoutPath, stderrPath: snapshot?.stderrPath };
  return {
    key: `${cluster}/${jobId}`,
    cluster,
    jobId,
    name: snapshot?.name ?? name,
    state: 'pending',
    phase: 'submitted',
    submitted: snapshot?.submitted ?? own.now,
    restarts: 0,
    scriptHash,
    options,
    submitKey: submission.key,
    ...(isArray ? { isArray: true } : {}),
    ...Object.fromEntries(Object.entries({ ...told, ...output }).filter(([, value]) => value !== undefined)),
  };
}

const hasAny = (env: Submission['env']) => env !== undefined && Object.keys(env).length > 0;

/** Throws where a name cannot be that of an environment variable. */
export function checkedEnvironment(env: { readonly [name: string]: string }): { readonly [name: string]: string } {
  const odd = Object.entries(env).find(
    ([name, value]) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || value.includes('\0'),
  );
  if (odd) throw new Error(`${JSON.stringify(odd[0])} is not an environment variable that a job can get`);
  return env;
}
