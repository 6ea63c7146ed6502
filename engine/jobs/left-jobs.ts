/** Where engines share a store: what none of them follows is taken over by one that knows its cluster. */
import type { ClusterEntry } from '../clusters/directory.ts';
import type { Logger } from '../logger.ts';
import type { Ownership } from '../store/ownership.ts';

/** The clusters of which something was taken. */
export async function takeOverLeftJobs(
  ownership: Ownership,
  knownClusters: () => Promise<readonly ClusterEntry[]>,
  log: Logger,
): Promise<readonly string[]> {
  const taken: string[] = [];
  const left = ownership.leftClusters();
  if (left.length === 0) return taken;
  for (const { name, kind, settings } of await knownClusters()) {
    if (!left.includes(name)) continue;
    // Processes of a machine, and their records, are nobody else's.
    const onlyHere = kind === 'local' && settings.scheduler === 'local';
    const count = ownership.takeOver(name, onlyHere);
    if (count === 0) continue;
    taken.push(name);
    log.info(`${count} jobs or submissions on ${name} that no engine had are this one's now`);
  }
  return taken;
}
