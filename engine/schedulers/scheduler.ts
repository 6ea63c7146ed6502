/** What the engine asks of a scheduler, whichever it is. */

import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';
import type { LoggedEvent } from '../eventlog/rfc18.ts';
import type { JobUsage } from '../protocol/jobs.ts';
import type { SubmitForecast } from '../protocol/submit.ts';
import type { JobComponent, JobState, Timestamp } from '../protocol.ts';

export interface SubmitRequest {
  /** The script's text; what arrives is the same to the byte. */
  readonly script: string;
  /** Job name where the script does not give one: the file's name. */
  readonly name: string;
  /** In the scheduler's own form; they win over the script's directives. */
  readonly options: readonly string[];
  /** On the cluster: absolute, or relative to the home directory; absent: the home directory. */
  readonly workdir?: string;
  /** Exported to the job as they are, beside what the scheduler exports. Names of environment variables. */
  readonly env?: { readonly [name: string]: string };
  /** Carried by the job, for `findByKey`. Letters, digits and `-` only. */
  readonly key: string;
}

/** What a scheduler says of a job at one moment. Absent: it does not say. */
export interface JobSnapshot {
  readonly jobId: string;
  readonly state: JobState;
  readonly name?: string;
  readonly reason?: string;
  /** It is pending and has its nodes, which boot (cloud nodes): `started` is then the time of the allocation. */
  readonly configuring?: boolean;
  readonly submitted?: Timestamp;
  readonly eligible?: Timestamp;
  /** Of a pending job: when it is expected to start. */
  readonly expectedStart?: Timestamp;
  readonly started?: Timestamp;
  readonly ended?: Timestamp;
  /** How long it may run; absent: as long as it takes, or not told. */
  readonly timeLimitSeconds?: number;
  /** wait(2) status; told once the job has ended. */
  readonly status?: number;
  /** Who cancelled it. */
  readonly cancelledBy?: number;
  readonly restarts?: number;
  readonly priority?: number;
  readonly partition?: string;
  readonly account?: string;
  readonly qos?: string;
  readonly nodes?: string;
  readonly workdir?: string;
  readonly stdoutPath?: string;
  readonly stderrPath?: string;
  /** The job is a task of this array job. */
  readonly arrayTask?: { readonly parentJobId: string; readonly index: number };
  /** The job is heterogeneous: what stands elsewhere here is of the whole, its output of the first component. */
  readonly components?: readonly JobComponent[];
  /**
   * The scheduler keeps eventlogs itself: all events of this one so far, in order. They are logged unchanged, in place of
   * what would be concluded from its states.
   */
  readonly events?: readonly LoggedEvent[];
  /** The same of the log of its execution (RFC 50). */
  readonly execEvents?: readonly LoggedEvent[];
  /** Notes on it, of a scheduler that keeps them. */
  readonly memo?: { readonly [key: string]: string };
  /** The job stands for an array: `jobId` is the id that `sbatch` printed. */
  readonly isArray?: boolean;
}

/** The scheduler said no; `words` are its own. */
export class RefusalError extends Error {
  readonly words: string;

  constructor(cluster: string, words: string) {
    super(`The scheduler of ${cluster} refused the job: ${words}`);
    this.words = words;
  }
}

/** What a job was given, by the long names of sbatch's options and in their form: `time`, `mem`, `cpus-per-task`, `nodes`. */
export type RequestedResources = { readonly [option: string]: string };

/** What a scheduler can do to a job beside ending it. */
export type ControlVerb = 'hold' | 'release' | 'requeue';

/** An exception to be raised (RFC 21). */
export interface JobException {
  readonly type: string;
  /** 0: fatal, to 7. */
  readonly severity: number;
  readonly note?: string;
}

/** The scheduler could not be asked: its state is unknown, which is not the same as "no such job". */
export class SchedulerUnavailableError extends Error {}

