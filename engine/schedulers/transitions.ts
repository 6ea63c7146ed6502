/** From two looks at a job to the events that must have happened in between, in Flux' vocabulary (RFC 21). Pure. */
import type { JobState, JsonValue, Timestamp } from '../protocol.ts';
import type { JobPhase, JobRecord, NewEvent } from '../store/records.ts';
import type { JobSnapshot } from './scheduler.ts';

const phases: readonly JobPhase[] = ['submitted', 'eligible', 'allocated', 'started', 'finished', 'clean'];

/** Ends other than exit statuses, as exceptions of severity 0 (fatal). */
const exceptionTypes: Partial<Record<JobState, string>> = {
  cancelled: 'cancel',
  timeout: 'timeout',
  out_of_memory: 'oom',
  node_fail: 'node-fail',
  boot_fail: 'boot-fail',
  deadline: 'deadline',
  preempted: 'preempt',
  lost: 'lost',
};

const exceptionNotes: Partial<Record<JobState, string>> = {
  timeout: 'time limit reached',
  out_of_memory: 'out of memory',
  node_fail: 'a node of the job failed',
  boot_fail: 'a node of the job did not boot',
  deadline: 'the deadline passed',
  preempted: 'preempted by another job',
  lost: 'neither the scheduler nor accounting knows the job any more',
};

export function isEnded(state: JobState): boolean {
  return !['pending', 'running', 'suspended', 'completing'].includes(state);
}

export interface Transition {
  readonly job: JobRecord;
  readonly events: readonly NewEvent[];
  /** For the log of its execution (RFC 50). */
  readonly execEvents?: readonly NewEvent[];
}

/**
 * Brings `job` up to `snapshot`, seen at `now`. A transition that nobody saw is still logged, in order, with the
 * scheduler's own times. The log is brought as far as `finish`: `closeLog` ends it once the output is read.
 */
export function transition(job: JobRecord, snapshot: JobSnapshot, now: Timestamp): Transition {
  if (snapshot.events) return asTold(job, snapshot, snapshot.events);
  const events: NewEvent[] = [];
  let phase = job.phase;
  const reached = (wanted: JobPhase) => phases.indexOf(phase) >= phases.indexOf(wanted);
  const log = (name: string, timestamp: Timestamp, context?: Record<string, JsonValue | undefined>) => {
    const known = Object.entries(context ?? {}).filter((pair): pair is [string, JsonValue] => pair[1] !== undefined);
    events.push({ timestamp, name, ...(known.length > 0 ? { context: Object.fromEntries(known) } : {}) });
  };
  if (reached('finished')) return { job, events };

  const restarts = snapshot.restarts ?? job.restarts;
  const backInQueue = snapshot.state === 'pending' && !snapshot.configuring && reached('allocated');
  const startedAgain = reached('started') && (snapshot.started ?? 0) > (job.started ?? Number.POSITIVE_INFINITY) + 1;
  if (restarts > job.restarts || backInQueue || startedAgain) {
    const count = Math.max(restarts, job.restarts + 1);
    log('requeue', snapshot.submitted ?? now, { restarts: count, reason: snapshot.reason });
    phase = 'submitted';
    job = { ...job, restarts: count };
  }

  const ended = isEnded(snapshot.state);
  const ran = hasRun(snapshot);
  const waitsForDependency = snapshot.state === 'pending' && /^Dependency/.test(snapshot.reason ?? '');
  if (!reached('eligible') && !waitsForDependency && (!ended || ran)) {
    const eligible = snapshot.eligible ?? snapshot.submitted ?? job.submitted;
    log('depend', eligible);
    log('priority', eligible, { priority: snapshot.priority });
    phase = 'eligible';
  }
  const runs = ended ? ran : snapshot.state !== 'pending';
  if (!reached('allocated') && (runs || snapshot.configuring)) {
    const { nodes, partition, account, qos } = snapshot;
    log('alloc', snapshot.started ?? now, { nodes, partition, account, qos });
    phase = 'allocated';
  }
  if (!reached('started') && runs) {
    log('start', snapshot.started ?? now);
    phase = 'started';
  }
  if (snapshot.state === 'suspended' && job.state !== 'suspended') log('suspend', now);
  if (snapshot.state === 'running' && job.state === 'suspended') log('resume', now);
  if (ended) {
    const at = snapshot.ended ?? now;
    const type = exceptionTypes[snapshot.state];
    if (type) {
      const note = exceptionNotes[snapshot.state] ?? job.cancelReason ?? '';
      log('exception', at, { type, severity: 0, note, userid: snapshot.cancelledBy });
    }
    // As in Flux: a job that never started has no `finish`.
    if (reached('started')) log('finish', at, { status: snapshot.status ?? 0 });
    phase = 'finished';
  }
  return { job: { ...told(job, snapshot), phase }, events };
}

