/** Which working directory is proposed for a job. */
import { posix, win32 } from 'node:path';
import type { FileAddress } from '../../engine/protocol/file-system.ts';
import type { ClusterInfo, ClusterSettings } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';

/**
 * What was used last for this script on this cluster; else the folder of a script that is on this very cluster; else on this machine the script's folder, on another machine the
 * directory of `vigil.clusters`, else the home directory.
 * @param scriptPath path of the file on this machine, absent for a document that was never saved
 * @param onCluster where the file is, if it is one of a cluster
 */
export function defaultWorkdir(
  cluster: ClusterInfo,
  scriptPath: string | undefined,
  settings: readonly ClusterSettings[],
  lastUsed: string | undefined,
  onCluster?: FileAddress,
): string {
  if (lastUsed !== undefined) return lastUsed;
  if (onCluster?.cluster === cluster.name) return posix.dirname(onCluster.path);
  const configured = settings.find((item) => item.name === cluster.name)?.workdir;
  if (configured !== undefined) return configured;
  if (cluster.kind === 'ssh' || scriptPath === undefined) return '~';
  return (scriptPath.includes('\\') ? win32 : posix).dirname(scriptPath);
}

/** Why `workdir` cannot be one; `undefined`: it can. */
export function checkWorkdir(workdir: string): string | undefined {
  const text = workdir.trim();
  if (text === '') return l10n.t('Name a directory; ~ is the home directory on the cluster.');
  const absolute = text === '~' || text.startsWith('~/') || text.startsWith('/') || win32.isAbsolute(text);
  return absolute
    ? undefined
    : l10n.t('Begin with / or ~: a relative path would depend on where Vigil happens to run.');
}
