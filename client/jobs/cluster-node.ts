/** Clusters as rows of the jobs tree. */
import type { ClusterInfo, Timestamp } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { fieldLine, inlineCode, joinLines } from '../text/markdown.ts';
import { plainLine } from '../text/plain-text.ts';
import { clusterStates } from '../text/state-words.ts';
import { fullTime } from '../text/time.ts';
import { oldNews } from './job-node.ts';
import { type StateCounts, stateBar, stateCountWords } from './job-states.ts';
import type { NodeIcon, TreeNode } from './tree-node.ts';

export const clusterId = (name: string) => `cluster:${name}`;

/** The row of a cluster; `counts`: of its jobs. */
export function clusterNode(
  name: string,
  cluster: ClusterInfo | undefined,
  counts: StateCounts | undefined,
  now: Timestamp,
): TreeNode {
  const bar = counts ? stateBar(counts) : '';
  return {
    id: clusterId(name),
    subject: { kind: 'cluster', cluster: name },
    label: plainLine(name, 80),
    description: [clusterState(cluster, now), bar === '' ? undefined : bar]
      .filter((part) => part !== undefined)
      .join(' · '),
    icon: clusterIcon(cluster),
    tooltip: () => clusterTooltip(name, cluster),
    contextValue: cluster ? `cluster ${cluster.kind} ${cluster.state}` : 'cluster',
    expansion: 'expanded',
    ...(counts && bar !== '' ? { spoken: `${plainLine(name, 80)}: ${stateCountWords(counts)}` } : {}),
  };
}

/** Nothing where all is well: the rows beneath say enough. */
function clusterState(cluster: ClusterInfo | undefined, now: Timestamp): string | undefined {
  if (!cluster) return l10n.t('not in the settings any more');
  if (cluster.stale && cluster.state === 'connected')
    return l10n.t('scheduler does not answer, {0}', oldNews(cluster.stale, now));
  if (cluster.kind === 'local') return undefined;
  return cluster.state === 'connected' ? undefined : clusterStates[cluster.state];
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
  local: l10n.t('none: scripts run as processes of this machine'),
} as const;

/** How a cluster on another host is connected. */
function connectionWords({ connection }: ClusterInfo): string | undefined {
  if (!connection || connection.transport === 'local') return undefined;
  const { transport, reason, authentication = [] } = connection;
  return [
    transport === 'ssh2' ? l10n.t("Vigil's own SSH client") : l10n.t('the ssh program'),
    reason,
    authentication.join(', '),
  ]
    .filter((part) => part)
    .join('; ');
}

function clusterTooltip(name: string, cluster: ClusterInfo | undefined): string {
  if (!cluster)
    return l10n.t('**{0}** is neither in the SSH configuration nor in `vigil.clusters` any more.', inlineCode(name));
  const lines = [
    fieldLine(l10n.t('Address'), cluster.address),
    fieldLine(l10n.t('Scheduler'), cluster.scheduler && schedulerNames[cluster.scheduler]),
    fieldLine(
      l10n.t('State'),
      cluster.since === undefined
        ? clusterStates[cluster.state]
        : l10n.t('{0} since {1}', clusterStates[cluster.state], fullTime(cluster.since)),
    ),
    fieldLine(l10n.t('Next attempt'), cluster.nextAttempt === undefined ? undefined : fullTime(cluster.nextAttempt)),
    fieldLine(l10n.t('Connection'), connectionWords(cluster)),
    fieldLine(l10n.t('Detail'), cluster.detail),
    fieldLine(l10n.t('Its jobs'), cluster.stale?.why),
  ];
  return `**${l10n.t('Cluster')}** ${inlineCode(name)}\n\n${joinLines(lines)}`;
}
