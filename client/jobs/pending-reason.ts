/** Why jobs wait: Slurm's reasons (squeue(1), JOB REASON CODES) in plain words, and those of Flux and `local`, which use the same. */

const reasons: { readonly [code: string]: string } = {
  AccountingPolicy: 'a limit of the account stands against it',
  AssociationJobLimit: 'your account has reached its number of jobs',
  AssociationResourceLimit: 'your account has reached a limit on resources',
  AssociationTimeLimit: 'your account has used up its time',
  BadConstraints: 'no nodes have what it asks for: it cannot start as it is',
  BeginTime: 'the time at which it may begin has not come',
  BurstBufferResources: 'waits for room in the burst buffer',
  BurstBufferStageIn: 'its files are brought to the burst buffer',
  Cleaning: 'it was put back and is still cleaned up from its last run',
  Configuring: 'its nodes are booting',
  DeadLine: 'it cannot end before its deadline any more',
  Dependency: 'waits for other jobs',
  DependencyNeverSatisfied: 'a job that it waits for did not end as it had to: it will never start',
  FrontEndDown: 'no front end node is available',
  Held: 'held by you: release it to let it start',
  InactiveLimit: 'the system’s limit on inactivity was reached',
  InvalidAccount: 'its account is not valid: it cannot start as it is',
  InvalidQOS: 'its QOS is not valid: it cannot start as it is',
  JobArrayTaskLimit: 'as many tasks of its array run as may run at once',
  JobHeldAdmin: 'held by an administrator of the cluster',
  JobHeldUser: 'held by you: release it to let it start',
  JobLaunchFailure: 'it could not be launched: a file system problem or a wrong program name',
  Licenses: 'waits for a licence',
  MaxMemPerLimit: 'asks for more memory per core or node than is allowed',
  NodeDown: 'a node that it needs is down',
  NonZeroExitCode: 'its last run ended with an error',
  PartitionDown: 'its partition is down',
  PartitionInactive: 'its partition starts no jobs at present',
  PartitionNodeLimit: 'asks for more nodes than its partition allows, or they are down',
  PartitionTimeLimit: 'asks for more time than its partition allows: shorten its time limit',
  Priority: 'jobs of higher priority come first',
  Prolog: 'the site’s prolog is still running',
  QOSJobLimit: 'its QOS has reached its number of jobs',
  QOSNotAllowed: 'its QOS may not use this partition',
  QOSResourceLimit: 'its QOS has reached a limit on resources',
  QOSTimeLimit: 'its QOS has used up its time',
  QOSUsageThreshold: 'the usage that its QOS requires is not reached',
  ReqNodeNotAvail: 'nodes that it needs are not available: in use, reserved (maintenance may be near), or down',
  Reservation: 'its reservation has not begun',
  ReservationDeleted: 'its reservation was deleted',
  Resources: 'first in line: waits for nodes to become free',
  SchedDefer: 'the scheduler puts off looking at it',
  SystemFailure: 'the cluster has a failure of its file system or network',
  TimeLimit: 'it used up its time limit',
  WaitingForScheduling: 'the scheduler has not looked at it yet',
};

/** `QOSMaxJobsPerUserLimit`, `AssocGrpGRESMinutes`, …: a prefix that says whose limit, and what is limited. */
const limitCode =
  /^(QOS|Assoc|Association|Partition)?(Grp|Max|Min)([A-Z][A-Za-z]*?)(PerUser|PerAccount|PerNode|PerJob)?(Limit)?$/;

const owners: { readonly [prefix: string]: string } = {
  QOS: 'the QOS',
  Assoc: 'your account',
  Association: 'your account',
  Partition: 'the partition',
};

const limited: readonly (readonly [RegExp, string])[] = [
  [/^(Submit)?Jobs?/, 'jobs'],
  [/^GRES|^Gres|^Gpu/, 'GPUs (GRES)'],
  [/^CPU|^Cpu/, 'CPUs'],
  [/^Mem/, 'memory'],
  [/^Node/, 'nodes'],
  [/^Wall|^Time/, 'time'],
  [/^Billing/, 'billing units'],
  [/^License/, 'licences'],
  [/^BB/, 'burst buffer'],
  [/^Energy/, 'energy'],
];

/**
 * The scheduler's word in plain ones; `undefined` for one that is not known. Only the first word counts:
 * `ReqNodeNotAvail, UnavailableNodes:n[1-2]`, `Dependency (after-start=…)`.
 */
export function explainReason(reason: string): string | undefined {
  const code = /^[A-Za-z]+/.exec(reason)?.[0] ?? '';
  if (Object.hasOwn(reasons, code)) return reasons[code];
  const [, owner = 'Assoc', kind, what = '', per] = limitCode.exec(code) ?? [];
  if (kind === undefined) return undefined;
  const thing = limited.find(([pattern]) => pattern.test(what))?.[1] ?? 'a resource';
  const over = /Mins$|Minutes$|RunMin/.test(what) ? `minutes of ${thing}` : thing;
  const whose = {
    PerUser: ' for one user',
    PerAccount: ' for one account',
    PerNode: ' on one node',
    PerJob: ' for one job',
  };
  const scope = per === undefined ? '' : whose[per as keyof typeof whose];
  if (kind === 'Min') return `asks for less (${over}) than ${owners[owner]} requires`;
  return `${owners[owner]} allows no more ${over}${scope}${kind === 'Grp' ? ', all its jobs together' : ''}`;
}
