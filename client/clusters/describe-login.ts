/** How a cluster is connected, in words. Pure. */
import type { ClusterInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';

const transports = { ssh2: 'SSH', openssh: l10n.t('your ssh program'), local: l10n.t('this machine') } as const;

/** `as me at me@host:22, by SSH: publickey (~/.ssh/id_ed25519)`. */
export function describeLogin({ user, address, connection }: ClusterInfo): string {
  const by = connection ? l10n.t('by {0}', transports[connection.transport]) : undefined;
  const methods = connection?.authentication?.join(', ');
  const where = [user && l10n.t('as {0}', user), address && l10n.t('at {0}', address), by].filter(Boolean).join(' ');
  return methods ? `${where}: ${methods}` : where;
}