export interface Scheduler {
  readonly kind: 'slurm' | 'flux' | 'local';
  /** It keeps eventlogs itself: its own `submit` is the first event of a job. */
  readonly keepsEventlogs?: boolean;
  /** What it knows comes by itself: a look asks nobody, and may follow another at once. */
  readonly looksAreFree?: boolean;
  /** For people, e.g. `Slurm 22.05.8`. */
  readonly version: string;
  /** Do jobs that run again add to their output files (Slurm: JobFileAppend=1)? Absent: they begin them anew. */
  readonly appendsOutput?: boolean;
  /**
   * Resolves to the job's id. Rejects with `RefusalError` when the scheduler says no; with anything else it is not known
   * whether the job was accepted.
   */
  submit(request: SubmitRequest): Promise<string>;
  /** Would it take the job? Nothing is submitted. Rejects as `submit` does. Absent: it cannot tell beforehand. */
  test?(request: SubmitRequest): Promise<SubmitForecast>;
  /** How far the cluster's clock is ahead of ours; what the scheduler tells is by that clock. Absent: not at all. */
  readonly clockOffsetSeconds?: number;
  /** The id of the job that carries `key`, if the scheduler knows one. `clusters`: where at the site it may be (`-M`). */
  findByKey(key: string, clusters?: readonly string[]): Promise<string | undefined>;
  /**
   * So long after a job's end `findByKey` finds it for sure; later it may be there and not be found. Absent: always.
   */
  readonly keysKeptSeconds?: number;
  /**
   * Ends the job; one that is already over is a success. `signal`: send this one instead of the scheduler's own sequence.
   * `reason`: kept by schedulers that have a place for it.
   */
  cancel(jobId: string, signal?: string, reason?: string): Promise<void>;
  /**
   * Ends the tasks of an array that `tasks` names, as in `--array`; those that are over already stay so. Rejects where there
   * are no such tasks. Absent: it has no arrays.
   */
  cancelTasks?(jobId: string, tasks: string): Promise<void>;
  /** Rejects with the scheduler's own words when it will not. */
  control(jobId: string, verb: ControlVerb): Promise<void>;
  /** Changes a job by the scheduler's own names, e.g. `TimeLimit`. Rejects with its words when it will not. */
  update(jobId: string, changes: { readonly [name: string]: string }): Promise<void>;
  /** Adds to the time limit, in whole minutes where the scheduler counts so. Rejects with its words when it will not. */
  extend(jobId: string, seconds: number): Promise<void>;
  /** From 0 (held) to 31; 16 is the default (RFC 27). Rejects with the scheduler's words when it will not. */
  setUrgency(jobId: string, urgency: number): Promise<void>;
  /** Absent: a scheduler without exceptions. */
  raise?(jobId: string, exception: JobException): Promise<void>;
  /** Notes on a job that is not over; `null` takes a key away. Absent: the scheduler keeps none. */
  setMemo?(jobId: string, changes: { readonly [key: string]: string | null }): Promise<void>;
  /**
   * One look at all of `jobIds` together, with the tasks of array jobs among them. A job that is missing from the
   * result is unknown to scheduler and accounting alike, unless `onUnsure` was called for it: then it could not be asked
   * for this time. Rejects with `SchedulerUnavailableError` when it could not ask at all.
   */
  observe(jobIds: readonly string[], onUnsure?: (jobId: string, why: string) => void): Promise<readonly JobSnapshot[]>;
  /** More about one job than `observe` tells: output paths, working directory. Of an array: itself and its tasks. Empty: unknown. */
  describe(jobId: string): Promise<readonly JobSnapshot[]>;
  /**
   * What it says about its partitions, accounts and limits, for the editor. Each part may fail alone (`missing` tells).
   * Absent: a scheduler without such things. Rejects with `ConnectionError` when the connection breaks.
   */
  facts?(): Promise<ClusterFacts>;
  /** Ends what it keeps running on the cluster. */
  dispose?(): void;
  /**
   * This user's jobs that wait or run, array jobs task by task; with `jobId` that one (of an array: its tasks), also when it
   * is over. Empty: this user has none. Absent: the scheduler cannot tell.
   */
  mine?(jobId?: string): Promise<readonly JobSnapshot[]>;
  /**
   * This user's jobs of so many days, as accounting has them, array jobs task by task. `undefined`: there is no accounting.
   * Absent: the scheduler keeps none.
   */
  past?(days: number): Promise<readonly JobSnapshot[] | undefined>;
  /** The script of a job as it was submitted, if the scheduler keeps it and gives it out. */
  batchScript?(jobId: string): Promise<string | undefined>;
  /** What the job was given. Absent: a scheduler that does not tell; empty: it does not know the job any more. */
  requested?(jobId: string): Promise<RequestedResources>;
  /** What a job has used so far, and its steps. Absent: a scheduler without accounting; `undefined`: it does not tell of the job. */
  usage?(jobId: string): Promise<JobUsage | undefined>;
  /** What a node of a job is called in the network, where its name may be another. `undefined`: it does not tell. */
  nodeAddress?(jobId: string, node: string): Promise<string | undefined>;
  /** Calls back when something probably changed, so that a look is worth while. The result ends it. */
  onHint(listener: () => void): () => void;
}
