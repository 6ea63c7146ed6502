/** The jobs view as data: cluster → job → its array tasks and the entries of its eventlog. */
import type { ClusterInfo, EventlogEntry, JobInfo, JobKey, Timestamp } from '../../engine/protocol.ts';
import type { KnownState } from '../engine/job-store.ts';
import { fieldLine, inlineCode, joinLines } from '../text/markdown.ts';
import { plainLine } from '../text/plain-text.ts';
import { fullTime } from '../text/time.ts';
import { watcherNode } from '../watchers/watcher-node.ts';
import { eventGroupNode, eventNode } from './event-node.ts';
import { isEnded, jobNode, newestFirst, oldNews } from './job-node.ts';
import type { NodeIcon, NodeSubject, TreeNode } from './tree-node.ts';

/**
 * Clusters that have jobs, and clusters on the network that somebody connected to (a list of every host of
 * `~/.ssh/config` would bury them). In the order of the engine, those with jobs first.
 */
export function clusterNodes(known: KnownState, now: Timestamp): readonly TreeNode[] {
  const jobs = [...known.jobs.values()];
  const named = new Set(known.clusters.keys());
  const unknown = [...new Set(jobs.map((job) => job.cluster))].filter((name) => !named.has(name));
  return [...named, ...unknown]
    .map((name) => ({ name, cluster: known.clusters.get(name), jobs: jobs.filter((job) => job.cluster === name) }))
    .filter(({ cluster, jobs }) => jobs.length > 0 || (cluster?.kind === 'ssh' && cluster.state !== 'idle'))
    .sort((a, b) => Number(b.jobs.length > 0) - Number(a.jobs.length > 0))
    .map(({ name, cluster, jobs }) => clusterNode(name, cluster, jobs, now));
}

/** Rows under `subject`. Of a job whose eventlog was not read yet, only the tasks. */
export function childNodes(known: KnownState, subject: NodeSubject, now: Timestamp): readonly TreeNode[] {
  switch (subject.kind) {
    case 'cluster':
      return [...known.jobs.values()]
        .filter((job) => job.cluster === subject.cluster && parentJob(known, job) === undefined)
        .sort(newestFirst)
        .map((job) => jobNode(job, now));
    case 'job': {
      const job = known.jobs.get(subject.job);
      if (!job) return [];
      const watchers = job.watchers.map((watcher) => watcherNode(job, watcher));
      return [
        ...watchers,
        ...eventNodes(job, known.eventlogs.get(job.key) ?? [], now),
        ...taskNodes(known, job.key, now),
      ];
    }
    case 'events': {
      const job = known.jobs.get(subject.job);
      const entries = known.eventlogs.get(subject.job)?.slice(subject.from, subject.to) ?? [];
      return job ? entries.map((entry) => eventNode(job, entry, now)) : [];
    }
    case 'event':
    case 'run':
    case 'step':
    case 'watcher':
      return [];
  }
}

/** The row above `subject`, as `TreeView.reveal` asks for it. */
export function parentNode(known: KnownState, subject: NodeSubject, now: Timestamp): TreeNode | undefined {
  switch (subject.kind) {
    case 'cluster':
    case 'run':
    case 'step':
      return undefined;
    case 'job': {
      const job = known.jobs.get(subject.job);
      if (!job) return undefined;
      const parent = parentJob(known, job);
      return parent
        ? jobNode(parent, now)
        : clusterNodes(known, now).find((node) => node.id === clusterId(job.cluster));
    }
    case 'event':
    case 'watcher':
    case 'events': {
      const job = known.jobs.get(subject.job);
      return job && jobNode(job, now);
    }
  }
}

/** How many jobs wait or run; array tasks count, the array that they belong to does not. */
export function countActiveJobs(known: KnownState): number {
  const parents = new Set([...known.jobs.values()].map((job) => job.arrayTask?.parent));
  return [...known.jobs.values()].filter((job) => !isEnded(job) && !parents.has(job.key)).length;
}

