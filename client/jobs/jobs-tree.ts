/** The jobs view as data: group → job → its watchers, the entries of its eventlog, and array tasks. */
import type { EventlogEntry, JobInfo, JobKey, Timestamp } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { KnownState } from '../engine/job-store.ts';
import { plainLine } from '../text/plain-text.ts';
import { watcherNode } from '../watchers/watcher-node.ts';
import { type Arrangement, arrangeJobs, iconOfKind, type JobGroup } from './arrangement.ts';
import { clusterId, clusterNode } from './cluster-node.ts';
import { eventGroupNode, eventNode } from './event-node.ts';
import { jobNode } from './job-node.ts';
import { isEnded, type StateKind, stateBar, stateCountWords } from './job-states.ts';
import type { NodeSubject, TreeNode } from './tree-node.ts';
import { defaultOptions, type TreeOptions } from './tree-options.ts';

/** So many rows of a list are shown at first, and more at each wish. */
export const rowsInPage = 200;

/** With more groups than this they are closed at first. */
const openGroups = 10;

export class JobsTree {
  readonly #known: KnownState;
  #options: TreeOptions;
  #arranged: Arrangement | undefined;
  /** Rows that are shown of long lists, by list. */
  readonly #shownRows = new Map<string, number>();

  constructor(known: KnownState, options: TreeOptions = defaultOptions) {
    this.#known = known;
    this.#options = options;
  }

  get options(): TreeOptions {
    return this.#options;
  }

  setOptions(options: TreeOptions): void {
    this.#options = options;
    this.#shownRows.clear();
    this.changed();
  }

  /** Jobs came, went or changed. */
  changed(): void {
    this.#arranged = undefined;
  }

  /** Shows a page more of a long list. */
  showMore(list: string): void {
    this.#shownRows.set(list, (this.#shownRows.get(list) ?? rowsInPage) + rowsInPage);
  }

  arrangement(now: Timestamp): Arrangement {
    this.#arranged ??= arrangeJobs(this.#known, this.#options, now);
    return this.#arranged;
  }

