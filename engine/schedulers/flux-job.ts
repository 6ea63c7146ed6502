/** What is known of one Flux job: its eventlogs as they came, and what its jobspec (RFC 14, RFC 25) and R (RFC 20) tell. Pure. */
import { posix } from 'node:path';
import { type FluxJob, fatalException, jobStateOf, newJob, replayEvent } from '../eventlog/job-phases.ts';
import type { LoggedEvent } from '../eventlog/rfc18.ts';
import { decimalFluxId } from './flux-id.ts';
import { kvsPath } from './flux-output.ts';
import type { JobSnapshot } from './scheduler.ts';

/** What is taken of a jobspec. */
export interface FluxJobspec {
  readonly name?: string;
  readonly cwd?: string;
  readonly queue?: string;
  readonly bank?: string;
  /** Seconds it may run. */
  readonly duration?: number;
  /** Templates such as `flux-{{id}}.out`; absent: it is in the KVS, or nothing is known of it. */
  readonly stdout?: string;
  readonly stderr?: string;
  /** What is in the KVS (flux-submit(1), `--output`). */
  readonly inKvs?: readonly ('stdout' | 'stderr')[];
  /** Our own mark, `user.vigil`. */
  readonly key?: string;
}

export class KnownFluxJob {
  readonly id: string;
  #events: readonly LoggedEvent[] = [];
  #exec: readonly LoggedEvent[] = [];
  jobspec: FluxJobspec = {};
  nodes: string | undefined;
  #job: FluxJob = newJob;
  #allocated: number | undefined;
  /** As changed since the submission (`flux update`). */
  #duration: number | undefined;

  constructor(id: string) {
    this.id = id;
  }

  /** Takes in the next event of the job's own log. */
  add(event: LoggedEvent): void {
    this.#events = [...this.#events, event];
    this.#job = replayEvent(this.#job, event).job;
    if (event.name === 'alloc') this.#allocated = event.timestamp;
    const duration = event.name === 'jobspec-update' ? event.context?.['attributes.system.duration'] : undefined;
    if (typeof duration === 'number') this.#duration = duration;
  }

  /** Takes in the next event of the log that its execution has (RFC 50). */
  addExec(event: LoggedEvent): void {
    this.#exec = [...this.#exec, event];
  }

  /** All of a log, as it was read at once. */
  setEvents(events: readonly LoggedEvent[]): void {
    this.#events = [];
    this.#job = newJob;
    for (const event of events) this.add(event);
  }

  setExec(events: readonly LoggedEvent[]): void {
    this.#exec = events;
  }

  /** Is the log of its execution complete, or was it never begun? */
  get hasExec(): boolean {
    return this.#exec.some(({ name }) => name === 'done') || !this.#events.some(({ name }) => name === 'start');
  }

  /** As RFC 21 names it. */
  get state(): string {
    return this.#job.state;
  }

  get eventCount(): number {
    return this.#events.length;
  }

  get isInactive(): boolean {
    return this.#job.state === 'INACTIVE';
  }

