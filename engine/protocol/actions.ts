/** The part of the protocol that is about actions: their settings and results, metrics, events, and what a person is asked. */
import { NotificationType, RequestType } from 'vscode-jsonrpc/node';
import type { JobKey, JsonValue, Timestamp } from '../protocol.ts';

/** The settings of `vigil.*` that actions follow. */
export interface ActionSettings {
  /** Which commands `run_command` may run: section 9 of the watcher language. */
  readonly 'actions.runCommand': RunCommandPolicy;
  /** Names of programs, for the policy `allowlist`. */
  readonly 'actions.allowedCommands': readonly string[];
  /** Of one job: `notify`, `notify_email`, `notify_slack`, `webhook`. */
  readonly 'actions.notificationsPerHour': number;
  /** Of all jobs of one cluster: what actions run, submit and change there, beside `cancel_job`. More of it waits. */
  readonly 'actions.perMinute': number;
  /** How long a person may take a `cancel_job` back; 0: it is performed at once. */
  readonly 'actions.cancelGraceSeconds': number;
  /** Host name of the SMTP server; empty: e-mail is sent by `mail` or `sendmail` on the cluster. */
  readonly 'email.server': string;
  /** 0: 465 with `implicit`, else 587. */
  readonly 'email.port': number;
  readonly 'email.tls': EmailTls;
  /** Empty: no login. The password is an `EngineSecrets`. */
  readonly 'email.user': string;
  readonly 'email.from': string;
  /** Who gets it where an action does not say. */
  readonly 'email.to': string;
}

/** Programs that only tell, or that write where they are told to. None runs another program. */
export const defaultAllowedCommands: readonly string[] =
  'cat cp date df du echo grep head hostname ln logger ls mkdir mv nvidia-smi printf pwd sacct sinfo sleep squeue sstat tail touch wc'.split(
    ' ',
  );

export type RunCommandPolicy = 'allowlist' | 'ask' | 'any' | 'never';
/** `auto`: implicit on port 465, else STARTTLS where the server offers it; a password is never sent without TLS. */
export type EmailTls = 'auto' | 'starttls' | 'implicit' | 'none';

/** Kept in memory only, never in the store or a log. Empty: there is none (any more). */
export interface EngineSecrets {
  readonly emailPassword?: string;
  /** URL of Slack's incoming webhook. */
  readonly slackWebhook?: string;
}

/** A command of a watcher that a person has to allow (the policy `ask`). */
export interface CommandPrompt {
  readonly job: JobKey;
  readonly jobName: string;
  readonly watcher: string;
  /** As it would run, captured values as quoted words; text from outside, not to be trusted. */
  readonly command: string;
  readonly workdir?: string;
}

/** `always`: all commands of this very script, from now on. */
export type CommandAnswer = 'once' | 'always' | 'deny';

/** An event that workflows await: the first of a name counts, later ones are kept as duplicates. */
export interface EmittedEvent {
  /** Rises with each emit, duplicates too. */
  readonly seq: number;
  /** Exact and case-sensitive. */
  readonly name: string;
  readonly payload: JsonValue;
  readonly emitted: Timestamp;
  /** Who emitted it: a job's key, `run/ID`, `cli`, `vscode`. */
  readonly source: string;
  readonly duplicate: boolean;
}

export interface MetricSeries {
  readonly name: string;
  /** The oldest first. */
  readonly points: readonly (readonly [Timestamp, number])[];
}

/** One run of an action with all that is known of it; the eventlog has its intent and its result in short. */
export interface ActionRun {
  readonly watcher: string;
  readonly action: string;
  /** Which trigger of the watcher, from 1, and the action's position in the watcher, from 0. */
  readonly trigger: number;
  readonly position: number;
  /** The line that matched. */
  readonly line: string;
  /** Sequence numbers of its entries in the eventlog. */
  readonly intentSeq: number;
  readonly resultSeq?: number;
  /** How often it was tried before without a result, and when it is tried next. */
  readonly attempts: number;
  readonly notBefore?: Timestamp;
  readonly finished?: Timestamp;
  readonly ok?: boolean;
  readonly message?: string;
  /** What a command printed, both streams in order, at most 16 KiB. */
  readonly output?: string;
  /** The command's exit status. */
  readonly status?: number;
}

export const readMetrics = new RequestType<
  { readonly job: JobKey; readonly name?: string },
  readonly MetricSeries[],
  void
>('metrics/read');
export const listActions = new RequestType<{ readonly job: JobKey }, readonly ActionRun[], void>('actions/list');
/** `key`: makes it happen once, however often it is sent. */
export const emitEvent = new RequestType<
  { readonly name: string; readonly payload?: JsonValue; readonly key?: string },
  EmittedEvent,
  void
>('events/emit');
/** The oldest first; `from`: the least `seq`. */
export const listEvents = new RequestType<
  { readonly name?: string; readonly from?: number },
  readonly EmittedEvent[],
  void
>('events/list');
/** Takes back the `cancel_job` of watchers that waits; false: none does (any more). */
export const takeBackCancels = new RequestType<{ readonly job: JobKey }, boolean, void>('actions/takeBackCancels');
export const secretsChanged = new NotificationType<EngineSecrets>('secrets/changed');
export const eventEmitted = new NotificationType<EmittedEvent>('events/emitted');
export const promptCommand = new RequestType<CommandPrompt, CommandAnswer, void>('prompt/command');