const phaseAfter: { readonly [event: string]: JobPhase } = {
  depend: 'eligible',
  alloc: 'allocated',
  start: 'started',
};

/** The scheduler keeps an eventlog itself: what is new in it is logged unchanged, but for `clean`, which waits for us. */
function asTold(job: JobRecord, snapshot: JobSnapshot, all: readonly NewEvent[]): Transition {
  if (job.phase === 'finished' || job.phase === 'clean') return { job, events: [] };
  const clean = all.find(({ name }) => name === 'clean');
  const open = all.filter((event) => event !== clean);
  const events = open.slice(job.loggedEvents ?? 0);
  const exec = snapshot.execEvents ?? [];
  const phase = events.reduce<JobPhase>((before, { name }) => phaseAfter[name] ?? before, job.phase);
  const next: JobRecord = {
    ...told(job, snapshot),
    phase: clean ? 'finished' : phase,
    loggedEvents: open.length,
    loggedExecEvents: exec.length,
    ...(clean ? { cleanEvent: clean } : {}),
  };
  return { job: next, events, execEvents: exec.slice(job.loggedExecEvents ?? 0) };
}

/** The events that end a log, once the output is read and the actions are done; none where it was ended before. */
export function closeLog(job: JobRecord, now: Timestamp): Transition {
  const { reread, ...read } = job;
  if (reread) return { job: { ...read, phase: 'clean' }, events: [] };
  if (job.cleanEvent) return { job: { ...job, phase: 'clean' }, events: [job.cleanEvent] };
  const at = job.ended ?? now;
  const started = job.started !== undefined;
  const events: NewEvent[] = [
    ...(started
      ? [
          { timestamp: at, name: 'release', context: { ranks: 'all', final: true } },
          { timestamp: at, name: 'free' },
        ]
      : []),
    { timestamp: at, name: 'clean' },
  ];
  return { job: { ...job, phase: 'clean' }, events };
}

/** Slurm gives a job that was cancelled in the queue a start time too: that of its end, and no nodes. */
function hasRun({ started, ended, nodes }: JobSnapshot): boolean {
  return started !== undefined && (!!nodes || (ended ?? 0) > started);
}

/** The record with all that the snapshot tells; what belongs to an earlier incarnation or state is dropped. */
function told(job: JobRecord, snapshot: JobSnapshot): JobRecord {
  const ended = isEnded(snapshot.state);
  const { reason, started, ended: endedAt, status, expectedStart, ...kept } = job;
  const runs = snapshot.state !== 'pending' && (!ended || hasRun(snapshot));
  const fields: Partial<JobRecord> = {
    name: snapshot.name || kept.name,
    restarts: Math.max(kept.restarts, snapshot.restarts ?? 0),
    ...present('partition', snapshot.partition),
    ...present('nodes', snapshot.nodes),
    ...present('workdir', snapshot.workdir),
    ...present('timeLimitSeconds', snapshot.timeLimitSeconds),
    ...present('stdoutPath', snapshot.stdoutPath),
    ...present('stderrPath', snapshot.stderrPath),
    ...(ended ? {} : present('reason', snapshot.reason)),
    ...(snapshot.state === 'pending' ? present('expectedStart', snapshot.expectedStart) : {}),
    ...present('components', snapshot.components),
    ...present('isArray', snapshot.isArray),
    ...present('memo', snapshot.memo),
    ...(runs ? present('started', snapshot.started ?? started) : {}),
    ...(ended
      ? { ...present('ended', snapshot.ended ?? endedAt), ...present('status', snapshot.status ?? status) }
      : {}),
  };
  return { ...kept, ...fields, state: snapshot.state };
}

function present<Key extends keyof JobRecord>(key: Key, value: JobRecord[Key] | undefined): Partial<JobRecord> {
  return value === undefined || value === '' ? {} : { [key]: value };
}
