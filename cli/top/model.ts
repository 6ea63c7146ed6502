/** What `vigil top` shows, and what each key does to it. Pure. */
import type { ClusterInfo, EventlogEntry, JobInfo, JobKey, Timestamp } from '../../engine/protocol.ts';

export interface TopModel {
  readonly jobs: ReadonlyMap<JobKey, JobInfo>;
  readonly clusters: ReadonlyMap<string, ClusterInfo>;
  /** Only jobs of this one. */
  readonly cluster?: string;
  /** Also jobs that ended longer ago than a day. */
  readonly showsAll: boolean;
  readonly selected?: JobKey;
  readonly page: 'jobs' | 'job' | 'help';
  /** The eventlog of the job whose page is open, as far as it was read. */
  readonly events: readonly EventlogEntry[];
  /** Only jobs with this text in a column. */
  readonly filter: string;
  readonly isTyping: boolean;
  /** Whether to cancel this job is asked. */
  readonly asked?: JobKey;
  /** What went wrong last. */
  readonly message?: string;
}

export type TopEffect =
  | { readonly kind: 'quit' }
  | { readonly kind: 'cancel'; readonly job: JobKey }
  | { readonly kind: 'read'; readonly job: JobKey };

export interface Pressed {
  readonly model: TopModel;
  readonly effect?: TopEffect;
}

export const keys = {
  up: '\u001b[A',
  down: '\u001b[B',
  pageUp: '\u001b[5~',
  pageDown: '\u001b[6~',
  home: '\u001b[H',
  end: '\u001b[F',
  enter: '\r',
  escape: '\u001b',
  backspace: '\u007f',
  interrupt: '\u0003',
} as const;

const day = 86_400;

export function isActive({ state }: JobInfo): boolean {
  return ['pending', 'running', 'suspended', 'completing'].includes(state);
}

/** In the order they are shown: what waits or runs first, then the newest. */
export function shownJobs(model: TopModel, now: Timestamp): readonly JobInfo[] {
  const { cluster, showsAll, filter } = model;
  const text = filter.toLowerCase();
  return [...model.jobs.values()]
    .filter((job) => cluster === undefined || job.cluster === cluster)
    .filter((job) => showsAll || isActive(job) || (job.ended ?? job.submitted) > now - day)
    .filter((job) => `${job.key} ${job.name} ${job.state} ${job.reason ?? ''}`.toLowerCase().includes(text))
    .sort((a, b) => Number(isActive(b)) - Number(isActive(a)) || b.submitted - a.submitted || (a.key < b.key ? 1 : -1));
}

/** @param rows how many jobs there is room for: what a page is. */
export function press(model: TopModel, key: string, now: Timestamp, rows: number): Pressed {
  if (key === keys.interrupt) return { model, effect: { kind: 'quit' } };
  if (model.asked !== undefined) return answered(model, model.asked, key);
  if (model.isTyping) return { model: typed(model, key) };
  if (model.page === 'help') return { model: { ...model, page: 'jobs' } };
  if (model.page === 'job' && (key === 'q' || key === keys.escape || key === keys.enter)) {
    return { model: { ...model, page: 'jobs', events: [] } };
  }
  const jobs = shownJobs(model, now);
  const shown = jobs.findIndex((job) => job.key === model.selected);
  const at = Math.max(0, shown);
  // An order is for the job that is seen, not for one that has taken its row.
  const isGone = model.selected !== undefined && shown < 0;
  const job = model.page === 'job' ? model.jobs.get(model.selected ?? '') : isGone ? undefined : jobs[at];
  switch (key) {
    case 'q':
      return { model, effect: { kind: 'quit' } };
    case '?':
    case 'h':
      return { model: { ...model, page: 'help' } };
    case '/':
      return { model: { ...model, page: 'jobs', isTyping: true } };
    case 'a':
      return { model: { ...model, showsAll: !model.showsAll } };
    case keys.escape:
      return { model: without({ ...model, filter: '' }, 'message') };
    case 'c':
      return { model: job && isActive(job) ? { ...model, asked: job.key } : model };
    case keys.enter:
      if (!job || model.page === 'job') return { model };
      return {
        model: { ...model, page: 'job', selected: job.key, events: [] },
        effect: { kind: 'read', job: job.key },
      };
  }
  const to = model.page === 'jobs' ? moved(key, at, jobs.length, rows) : at;
  const target = jobs[to];
  return { model: target ? { ...model, selected: target.key } : model };
}

function answered(model: TopModel, job: JobKey, key: string): Pressed {
  const rest = without(model, 'asked');
  return key === 'y' ? { model: rest, effect: { kind: 'cancel', job } } : { model: rest };
}

function typed(model: TopModel, key: string): TopModel {
  if (key === keys.enter) return { ...model, isTyping: false };
  if (key === keys.escape) return { ...model, isTyping: false, filter: '' };
  if (key === keys.backspace) return { ...model, filter: [...model.filter].slice(0, -1).join('') };
  return key.startsWith('\u001b') || key < ' ' ? model : { ...model, filter: model.filter + key };
}

function moved(key: string, at: number, count: number, rows: number): number {
  const steps: { readonly [key: string]: number } = {
    k: -1,
    [keys.up]: -1,
    j: 1,
    [keys.down]: 1,
    [keys.pageUp]: -rows,
    [keys.pageDown]: rows,
    g: -count,
    [keys.home]: -count,
    G: count,
    [keys.end]: count,
  };
  return Math.min(Math.max(0, count - 1), Math.max(0, at + (steps[key] ?? 0)));
}

/** Without an optional property, as `exactOptionalPropertyTypes` wants it. */
function without<Key extends 'asked' | 'message'>(model: TopModel, key: Key): Omit<TopModel, Key> {
  const { [key]: _, ...rest } = model;
  return rest;
}
