/** Which clusters there are, and what schedules on those of this machine. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type ClusterEntry, listClusters, localClusterName } from '../clusters/directory.ts';
import type { EngineSettings } from '../protocol.ts';

type Environment = { readonly [name: string]: string | undefined };

/** Clusters that stand for a scheduler of this very machine: it is a login node, or inside an allocation. */
const here = [
  { name: 'slurm', isThere: (environment: Environment) => isInPath('sbatch', environment) },
  // Outside of an instance `flux` has nothing to talk to, unless the system has one.
  { name: 'flux', isThere: (environment: Environment) => isInPath('flux', environment) },
] as const;

/**
 * `local` (processes of this machine, unless the settings say otherwise) always; `slurm` where this machine has
 * sbatch, `flux` where it has flux; the clusters of the settings; the hosts of the SSH configuration. `scheduler` is decided
 * for all that are this machine.
 */
export async function knownClusters(
  settings: EngineSettings,
  environment: Environment,
  onProblem: (message: string) => void,
): Promise<readonly ClusterEntry[]> {
  const listed = await listClusters(settings.clusters, settings.sshConfigFile, environment, onProblem);
  const found = here.filter(({ isThere }) => isThere(environment)).map(({ name }) => name);
  const decided = listed.map((entry) => (entry.kind === 'local' ? withScheduler(entry, found[0]) : entry));
  const more = found
    .filter((name) => !decided.some((entry) => entry.name === name))
    .map((name): ClusterEntry => ({ name, kind: 'local', source: 'built-in', settings: { name, scheduler: name } }));
  const [local, ...others] = decided;
  return local ? [local, ...more, ...others] : more;
}

function withScheduler(entry: ClusterEntry, here: 'slurm' | 'flux' | undefined): ClusterEntry {
  const wished = entry.settings.scheduler ?? 'auto';
  const automatic = here !== undefined && entry.name !== localClusterName ? here : 'local';
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
