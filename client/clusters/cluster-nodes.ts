/** The clusters view as data: cluster → maintenance, partitions, the user's accounts. Pure. */
import type { ClusterInfo, Timestamp } from '../../engine/protocol.ts';
import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { NodeIcon, NodeSubject, TreeNode } from '../jobs/tree-node.ts';
import { fieldLine, inlineCode, joinLines } from '../text/markdown.ts';
import { plainLine } from '../text/plain-text.ts';
import { clusterStates } from '../text/state-words.ts';
import { duration, fullTime } from '../text/time.ts';
import { accountNode, limitNodes, maintenanceNode, partitionNode } from './fact-nodes.ts';
import { rowNode } from './row-node.ts';

export interface ClustersState {
  readonly clusters: ReadonlyMap<string, ClusterInfo>;
  /** As last told, of each that was asked. */
  readonly facts: ReadonlyMap<string, ClusterFacts>;
  /** Why the last asking failed, in words for people. */
  readonly problems: ReadonlyMap<string, string>;
  /** Those that were asked and had nothing to tell. */
  readonly silent: ReadonlySet<string>;
  /** Names that are not shown. */
  readonly hidden: ReadonlySet<string>;
}

/** The name of this machine as a cluster without a scheduler. */
const localName = 'local';

/** The connected first, then what is on the way or was lost, then this machine, then the others by name. */
export function clusterRows(state: ClustersState, now: Timestamp): readonly TreeNode[] {
  return [...state.clusters.values()]
    .filter(({ name }) => !state.hidden.has(name))
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, 'en', { numeric: true }))
    .map((cluster) => clusterRow(cluster, state.facts.get(cluster.name), now));
}

function rank({ name, kind, state }: ClusterInfo): number {
  if (name === localName) return 2;
  if (state === 'connected') return 0;
  if (state !== 'idle') return 1;
  return kind === 'local' ? 2 : 3;
}

function clusterRow(cluster: ClusterInfo, facts: ClusterFacts | undefined, now: Timestamp): TreeNode {
  const { name, kind, state } = cluster;
  const place = kind === 'ssh' ? 'ssh' : name === localName ? 'local' : 'here';
  const isOpen = state === 'offline' || (state === 'connected' && place !== 'local');
  return {
    // VS Code does not expand a row that had nothing beneath it: with an id of its own it is another row.
    id: `clusters:${name}${isOpen ? ':open' : ''}`,
    subject: { kind: 'cluster', cluster: name },
    label: plainLine(name, 80),
    description: plainLine(clusterWords(cluster, facts, now), 200),
    icon: clusterIcon(cluster),
    tooltip: () => clusterTooltip(cluster, facts),
    contextValue: `cluster ${place} ${state}`,
    expansion: isOpen ? 'expanded' : 'none',
  };
}

/** `Slurm 22.05.8 · me · maintenance in 2 h`, `offline for 3 min · tries again in 20 s`, `me@login.example.org`. */
function clusterWords(cluster: ClusterInfo, facts: ClusterFacts | undefined, now: Timestamp): string {
  const { name, kind, state, detail, user, address, since, nextAttempt, stale } = cluster;
  const age = since === undefined ? undefined : duration(Math.max(0, Math.floor(now - since)));
  const where = kind === 'local' ? l10n.t('this machine') : address;
  if (name === localName) return l10n.t('this machine · no scheduler: scripts run as processes');
  if (state === 'connecting') return l10n.t('connecting…');
  if (state === 'offline') {
    const retry =
      nextAttempt === undefined ? undefined : l10n.t('tries again in {0}', duration(Math.max(0, nextAttempt - now)));
    return joinWords(age === undefined ? clusterStates.offline : l10n.t('offline for {0}', age), retry);
  }
  if (state !== 'connected') return where ?? '';
  const next = facts?.maintenance?.find(({ end }) => end > now);
  const maintenance =
    next &&
    (next.start <= now ? l10n.t('under maintenance') : l10n.t('maintenance in {0}', duration(next.start - now)));
  return joinWords(detail, user, stale && l10n.t('scheduler does not answer'), maintenance);
}

export function joinWords(...words: readonly (string | undefined)[]): string {
  return words.filter((word) => word !== undefined && word !== '').join(' · ');
}

function clusterIcon({ name, kind, state, stale }: ClusterInfo): NodeIcon {
  if (name === localName) return { id: 'device-desktop' };
  if (state === 'offline') return { id: 'error', color: 'charts.red' };
  if (state === 'connecting') return { id: 'sync~spin' };
  if (state !== 'connected') return { id: kind === 'local' ? 'vm' : 'vm-outline' };
  if (stale) return { id: 'warning', color: 'charts.yellow' };
  return { id: 'vm-active', color: 'charts.green' };
}

