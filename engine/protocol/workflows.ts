/** The part of the protocol that is about workflow runs. */
import { NotificationType, RequestType } from 'vscode-jsonrpc/node';
import type { EventlogEntry, JsonValue, Timestamp } from '../protocol.ts';

export type RunStatus = 'pending' | 'running' | 'sleeping' | 'completed' | 'failed' | 'cancelled';

export type StepStatus = 'pending' | 'running' | 'waiting' | 'retrying' | 'completed' | 'failed' | 'skipped';

/** What people put on a run for themselves and for others: who it is for, a trace's id. Child runs have those of their parent. */
export type RunLabels = { readonly [name: string]: string };

/** What an `approve` step asks a person. */
export interface Question {
  /** What is to be answered: the step's key, or of an item `publish[3]`. */
  readonly unit: string;
  readonly text: string;
  /** After a retry it is asked anew. */
  readonly attempt: number;
}

export interface StepInfo {
  /** Its id, or `step_3`. */
  readonly key: string;
  readonly verb: string;
  readonly isCleanup: boolean;
  readonly needs: readonly string[];
  readonly status: StepStatus;
  readonly attempts: number;
  /** What it waits for, e.g. `event:approved:…`, `job:mycluster/4711`; and until when at most. */
  readonly waitsFor?: string;
  readonly waitsUntil?: Timestamp;
  /** Names of the events among that. */
  readonly awaits?: readonly string[];
  /** Why it failed, or what is asked. */
  readonly detail?: string;
  /** The questions that wait for an answer, at most 100 of them: of a step with items one each. */
  readonly asks?: readonly Question[];
  /** Of a step with `foreach`: items that are over, and all of them. */
  readonly items?: { readonly over: number; readonly all: number };
}

export interface WorkflowFile {
  /** Absolute path. */
  readonly file: string;
  /** The cluster on whose file system that is; absent: this machine's. */
  readonly fileCluster?: string;
}

export interface RunInfo extends WorkflowFile {
  readonly id: string;
  readonly name: string;
  readonly cluster: string;
  readonly params: { readonly [name: string]: JsonValue };
  readonly status: RunStatus;
  readonly created: Timestamp;
  readonly finished?: Timestamp;
  readonly labels?: RunLabels;
  /** Why it failed or was cancelled. */
  readonly reason?: string;
  /** Of a child run. */
  readonly parent?: string;
  /** When it begins, or was to begin. */
  readonly startAt?: Timestamp;
  /** Of a run of a schedule: whether it still waits for its time (then `startAt`) or for one of these events. */
  readonly schedule?: { readonly isWaiting: boolean; readonly at?: Timestamp; readonly events: readonly string[] };
  /** How often it was retried in place. */
  readonly retries?: number;
  /** The run that this one does again. */
  readonly retryOf?: string;
  readonly steps: readonly StepInfo[];
}

export interface StartRunParams extends WorkflowFile {
  /** Its text. */
  readonly text: string;
  /** They win over the defaults of the file; a text is read as the type of the default. */
  readonly params?: { readonly [name: string]: JsonValue };
  /** Wins over the one that the text names; without both it is `fileCluster`, else `local`. */
  readonly cluster?: string;
  /** Makes it happen once as long as the run is kept: with the same key again, the answer is that run. */
  readonly key?: string;
  readonly labels?: RunLabels;
  /** The run begins then. */
  readonly startAt?: Timestamp;
  /** It begins when its file says under `on`, and after it another one. One that waits so already is replaced. */
  readonly isScheduled?: boolean;
}

/** `isNew`: false where an earlier request with the same key has started it. */
export type StartedRun = RunInfo & { readonly isNew: boolean };

export const startRun = new RequestType<StartRunParams, StartedRun, void>('runs/start');
/** In place, or as a new run; from a step on, or what has not completed. Only a run that is over can be retried in place. */
export const retryRun = new RequestType<
  { readonly run: string; readonly from?: string; readonly isNew?: boolean },
  RunInfo,
  void
>('runs/retry');

/** Everything that is known of a run. */
export interface RunDump {
  readonly run: RunInfo;
  /** Its steps as they were read from the file when it was started. */
  readonly plan: unknown;
  readonly retries: unknown;
  /** What its steps did, attempt by attempt, with what the run itself decided. */
  readonly attempts: readonly unknown[];
  readonly waits: readonly unknown[];
  readonly events: readonly EventlogEntry[];
}
export const dumpRun = new RequestType<{ readonly run: string }, RunDump, void>('runs/dump');
/** Forgets runs that ended so many seconds ago, the oldest first; the answer: how many. */
export const cleanRuns = new RequestType<{ readonly olderThanSeconds: number; readonly limit: number }, number, void>(
  'runs/clean',
);

export interface WorkflowDescription {
  readonly name?: string;
  readonly cluster?: string;
  /** With their defaults. */
  readonly params: { readonly [name: string]: JsonValue };
  /** None has begun. */
  readonly steps: readonly StepInfo[];
}

/** What a run of this text needs to be told. An error when it cannot be run. */
export const describeWorkflow = new RequestType<WorkflowFile & { readonly text: string }, WorkflowDescription, void>(
  'runs/describe',
);
export interface RunsWanted {
  readonly status?: RunStatus;
  /** Of the workflow, as a glob. */
  readonly name?: string;
  /** Only runs that have all of these. */
  readonly labels?: RunLabels;
  readonly limit?: number;
}
/** The newest first. */
export const listRuns = new RequestType<RunsWanted, readonly RunInfo[], void>('runs/list');
export const getRun = new RequestType<{ readonly run: string }, RunInfo, void>('runs/get');
/** Its waits end, its jobs are cancelled, its clean-up runs. A run that is over stays as it is. */
export const cancelRun = new RequestType<{ readonly run: string; readonly reason?: string }, null, void>('runs/cancel');
/** Answers a step that asks; the first answer counts. */
export const approveStep = new RequestType<
  { readonly run: string; readonly step: string; readonly approved: boolean; readonly by: string },
  null,
  void
>('runs/approve');
export const runChanged = new NotificationType<RunInfo>('runs/changed');