  roots(now: Timestamp): readonly TreeNode[] {
    const { groups } = this.arrangement(now);
    if (this.#options.group === 'cluster') return this.#clusterNodes(groups, now);
    if (this.#options.group === 'none') return groups.flatMap((group) => this.#jobNodes(group, now));
    return groups.map((group) => this.#groupNode(group, now));
  }

  /** Rows under `subject`. Of a job whose eventlog was not read yet, only the watchers and tasks. */
  children(subject: NodeSubject, now: Timestamp): readonly TreeNode[] {
    switch (subject.kind) {
      case 'cluster':
      case 'group': {
        const id = subject.kind === 'cluster' ? subject.cluster : subject.group;
        const group = this.arrangement(now).groups.find((one) => one.id === id);
        return group ? this.#jobNodes(group, now) : [];
      }
      case 'job': {
        const job = this.#known.jobs.get(subject.job);
        if (!job) return [];
        const watchers = job.watchers.map((watcher) => watcherNode(job, watcher));
        return [
          ...watchers,
          ...eventNodes(job, this.#known.eventlogs.get(job.key) ?? [], now),
          ...this.#tasks(job, now),
        ];
      }
      case 'events': {
        const job = this.#known.jobs.get(subject.job);
        const entries = this.#known.eventlogs.get(subject.job)?.slice(subject.from, subject.to) ?? [];
        return job ? entries.map((entry) => eventNode(job, entry, now)) : [];
      }
      case 'event':
      case 'clusterRow':
      case 'account':
      case 'more':
      case 'run':
      case 'step':
      case 'watcher':
        return [];
    }
  }

  /** The row above `subject`, as `TreeView.reveal` asks for it. */
  parent(subject: NodeSubject, now: Timestamp): TreeNode | undefined {
    switch (subject.kind) {
      case 'job': {
        const job = this.#known.jobs.get(subject.job);
        if (!job) return undefined;
        const array = parentJob(this.#known, job);
        if (array) return this.jobNode(array, now);
        const group = this.arrangement(now).groupOf.get(job.key);
        if (!group || this.#options.group === 'none') return undefined;
        if (this.#options.group !== 'cluster') return this.#groupNode(group, now);
        return this.roots(now).find((node) => node.id === clusterId(job.cluster));
      }
      case 'event':
      case 'watcher':
      case 'events': {
        const job = this.#known.jobs.get(subject.job);
        return job && this.jobNode(job, now);
      }
      case 'cluster':
      case 'clusterRow':
      case 'account':
      case 'group':
      case 'more':
      case 'run':
      case 'step':
        return undefined;
    }
  }

  jobNode(job: JobInfo, now: Timestamp): TreeNode {
    const tasks = this.arrangement(now).tasks.get(job.key);
    const { scheduler } = this.#known.clusters.get(job.cluster) ?? {};
    const underCluster = this.#options.group === 'cluster';
    return jobNode(job, { now, underCluster, scheduler, ...(tasks ? { tasks } : {}) });
  }

  /** The row as it is now, of those that change by themselves. */
  renew(subject: NodeSubject, now: Timestamp): TreeNode | undefined {
    if (subject.kind === 'job') {
      const job = this.#known.jobs.get(subject.job);
      return job && this.jobNode(job, now);
    }
    if (subject.kind !== 'cluster' && subject.kind !== 'group') return undefined;
    const id = subject.kind === 'cluster' ? subject.cluster : subject.group;
    const group = this.arrangement(now).groups.find((one) => one.id === id);
    if (subject.kind === 'cluster') return clusterNode(id, this.#known.clusters.get(id), group?.counts, now);
    return group && this.#groupNode(group, now);
  }

  /** The id of the group's row under which a job stands; `undefined`: it is filtered out, or stands at the top. */
  groupRow(key: JobKey, now: Timestamp): string | undefined {
    if (this.#options.group === 'none') return undefined;
    const job = this.#known.jobs.get(key);
    const array = job && parentJob(this.#known, job);
    const group = this.arrangement(now).groupOf.get(array?.key ?? key);
    return group && (this.#options.group === 'cluster' ? clusterId(group.id) : groupRowId(group));
  }

  /** Does it pass the filters? */
  isShown(key: JobKey, now: Timestamp): boolean {
    const job = this.#known.jobs.get(key);
    if (!job) return false;
    const { groupOf, tasks } = this.arrangement(now);
    const array = parentJob(this.#known, job);
    return array ? (tasks.get(array.key)?.includes(job) ?? false) : groupOf.has(key);
  }

  /** Makes sure that a job that passes the filters is within the rows that are shown of its list. True: it was not. */
  uncover(key: JobKey, now: Timestamp): boolean {
    const job = this.#known.jobs.get(key);
    const { groupOf, tasks } = this.arrangement(now);
    const array = job && parentJob(this.#known, job);
    const group = groupOf.get(array?.key ?? key);
    if (!job || !group) return false;
    const inGroup = this.#uncoverIn(listOf(group), group.jobs, array ?? job);
    const inArray = array ? this.#uncoverIn(listOfTasks(array), tasks.get(array.key) ?? [], job) : false;
    return inGroup || inArray;
  }

  #uncoverIn(list: string, jobs: readonly JobInfo[], job: JobInfo): boolean {
    const rows = Math.ceil((jobs.indexOf(job) + 1) / rowsInPage) * rowsInPage;
    if (rows <= (this.#shownRows.get(list) ?? rowsInPage)) return false;
    this.#shownRows.set(list, rows);
    return true;
  }

  /**
   * Clusters that have jobs, and clusters on the network that somebody connected to (a list of every host of
   * `~/.ssh/config` would bury them). In the order of the engine, those with jobs first.
   */
  #clusterNodes(groups: readonly JobGroup[], now: Timestamp): readonly TreeNode[] {
    const { clusters } = this.#known;
    const byName = new Map(groups.map((group) => [group.id, group]));
    const unknown = groups.map(({ id }) => id).filter((name) => !clusters.has(name));
    return [...clusters.keys(), ...unknown]
      .map((name) => ({ name, cluster: clusters.get(name), group: byName.get(name) }))
      .filter(({ cluster, group }) => group || (cluster?.kind === 'ssh' && cluster.state !== 'idle'))
      .sort((a, b) => Number(b.group !== undefined) - Number(a.group !== undefined))
      .map(({ name, cluster, group }) => clusterNode(name, cluster, group?.counts, now));
  }

  #groupNode(group: JobGroup, now: Timestamp): TreeNode {
    return groupNode(group, this.#options.group, this.arrangement(now).groups.length <= openGroups);
  }

  #jobNodes(group: JobGroup, now: Timestamp): readonly TreeNode[] {
    return this.#page(listOf(group), group.jobs, now);
  }

  #tasks(job: JobInfo, now: Timestamp): readonly TreeNode[] {
    return this.#page(listOfTasks(job), this.arrangement(now).tasks.get(job.key) ?? [], now);
  }

  #page(list: string, jobs: readonly JobInfo[], now: Timestamp): readonly TreeNode[] {
    const most = this.#shownRows.get(list) ?? rowsInPage;
    const nodes = jobs.slice(0, most).map((job) => this.jobNode(job, now));
    const left = jobs.length - nodes.length;
    return left > 0 ? [...nodes, moreNode(list, left)] : nodes;
  }
}

/** The array that `job` is a task of, when it is among the known jobs. */
export function parentJob(known: KnownState, job: JobInfo): JobInfo | undefined {
  return job.arrayTask && known.jobs.get(job.arrayTask.parent);
}

/** How many jobs wait or run; array tasks count, the array that they belong to does not. */
export function countActiveJobs(known: KnownState): number {
  const parents = new Set([...known.jobs.values()].map((job) => job.arrayTask?.parent));
  return [...known.jobs.values()].filter((job) => !isEnded(job) && !parents.has(job.key)).length;
}

const groupRowId = (group: JobGroup) => `group:${group.id}`;
const listOf = (group: JobGroup) => `group:${group.id}`;
const listOfTasks = (job: JobInfo) => `tasks:${job.key}`;

function groupNode(group: JobGroup, kind: TreeOptions['group'], open: boolean): TreeNode {
  const label = plainLine(group.label, 80);
  return {
    id: groupRowId(group),
    subject: { kind: 'group', group: group.id },
    label,
    description: stateBar(group.counts),
    icon: kind === 'state' ? iconOfKind[group.id as StateKind] : { id: kind === 'day' ? 'calendar' : 'symbol-string' },
    tooltip: () => stateCountWords(group.counts),
    contextValue: 'group',
    expansion: open ? 'expanded' : 'collapsed',
    spoken: `${label}: ${stateCountWords(group.counts)}`,
  };
}

function moreNode(list: string, left: number): TreeNode {
  return {
    id: `more:${list}`,
    subject: { kind: 'more', list },
    label: l10n.t('Show {0} more', Math.min(left, rowsInPage)),
    description: left > rowsInPage ? l10n.t('of {0}', left) : '',
    icon: { id: 'ellipsis' },
    tooltip: () =>
      left === 1 ? l10n.t('1 job of this list is not shown.') : l10n.t('{0} jobs of this list are not shown.', left),
    contextValue: 'more',
    expansion: 'none',
    command: 'vigil.showMoreJobs',
  };
}

/** Rows of a log; a watcher that matches every second makes a long one. */
const eventsInGroup = 200;

/** The newest entries, one to two groups of them, as rows of their own; the ones before as groups. */
function eventNodes(job: JobInfo, entries: readonly EventlogEntry[], now: Timestamp): readonly TreeNode[] {
  const groupCount = Math.max(0, Math.floor(entries.length / eventsInGroup) - 1);
  const groups = Array.from({ length: groupCount }, (_, index) =>
    eventGroupNode(job, entries.slice(index * eventsInGroup, (index + 1) * eventsInGroup), now),
  );
  return [...groups, ...entries.slice(groupCount * eventsInGroup).map((entry) => eventNode(job, entry, now))];
}
