/** What an action is to the engine: from an intent and the job's surroundings to a result that is logged. */
import type { JsonValue, UserNotification, WatcherState } from '../protocol.ts';
import type { ControlVerb } from '../schedulers/scheduler.ts';
import type { ActionIntent, JobRecord, NewEvent } from '../store/records.ts';

export interface ActionResult {
  readonly ok: boolean;
  /** One line for people: what was done, or what failed and why. */
  readonly message: string;
  /** Logged together with the result. */
  readonly events?: readonly Omit<NewEvent, 'timestamp'>[];
  /** Stored together with the result. */
  readonly metric?: { readonly name: string; readonly value: number };
}

/** What actions may do to the world. */
export interface ActionHost {
  readonly job: JobRecord;
  /** `reason`: for the note of the exception that this leads to. */
  cancel(signal?: string, reason?: string): Promise<void>;
  control(verb: ControlVerb): Promise<void>;
  update(changes: { readonly [name: string]: string }): Promise<void>;
  /** Submits the job's script again; `key` makes that happen once. Resolves to the new job's key. */
  resubmit(key: string, options: readonly string[]): Promise<string>;
  /** Counts one resubmit of this watcher down, once per key; false when none is left. */
  takeResubmit(key: string): boolean;
  /** False when this job has notified too often: what was to be told is only recorded. */
  mayNotify(): boolean;
  notify(notification: UserNotification): void;
  /** Posts JSON; resolves to the HTTP status. Rejects when nobody answers in time. Redirections are not followed. */
  postJson(url: string, body: JsonValue): Promise<number>;
  /** A variable of the engine's environment. */
  environment(name: string): string | undefined;
  sleep(ms: number): Promise<void>;
  /** False when there is no such watcher. */
  setWatcherState(name: string, state: WatcherState, reason: string): boolean;
}

export type Action = (intent: ActionIntent, host: ActionHost) => ActionResult | Promise<ActionResult>;

export const done = (message: string): ActionResult => ({ ok: true, message });
export const failed = (message: string): ActionResult => ({ ok: false, message });

/** A parameter that is text. Numbers and booleans are taken as they are written. */
export function textParam(intent: ActionIntent, name: string): string | undefined {
  const value = intent.params[name];
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
}