const sources = {
  'ssh-config': l10n.t('SSH configuration'),
  settings: 'vigil.clusters',
  'built-in': l10n.t('this machine'),
} as const;

function clusterTooltip(cluster: ClusterInfo, facts: ClusterFacts | undefined): string {
  const { connection } = cluster;
  const isRemote = connection !== undefined && connection.transport !== 'local';
  const transport =
    isRemote && (connection.transport === 'ssh2' ? l10n.t("Vigil's own SSH client") : l10n.t('the ssh program'));
  const lines = [
    fieldLine(l10n.t('Address'), cluster.address),
    fieldLine(l10n.t('Known from'), sources[cluster.source]),
    fieldLine(l10n.t('User'), cluster.user),
    fieldLine(
      l10n.t('State'),
      cluster.since === undefined
        ? clusterStates[cluster.state]
        : l10n.t('{0} since {1}', clusterStates[cluster.state], fullTime(cluster.since)),
    ),
    fieldLine(l10n.t('Connected by'), transport ? joinWords(transport, connection.reason) : undefined),
    fieldLine(l10n.t('Logged in with'), isRemote ? connection.authentication?.join(', ') : undefined),
    fieldLine(l10n.t('Scheduler'), cluster.state === 'connected' ? cluster.detail : undefined),
    fieldLine(l10n.t('Why'), cluster.state === 'connected' ? undefined : cluster.detail),
    fieldLine(l10n.t('Jobs'), cluster.stale?.why),
    fieldLine(l10n.t('Asked'), facts && fullTime(facts.gathered)),
  ];
  return `**${l10n.t('Cluster')}** ${inlineCode(cluster.name)}\n\n${joinLines(lines)}`;
}

/** Rows under `subject`. */
export function clusterChildren(state: ClustersState, subject: NodeSubject, now: Timestamp): readonly TreeNode[] {
  if (subject.kind === 'cluster') {
    const cluster = state.clusters.get(subject.cluster);
    return cluster ? underCluster(cluster, state, now) : [];
  }
  if (subject.kind !== 'account') return [];
  const facts = state.facts.get(subject.cluster);
  const account = facts?.accounts?.find(({ name }) => name === subject.account);
  return account ? limitNodes(subject.cluster, account, facts?.shares) : [];
}

function underCluster(cluster: ClusterInfo, state: ClustersState, now: Timestamp): readonly TreeNode[] {
  const { name, detail } = cluster;
  if (cluster.state === 'offline')
    return detail === undefined ? [] : [rowNode(name, 'why', { label: detail, icon: 'info' })];
  if (cluster.state !== 'connected') return [];
  const problem = state.problems.get(name);
  const facts = state.facts.get(name);
  if (problem !== undefined)
    return [rowNode(name, 'problem', { label: problem, icon: 'warning' }), ...factRows(name, facts, now)];
  if (facts) return factRows(name, facts, now);
  const none = state.silent.has(name) ? l10n.t('It tells of no partitions') : noFacts(cluster);
  return [
    rowNode(
      name,
      'asking',
      none === undefined ? { label: l10n.t('Asking…'), icon: 'sync~spin' } : { label: none, icon: 'info' },
    ),
  ];
}

/** Why there is nothing to ask; undefined: it can be asked. */
function noFacts({ scheduler }: ClusterInfo): string | undefined {
  if (scheduler === 'flux') return l10n.t('Flux tells of no partitions');
  return scheduler === 'slurm' ? undefined : l10n.t('No scheduler: scripts run as processes');
}

function factRows(cluster: string, facts: ClusterFacts | undefined, now: Timestamp): readonly TreeNode[] {
  if (!facts) return [];
  const { maintenance = [], partitions = [], accounts, shares, missing = [] } = facts;
  const noAccounts = !accounts && !missing.some(({ part }) => part === 'accounts');
  return [
    ...maintenance.filter(({ end }) => end > now).map((notice) => maintenanceNode(cluster, notice, now)),
    ...partitions.map((partition) => partitionNode(cluster, partition)),
    ...(accounts ?? []).map((account) => accountNode(cluster, account, facts.defaultAccount, shares)),
    ...(noAccounts
      ? [rowNode(cluster, 'accounts', { label: l10n.t('No accounting: no accounts, shares or limits'), icon: 'info' })]
      : []),
    ...missing.map(({ part, reason }) =>
      rowNode(cluster, `missing:${part}`, {
        label: l10n.t('Not told: {0}', part),
        description: reason,
        icon: 'question',
      }),
    ),
  ];
}

/** The row above `subject`. */
export function clusterParent(state: ClustersState, subject: NodeSubject, now: Timestamp): TreeNode | undefined {
  if (subject.kind !== 'clusterRow' && subject.kind !== 'account') return undefined;
  const cluster = state.clusters.get(subject.cluster);
  return cluster && clusterRow(cluster, state.facts.get(subject.cluster), now);
}
