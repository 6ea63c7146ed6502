/** The part of the protocol that is about what people are told by themselves: how much of it, when not, and in which window. */
import { NotificationType, RequestType, RequestType0 } from 'vscode-jsonrpc/node';
import type { JobKey, JobState, Timestamp } from '../protocol.ts';

export type NotificationLevel = 'info' | 'warning' | 'error' | 'off';
export type JobEndPolicy = 'all' | 'failures' | 'none';

/** The settings of `vigil.notifications.*`. */
export interface NotificationSettings {
  /** What is less is not shown; `off`: nothing is. */
  readonly 'notifications.level': NotificationLevel;
  /** Of which jobs the end is told. */
  readonly 'notifications.jobEnd': JobEndPolicy;
  /** `22:00-07:00`, several separated by commas, local time of the engine; empty: none. */
  readonly 'notifications.quietHours': string;
  /** More than so many at once become one. */
  readonly 'notifications.digestOver': number;
}

/** Something a person should see: from the `notify` action, or from the engine itself. */
export interface UserNotification {
  readonly level: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly job?: JobKey;
  /** Who says it. */
  readonly watcher?: string;
  /** The job has ended, so. */
  readonly ended?: JobState;
  /** The job is cancelled then unless a person says no. */
  readonly cancelAt?: Timestamp;
  /** Of several that are told as one. */
  readonly items?: readonly UserNotification[];
}

/** What is not shown: of a job, of a watcher (of one job, or of all), or, with neither, all of it. */
export interface Mute {
  readonly job?: JobKey;
  readonly watcher?: string;
  /** Absent: until it is taken back. */
  readonly until?: Timestamp;
}

/** Answers with all mutes that count. `seconds` from now; absent: until it is taken back. */
export const muteNotifications = new RequestType<
  { readonly job?: JobKey; readonly watcher?: string; readonly seconds?: number },
  readonly Mute[],
  void
>('notifications/mute');
/** Takes back the mute of the same job and watcher. */
export const unmuteNotifications = new RequestType<
  { readonly job?: JobKey; readonly watcher?: string },
  readonly Mute[],
  void
>('notifications/unmute');
export const listMutes = new RequestType0<readonly Mute[], void>('notifications/mutes');
/** A window was brought to the front: what is told from now on is shown there, and nowhere else. */
export const windowFocused = new NotificationType<null>('window/focused');
