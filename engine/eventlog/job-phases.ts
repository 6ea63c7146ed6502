/**
 * The states of a Flux job, replayed from its eventlog (RFC 21; the exact rules are those of `event_job_update` in
 * flux-core's job-manager/event.c). Pure.
 */
import type { JobState, Timestamp } from '../protocol.ts';
import type { LoggedEvent } from './rfc18.ts';

export const fluxStates = ['NEW', 'DEPEND', 'PRIORITY', 'SCHED', 'RUN', 'CLEANUP', 'INACTIVE'] as const;
export type FluxState = (typeof fluxStates)[number];
export type FluxResult = 'COMPLETED' | 'FAILED' | 'CANCELED' | 'TIMEOUT';

export interface FluxException {
  readonly timestamp: Timestamp;
  readonly type: string;
  /** 0 is fatal. */
  readonly severity: number;
  readonly note: string;
}

/** A job as its log tells of it so far. */
export interface FluxJob {
  readonly state: FluxState;
  /** Since when it is in that state. */
  readonly since?: Timestamp;
  readonly started?: Timestamp;
  /** Of the event that ended it: the first fatal exception, or `finish`. */
  readonly ended?: Timestamp;
  /** wait(2) status, of `finish`. */
  readonly status?: number;
  readonly priority?: number;
  /** 0 is held, 16 the default, 31 the most (RFC 27). */
  readonly urgency?: number;
  readonly hasResources: boolean;
  /** What it waits for, e.g. `begin-time=1552594348`. */
  readonly dependencies: readonly string[];
  /** Every exception, in order; the first of severity 0 is the cause of the end. */
  readonly exceptions: readonly FluxException[];
  /** Keys that `memo` events set; null took some away again. */
  readonly memo: { readonly [key: string]: unknown };
  /** The log was taken back: the job never was. */
  readonly isInvalid?: boolean;
}

export const newJob: FluxJob = { state: 'NEW', hasResources: false, dependencies: [], exceptions: [], memo: {} };

export interface Replayed {
  readonly job: FluxJob;
  /** The event does not fit the state it came in; it was taken in as far as it makes sense. */
  readonly problem?: string;
}

type Rule = (job: FluxJob, event: LoggedEvent) => Replayed;

/** From one state to the next; in another state it is a problem and nothing moves. */
const step =
  (from: FluxState, to: FluxState, more: (event: LoggedEvent, job: FluxJob) => Partial<FluxJob> = () => ({})): Rule =>
  (job, event) =>
    job.state === from
      ? { job: { ...job, ...more(event, job), state: to, since: event.timestamp } }
      : { job, problem: `${event.name} in state ${job.state}` };

const numberOf = (event: LoggedEvent, key: string): number | undefined => {
  const value = event.context?.[key];
  return typeof value === 'number' ? value : undefined;
};
const textOf = (event: LoggedEvent, key: string): string | undefined => {
  const value = event.context?.[key];
  return typeof value === 'string' ? value : undefined;
};
const given = <Key extends keyof FluxJob>(key: Key, value: FluxJob[Key] | undefined): Partial<FluxJob> =>
  value === undefined ? {} : { [key]: value };

/** Back to the priority plugin: also from SCHED, where the job already waited for resources. */
const back: Rule = (job, event) => {
  const urgency = given('urgency', numberOf(event, 'urgency'));
  const moves = job.state === 'SCHED';
  return { job: { ...job, ...urgency, ...(moves ? { state: 'PRIORITY', since: event.timestamp } : {}) } };
};

const dependency =
  (change: (all: readonly string[], one: string) => readonly string[]): Rule =>
  (job, event) => {
    const description = textOf(event, 'description');
    if (description === undefined) return { job, problem: `${event.name} without a description` };
    if (job.state !== 'NEW' && job.state !== 'DEPEND') return { job, problem: `${event.name} in state ${job.state}` };
    return { job: { ...job, dependencies: change(job.dependencies, description) } };
  };

const exception: Rule = (job, event) => {
  const severity = numberOf(event, 'severity');
  const type = textOf(event, 'type');
  if (severity === undefined || type === undefined) return { job, problem: 'exception without type and severity' };
  const { timestamp } = event;
  const raised = { timestamp, type, severity, note: textOf(event, 'note') ?? '' };
  const next = { ...job, exceptions: [...job.exceptions, raised] };
  if (severity !== 0 || job.state === 'NEW' || job.state === 'INACTIVE') return { job: next };
  const since = job.state === 'CLEANUP' ? job.since : timestamp;
  return { job: { ...next, state: 'CLEANUP', ...given('since', since), ended: job.ended ?? timestamp } };
};

