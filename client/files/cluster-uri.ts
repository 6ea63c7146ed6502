/** Addresses of the files of clusters, `vigil-files://CLUSTER/PATH`, and of hosts for Remote-SSH. Pure. */
import type { FileAddress } from '../../engine/protocol/file-system.ts';
import type { ClusterInfo } from '../../engine/protocol.ts';

export const clusterScheme = 'vigil-files';

export interface ClusterUri {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
}

/** @param path absolute on the cluster */
export function clusterUri({ cluster, path }: FileAddress): ClusterUri {
  return { scheme: clusterScheme, authority: authorityOf(cluster), path };
}

/** The inverse; `undefined` for an address that is not one of ours. */
export function parseClusterUri({ scheme, authority, path }: ClusterUri): FileAddress | undefined {
  const cluster = clusterOf(authority);
  if (scheme !== clusterScheme || cluster === undefined) return undefined;
  return { cluster, path: path === '' ? '/' : path };
}

/** VS Code writes authorities in small letters, and gives some characters a meaning: those are `~` and two hexadecimal digits a byte. */
function authorityOf(cluster: string): string {
  const bytes = Array.from(new TextEncoder().encode(cluster), (byte) => {
    const character = String.fromCharCode(byte);
    return /[a-z0-9._-]/.test(character) ? character : `~${byte.toString(16).padStart(2, '0')}`;
  });
  return bytes.join('');
}

function clusterOf(authority: string): string | undefined {
  if (!/^(?:[a-z0-9._-]|~[0-9a-f]{2})+$/.test(authority)) return undefined;
  const parts = authority.match(/~..|./g) ?? [];
  const bytes = parts.map((part) => (part.startsWith('~') ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0)));
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** What Remote-SSH takes a host by: its name, or, with what VS Code would change in it or a port, JSON in hexadecimal digits. */
export function remoteSshAuthority({ name, ssh }: Pick<ClusterInfo, 'name' | 'ssh'>): string {
  const { host, user, port } = ssh ?? { host: name };
  const isPlain = user === undefined && port === undefined && /^[a-z0-9._-]+$/.test(host);
  if (isPlain) return `ssh-remote+${host}`;
  const json = JSON.stringify({ hostName: host, user, port });
  const digits = Array.from(new TextEncoder().encode(json), (byte) => byte.toString(16).padStart(2, '0'));
  return `ssh-remote+${digits.join('')}`;
}
