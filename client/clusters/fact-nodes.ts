/** Rows for what a cluster says of itself: maintenance, partitions, accounts with their share and limits. Pure. */
import type { Timestamp } from '../../engine/protocol.ts';
import type {
  AccountFacts,
  AccountLimits,
  FreeOfTotal,
  MaintenanceNotice,
  PartitionFacts,
  ShareFacts,
} from '../../language/directives/cluster-facts.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { TreeNode } from '../jobs/tree-node.ts';
import { fieldLine, inlineCode, joinLines } from '../text/markdown.ts';
import { clockTime, duration, fullTime } from '../text/time.ts';
import { rowNode } from './row-node.ts';

export function maintenanceNode(cluster: string, notice: MaintenanceNotice, now: Timestamp): TreeNode {
  const { name, start, end, nodes, isWholeCluster } = notice;
  const when =
    start <= now
      ? l10n.t('until {0}', clockTime(end, now))
      : l10n.t('in {0}, for {1}', duration(start - now), duration(end - start));
  return rowNode(cluster, `maintenance:${name}`, {
    label: start <= now ? l10n.t('Under maintenance') : l10n.t('Maintenance'),
    description: [when, isWholeCluster ? l10n.t('all nodes') : nodes].join(' · '),
    icon: 'tools',
    color: 'charts.yellow',
    tooltip: () =>
      joinLines([
        fieldLine(l10n.t('Reservation'), name),
        fieldLine(l10n.t('From'), fullTime(start)),
        fieldLine(l10n.t('To'), fullTime(end)),
        fieldLine(l10n.t('Nodes'), nodes),
        start > now ? l10n.t('A job whose time limit reaches into it does not start before.') : undefined,
      ]),
  });
}

export function partitionNode(cluster: string, partition: PartitionFacts): TreeNode {
  const { name, isDefault, state, timeLimitSeconds, nodes, cpus, gpus } = partition;
  const isUp = state === 'up';
  const words = [
    isUp ? undefined : state,
    freeWords(nodes, cpus, gpus),
    timeLimitSeconds === null
      ? l10n.t('no time limit')
      : timeLimitSeconds && l10n.t('up to {0}', duration(timeLimitSeconds)),
    isDefault ? l10n.t('default') : undefined,
  ];
  return rowNode(cluster, `partition:${name}`, {
    label: name,
    description: words.filter(Boolean).join(' · '),
    icon: isUp ? 'server' : 'circle-slash',
    ...(isUp && nodes && nodes.free > 0 ? { color: 'charts.green' } : isUp ? {} : { color: 'charts.orange' }),
    tooltip: () => partitionTooltip(partition),
  });
}

/** `3/4 nodes, 15/16 CPUs, 7/8 GPUs free`. */
function freeWords(...[nodes, cpus, gpus]: readonly (FreeOfTotal | undefined)[]): string {
  const of = ({ free, total }: FreeOfTotal) => `${free}/${total}`;
  const words = [
    nodes && l10n.t('{0} nodes', of(nodes)),
    cpus && l10n.t('{0} CPUs', of(cpus)),
    gpus && l10n.t('{0} GPUs', of(gpus)),
  ].filter((word) => word);
  return words.length === 0 ? '' : l10n.t('{0} free', words.join(', '));
}

function partitionTooltip(partition: PartitionFacts): string {
  const { name, state, defaultTimeSeconds, cpusPerNode, memoryMebibytesPerNode, maxNodes, features, gres } = partition;
  const lines = [
    fieldLine(l10n.t('State'), state),
    fieldLine(l10n.t('Time without --time'), defaultTimeSeconds ? duration(defaultTimeSeconds) : undefined),
    fieldLine(l10n.t('CPUs of a node'), cpusPerNode),
    fieldLine(
      l10n.t('Memory of a node'),
      memoryMebibytesPerNode && l10n.t('{0} GiB', Math.floor(memoryMebibytesPerNode / 1024)),
    ),
    fieldLine(l10n.t('Nodes of a job at most'), maxNodes ?? undefined),
    fieldLine(l10n.t('Generic resources of a node'), gres?.join(', ') || undefined),
    fieldLine(l10n.t('Features'), features?.join(', ') || undefined),
    fieldLine(l10n.t('Accounts'), partition.allowAccounts?.join(', ')),
    fieldLine(l10n.t('QOS'), partition.allowQos?.join(', ')),
  ];
  return `**${l10n.t('Partition')}** ${inlineCode(name)}\n\n${joinLines(lines)}`;
}