  get snapshot(): JobSnapshot {
    const job = this.#job;
    const { name, cwd, queue, bank, duration } = this.jobspec;
    const submitted = this.#events[0]?.timestamp;
    const fatal = fatalException(job);
    const userid = this.#events.find(
      ({ name: event, timestamp }) => event === 'exception' && timestamp === fatal?.timestamp,
    )?.context?.userid;
    return {
      jobId: this.id,
      state: jobStateOf(job),
      events: this.#events,
      execEvents: this.#exec,
      ...present({
        name,
        submitted,
        started: job.started ?? this.#allocated,
        ended: this.isInactive ? job.ended : undefined,
        timeLimitSeconds: this.#duration ?? duration,
        status: this.isInactive ? job.status : undefined,
        priority: job.priority,
        memo: this.#events.some(({ name: event }) => event === 'memo') ? memoOf(job) : undefined,
        reason: this.#reason,
        partition: queue,
        account: bank,
        nodes: this.nodes,
        workdir: cwd,
        stdoutPath: this.#outputPath('stdout'),
        stderrPath: this.#outputPath('stderr'),
        cancelledBy: fatal?.type === 'cancel' && typeof userid === 'number' ? userid : undefined,
      }),
    };
  }

  /** Why it does not run, in the words of `flux job attach`. */
  get #reason(): string | undefined {
    const { state, urgency, dependencies } = this.#job;
    if (state === 'DEPEND') return `Dependency (${dependencies.join(', ') || 'being resolved'})`;
    if (state === 'SCHED' || state === 'PRIORITY') return urgency === 0 ? 'Held' : 'Resources';
    return undefined;
  }

  #outputPath(stream: 'stdout' | 'stderr'): string | undefined {
    return this.jobspec.inKvs?.includes(stream) ? kvsPath(this.id, stream) : this.path(this.jobspec[stream]);
  }

  /** Where a template of flux-submit(1) leads; undefined where it names what only Flux knows. */
  path(template: string | undefined): string | undefined {
    if (template === undefined || template === '') return undefined;
    let isKnown = true;
    const { name = '' } = this.jobspec;
    const path = template.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (_, tag: string) => {
      const value = {
        id: this.#shown,
        jobid: this.#shown,
        'id.f58': this.#shown,
        'id.dec': decimalFluxId(this.id),
        'id.f58plain': this.id,
        name,
      }[tag];
      isKnown &&= value !== undefined;
      return value ?? '';
    });
    return isKnown ? posix.resolve(this.jobspec.cwd ?? '/', path) : undefined;
  }

  get #shown(): string {
    return `ƒ${this.id.slice(1)}`;
  }
}

/** Values that are no text as JSON. */
function memoOf({ memo }: FluxJob): { readonly [key: string]: string } {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(memo).map(([key, value]) => [key, text(value)]));
}

/** Without what is not known. */
function present<T extends object>(fields: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
}

type Json = { readonly [key: string]: unknown };
const objectAt = (value: unknown, key: string): Json => {
  const inner = typeof value === 'object' && value !== null ? (value as Json)[key] : undefined;
  return typeof inner === 'object' && inner !== null ? (inner as Json) : {};
};
const textAt = (value: Json, key: string): string | undefined => {
  const inner = value[key];
  return typeof inner === 'string' ? inner : undefined;
};

/** Reads a jobspec, version 1 (RFC 25), redacted or not. */
export function readJobspec(jobspec: unknown): FluxJobspec {
  const attributes = objectAt(jobspec, 'attributes');
  const system = objectAt(attributes, 'system');
  const output = objectAt(objectAt(objectAt(system, 'shell'), 'options'), 'output');
  const file = (stream: 'stdout' | 'stderr') => {
    const options = objectAt(output, stream);
    return options.type === 'file' ? textAt(options, 'path') : undefined;
  };
  const typeOf = (stream: 'stdout' | 'stderr') => objectAt(output, stream).type;
  const isInKvs = (type: unknown) => type === undefined || type === 'kvs';
  // Every jobspec has a directory.
  const isTold = textAt(system, 'cwd') !== undefined;
  const inKvs = [
    ...(isInKvs(typeOf('stdout')) ? (['stdout'] as const) : []),
    // Without a place of its own it goes where stdout goes.
    ...(isInKvs(typeOf('stderr') ?? typeOf('stdout')) ? (['stderr'] as const) : []),
  ];
  return present({
    name: textAt(objectAt(system, 'job'), 'name'),
    cwd: textAt(system, 'cwd'),
    queue: textAt(system, 'queue'),
    bank: textAt(system, 'bank'),
    // 0 is no limit.
    duration: typeof system.duration === 'number' && system.duration > 0 ? system.duration : undefined,
    stdout: file('stdout'),
    stderr: file('stderr'),
    inKvs: isTold && inKvs.length > 0 ? inKvs : undefined,
    key: textAt(objectAt(attributes, 'user'), 'vigil'),
  });
}

/** The nodes of an R, version 1 (RFC 20), e.g. `n[0-1]`. */
export function readNodes(r: unknown): string | undefined {
  const { nodelist } = objectAt(r, 'execution');
  return Array.isArray(nodelist) ? nodelist.join(',') : undefined;
}
