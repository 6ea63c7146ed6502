/** The part of the protocol that is about watchers of jobs that were submitted already, here or elsewhere. */
import { RequestType } from 'vscode-jsonrpc/node';
import type { EventlogEntry, JobInfo, JobKey, JobState, Timestamp, WatcherVerb } from '../protocol.ts';

/** A job of this user that was not submitted through Vigil and is not watched. */
export interface ForeignJob {
  readonly cluster: string;
  readonly jobId: string;
  readonly name: string;
  readonly state: JobState;
  readonly submitted?: Timestamp;
  readonly partition?: string;
  readonly nodes?: string;
  readonly isArray?: boolean;
}

export interface AdoptParams {
  readonly cluster: string;
  readonly jobId: string;
  /** Where the scheduler does not tell (any more): absolute paths on the cluster. */
  readonly stdoutPath?: string;
  readonly stderrPath?: string;
}

export interface AttachParams {
  /** One that is not known here is taken up from the scheduler, if it is this user's. */
  readonly job: JobKey;
  /** The text whose watchers are attached. */
  readonly script: string;
  /** Only this one. */
  readonly watcher?: string;
  /** What is in the output already is for the new watchers too (`start`, the default), or is not. */
  readonly from?: 'start' | 'end';
  readonly stdoutPath?: string;
  readonly stderrPath?: string;
}

export interface RunWatchersParams {
  readonly job: JobKey;
  /** Only these; absent: all of the job. */
  readonly watchers?: readonly string[];
}

export interface RunWatchersResult {
  /** What the run has added to the eventlog, at most the first 1,000 entries. */
  readonly events: readonly EventlogEntry[];
  readonly total: number;
  readonly job: JobInfo;
}

export interface ForeignJobsParams {
  readonly cluster: string;
  /** 1 to 366. With it those that have ended within so many days come, too, as accounting has them; else those that are open. */
  readonly days?: number;
}

/** Asks the scheduler; nothing is taken up. The newest first. */
export const listForeignJobs = new RequestType<ForeignJobsParams, readonly ForeignJob[], void>('jobs/foreign');
/** Follows a job that was submitted elsewhere, from now on as if it had been submitted here: waiting, running or over. */
export const adoptJob = new RequestType<AdoptParams, JobInfo, void>('jobs/attach');
/** Adds the watchers of a script to a job. One that is over gets them as `static`: they run when asked to. */
export const attachWatchers = new RequestType<AttachParams, JobInfo, void>('watchers/attach');
/** Of an array: of the template and of all tasks that run. */
export const controlWatcher = new RequestType<
  { readonly job: JobKey; readonly watcher: string; readonly verb: WatcherVerb },
  JobInfo,
  void
>('watchers/control');
/** `script`: a text with a watcher of this name, which takes the place of the one that runs. */
export const editWatcher = new RequestType<
  { readonly job: JobKey; readonly watcher: string; readonly script: string },
  JobInfo,
  void
>('watchers/edit');
/** Runs watchers over the whole output of a job that is over, with their actions. What they would do tells `watchers/replay`. */
export const runWatchers = new RequestType<RunWatchersParams, RunWatchersResult, void>('watchers/run');
