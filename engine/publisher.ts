/** Where the engine's parts announce what changed: the attached clients hear it. */
import type { ClusterInfo, EventlogEntry, JobInfo, JobKey, UserNotification } from './protocol.ts';

export interface Publisher {
  cluster(info: ClusterInfo): void;
  job(info: JobInfo): void;
  eventlog(job: JobKey, entries: readonly EventlogEntry[]): void;
  forgotten(job: JobKey): void;
  notification(notification: UserNotification): void;
}