const finish: Rule = (job, event) => {
  const status = numberOf(event, 'status');
  if (status === undefined) return { job, problem: 'finish without a status' };
  const ended = { ...job, status, ended: job.ended ?? event.timestamp };
  // After a fatal exception the job is in CLEANUP already.
  if (job.state === 'CLEANUP') return { job: ended };
  if (job.state !== 'RUN') return { job: ended, problem: `finish in state ${job.state}` };
  return { job: { ...ended, state: 'CLEANUP', since: event.timestamp } };
};

const rules: { readonly [name: string]: Rule } = {
  submit: (job, event) => ({
    job: { ...job, since: event.timestamp, ...given('urgency', numberOf(event, 'urgency')) },
  }),
  validate: step('NEW', 'DEPEND'),
  invalidate: (job) => ({ job: { ...job, isInvalid: true } }),
  depend: step('DEPEND', 'PRIORITY'),
  priority: (job, event) => {
    const priority = given('priority', numberOf(event, 'priority'));
    // In SCHED it only changes the number.
    if (job.state === 'SCHED') return { job: { ...job, ...priority } };
    return step('PRIORITY', 'SCHED', () => priority)(job, event);
  },
  urgency: back,
  'jobspec-update': back,
  'flux-restart': back,
  alloc: step('SCHED', 'RUN', () => ({ hasResources: true })),
  start: (job, event) => ({ job: { ...job, started: event.timestamp } }),
  finish,
  free: (job) => ({ job: { ...job, hasResources: false } }),
  clean: step('CLEANUP', 'INACTIVE'),
  exception,
  'dependency-add': dependency((all, one) => [...all, one]),
  'dependency-remove': dependency((all, one) => all.filter((other) => other !== one)),
  memo: (job, { context = {} }) => {
    const memo = Object.fromEntries(Object.entries({ ...job.memo, ...context }).filter(([, value]) => value !== null));
    return { job: { ...job, memo } };
  },
};

/** Takes in the next event. Events of other names, and more context than is known, are allowed (RFC 21). */
export function replayEvent(job: FluxJob, event: LoggedEvent): Replayed {
  if (job.isInvalid) return { job, problem: `${event.name} after invalidate` };
  if (job.since === undefined && event.name !== 'submit') return { job, problem: `${event.name} before submit` };
  const rule = Object.hasOwn(rules, event.name) ? rules[event.name] : undefined;
  return rule ? rule(job, event) : { job };
}

/** A whole log: the job at its end, and every event that does not fit where it stands. */
export function replayEventlog(events: Iterable<LoggedEvent>): {
  readonly job: FluxJob;
  readonly problems: readonly { readonly index: number; readonly message: string }[];
} {
  const problems: { index: number; message: string }[] = [];
  let job = newJob;
  let index = 0;
  for (const event of events) {
    const replayed = replayEvent(job, event);
    job = replayed.job;
    if (replayed.problem !== undefined) problems.push({ index, message: replayed.problem });
    index++;
  }
  return { job, problems };
}

/** The virtual states of RFC 21. */
export function isPending({ state }: FluxJob): boolean {
  return state === 'DEPEND' || state === 'PRIORITY' || state === 'SCHED';
}
export function isRunning({ state }: FluxJob): boolean {
  return state === 'RUN' || state === 'CLEANUP';
}
export function isActive({ state }: FluxJob): boolean {
  return state !== 'NEW' && state !== 'INACTIVE';
}

/** The first exception of severity 0: why the job ended, if it did not end by itself. */
export function fatalException({ exceptions }: FluxJob): FluxException | undefined {
  return exceptions.find(({ severity }) => severity === 0);
}

/** RFC 21's result; absent while the job is active. The names of RFC and code are both taken (`timelimit`, `timeout`). */
export function resultOf(job: FluxJob): FluxResult | undefined {
  if (job.state !== 'INACTIVE') return undefined;
  const type = fatalException(job)?.type;
  if (type === 'cancel') return 'CANCELED';
  if (type === 'timeout' || type === 'timelimit') return 'TIMEOUT';
  return type === undefined && job.status === 0 ? 'COMPLETED' : 'FAILED';
}

const endStates: { readonly [type: string]: JobState } = {
  cancel: 'cancelled',
  timeout: 'timeout',
  timelimit: 'timeout',
  oom: 'out_of_memory',
  'node-failure': 'node_fail',
  'node-fail': 'node_fail',
  preempt: 'preempted',
  'boot-fail': 'boot_fail',
  deadline: 'deadline',
};

/** The state in the words that all schedulers share here. */
export function jobStateOf(job: FluxJob): JobState {
  if (job.state === 'RUN') return 'running';
  const ends = job.state === 'CLEANUP' || job.state === 'INACTIVE';
  if (!ends) return 'pending';
  if (job.state === 'CLEANUP') return 'completing';
  const type = fatalException(job)?.type;
  if (type !== undefined) return endStates[type] ?? 'failed';
  return job.status === 0 ? 'completed' : 'failed';
}
