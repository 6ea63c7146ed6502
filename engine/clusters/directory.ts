/** The clusters there are: this machine, those of the settings, and the hosts of the SSH configuration. */
import type { ClusterInfo, ClusterSettings } from '../protocol.ts';
import { listSshHosts } from './ssh-config.ts';

export interface ClusterEntry {
  readonly name: string;
  readonly kind: ClusterInfo['kind'];
  readonly source: ClusterInfo['source'];
  /** What to connect by; a host without settings is its name. */
  readonly settings: ClusterSettings;
}

export interface ClusterDirectory {
  /** In the order to show them. No two have the same name. */
  readonly clusters: readonly ClusterEntry[];
  /** Why the SSH configuration could not be read, for people. */
  readonly problem?: string;
}

/** The name of this machine itself. */
export const localClusterName = 'local';

/**
 * `local` first, then the settings, then the hosts of `configFile`. A name that both have is one cluster, connected to
 * as the configuration says, with what the settings say on top.
 */
export async function listClusters(
  settings: readonly ClusterSettings[],
  configFile: string,
): Promise<ClusterDirectory> {
  try {
    return { clusters: mergeClusters(settings, await listSshHosts(configFile)) };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return {
      clusters: mergeClusters(settings, []),
      problem: `The SSH configuration ${configFile} cannot be read: ${words}`,
    };
  }
}

export function mergeClusters(
  settings: readonly ClusterSettings[],
  sshHosts: readonly string[],
): readonly ClusterEntry[] {
  const entries = new Map<string, ClusterEntry>();
  const ownLocal = settings.find(({ name }) => name === localClusterName);
  entries.set(localClusterName, {
    name: localClusterName,
    kind: 'local',
    source: 'built-in',
    settings: { ...ownLocal, name: localClusterName },
  });
  for (const cluster of settings) {
    if (cluster.name === localClusterName) continue;
    const isSsh = cluster.host !== undefined || sshHosts.includes(cluster.name);
    entries.set(cluster.name, {
      name: cluster.name,
      kind: isSsh ? 'ssh' : 'local',
      source: 'settings',
      settings: cluster,
    });
  }
  for (const name of sshHosts) {
    if (!entries.has(name)) entries.set(name, { name, kind: 'ssh', source: 'ssh-config', settings: { name } });
  }
  return [...entries.values()];
}
