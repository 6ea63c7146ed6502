/**
 * All jobs in the order and groups in which the tree shows them: one pass over them, made anew when something changed.
 * Ten thousand take some milliseconds (bench/jobs-tree.ts).
 */
import type { JobInfo, JobKey, Timestamp } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { KnownState } from '../engine/job-store.ts';
import { isoDate } from '../text/time.ts';
import { countStates, isEnded, kindOf, looks, type StateCounts, type StateKind, stateKinds } from './job-states.ts';
import type { TreeOptions } from './tree-options.ts';

export interface JobGroup {
  /** Unique among the groups; of `cluster` the cluster's name. */
  readonly id: string;
  readonly label: string;
  /** Single jobs and arrays; tasks stand under their array. */
  readonly jobs: readonly JobInfo[];
  /** Tasks count, the array that they belong to does not. */
  readonly counts: StateCounts;
}

export interface Arrangement {
  readonly groups: readonly JobGroup[];
  readonly groupOf: ReadonlyMap<JobKey, JobGroup>;
  /** Of arrays that are known: the tasks that are shown, by index. */
  readonly tasks: ReadonlyMap<JobKey, readonly JobInfo[]>;
  /** Of all jobs, shown or not. */
  readonly counts: StateCounts;
  readonly hidden: number;
}

const secondsPerDay = 86_400;

export function arrangeJobs({ jobs }: KnownState, options: TreeOptions, now: Timestamp): Arrangement {
  const isShown = filterOf(options, now);
  const tasks = new Map<JobKey, JobInfo[]>();
  const parents = new Set<JobKey>();
  const tops: JobInfo[] = [];
  let hidden = 0;
  for (const job of jobs.values()) {
    const parent = job.arrayTask && jobs.get(job.arrayTask.parent);
    if (!parent) tops.push(job);
    else {
      parents.add(parent.key);
      if (!isShown(job)) hidden++;
      else if (tasks.get(parent.key)?.push(job) === undefined) tasks.set(parent.key, [job]);
    }
  }
  for (const list of tasks.values()) list.sort((a, b) => (a.arrayTask?.index ?? 0) - (b.arrayTask?.index ?? 0));
  const shown = tops.filter((job) => tasks.has(job.key) || (!parents.has(job.key) && isShown(job)));
  hidden += tops.filter((job) => !parents.has(job.key)).length - shown.filter((job) => !parents.has(job.key)).length;
  shown.sort(comparators[options.order](now));
  const groups = groupJobs(shown, tasks, options, now);
  const counted = [...jobs.values()].filter((job) => !parents.has(job.key));
  return {
    groups,
    groupOf: new Map(groups.flatMap((group) => group.jobs.map((job) => [job.key, group] as const))),
    tasks,
    counts: countStates(counted),
    hidden,
  };
}

/** Does a job pass the filters? */
function filterOf(options: TreeOptions, now: Timestamp): (job: JobInfo) => boolean {
  const { watched, days } = options;
  const kinds = new Set<StateKind>(options.kinds);
  const words = options.text.toLowerCase().split(/\s+/).filter(Boolean);
  return (job) =>
    (kinds.size === 0 || kinds.has(kindOf(job))) &&
    (!watched || job.watchers.length > 0) &&
    (days === 0 || !isEnded(job) || (job.ended ?? job.submitted) >= now - days * secondsPerDay) &&
    words.every((word) => searched(job).includes(word));
}

const searched = ({ name, jobId, cluster, partition = '' }: JobInfo) =>
  `${name} ${jobId} ${cluster} ${partition}`.toLowerCase();

// One for all: making one is what costs.
const byWords = new Intl.Collator('en', { numeric: true });

/** Newest first; jobs of the same second by key, so that the order never changes by itself. */
export function newestFirst(a: JobInfo, b: JobInfo): number {
  return b.submitted - a.submitted || byWords.compare(b.key, a.key);
}

/** How long it ran, has run or waits, in seconds. */
export function elapsedSeconds(job: JobInfo, now: Timestamp): number {
  return (job.ended ?? now) - (job.started ?? job.submitted);
}

const comparators: {
  readonly [order in TreeOptions['order']]: (now: Timestamp) => (a: JobInfo, b: JobInfo) => number;
} = {
  newest: () => newestFirst,
  oldest: () => (a, b) => -newestFirst(a, b),
  name: () => (a, b) => byWords.compare(a.name, b.name) || newestFirst(a, b),
  longest: (now) => (a, b) => elapsedSeconds(b, now) - elapsedSeconds(a, now) || newestFirst(a, b),
};

function groupJobs(
  jobs: readonly JobInfo[],
  tasks: ReadonlyMap<JobKey, readonly JobInfo[]>,
  { group }: TreeOptions,
  now: Timestamp,
): readonly JobGroup[] {
  const lists = new Map<string, JobInfo[]>();
  const today = isoDate(now);
  for (const job of jobs) {
    const id = groupIds[group](job, tasks.get(job.key));
    const list = lists.get(id);
    if (list) list.push(job);
    else lists.set(id, [job]);
  }
  const groups = [...lists].map(([id, list]) => ({
    id,
    label: group === 'day' && id === today ? l10n.t('Today') : group === 'state' ? (stateLabels[id] ?? id) : id,
    jobs: list,
    counts: countStates(list.flatMap((job) => tasks.get(job.key) ?? [job])),
  }));
  const order = groupOrders[group];
  return order ? groups.sort((a, b) => order(a.id, b.id)) : groups;
}

const groupIds: {
  readonly [group in TreeOptions['group']]: (job: JobInfo, tasks: readonly JobInfo[] | undefined) => string;
} = {
  cluster: (job) => job.cluster,
  // An array stands where most is going on in it.
  state: (job, tasks) => kindOrder.find((kind) => (tasks ?? [job]).some((one) => kindOf(one) === kind)) ?? '',
  day: (job) => isoDate(job.submitted),
  name: (job) => job.name,
  none: () => '',
};

const kindOrder = Object.keys(stateKinds) as StateKind[];
const stateLabels: { readonly [kind: string]: string } = Object.fromEntries(
  kindOrder.map((kind) => [
    kind,
    `${stateKinds[kind].words.slice(0, 1).toUpperCase()}${stateKinds[kind].words.slice(1)}`,
  ]),
);

const groupOrders: { readonly [group in TreeOptions['group']]?: (a: string, b: string) => number } = {
  state: (a, b) => kindOrder.indexOf(a as StateKind) - kindOrder.indexOf(b as StateKind),
  day: (a, b) => (a < b ? 1 : -1),
  name: byWords.compare,
};

/** The state that a group of `state` has an icon of. */
export const iconOfKind = {
  running: looks.running.icon,
  waiting: looks.pending.icon,
  completed: looks.completed.icon,
  failed: looks.failed.icon,
  cancelled: looks.cancelled.icon,
} as const;
