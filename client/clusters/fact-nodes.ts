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
import type { TreeNode } from '../jobs/tree-node.ts';
import { fieldLine, inlineCode, joinLines } from '../text/markdown.ts';
import { clockTime, duration, fullTime } from '../text/time.ts';
import { rowNode } from './row-node.ts';

export function maintenanceNode(cluster: string, notice: MaintenanceNotice, now: Timestamp): TreeNode {
  const { name, start, end, nodes, isWholeCluster } = notice;
  const when =
    start <= now ? `until ${clockTime(end, now)}` : `in ${duration(start - now)}, for ${duration(end - start)}`;
  return rowNode(cluster, `maintenance:${name}`, {
    label: start <= now ? 'Under maintenance' : 'Maintenance',
    description: [when, isWholeCluster ? 'all nodes' : nodes].join(' · '),
    icon: 'tools',
    color: 'charts.yellow',
    tooltip: () =>
      joinLines([
        fieldLine('Reservation', name),
        fieldLine('From', fullTime(start)),
        fieldLine('To', fullTime(end)),
        fieldLine('Nodes', nodes),
        start > now ? 'A job whose time limit reaches into it does not start before.' : undefined,
      ]),
  });
}

export function partitionNode(cluster: string, partition: PartitionFacts): TreeNode {
  const { name, isDefault, state, timeLimitSeconds, nodes, cpus, gpus } = partition;
  const isUp = state === 'up';
  const words = [
    isUp ? undefined : state,
    freeWords(nodes, cpus, gpus),
    timeLimitSeconds === null ? 'no time limit' : timeLimitSeconds && `up to ${duration(timeLimitSeconds)}`,
    isDefault ? 'default' : undefined,
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
  const counted = (count: FreeOfTotal | undefined, what: string) => count && `${count.free}/${count.total} ${what}`;
  const words = [counted(nodes, 'nodes'), counted(cpus, 'CPUs'), counted(gpus, 'GPUs')].filter((word) => word);
  return words.length === 0 ? '' : `${words.join(', ')} free`;
}

function partitionTooltip(partition: PartitionFacts): string {
  const { name, state, defaultTimeSeconds, cpusPerNode, memoryMebibytesPerNode, maxNodes, features, gres } = partition;
  const lines = [
    fieldLine('State', state),
    fieldLine('Time without --time', defaultTimeSeconds ? duration(defaultTimeSeconds) : undefined),
    fieldLine('CPUs of a node', cpusPerNode),
    fieldLine('Memory of a node', memoryMebibytesPerNode && `${Math.floor(memoryMebibytesPerNode / 1024)} GiB`),
    fieldLine('Nodes of a job at most', maxNodes ?? undefined),
    fieldLine('Generic resources of a node', gres?.join(', ') || undefined),
    fieldLine('Features', features?.join(', ') || undefined),
    fieldLine('Accounts', partition.allowAccounts?.join(', ')),
    fieldLine('QOS', partition.allowQos?.join(', ')),
  ];
  return `**Partition** ${inlineCode(name)}\n\n${joinLines(lines)}`;
}

export function accountNode(
  cluster: string,
  { name, qos, limits = [] }: AccountFacts,
  defaultAccount: string | undefined,
  shares: readonly ShareFacts[] | undefined,
): TreeNode {
  const share = shares?.find(({ account }) => account === name);
  const words = [
    share?.fairShare === undefined ? undefined : `fair share ${share.fairShare.toFixed(2)}`,
    qos.length > 0 ? `QOS ${qos.join(', ')}` : undefined,
    limits.length === 0 ? 'no limits of its own' : undefined,
    name === defaultAccount ? 'default' : undefined,
  ];
  const row = rowNode(cluster, `account:${name}`, {
    label: `Account ${name}`,
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
  const rows = share ? [row('share', 'Fair share', shareWords(share), 'graph')] : [];
  for (const one of limits) {
    const where = one.partition === undefined ? '' : ` (partition ${one.partition})`;
    for (const [label, value] of limitWords(one)) {
      rows.push(row(`${one.partition ?? ''}:${label}`, `${label}${where}`, value));
    }
  }
  return rows;
}

/** `0.87: used 12.0 % of the cluster of late, promised 14.3 %`. */
function shareWords({ share, usage, fairShare }: ShareFacts): string {
  const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
  const parts = [
    usage === undefined ? undefined : `${percent(usage)} used of late`,
    share === undefined ? undefined : `${percent(share)} promised`,
  ].filter((part) => part !== undefined);
  return [fairShare?.toFixed(2), parts.join(', ')].filter((part) => part).join(': ');
}

function limitWords(limits: AccountLimits): readonly (readonly [label: string, value: string])[] {
  const { maxJobs, maxSubmitted, maxWallSeconds, groupJobs, groupSubmitted } = limits;
  const words: readonly (readonly [string, string | number | undefined])[] = [
    ['Running jobs at most', maxJobs],
    ['Jobs that wait or run at most', maxSubmitted],
    ['Time limit of a job at most', maxWallSeconds === undefined ? undefined : duration(maxWallSeconds)],
    ['A job has at most', limits.maxResourcesPerJob],
    ['Running jobs of all at most', groupJobs],
    ['Jobs of all that wait or run at most', groupSubmitted],
    ['All jobs together have at most', limits.groupResources],
    ['Budget, in minutes', limits.groupResourceMinutes],
  ];
  return words.flatMap(([label, value]) => (value === undefined ? [] : [[label, String(value)] as const]));
}
