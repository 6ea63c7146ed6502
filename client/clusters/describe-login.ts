/** How a cluster is connected, in words. Pure. */
import type { ClusterInfo } from '../../engine/protocol.ts';

const transports = { ssh2: 'SSH', openssh: 'your ssh program', local: 'this machine' } as const;

/** `as me at me@host:22, by SSH: publickey (~/.ssh/id_ed25519)`. */
export function describeLogin({ user, address, connection }: ClusterInfo): string {
  const by = connection ? `by ${transports[connection.transport]}` : undefined;
  const methods = connection?.authentication?.join(', ');
  const where = [user && `as ${user}`, address && `at ${address}`, by].filter(Boolean).join(' ');
  return methods ? `${where}: ${methods}` : where;
}
