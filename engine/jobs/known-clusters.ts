/** Which clusters there are, and what schedules on those of this machine. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type ClusterEntry, listClusters, localClusterName } from '../clusters/directory.ts';
import type { EngineSettings } from '../protocol.ts';

type Environment = { readonly [name: string]: string | undefined };

/** Name of the cluster that stands for the Slurm of this very machine: it is a login node. */
const slurmHere = 'slurm';

/**
 * `local` (processes of this machine, unless the settings say otherwise) always; `slurm` where this machine has
 * sbatch; the clusters of the settings; the hosts of the SSH configuration. `scheduler` is decided for all that are
 * this machine.
 */
export async function knownClusters(
  settings: EngineSettings,
  environment: Environment,
  onProblem: (message: string) => void,
): Promise<readonly ClusterEntry[]> {
  const listed = await listClusters(settings.clusters, settings.sshConfigFile, environment, onProblem);
  const hasSlurm = isInPath('sbatch', environment);
  const decided = listed.map((entry) => (entry.kind === 'local' ? withScheduler(entry, hasSlurm) : entry));
  if (!hasSlurm || decided.some((entry) => entry.name === slurmHere)) return decided;
  const here: ClusterEntry = {
    name: slurmHere,
    kind: 'local',
    source: 'built-in',
    settings: { name: slurmHere, scheduler: 'slurm' },
  };
  const [local, ...others] = decided;
  return local ? [local, here, ...others] : [here];
}

function withScheduler(entry: ClusterEntry, hasSlurm: boolean): ClusterEntry {
  const wished = entry.settings.scheduler ?? 'auto';
  const automatic = hasSlurm && entry.name !== localClusterName ? 'slurm' : 'local';
  return { ...entry, settings: { ...entry.settings, scheduler: wished === 'auto' ? automatic : wished } };
}

function isInPath(program: string, environment: Environment): boolean {
  const folders = (environment.PATH ?? environment.Path ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
