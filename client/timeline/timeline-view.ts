/** Jobs and their eventlogs as the timeline that a page draws. Pure. */
import type { JobStep, JobUsage } from '../../engine/protocol/jobs.ts';
import type { EventlogEntry, JobInfo, JobKey, Timestamp } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type {
  SpanKind,
  TimelineMarks,
  TimelineRow,
  TimelineSeries,
  TimelineSpan,
  TimelineUsage,
  TimelineView,
} from '../../webview/timeline-view.ts';
import { isEnded, kindOf, looks } from '../jobs/job-states.ts';
import { describeStatus } from '../jobs/wait-status.ts';
import { plainLine } from '../text/plain-text.ts';
import { duration, timeOfLimit } from '../text/time.ts';
import type { MarkColumns } from './mark-columns.ts';

/** So many jobs are drawn at most. */
export const mostRows = 100;

/**
 * The jobs that a timeline of `keys` shows: each with all that it was resubmitted from and as, in the order of their submission,
 * and of an array its tasks.
 */
export function timelineJobs(jobs: ReadonlyMap<JobKey, JobInfo>, keys: readonly JobKey[]): readonly JobInfo[] {
  const found = new Set<JobInfo>();
  const successors = new Map<JobKey, JobInfo[]>();
  const tasks = new Map<JobKey, JobInfo[]>();
  for (const job of jobs.values()) {
    if (job.resubmitOf !== undefined) push(successors, job.resubmitOf, job);
    if (job.arrayTask) push(tasks, job.arrayTask.parent, job);
  }
  for (const key of keys) {
    let first = jobs.get(key);
    // A lineage has no circles, but what is stored is not believed.
    for (let steps = 0; first?.resubmitOf !== undefined && jobs.has(first.resubmitOf) && steps < mostRows; steps++) {
      first = jobs.get(first.resubmitOf);
    }
    const lineage = first ? [first] : [];
    for (const job of lineage) {
      for (const next of successors.get(job.key) ?? []) if (!lineage.includes(next)) lineage.push(next);
    }
    for (const job of lineage.sort((a, b) => a.submitted - b.submitted)) {
      found.add(job);
      const parts = tasks.get(job.key) ?? [];
      for (const task of parts.sort((a, b) => (a.arrayTask?.index ?? 0) - (b.arrayTask?.index ?? 0))) found.add(task);
    }
  }
  return [...found];
}

function push<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  if (lists.get(key)?.push(value) === undefined) lists.set(key, [value]);
}

const spanWords: Partial<Record<SpanKind, string>> = {
  waits: l10n.t('waits'),
  prepares: l10n.t('gets its nodes ready'),
  runs: l10n.t('runs'),
  stopped: l10n.t('is stopped'),
  ends: l10n.t('is cleaned up'),
};

const afterEvent: { readonly [event: string]: SpanKind | 'over' } = {
  submit: 'waits',
  requeue: 'waits',
  alloc: 'prepares',
  start: 'runs',
  suspend: 'stopped',
  resume: 'runs',
  finish: 'ends',
  clean: 'over',
};

/** What the job did when, as its log tells; of a log that is not known, as the scheduler told. */
export function spansOf(job: JobInfo, entries: readonly EventlogEntry[]): readonly TimelineSpan[] {
  const spans: TimelineSpan[] = [];
  let open: { kind: SpanKind; from: Timestamp } | undefined;
  const close = (to: Timestamp, end: SpanKind) => {
    if (open && to > open.from) spans.push(spanOf(open.kind === 'runs' ? end : open.kind, open.from, to, job));
    open = undefined;
  };
  for (const { name, timestamp } of told(job, entries)) {
    const next = Object.hasOwn(afterEvent, name) ? afterEvent[name] : undefined;
    if (next === undefined) continue;
    close(
      timestamp,
      name === 'finish' || name === 'clean' ? endKind(job) : name === 'requeue' ? 'ran-cancelled' : 'runs',
    );
    if (next !== 'over') open = { kind: next, from: timestamp };
  }
  if (open && !job.logEnded)
    spans.push({ kind: open.kind, from: open.from, to: null, words: spanWords[open.kind] ?? '' });
  return spans;
}

