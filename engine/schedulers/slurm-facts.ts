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

/** Six commands, four at a time; what one of them cannot tell is missing, the rest is there. Rejects when the connection breaks. */
export async function gatherSlurmFacts({
  cluster,
  version,
  user,
  now,
  exec,
}: SlurmFactsRequest): Promise<ClusterFacts> {
  const sacctmgr = (...argv: string[]) => ['sacctmgr', '--noheader', '--parsable2', '--readonly', 'show', ...argv];
  const shown = new Map<string, Partial<PartitionFacts>>();
  const questions: readonly Question[] = [
    {
      part: 'partitions',
      argv: ['sinfo', '--noheader', '--format', sinfoFormat],
      read: (stdout) => ({ partitions: parseSinfo(stdout) }),
    },
    {
      part: 'limits of partitions',
      argv: ['scontrol', '--oneliner', 'show', 'partition'],
      read: (stdout) => {
        for (const [name, facts] of parsePartitions(stdout)) shown.set(name, facts);
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
    {
      part: 'QOS',
      argv: sacctmgr('qos', `format=${qosFormat}`),
      read: (stdout) => ({ qos: parseQos(stdout) }),
    },
    { part: 'limits', argv: ['scontrol', 'show', 'config'], read: (stdout) => ({ limits: parseConfig(stdout) }) },
    { part: 'options', argv: ['sbatch', '--help'], read: (stdout) => ({ options: parseHelp(stdout) }) },
  ];
  const missing: { part: string; reason: string }[] = [];
  const parts = await inBatches(questions, async ({ part, argv, read }): Promise<Part> => {
    const result = await exec(argv);
    if (result.status === 0) return read(result.stdout);
    const words = result.stderr.trim() || result.stdout.trim() || `status ${result.status ?? result.signal}`;
    missing.push({ part, reason: `${argv[0]}: ${words}` });
    return {};
  });
  const facts: Part = Object.assign({}, ...parts);
  // Without accounting sacctmgr is content and prints nothing: nobody has accounts then.
  const { accounts, partitions, ...rest } = facts;
  return {
    ...rest,
    ...(partitions && { partitions: partitions.map((one) => ({ ...one, ...shown.get(one.name) })) }),
    ...(accounts && accounts.length > 0 && { accounts }),
    cluster,
    scheduler: 'slurm',
    version,
    gathered: now,
    ...(missing.length > 0 && { missing }),
  };
}