/** The array that `job` is a task of, when it is among the known jobs. */
export function parentJob(known: KnownState, job: JobInfo): JobInfo | undefined {
  return job.arrayTask && known.jobs.get(job.arrayTask.parent);
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

function taskNodes(known: KnownState, parent: JobKey, now: Timestamp): readonly TreeNode[] {
  return [...known.jobs.values()]
    .filter((job) => job.arrayTask?.parent === parent)
    .sort((a, b) => (a.arrayTask?.index ?? 0) - (b.arrayTask?.index ?? 0))
    .map((job) => jobNode(job, now));
}

const clusterId = (name: string) => `cluster:${name}`;

function clusterNode(
  name: string,
  cluster: ClusterInfo | undefined,
  jobs: readonly JobInfo[],
  now: Timestamp,
): TreeNode {
  const active = jobs.filter((job) => !isEnded(job)).length;
  return {
    id: clusterId(name),
    subject: { kind: 'cluster', cluster: name },
    label: plainLine(name, 80),
    description: [clusterState(cluster, now), active > 0 ? `${active} active` : undefined]
      .filter((part) => part !== undefined)
      .join(' · '),
    icon: clusterIcon(cluster),
    tooltip: () => clusterTooltip(name, cluster),
    contextValue: cluster ? `cluster ${cluster.kind} ${cluster.state}` : 'cluster',
    expansion: 'expanded',
  };
}

/** Nothing where all is well: the rows beneath say enough. */
function clusterState(cluster: ClusterInfo | undefined, now: Timestamp): string | undefined {
  if (!cluster) return 'not in the settings any more';
  if (cluster.stale && cluster.state === 'connected')
    return `scheduler does not answer, ${oldNews(cluster.stale, now)}`;
  if (cluster.kind === 'local') return undefined;
  return cluster.state === 'connected' ? undefined : cluster.state;
}

function clusterIcon(cluster: ClusterInfo | undefined): NodeIcon {
  if (!cluster) return { id: 'question' };
  if (cluster.state === 'offline') return { id: 'debug-disconnect', color: 'charts.yellow' };
  if (cluster.stale) return { id: 'warning', color: 'charts.yellow' };
  if (cluster.state === 'connecting') return { id: 'sync' };
  return { id: cluster.kind === 'local' ? 'device-desktop' : 'remote' };
}

const schedulerNames = {
  slurm: 'Slurm',
  flux: 'Flux',
  local: 'none: scripts run as processes of this machine',
} as const;

/** How a cluster on another host is connected. */
function connectionWords({ connection }: ClusterInfo): string | undefined {
  if (!connection || connection.transport === 'local') return undefined;
  const { transport, reason, authentication = [] } = connection;
  return [transport === 'ssh2' ? "Vigil's own SSH client" : 'the ssh program', reason, authentication.join(', ')]
    .filter((part) => part)
    .join('; ');
}

function clusterTooltip(name: string, cluster: ClusterInfo | undefined): string {
  if (!cluster)
    return `**${inlineCode(name)}** is neither in the SSH configuration nor in \`vigil.clusters\` any more.`;
  const lines = [
    fieldLine('Address', cluster.address),
    fieldLine('Scheduler', cluster.scheduler && schedulerNames[cluster.scheduler]),
    fieldLine(
      'State',
      cluster.since === undefined ? cluster.state : `${cluster.state} since ${fullTime(cluster.since)}`,
    ),
    fieldLine('Next attempt', cluster.nextAttempt === undefined ? undefined : fullTime(cluster.nextAttempt)),
    fieldLine('Connection', connectionWords(cluster)),
    fieldLine('Detail', cluster.detail),
    fieldLine('Its jobs', cluster.stale?.why),
  ];
  return `**Cluster** ${inlineCode(name)}\n\n${joinLines(lines)}`;
}
