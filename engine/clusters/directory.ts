/** The clusters there are: this machine, those of the settings, and the hosts of the SSH configuration. */
import type { ClusterInfo, ClusterSettings } from '../protocol.ts';
import { messageOf } from './showable.ts';
import { listSshHosts, localContext, type SshHost } from './ssh-config.ts';
import type { LocalContext } from './ssh-target.ts';

/** A ClusterInfo as far as it is known without connecting, and what to connect by. */
export interface ClusterEntry extends Pick<ClusterInfo, 'name' | 'kind' | 'source' | 'address' | 'ssh'> {
  readonly settings: ClusterSettings;
}

/** The name of this machine itself. */
export const localClusterName = 'local';

/**
 * `local` first, then the settings, then the hosts of `configFile`; no two have the same name. A file that cannot be
 * read goes to `onProblem`, in words for people, and counts as empty: the other clusters are still there.
 */
export async function listClusters(
  settings: readonly ClusterSettings[],
  configFile: string,
  environment: LocalContext['environment'],
  onProblem: (message: string) => void = (message) => {
    throw new Error(message);
  },
): Promise<readonly ClusterEntry[]> {
  const sshHosts = await listSshHosts(configFile, localContext(environment)).catch(
    (error: unknown): readonly SshHost[] => {
      onProblem(`The SSH configuration ${configFile} cannot be read: ${messageOf(error)}`);
      return [];
    },
  );
  return mergeClusters(settings, sshHosts);
}

/** A name that both have is one cluster, connected to as the configuration says, with what the settings say on top. */
export function mergeClusters(
  settings: readonly ClusterSettings[],
  sshHosts: readonly SshHost[],
): readonly ClusterEntry[] {
  const ownLocal = settings.find(({ name }) => name === localClusterName);
  const local: ClusterEntry = {
    name: localClusterName,
    kind: 'local',
    source: 'built-in',
    settings: { ...withoutHost(ownLocal), name: localClusterName },
  };
  const entries = new Map([[local.name, local]]);
  for (const cluster of settings) {
    if (!entries.has(cluster.name)) entries.set(cluster.name, entryOf(cluster, sshHosts));
  }
  for (const { alias: name, address } of sshHosts) {
    if (!entries.has(name))
      entries.set(name, { name, kind: 'ssh', source: 'ssh-config', address, ssh: { host: name }, settings: { name } });
  }
  return [...entries.values()];
}

function entryOf(settings: ClusterSettings, sshHosts: readonly SshHost[]): ClusterEntry {
  const { name, host, user, port } = settings;
  const alias = sshHosts.find((one) => one.alias === (host ?? name));
  if (host === undefined && !alias) return { name, kind: 'local', source: 'settings', settings };
  const address =
    user === undefined && port === undefined && alias
      ? alias.address
      : `${user ? `${user}@` : ''}${host ?? name}${port ? `:${port}` : ''}`;
  const ssh = { host: host ?? name, ...(user !== undefined && { user }), ...(port !== undefined && { port }) };
  return { name, kind: 'ssh', source: 'settings', address, ssh, settings };
}

/** `local` is this machine whatever the settings say; their other options (scheduler, workdir) count. */
function withoutHost(settings: ClusterSettings | undefined): Partial<ClusterSettings> {
  const { host: _host, user: _user, port: _port, identityFile: _identityFile, ...rest } = settings ?? {};
  return rest;
}
