/** What an action is to the engine: from an intent and the job's surroundings to a result that is logged. */
import { createHash } from 'node:crypto';
import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';
import type { Connection } from '../clusters/connection.ts';
import type { ActionSettings, CommandAnswer, CommandPrompt, EmittedEvent, EngineSecrets } from '../protocol/actions.ts';
import type { JobKey, JsonValue, Timestamp, UserNotification } from '../protocol.ts';
import type { ControlVerb, RequestedResources } from '../schedulers/scheduler.ts';
import type { ActionMemo } from '../store/action-table.ts';
import type { ActionIntent, JobRecord, NewEvent } from '../store/records.ts';

export interface ActionResult {
  readonly ok: boolean;
  /** One line for people: what was done, or what failed and why. */
  readonly message: string;
  /** Logged together with the result. */
  readonly events?: readonly Omit<NewEvent, 'timestamp'>[];
  /** Stored together with the result. */
  readonly metric?: { readonly name: string; readonly value: number };
  /** What a command printed, and how it ended. */
  readonly output?: string;
  readonly status?: number;
}

/** No result yet: the action is to be tried again, also by the next engine. The message says why. */
export class TryLaterError extends Error {
  readonly waitMs: number;
  /** A person who comes is a reason to try at once. */
  readonly needsPerson: boolean;

  constructor(message: string, waitMs: number, needsPerson = false) {
    super(message);
    this.waitMs = waitMs;
    this.needsPerson = needsPerson;
  }
}

/** How an HTTP server answered. */
export interface HttpAnswer {
  readonly status: number;
  /** When it wishes to be asked again. */
  readonly retryAfterSeconds?: number;
}

export interface EmailMessage {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** The same for each try of the same action: mail programs show one message once. */
  readonly id: string;
}

export interface Resubmission {
  readonly key: string;
  readonly script: string;
  readonly options: readonly string[];
  readonly env: { readonly [name: string]: string };
}

export interface ScriptSubmission extends Resubmission {
  /** Of the file; only its name counts where it is on the cluster. */
  readonly path: string;
}

/** What actions may do to the world. */
export interface ActionHost {
  readonly job: JobRecord;
  /** The same for each try of the same action, also by another engine. */
  readonly key: string;
  /** How often it was tried before; from 0. */
  readonly attempt: number;
  now(): Timestamp;
  readonly memo: ActionMemo;
  /** Keeps this, beside what is kept already, for the next try, whatever happens meanwhile. */
  remember(memo: ActionMemo): void;
  readonly settings: ActionSettings;
  readonly secrets: EngineSecrets;

  /** `reason`: for the note of the exception that this leads to. */
  cancel(signal?: string, reason?: string): Promise<void>;
  control(verb: ControlVerb): Promise<void>;
  update(changes: { readonly [name: string]: string }): Promise<void>;
  /** Resolves to the new job's key; happens once a key. */
  resubmit(resubmission: Resubmission): Promise<JobKey>;
  /** Likewise, of another script, whose watchers are its own. Rejects when these have errors. */
  submit(submission: ScriptSubmission): Promise<JobKey>;
  /** Counts one resubmit of this watcher down, once per intent; false when none is left. */
  takeResubmit(): boolean;
  /** Time limit, memory and the like, as the scheduler has them for this job. Empty where it does not say. */
  requested(): Promise<RequestedResources>;
  /** What the cluster says of its partitions; `undefined` where it cannot be had. */
  clusterFacts(): Promise<ClusterFacts | undefined>;

  /** False when this job has notified too often: what was to be told is only recorded. */
  mayNotify(): boolean;
  /** False when watchers did too much on this cluster in the last minute. */
  mayAct(): boolean;
  notify(notification: UserNotification): void;
  /** Posts JSON. Rejects when nobody answers in time. Redirections are not followed. */
  postJson(url: string, body: JsonValue, headers?: { readonly [name: string]: string }): Promise<HttpAnswer>;
  /** Rejects as nodemailer does. */
  sendEmail(message: EmailMessage): Promise<void>;
  /** Of the cluster. Rejects with `ConnectionError`. */
  connection(): Promise<Connection>;
  /** A file beside the script, on the machine that it was submitted from; `undefined`: there is none. */
  readBesideScript(path: string): Promise<string | undefined>;
  /** A variable of the engine's environment. */
  environment(name: string): string | undefined;

  /** The script of the job's lineage, as it was first submitted. */
  script(): string;
  /** The names that this watcher captures. */
  readonly captureNames: readonly string[];
  isScriptAllowed(): boolean;
  allowScript(): void;
  /** `undefined`: nobody is there to be asked. */
  ask(prompt: CommandPrompt): Promise<CommandAnswer | undefined>;
  emit(name: string, payload: JsonValue): EmittedEvent;
  /** False when a new series would be one too many. */
  mayStoreMetric(name: string): boolean;
  /** For `seconds`, or until somebody resumes it. False when there is no such watcher. */
  pauseWatcher(name: string, reason: string, seconds: number | undefined): boolean;
  /** False when there is no such watcher. */
  stopWatcher(name: string, reason: string): boolean;
}

export type Action = (intent: ActionIntent, host: ActionHost) => ActionResult | Promise<ActionResult>;

export const done = (message: string): ActionResult => ({ ok: true, message });
export const failed = (message: string): ActionResult => ({ ok: false, message });

/** A parameter that is text. Numbers and booleans are taken as they are written. */
export function textParam(intent: ActionIntent, name: string): string | undefined {
  const value = intent.params[name];
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
}

/** Names an action for good: section 7, (job, watcher, trigger number, action index). Job ids come again, submissions do not. */
export function actionKey({ key, submitKey }: JobRecord, { watcher, trigger, position }: ActionIntent): string {
  return createHash('sha256')
    .update(JSON.stringify([key, submitKey, watcher, trigger, position]))
    .digest('hex')
    .slice(0, 32);
}

/** What a watcher says of a match where nothing else was written. */
export function defaultMessage(intent: ActionIntent, job: JobRecord): string {
  return `${intent.watcherName} matched in job ${job.jobId} (${job.name}): ${intent.line}`;
}
