/** What a resubmit changes (section 8): options of the scheduler on its command line, everything else as environment variables. */
import type { ClusterFacts, PartitionFacts } from '../../language/directives/cluster-facts.ts';
import { findLongOption, findShortOption } from '../../language/directives/option-lookup.ts';
import { slurmOptionAliases } from '../../language/directives/slurm-options.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import type { JsonValue } from '../protocol.ts';
import { commandOptions } from '../schedulers/command-options.ts';
import type { ActionHost } from './action.ts';
import { isLoaderName, isLoaderOption } from './plain-word.ts';
import { type Cap, isRelative, relativeValue } from './relative-value.ts';

export interface Modifications {
  readonly options: readonly string[];
  readonly env: { readonly [name: string]: string };
  /** What was capped, for people. */
  readonly notes: readonly string[];
}

/**
 * The problem as text where one stands against it. `isPrinted`: does the value of this key hold what a job printed? Rejects
 * as `ActionHost.requested` and `clusterFacts` do.
 */
export async function readModifications(
  written: JsonValue,
  host: ActionHost,
  isPrinted: (key: string) => boolean,
): Promise<Modifications | string> {
  if (written === null || typeof written !== 'object' || Array.isArray(written))
    return 'modifications must be a map such as {"mem": "32G"}';
  const changed = new Map<string, string>();
  const env: { [name: string]: string } = {};
  for (const [key, value] of Object.entries(written)) {
    if (value === null || typeof value === 'object') return `the modification ${key} must be a text or a number`;
    const text = String(value).replaceAll('\0', '\ufffd');
    const option = optionNamed(key);
    const decides = option === undefined ? isLoaderName(key.replaceAll('-', '_')) : isLoaderOption(option);
    if (decides && isPrinted(key))
      return `the modification ${key} decides what runs: it may not hold what a job printed`;
    if (option !== undefined) changed.set(option, text);
    else {
      const name = key.toUpperCase().replaceAll('-', '_');
      if (!/^[A-Z_][A-Z0-9_]*$/.test(name))
        return `${JSON.stringify(key)} is neither an option nor the name of a variable`;
      env[name] = text;
    }
  }
  const notes: string[] = [];
  if ([...changed.values()].some(isRelative)) {
    const problem = await resolve(changed, host, notes);
    if (problem) return problem;
  }
  return {
    options: [...changed].map(([name, value]) => (value === '' ? `--${name}` : `--${name}=${value}`)),
    env,
    notes,
  };
}

/** Puts absolute values in the place of relative ones. */
async function resolve(changed: Map<string, string>, host: ActionHost, notes: string[]): Promise<string | undefined> {
  const submitted = commandOptions(parseScript(host.script()), host.job.options);
  const requested = await host.requested();
  const facts = await host.clusterFacts();
  const wanted = changed.get('partition') ?? submitted.get('partition') ?? host.job.partition;
  const partition = partitionOf(facts, wanted);
  for (const [option, change] of changed) {
    if (!isRelative(change)) continue;
    const base = submitted.get(option) || requested[option];
    if (!base)
      return `${option} cannot be changed by ${change.trim()}: neither the script nor the scheduler says what it was`;
    const cap = partition && capOf(option, partition);
    const value = relativeValue(option, base, change, cap, (most) => {
      notes.push(`${option} ${base} ${change.trim()} is capped at ${most} by ${cap?.by ?? 'the partition'}`);
    });
    if (value.problem !== undefined) return value.problem;
    changed.set(option, value.value);
  }
  return undefined;
}

/** Of several partitions, comma-separated, the first that is known. */
function partitionOf(facts: ClusterFacts | undefined, names: string | undefined): PartitionFacts | undefined {
  const known = facts?.partitions ?? [];
  if (!names) return known.find((partition) => partition.isDefault);
  const wanted = names.split(',');
  return known.find((partition) => wanted.includes(partition.name));
}

function capOf(option: string, partition: PartitionFacts): Cap | undefined {
  const { timeLimitSeconds, maxNodes, cpusPerNode, memoryMebibytesPerNode, maxMemoryMebibytesPerNode } = partition;
  const most =
    option === 'time'
      ? timeLimitSeconds
      : option === 'mem'
        ? (maxMemoryMebibytesPerNode ?? memoryMebibytesPerNode)
        : option === 'nodes'
          ? maxNodes
          : option === 'cpus-per-task'
            ? cpusPerNode
            : undefined;
  return most === undefined || most === null ? undefined : { most, by: `partition ${partition.name}` };
}

/** The long name of the scheduler's option that `key` names in full, long (`cpus_per_task` too) or short (`c`). */
function optionNamed(key: string): string | undefined {
  const bare = key.replace(/^--?/, '');
  if (bare.length === 1) return findShortOption(bare)?.name;
  const name = bare.replaceAll('_', '-');
  const found = findLongOption(name)?.name;
  // An abbreviation is no option here: `image` may well be a variable of the script's.
  return found === name || (found !== undefined && slurmOptionAliases[name] === found) ? found : undefined;
}
