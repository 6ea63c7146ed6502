/** What clients have done to jobs: orders to the scheduler, and notes. */
import { parseArrayRanges } from '../language/directives/values.ts';
import type { Clock } from './clock.ts';
import type { ClusterService } from './jobs/cluster-service.ts';
import type { JobOrder, JobUsage, MemoChanges } from './protocol/jobs.ts';
import { urgencies } from './protocol/jobs.ts';
import type { JobInfo, JobKey } from './protocol.ts';
import type { Publisher } from './publisher.ts';
import type { Scheduler } from './schedulers/scheduler.ts';
import { isEnded } from './schedulers/transitions.ts';
import { followedBy } from './store/ownership.ts';
import type { JobRecord, NewEvent } from './store/records.ts';
import type { Store } from './store/store.ts';

export interface JobRequestDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly publisher: Publisher;
  readonly service: (cluster: string) => Promise<ClusterService>;
  /** Throws when there is no such job. */
  readonly job: (key: JobKey) => JobRecord;
  readonly info: (job: JobRecord) => JobInfo;
}

const mostNotes = 100;
const longestNote = 10_000;
const memoKey = /^[\w.-]{1,64}$/;
const signalName = /^(?:(?:SIG)?[A-Z][A-Z0-9+]{1,9}|\d{1,2})$/i;
/** RFC 21: a type has no white space; it stands on a command line. */
const exceptionType = /^[a-z][\w.-]{0,63}$/i;
const longestExtensionSeconds = 366 * 86_400;

export class JobRequests {
  readonly #deps: JobRequestDependencies;

  constructor(deps: JobRequestDependencies) {
    this.#deps = deps;
  }

  /** Rejects with the scheduler's own words, `ConnectionError`, or why the order cannot be. */
  async order(key: JobKey, order: JobOrder): Promise<void> {
    const job = this.#deps.job(key);
    if (isEnded(job.state)) throw new Error(`Job ${key} is over: nothing can be done to it any more.`);
    const problem = problemOf(order);
    if (problem !== undefined) throw new Error(problem);
    const service = await this.#deps.service(job.cluster);
    let keepsEventlogs = false;
    await service.order((scheduler) => {
      keepsEventlogs = scheduler.keepsEventlogs === true;
      return give(scheduler, job, order);
    });
    const event = keepsEventlogs ? undefined : eventOf(order);
    if (event) service.follower(key)?.logEvents([event]);
  }