export function accountNode(
  cluster: string,
  { name, qos, limits = [] }: AccountFacts,
  defaultAccount: string | undefined,
  shares: readonly ShareFacts[] | undefined,
): TreeNode {
  const share = shares?.find(({ account }) => account === name);
  const words = [
    share?.fairShare === undefined ? undefined : l10n.t('fair share {0}', share.fairShare.toFixed(2)),
    qos.length > 0 ? l10n.t('QOS {0}', qos.join(', ')) : undefined,
    limits.length === 0 ? l10n.t('no limits of its own') : undefined,
    name === defaultAccount ? l10n.t('default') : undefined,
  ];
  const row = rowNode(cluster, `account:${name}`, {
    label: l10n.t('Account {0}', name),
    description: words.filter((word) => word !== undefined).join(' · '),
    icon: 'account',
  });
  const hasMore = limits.length > 0 || share !== undefined;
  return { ...row, subject: { kind: 'account', cluster, account: name }, expansion: hasMore ? 'collapsed' : 'none' };
}

/** What is under an account: its share, then each limit. */
export function limitNodes(
  cluster: string,
  { name, limits = [] }: AccountFacts,
  shares: readonly ShareFacts[] | undefined,
): readonly TreeNode[] {
  const row = (id: string, label: string, description: string, icon = 'dashboard') =>
    rowNode(cluster, `account:${name}:${id}`, { label, description, icon });
  const share = shares?.find(({ account }) => account === name);
  const rows = share ? [row('share', l10n.t('Fair share'), shareWords(share), 'graph')] : [];
  for (const one of limits) {
    const where = (label: string) =>
      one.partition === undefined ? label : l10n.t('{0} (partition {1})', label, one.partition);
    for (const [label, value] of limitWords(one)) {
      rows.push(row(`${one.partition ?? ''}:${label}`, where(label), value));
    }
  }
  return rows;
}

/** `0.87: used 12.0 % of the cluster of late, promised 14.3 %`. */
function shareWords({ share, usage, fairShare }: ShareFacts): string {
  const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
  const parts = [
    usage === undefined ? undefined : l10n.t('{0} used of late', percent(usage)),
    share === undefined ? undefined : l10n.t('{0} promised', percent(share)),
  ].filter((part) => part !== undefined);
  return [fairShare?.toFixed(2), parts.join(', ')].filter((part) => part).join(': ');
}

function limitWords(limits: AccountLimits): readonly (readonly [label: string, value: string])[] {
  const { maxJobs, maxSubmitted, maxWallSeconds, groupJobs, groupSubmitted } = limits;
  const words: readonly (readonly [string, string | number | undefined])[] = [
    [l10n.t('Running jobs at most'), maxJobs],
    [l10n.t('Jobs that wait or run at most'), maxSubmitted],
    [l10n.t('Time limit of a job at most'), maxWallSeconds === undefined ? undefined : duration(maxWallSeconds)],
    [l10n.t('A job has at most'), limits.maxResourcesPerJob],
    [l10n.t('Running jobs of all at most'), groupJobs],
    [l10n.t('Jobs of all that wait or run at most'), groupSubmitted],
    [l10n.t('All jobs together have at most'), limits.groupResources],
    [l10n.t('Budget, in minutes'), limits.groupResourceMinutes],
  ];
  return words.flatMap(([label, value]) => (value === undefined ? [] : [[label, String(value)] as const]));
}
