/** The part of the protocol that is about scripts before they are jobs. */
import { NotificationType, RequestType } from 'vscode-jsonrpc/node';
import type { JobKey, Refusal, SubmitParams, Timestamp } from '../protocol.ts';

/** What a scheduler says of a job that it would take. Absent: it does not say. */
export interface SubmitForecast {
  readonly expectedStart?: Timestamp;
  readonly processors?: number;
  /** E.g. `n[1-4]`. */
  readonly nodes?: string;
  readonly partition?: string;
  /** What it remarked, in its own words. */
  readonly warnings: readonly string[];
}

/** What would be submitted, and what the scheduler says of it. */
export interface SubmitPreview {
  readonly cluster: string;
  readonly scheduler: 'slurm' | 'flux' | 'local';
  /** For people, e.g. `Slurm 22.05.8`. */
  readonly version: string;
  readonly name: string;
  /** Absent: the home directory. */
  readonly workdir?: string;
  /** Those that count, of the script and of the submission together, as words of a command line. */
  readonly options: readonly string[];
  readonly watchers: readonly string[];
  /** What runs on the login node before; it did not run now. */
  readonly loginSetup?: string;
  /** Absent: this scheduler cannot tell beforehand, or did not answer. */
  readonly forecast?: Omit<SubmitForecast, 'warnings'>;
  readonly warnings: readonly Refusal[];
  /** Why a scheduler that could have told did not, in words for people. */
  readonly unanswered?: string;
}

/** Asks whether a script would be taken. Nothing is submitted, nothing of it runs. Fails as `jobs/submit` does. */
export const previewSubmit = new RequestType<SubmitParams, SubmitPreview, void>('jobs/preview');

/** How a job was submitted. */
export interface PastSubmission {
  /** To the byte, with its login setup. */
  readonly script: string;
  readonly scriptPath?: string;
  readonly workdir?: string;
  /** Beside those of the script; of a task of an array with the range that is this task alone. */
  readonly options: readonly string[];
}

export const readSubmission = new RequestType<{ readonly job: JobKey }, PastSubmission, void>('jobs/submission');

/** What a submission is at; each may take its time. */
export type SubmitStage =
  /** To its cluster, which may ask a person for a password. */
  | 'connecting'
  | 'login-setup'
  /** An earlier submission with this key had no reply: its job is looked for. */
  | 'looking-for-job'
  | 'submitting';

export interface SubmitProgress {
  /** Of the submission. */
  readonly key: string;
  readonly stage: SubmitStage;
  /** The last line that the login setup printed. */
  readonly line?: string;
}

/** To the client whose submission it is; only of those that carry a key. */
export const submitProgressed = new NotificationType<SubmitProgress>('jobs/submitProgress');