  /** Notes go to a scheduler that keeps them; of others, and of jobs that are over, Vigil keeps them itself. */
  async note(key: JobKey, changes: MemoChanges): Promise<JobInfo> {
    const job = this.#deps.job(key);
    const memo = changed(job.memo ?? {}, changes);
    if (!isEnded(job.state)) {
      const service = await this.#deps.service(job.cluster);
      const scheduler = service.info.scheduler === 'flux' ? await service.backend.scheduler() : undefined;
      if (scheduler?.setMemo) {
        await scheduler.setMemo(job.jobId, changes);
        service.lookNow();
        return { ...this.#deps.info(job), memo };
      }
    }
    await this.#keep(job, changes);
    return this.#deps.info(this.#deps.job(key));
  }

  /** Of a job that has begun. `undefined`: nobody tells. Rejects with `ConnectionError` and `SchedulerUnavailableError`. */
  async usage(key: JobKey): Promise<JobUsage | undefined> {
    const job = this.#deps.job(key);
    const scheduler = await (await this.#deps.service(job.cluster)).backend.scheduler();
    return scheduler.usage?.(job.jobId);
  }

  /** Others may have written a note, and the job may have changed, since `job` was read. */
  async #keep(job: JobRecord, changes: MemoChanges): Promise<void> {
    const event: Omit<NewEvent, 'timestamp'> = { name: 'memo', context: { ...changes } };
    const { store, clock, publisher, info, service } = this.#deps;
    const follower = job.phase === 'clean' ? undefined : (await service(job.cluster)).follower(job.key);
    if (follower) return follower.note(changed(follower.job.memo ?? {}, changes), event);
    const other = store.ownership.otherOf(job.key);
    if (other && job.phase !== 'clean') throw new Error(`${followedBy(job.key, other)}: write the note there.`);
    const now = clock.now();
    const { noted, entries } = store.transaction(() => {
      const current = this.#deps.job(job.key);
      const noted = { ...current, memo: changed(current.memo ?? {}, changes) };
      store.saveJob(noted);
      return { noted, entries: store.append(job.key, [{ timestamp: now, ...event }], now) };
    });
    publisher.eventlog(job.key, entries);
    publisher.job(info(noted));
  }
}

function give(scheduler: Scheduler, job: JobRecord, order: JobOrder): Promise<void> {
  const { jobId } = job;
  switch (order.verb) {
    case 'signal':
      return scheduler.cancel(jobId, order.signal);
    case 'cancel-tasks':
      if (!job.isArray || !scheduler.cancelTasks) throw new Error(`Job ${job.key} is no array: cancel it as a whole.`);
      return scheduler.cancelTasks(jobId, order.tasks);
    case 'extend':
      return scheduler.extend(jobId, order.seconds);
    case 'urgency':
      return scheduler.setUrgency(jobId, order.urgency);
    case 'raise':
      if (!scheduler.raise) {
        throw new Error(
          `${job.cluster} runs ${scheduler.version}: only Flux has exceptions that can be raised. Cancel the job, or write a note on it.`,
        );
      }
      return scheduler.raise(jobId, order);
    default:
      return scheduler.control(jobId, order.verb);
  }
}

/** What stands against the order itself: nothing else reaches a command line. */
function problemOf(order: JobOrder): string | undefined {
  switch (order.verb) {
    case 'signal':
      return signalName.test(order.signal) ? undefined : `${JSON.stringify(order.signal)} is not a signal`;
    case 'cancel-tasks': {
      const spec = parseArrayRanges(order.tasks);
      const isList = spec !== undefined && spec.limit === undefined && !order.tasks.includes('[');
      return isList ? undefined : `${JSON.stringify(order.tasks)} names no tasks of an array: write 3, 1-5,8 or 0-99:2`;
    }
    case 'extend': {
      const { seconds } = order;
      const isTime = Number.isInteger(seconds) && seconds > 0 && seconds <= longestExtensionSeconds;
      return isTime ? undefined : 'the time to add is at least a second and at most a year';
    }
    case 'urgency': {
      const { urgency } = order;
      const isUrgency = Number.isInteger(urgency) && urgency >= urgencies.hold && urgency <= urgencies.expedite;
      return isUrgency ? undefined : 'an urgency is 0 (held) to 31, 16 is the default';
    }
    case 'raise': {
      const { type, severity, note = '' } = order;
      if (!exceptionType.test(type)) return `${JSON.stringify(type)} is no type of an exception: a word such as "oom"`;
      if (!(Number.isInteger(severity) && severity >= 0 && severity <= 7)) return 'a severity is 0 (ends the job) to 7';
      return note.length > longestNote || note.includes('\0') ? 'the note of the exception is too long' : undefined;
    }
    case 'hold':
    case 'release':
    case 'requeue':
      return undefined;
    default:
      return `there is no order ${JSON.stringify(Reflect.get(Object(order), 'verb'))}`;
  }
}

/** What Flux would have logged (RFC 21), for schedulers that keep no log. */
function eventOf(order: JobOrder): Omit<NewEvent, 'timestamp'> | undefined {
  const urgency =
    order.verb === 'urgency'
      ? order.urgency
      : order.verb === 'hold'
        ? urgencies.hold
        : order.verb === 'release'
          ? urgencies.default
          : undefined;
  return urgency === undefined ? undefined : { name: 'urgency', context: { urgency } };
}

function changed(memo: { readonly [key: string]: string }, changes: MemoChanges): { readonly [key: string]: string } {
  for (const [key, text] of Object.entries(changes)) {
    if (!memoKey.test(key))
      throw new Error(`${JSON.stringify(key)} is no key of a note: letters, digits, "_", "-" and ".", at most 64`);
    if (text !== null && (typeof text !== 'string' || text.length > longestNote || text.includes('\0')))
      throw new Error(`the note ${key} is no text of at most ${longestNote} characters`);
  }
  const kept = Object.entries({ ...memo, ...changes }).filter((pair): pair is [string, string] => pair[1] !== null);
  if (kept.length > mostNotes) throw new Error(`a job has at most ${mostNotes} notes`);
  return Object.fromEntries(kept);
}
