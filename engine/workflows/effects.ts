/** What the steps of a run do to the world, and what they wait for there. */
import type { JobKey, JsonValue } from '../protocol.ts';
import type { FilePlace } from './file-place.ts';
import type { JsonMap } from './run-state.ts';

/** Identifies an effect for ever: the same key again does nothing new and has the same result. */
export type EffectKey = string;

export interface SubmitEffect {
  readonly cluster: string;
  readonly script: FilePlace;
  readonly env: { readonly [name: string]: string };
  /** By the scheduler's long names. */
  readonly options: { readonly [name: string]: string };
}

export interface CommandEffect {
  readonly cluster: string;
  readonly command: string;
  readonly env: { readonly [name: string]: string };
  /** Of the workflow file; the working directory where the command runs on the machine that has it. */
  readonly folder: FilePlace;
  readonly timeoutSeconds?: number;
}

export interface JobEnd {
  readonly state: string;
  /** wait(2) status. */
  readonly status?: number;
}

/** An event as a wait sees it. */
export interface SeenEvent {
  /** In the order they were emitted. */
  readonly seq: number;
  readonly name: string;
  readonly payload: JsonValue;
  readonly source: string;
}

/** It cannot be done or told now, e.g. because the cluster is away: it is tried again, with the same key. */
export class NotNowError extends Error {}

/** Every other error of a method is the result of the step. */
export interface RunEffects {
  submit(key: EffectKey, effect: SubmitEffect): Promise<JobKey>;
  /** Ends a job; one that is over is a success. */
  cancelJob(job: JobKey): Promise<void>;
  /** undefined: it has not ended. null: there is no such job. */
  jobEnd(job: JobKey): JobEnd | undefined | null;
  /** Runs a command once per key, also when the engine dies meanwhile. Rejects with the signal's reason when aborted: then it is ended. */
  runCommand(key: EffectKey, effect: CommandEffect, signal: AbortSignal): Promise<{ exitCode: number; stdout: string }>;
  /** Emitted so far under this name, the first first, with duplicates. */
  events(name: string): readonly SeenEvent[];
  emit(key: EffectKey, event: { readonly name: string; readonly payload: JsonValue; readonly source: string }): void;
  notify(notification: { readonly level: string; readonly message: string }): void;
  /** Starts a child run once per key; resolves to its id. */
  startChild(
    key: EffectKey,
    child: { readonly file: FilePlace; readonly params: JsonMap; readonly cluster: string; readonly parent: string },
  ): Promise<string>;
  /** How a run ended; undefined: it has not. */
  runEnd(run: string): { readonly outcome: string; readonly reason: string } | undefined;
  cancelRun(run: string, reason: string): Promise<void>;
}