function told(job: JobInfo, entries: readonly EventlogEntry[]): readonly Pick<EventlogEntry, 'name' | 'timestamp'>[] {
  if (entries.length > 0) return entries;
  const { submitted, started, ended } = job;
  return [
    { name: 'submit', timestamp: submitted },
    ...(started === undefined ? [] : [{ name: 'start', timestamp: started }]),
    ...(ended === undefined ? [] : [{ name: 'clean', timestamp: ended }]),
  ];
}

function endKind(job: JobInfo): SpanKind {
  const kind = kindOf(job);
  return kind === 'completed' ? 'ran-completed' : kind === 'cancelled' ? 'ran-cancelled' : 'ran-failed';
}

function spanOf(kind: SpanKind, from: Timestamp, to: Timestamp, job: JobInfo): TimelineSpan {
  const ran = kind === endKind(job) ? l10n.t('ran, {0}', looks[job.state].words) : l10n.t('ran, and was put back');
  const words = kind.startsWith('ran-') ? ran : (spanWords[kind] ?? '');
  return { kind, from, to, words };
}

/** So many series of numbers are drawn at most. */
const mostSeries = 12;

export interface TimelineFacts {
  /** The jobs that are meant: without those that belong to them. */
  readonly keys: readonly JobKey[];
  readonly jobs: ReadonlyMap<JobKey, JobInfo>;
  readonly eventlogs: ReadonlyMap<JobKey, readonly EventlogEntry[]>;
  /** From accounting, of jobs that have begun. */
  readonly usages: ReadonlyMap<JobKey, JobUsage>;
  readonly now: Timestamp;
}

export function timelineView(
  { keys, jobs, eventlogs, usages, now }: TimelineFacts,
  columns: MarkColumns,
): TimelineView {
  const all = keys.length > 1 ? byHost(timelineJobs(jobs, keys)) : timelineJobs(jobs, keys);
  const shown = all.slice(0, mostRows);
  const rowOf = new Map<JobKey, number>();
  const series: TimelineSeries[] = [];
  const rows: TimelineRow[] = [];
  for (const job of shown) {
    const entries = eventlogs.get(job.key) ?? [];
    const { series: numbers, ...marks } = columns.of(job.key, entries);
    for (const [name, points] of numbers) series.push({ name, row: rows.length, ...points });
    const before = job.resubmitOf === undefined ? undefined : rowOf.get(job.resubmitOf);
    rowOf.set(job.key, rows.length);
    rows.push({
      key: job.key,
      label: plainLine(`${job.jobId} ${job.name}`, 80),
      state: stateOf(job),
      isPart: job.arrayTask !== undefined && rowOf.has(job.arrayTask.parent),
      ...(keys.length > 1 ? { host: hostOf(job) } : {}),
      ...(before === undefined ? {} : { resubmitOf: before }),
      spans: spansOf(job, entries),
      marks,
    });
    // Of arrays steps would bury the tasks.
    if (shown.length <= mostWithSteps)
      rows.push(...(usages.get(job.key)?.steps ?? []).flatMap((step) => stepRow(job, step)));
  }
  const [first] = keys;
  const only = keys.length === 1 && first !== undefined ? jobs.get(first) : undefined;
  const replay = only && (eventlogs.get(only.key)?.length ?? 0) > 0 ? columns.replay(only.key) : undefined;
  return {
    title: only ? plainLine(`${only.jobId} ${only.name}`, 80) : l10n.t('{0} jobs', keys.length),
    isLive: shown.some((job) => !isEnded(job)),
    now,
    rows,
    leftOut: all.length - shown.length,
    series: series.slice(0, mostSeries),
    usage: only ? usageOf(only, usages.get(only.key)) : [],
    ...(replay ? { replay } : {}),
  };
}

