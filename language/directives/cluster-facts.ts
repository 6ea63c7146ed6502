/**
 * What a cluster itself says about its partitions, accounts and limits. Filled by the engine, which asks the scheduler; completion,
 * hover and checks use it where it is there. Every part may be absent: then it is not known, and nothing is concluded from that.
 */

export interface ClusterFacts {
  /** The cluster's name in Vigil. */
  readonly cluster: string;
  readonly scheduler: 'slurm' | 'flux';
  /** For people, e.g. `Slurm 22.05.8`. */
  readonly version?: string;
  /** When the scheduler was asked, in seconds since the epoch. */
  readonly gathered: number;
  readonly partitions?: readonly PartitionFacts[];
  /** Those that this user may charge. */
  readonly accounts?: readonly AccountFacts[];
  readonly defaultAccount?: string;
  /** All of the cluster; which of them an account may use is in `accounts`. */
  readonly qos?: readonly QosFacts[];
  readonly limits?: ClusterLimits;
  /** This user's part in each account, where jobs are ordered by it. */
  readonly shares?: readonly ShareFacts[];
  /** Nodes that will be, or are, taken out for maintenance; the next one first. */
  readonly maintenance?: readonly MaintenanceNotice[];
  /** What `sbatch --help` lists here: options of site plugins are known by it. */
  readonly options?: readonly KnownOption[];
  /** Parts that could not be had, and why. */
  readonly missing?: readonly { readonly part: string; readonly reason: string }[];
}

export interface PartitionFacts {
  readonly name: string;
  readonly isDefault: boolean;
  /** `up`, `down`, `drain`, `inact`. */
  readonly state: string;
  /** Seconds; null: no limit. */
  readonly timeLimitSeconds?: number | null;
  /** What a job without a time limit gets, in seconds; null: the limit. */
  readonly defaultTimeSeconds?: number | null;
  /** Free: idle ones. */
  readonly nodes?: FreeOfTotal;
  readonly cpus?: FreeOfTotal;
  /** Absent: it has none, or they are not told. Free: in nodes that take jobs. */
  readonly gpus?: FreeOfTotal;
  readonly minNodes?: number;
  /** Per job; null: no limit. */
  readonly maxNodes?: number | null;
  /** Of the largest node. */
  readonly cpusPerNode?: number;
  /** Of the largest node. */
  readonly memoryMebibytesPerNode?: number;
  /** A job may ask for so much on a node; null: no limit. */
  readonly maxMemoryMebibytesPerNode?: number | null;
  readonly features?: readonly string[];
  /** As `--gres` takes them, with the greatest count of a node: `gpu:a100:4`. */
  readonly gres?: readonly string[];
  /** Absent: all but the denied ones. */
  readonly allowAccounts?: readonly string[];
  readonly denyAccounts?: readonly string[];
  readonly allowQos?: readonly string[];
  readonly denyQos?: readonly string[];
}

export interface FreeOfTotal {
  readonly free: number;
  readonly total: number;
}

export interface AccountFacts {
  readonly name: string;
  /** Absent: in all partitions. */
  readonly partitions?: readonly string[];
  readonly qos: readonly string[];
  readonly defaultQos?: string;
  /** One for all partitions, and one for each partition that has its own. */
  readonly limits?: readonly AccountLimits[];
}

/** What an association limits, by the meaning of sacctmgr(1). Resources as Slurm writes them: `cpu=12,gres/gpu=4`. */
export interface AccountLimits {
  /** Absent: all of them. */
  readonly partition?: string;
  /** That run at once. */
  readonly maxJobs?: number;
  /** That wait or run at once. */
  readonly maxSubmitted?: number;
  readonly maxWallSeconds?: number;
  readonly maxResourcesPerJob?: string;
  /** All jobs of the association together. */
  readonly groupJobs?: number;
  readonly groupSubmitted?: number;
  readonly groupResources?: string;
  readonly groupResourceMinutes?: string;
}

/** From 0 to 1 each, as sshare(1) has them. */
export interface ShareFacts {
  readonly account: string;
  /** What was promised (NormShares). */
  readonly share?: number;
  /** What was used of late (EffectvUsage). */
  readonly usage?: number;
  /** The factor that the priority of jobs has of it: 1 is best, 0.5 is what was promised. */
  readonly fairShare?: number;
}

export interface MaintenanceNotice {
  /** Of the reservation. */
  readonly name: string;
  /** Seconds since the epoch. */
  readonly start: number;
  readonly end: number;
  /** As Slurm writes them: `n[1-4]`. */
  readonly nodes: string;
  readonly isWholeCluster?: boolean;
}

export interface QosFacts {
  readonly name: string;
  /** Seconds; absent: the partition's. */
  readonly maxWallSeconds?: number;
  readonly description?: string;
}

export interface ClusterLimits {
  /** The index of an array task is less than this. */
  readonly maxArraySize?: number;
  /** A job with an account, or a partition of it, that the user has not is refused; without, it runs. */
  readonly enforcesAccounts?: boolean;
  readonly enforcesQos?: boolean;
  /** A job beyond the partition's limits is refused; without, it waits for ever. */
  readonly enforcesPartitionLimits?: boolean;
  /** Null: no limit. */
  readonly maxMemoryMebibytesPerNode?: number | null;
}

export interface KnownOption {
  /** Long name without dashes. */
  readonly name: string;
  readonly short?: string;
  readonly argument: 'required' | 'optional' | 'none';
  /** The help's own words. */
  readonly doc?: string;
}

/** The notification by which a client gives the language server the facts of the cluster it works with; null: there are none. */
export const clusterFactsMethod = 'vigil/clusterFacts';

export interface ClusterFactsParams {
  readonly facts: ClusterFacts | null;
}
