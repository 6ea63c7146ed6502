/** Where the engine's parts announce what changed: the attached clients hear it. */

import type { EmittedEvent } from './protocol/actions.ts';
import type { ClusterInfo, EventlogEntry, EventlogName, JobInfo, JobKey, UserNotification } from './protocol.ts';

export interface Publisher {
  cluster(info: ClusterInfo): void;
  job(info: JobInfo): void;
  /** `log`: default `eventlog`, the job's own. */
  eventlog(job: JobKey, entries: readonly EventlogEntry[], log?: EventlogName): void;
  forgotten(job: JobKey): void;
  emitted(event: EmittedEvent): void;
  notification(notification: UserNotification): void;
}
