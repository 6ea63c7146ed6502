/** What a person may have done to a job: orders to its scheduler, and notes. */
import { RequestType } from 'vscode-jsonrpc/node';
import type { JobInfo, JobKey, Timestamp } from '../protocol.ts';

/** Of Flux (RFC 27) 0 to 31: held, … default …, before all others. */
export const urgencies = { hold: 0, default: 16, expedite: 31 } as const;

export type JobOrder =
  | { readonly verb: 'hold' | 'release' | 'requeue' }
  /** Of an array: those of its tasks, also ones that wait; `1-5,8`, `0-99:2`, as in `--array`. */
  | { readonly verb: 'cancel-tasks'; readonly tasks: string }
  /** `USR1`, `SIGUSR1`, `10`. */
  | { readonly verb: 'signal'; readonly signal: string }
  /** So much is added to the time limit, from one second on. */
  | { readonly verb: 'extend'; readonly seconds: number }
  | { readonly verb: 'urgency'; readonly urgency: number }
  /** Of Flux only (RFC 21): severity 0 ends the job, 1 to 7 are only logged. */
  | { readonly verb: 'raise'; readonly type: string; readonly severity: number; readonly note?: string };

/** Answers when the scheduler has taken it; an error has the scheduler's own words. */
export const orderJob = new RequestType<{ readonly job: JobKey; readonly order: JobOrder }, null, void>('jobs/order');

/** What is changed in a memo: `null` takes a key away. */
export type MemoChanges = { readonly [key: string]: string | null };

/** Also of jobs that are over. */
export const noteJob = new RequestType<{ readonly job: JobKey; readonly changes: MemoChanges }, JobInfo, void>(
  'jobs/note',
);

/** A step of a job: its script (`batch`), or a program that `srun` started. */
export interface JobStep {
  /** `batch`, `0`, `1`, … */
  readonly id: string;
  readonly name: string;
  /** In the scheduler's word, in small letters: `completed`, `failed`, `running`. */
  readonly state: string;
  readonly started?: Timestamp;
  /** Absent: it goes on, or nobody knows. */
  readonly ended?: Timestamp;
}

/** What a job has used, as accounting has it. Absent: not told. */
export interface JobUsage {
  readonly elapsedSeconds?: number;
  /** Allocated. */
  readonly cpus?: number;
  readonly cpuSeconds?: number;
  /** The most that one of its steps took. */
  readonly memoryBytes?: number;
  /** Allocated, in sum. */
  readonly requestedMemoryBytes?: number;
  readonly steps: readonly JobStep[];
}

/** `null`: its scheduler keeps no accounting, or does not know the job. */
export const readUsage = new RequestType<{ readonly job: JobKey }, JobUsage | null, void>('jobs/usage');
