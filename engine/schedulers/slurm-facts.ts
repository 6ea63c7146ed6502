/** Asks Slurm about the cluster itself: its partitions, this user's accounts, the limits, the options of sbatch. */
import type { ClusterFacts, PartitionFacts } from '../../language/directives/cluster-facts.ts';
import type { ExecResult } from '../clusters/connection.ts';
import { inBatches } from './batches.ts';
import {
  associationFormat,
  parseAssociations,
  parseConfig,
  parseHelp,
  parsePartitions,
  parseQos,
  parseSinfo,
  qosFormat,
  sinfoFormat,
} from './slurm-facts-parse.ts';
import { parseGpus, parseMaintenance, parseShares, shareFormat, sinfoGresFormat } from './slurm-overview-parse.ts';

export interface SlurmFactsRequest {
  readonly cluster: string;
  readonly version: string;
  readonly user: string;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly exec: (argv: readonly string[]) => Promise<ExecResult>;
}

type Part = Partial<ClusterFacts>;

/** A command of Slurm, and what its output is. */
interface Question {
  readonly part: string;
  readonly argv: readonly string[];
  readonly read: (stdout: string) => Part;
}

/** What is asked; what is told of single partitions goes to `byPartition`. */
function questionsOf(user: string, byPartition: Map<string, Partial<PartitionFacts>>): readonly Question[] {
  const sacctmgr = (...argv: string[]) => ['sacctmgr', '--noheader', '--parsable2', '--readonly', 'show', ...argv];
  const addToPartition = (name: string, facts: Partial<PartitionFacts>) =>
    byPartition.set(name, { ...byPartition.get(name), ...facts });
  return [
    {
      part: 'partitions',
      argv: ['sinfo', '--noheader', '--format', sinfoFormat],
      read: (stdout) => ({ partitions: parseSinfo(stdout) }),
    },
    {
      part: 'GPUs',
      argv: ['sinfo', '--noheader', `--Format=${sinfoGresFormat}`],
      read: (stdout) => {
        for (const [name, gpus] of parseGpus(stdout)) addToPartition(name, { gpus });
        return {};
      },
    },
    {
      part: 'limits of partitions',
      argv: ['scontrol', '--oneliner', 'show', 'partition'],
      read: (stdout) => {
        for (const [name, facts] of parsePartitions(stdout)) addToPartition(name, facts);
        return {};
      },
    },
    {
      part: 'accounts',
      argv: sacctmgr('assoc', `user=${user}`, `format=${associationFormat}`),
      read: (stdout) => ({ accounts: parseAssociations(stdout) }),
    },
    {
      part: 'default account',
      argv: sacctmgr('user', user, 'format=defaultaccount'),
      read: (stdout) => (stdout.trim() === '' ? {} : { defaultAccount: stdout.trim() }),
    },
    { part: 'QOS', argv: sacctmgr('qos', `format=${qosFormat}`), read: (stdout) => ({ qos: parseQos(stdout) }) },
    {
      part: 'fair share',
      argv: ['sshare', '--noheader', '--parsable2', `--users=${user}`, `--format=${shareFormat}`],
      read: (stdout) => ({ shares: parseShares(stdout) }),
    },
    {
      part: 'maintenance',
      argv: ['scontrol', '--oneliner', 'show', 'reservation'],
      read: (stdout) => ({ maintenance: parseMaintenance(stdout) }),
    },
    { part: 'limits', argv: ['scontrol', 'show', 'config'], read: (stdout) => ({ limits: parseConfig(stdout) }) },
    { part: 'options', argv: ['sbatch', '--help'], read: (stdout) => ({ options: parseHelp(stdout) }) },
  ];
}

/** Ten commands, four at a time; what one of them cannot tell is missing, the rest is there. Rejects when the connection breaks. */
export async function gatherSlurmFacts({
  cluster,
  version,
  user,
  now,
  exec,
}: SlurmFactsRequest): Promise<ClusterFacts> {
  const shown = new Map<string, Partial<PartitionFacts>>();
  const missing: { part: string; reason: string }[] = [];
  const parts = await inBatches(questionsOf(user, shown), async ({ part, argv, read }): Promise<Part> => {
    const result = await exec(argv);
    if (result.status === 0) return read(result.stdout);
    const words = result.stderr.trim() || result.stdout.trim() || `status ${result.status ?? result.signal}`;
    missing.push({ part, reason: `${argv[0]}: ${words}` });
    return {};
  });
  const facts: Part = Object.assign({}, ...parts);
  // Without accounting sacctmgr is content and prints nothing: nobody has accounts then.
  const { accounts, partitions, shares, ...rest } = facts;
  return {
    ...rest,
    ...(partitions && { partitions: partitions.map((one) => ({ ...one, ...shown.get(one.name) })) }),
    ...(accounts && accounts.length > 0 && { accounts }),
    ...(shares && shares.length > 0 && { shares }),
    cluster,
    scheduler: 'slurm',
    version,
    gathered: now,
    ...(missing.length > 0 && { missing }),
  };
}
