/** What the store holds about a job: plain JSON, one shape for every scheduler. */
import type { WatcherSpec } from '../../language/watcher/spec.ts';
import type { FileMark } from '../output/reader.ts';
import type { EventlogEntry, JobComponent, JobKey, JobState, JsonValue, Timestamp } from '../protocol.ts';
import type { LinePosition } from '../watch/lines.ts';
import type { Row } from './statements.ts';

/** How far a job's eventlog has come in its present incarnation (a requeue begins a new one). */
export type JobPhase = 'submitted' | 'eligible' | 'allocated' | 'started' | 'finished' | 'clean';

export interface JobRecord {
  readonly key: JobKey;
  readonly cluster: string;
  readonly jobId: string;
  readonly name: string;
  readonly state: JobState;
  readonly phase: JobPhase;
  readonly reason?: string;
  readonly submitted: Timestamp;
  /** Of a pending job: when the scheduler expects it to start. */
  readonly expectedStart?: Timestamp;
  readonly started?: Timestamp;
  readonly ended?: Timestamp;
  /** How long it may run. */
  readonly timeLimitSeconds?: number;
  /** wait(2) status. */
  readonly status?: number;
  readonly restarts: number;
  readonly partition?: string;
  readonly nodes?: string;
  readonly workdir?: string;
  readonly stdoutPath?: string;
  readonly stderrPath?: string;
  readonly scriptPath?: string;
  readonly scriptHash: string;
  /** As given at the submission, beside the script's own directives. */
  readonly options: readonly string[];
  /** Carried by the job on the cluster, so that a submission whose reply was lost is found again. */
  readonly submitKey: string;
  readonly arrayTask?: { readonly parent: JobKey; readonly index: number };
  /** Of a heterogeneous job. */
  readonly components?: readonly JobComponent[];
  /** True for the job that stands for a whole array: it has no output of its own, its watchers are a template. */
  readonly isArray?: boolean;
  /** So many of the scheduler's own events are logged, of a scheduler that keeps eventlogs; and of the execution's log. */
  readonly loggedEvents?: number;
  readonly loggedExecEvents?: number;
  /** Its own `clean`, which is logged when the output is read and the actions are done. */
  readonly cleanEvent?: NewEvent;
  /** Why Vigil itself cancelled it: schedulers keep no reason. */
  readonly cancelReason?: string;
  /** It has ended and its output is read once more, for watchers that were set to work by hand: its log is not ended again. */
  readonly reread?: true;
  /** The job that this one was resubmitted from. */
  readonly resubmitOf?: JobKey;
  /** The first script of its lineage, where captures were filled into this one: the next resubmit begins from there. */
  readonly templateHash?: string;
  /** The job whose watcher submitted this one. */
  readonly submittedBy?: JobKey;
  /** Exported to the job at its submission. */
  readonly env?: { readonly [name: string]: string };
  /** Notes on it. */
  readonly memo?: { readonly [key: string]: string };
  /** Submitted from a workspace that is not trusted: actions are not performed. */
  readonly untrusted?: boolean;
}

/** A submission before the scheduler has said yes. */
export interface SubmissionRecord {
  readonly key: string;
  readonly cluster: string;
  readonly created: Timestamp;
  readonly request: {
    readonly scriptHash: string;
    readonly scriptPath?: string;
    readonly name: string;
    readonly workdir?: string;
    readonly options: readonly string[];
    readonly watchers: readonly WatcherSpec[];
    readonly resubmitOf?: JobKey;
    /** It is a person who submits that job once more, not one of its watchers. */
    readonly isByPerson?: true;
    readonly templateHash?: string;
    readonly submittedBy?: JobKey;
    /** Nobody can tell any more what came of it: it must not be submitted again. */
    readonly outcome?: 'unknown';
    readonly env?: { readonly [name: string]: string };
    readonly untrusted?: boolean;
  };
}

/** Where reading an output file goes on after a restart. */
export interface OutputPosition extends LinePosition {
  readonly stream: 'stdout' | 'stderr';
  readonly path: string;
  /** Which file it was, by more than its name. Absent: nothing of it was read. */
  readonly mark?: FileMark;
}

export interface NewEvent {
  readonly timestamp: Timestamp;
  readonly name: string;
  readonly context?: { readonly [key: string]: JsonValue };
}

/** One run of one action, as decided: written before it is performed. */
export interface ActionIntent {
  /** Position of the watcher in its script, from 0. */
  readonly watcher: number;
  readonly watcherName: string;
  /** Which trigger of that watcher, from 1. */
  readonly trigger: number;
  /** Position of the action in the watcher, from 0. */
  readonly position: number;
  readonly action: string;
  /** Variables are replaced already, but not in what is `verbatim` in the catalogue. */
  readonly params: { readonly [name: string]: JsonValue };
  /** As they were written: parameters that are `interpreted` in the catalogue and have variables. */
  readonly written?: { readonly [name: string]: JsonValue };
  /** The values of the variables that stand in verbatim and in interpreted parameters. */
  readonly variables?: { readonly [name: string]: string };
  /** The line that matched last. */
  readonly line: string;
  /** Captures at the time of the match. */
  readonly captures: { readonly [name: string]: string };
}

export const toJob = (row: Row): JobRecord => JSON.parse(row.record as string) as JobRecord;

export const toEntry = (row: Row): EventlogEntry => ({
  seq: row.seq as number,
  timestamp: row.timestamp as number,
  observed: row.observed as number,
  name: row.name as string,
  ...(row.context ? { context: JSON.parse(row.context as string) } : {}),
});