/** `hpc · n[1-4]`. */
function hostOf({ cluster, nodes }: JobInfo): string {
  return plainLine(`${cluster} · ${nodes ?? l10n.t('no nodes yet')}`, 80);
}

/** Jobs of one place together, in the order of the first of each; the tasks of an array stay with it. */
function byHost(jobs: readonly JobInfo[]): readonly JobInfo[] {
  const groups = new Map<string, JobInfo[]>();
  const hosts = new Map<JobKey, string>();
  for (const job of jobs) {
    const host = (job.arrayTask && hosts.get(job.arrayTask.parent)) ?? hostOf(job);
    hosts.set(job.key, host);
    push(groups, host, job);
  }
  return [...groups.values()].flat();
}

function stateOf(job: JobInfo): string {
  const { words } = looks[job.state];
  return job.state === 'failed' && job.status !== undefined ? `${words} (${describeStatus(job.status)})` : words;
}

/** With more jobs than this their steps are not shown. */
const mostWithSteps = 10;
const noMarks: TimelineMarks = { times: [], kinds: '', words: [] };

/** The script is what the row of the job shows. */
function stepRow(job: JobInfo, { id, name, state, started, ended }: JobStep): readonly TimelineRow[] {
  if (id === 'batch' || started === undefined) return [];
  const to = ended ?? (isEnded(job) ? started : null);
  const words = `${l10n.t('step {0} ({1})', id, plainLine(name, 40))}, ${plainLine(state, 40)},`;
  return [
    {
      key: `${job.key} ${id}`,
      label: plainLine(l10n.t('step {0} {1}', id, name), 80),
      state: plainLine(state, 40),
      isPart: true,
      spans: [{ kind: 'step', from: started, to, words }],
      marks: noMarks,
    },
  ];
}

/** Of a job that is over: what it took of what it had asked for. */
function usageOf({ started, ended, timeLimitSeconds }: JobInfo, usage: JobUsage | undefined): readonly TimelineUsage[] {
  if (started === undefined || ended === undefined) return [];
  const found: TimelineUsage[] = [];
  const elapsed = ended - started;
  if (timeLimitSeconds !== undefined) {
    found.push({
      label: l10n.t('Time'),
      share: elapsed / timeLimitSeconds,
      words: timeOfLimit(elapsed, timeLimitSeconds),
    });
  }
  const { cpus, cpuSeconds, memoryBytes, requestedMemoryBytes, elapsedSeconds = elapsed } = usage ?? {};
  if (cpus !== undefined && cpuSeconds !== undefined && elapsedSeconds > 0) {
    const share = cpuSeconds / (cpus * elapsedSeconds);
    const percent = Math.round(share * 100);
    const words =
      cpus === 1
        ? l10n.t('{0} % of 1 CPU ({1} of CPU time)', percent, duration(cpuSeconds))
        : l10n.t('{0} % of {1} CPUs ({2} of CPU time)', percent, cpus, duration(cpuSeconds));
    found.push({ label: l10n.t('CPU'), share, words });
  }
  if (memoryBytes !== undefined) {
    const share = requestedMemoryBytes === undefined ? null : memoryBytes / requestedMemoryBytes;
    const used = bytesInWords(memoryBytes);
    const words =
      requestedMemoryBytes === undefined ? used : l10n.t('{0} of {1}', used, bytesInWords(requestedMemoryBytes));
    found.push({ label: l10n.t('Memory'), share, words });
  }
  return found;
}

/** `91.5 MiB`, `4 GiB`. */
function bytesInWords(bytes: number): string {
  const [size, unit] = bytes >= 2 ** 30 ? [2 ** 30, 'GiB'] : [2 ** 20, 'MiB'];
  return `${Number((bytes / size).toPrecision(3))} ${unit}`;
}
