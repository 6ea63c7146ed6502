/** The list of clusters to pick from: the one that was used last, then this machine, then the others by name. */
import type { ClusterInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { plainLine } from '../text/plain-text.ts';

export interface ClusterChoice {
  readonly label: string;
  readonly description: string;
  readonly detail?: string;
  readonly cluster: ClusterInfo;
}

const sources = {
  'ssh-config': l10n.t('SSH configuration'),
  settings: 'vigil.clusters',
  'built-in': l10n.t('this machine'),
} as const;

export function clusterChoices(
  clusters: readonly ClusterInfo[],
  lastUsed: string | undefined,
): readonly ClusterChoice[] {
  const rank = (cluster: ClusterInfo) => (cluster.name === lastUsed ? 0 : cluster.kind === 'local' ? 1 : 2);
  return [...clusters]
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, 'en', { numeric: true }))
    .map(choice);
}

function choice(cluster: ClusterInfo): ClusterChoice {
  const where = cluster.address ?? sources[cluster.source];
  const state = cluster.state === 'idle' || cluster.kind === 'local' ? undefined : cluster.state;
  return {
    label: `$(${cluster.kind === 'local' ? 'device-desktop' : 'remote'}) ${plainLine(cluster.name, 80)}`,
    description: [where, schedulerName(cluster), state]
      .filter((part) => part !== undefined)
      .map((part) => plainLine(part, 100))
      .join(' · '),
    ...(cluster.state === 'offline' && cluster.detail !== undefined && { detail: plainLine(cluster.detail, 200) }),
    cluster,
  };
}

function schedulerName(cluster: ClusterInfo): string | undefined {
  if (cluster.scheduler === 'slurm') return 'Slurm';
  if (cluster.scheduler === 'flux') return 'Flux';
  return cluster.scheduler === 'local' ? l10n.t('no scheduler: runs as a process') : undefined;
}
