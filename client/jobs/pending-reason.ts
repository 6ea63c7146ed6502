/** Why jobs wait: Slurm's reasons (squeue(1), JOB REASON CODES) in plain words, and those of Flux and `local`, which use the same. */
import * as l10n from '../../language/text/l10n.ts';

const reasons: { readonly [code: string]: string } = {
  AccountingPolicy: l10n.t('a limit of the account stands against it'),
  AssociationJobLimit: l10n.t('your account has reached its number of jobs'),
  AssociationResourceLimit: l10n.t('your account has reached a limit on resources'),
  AssociationTimeLimit: l10n.t('your account has used up its time'),
  BadConstraints: l10n.t('no nodes have what it asks for: it cannot start as it is'),
  BeginTime: l10n.t('the time at which it may begin has not come'),
  BurstBufferResources: l10n.t('waits for room in the burst buffer'),
  BurstBufferStageIn: l10n.t('its files are brought to the burst buffer'),
  Cleaning: l10n.t('it was put back and is still cleaned up from its last run'),
  Configuring: l10n.t('its nodes are booting'),
  DeadLine: l10n.t('it cannot end before its deadline any more'),
  Dependency: l10n.t('waits for other jobs'),
  DependencyNeverSatisfied: l10n.t('a job that it waits for did not end as it had to: it will never start'),
  FrontEndDown: l10n.t('no front end node is available'),
  Held: l10n.t('held by you: release it to let it start'),
  InactiveLimit: l10n.t('the system’s limit on inactivity was reached'),
  InvalidAccount: l10n.t('its account is not valid: it cannot start as it is'),
  InvalidQOS: l10n.t('its QOS is not valid: it cannot start as it is'),
  JobArrayTaskLimit: l10n.t('as many tasks of its array run as may run at once'),
  JobHeldAdmin: l10n.t('held by an administrator of the cluster'),
  JobHeldUser: l10n.t('held by you: release it to let it start'),
  JobLaunchFailure: l10n.t('it could not be launched: a file system problem or a wrong program name'),
  Licenses: l10n.t('waits for a licence'),
  MaxMemPerLimit: l10n.t('asks for more memory per core or node than is allowed'),
  NodeDown: l10n.t('a node that it needs is down'),
  NonZeroExitCode: l10n.t('its last run ended with an error'),
  PartitionDown: l10n.t('its partition is down'),
  PartitionInactive: l10n.t('its partition starts no jobs at present'),
  PartitionNodeLimit: l10n.t('asks for more nodes than its partition allows, or they are down'),
  PartitionTimeLimit: l10n.t('asks for more time than its partition allows: shorten its time limit'),
  Priority: l10n.t('jobs of higher priority come first'),
  Prolog: l10n.t('the site’s prolog is still running'),
  QOSJobLimit: l10n.t('its QOS has reached its number of jobs'),
  QOSNotAllowed: l10n.t('its QOS may not use this partition'),
  QOSResourceLimit: l10n.t('its QOS has reached a limit on resources'),
  QOSTimeLimit: l10n.t('its QOS has used up its time'),
  QOSUsageThreshold: l10n.t('the usage that its QOS requires is not reached'),
  ReqNodeNotAvail: l10n.t('nodes that it needs are not available: in use, reserved (maintenance may be near), or down'),
  Reservation: l10n.t('its reservation has not begun'),
  ReservationDeleted: l10n.t('its reservation was deleted'),
  Resources: l10n.t('first in line: waits for nodes to become free'),
  SchedDefer: l10n.t('the scheduler puts off looking at it'),
  SystemFailure: l10n.t('the cluster has a failure of its file system or network'),
  TimeLimit: l10n.t('it used up its time limit'),
  WaitingForScheduling: l10n.t('the scheduler has not looked at it yet'),
};

/** `QOSMaxJobsPerUserLimit`, `AssocGrpGRESMinutes`, …: a prefix that says whose limit, and what is limited. */
const limitCode =
  /^(QOS|Assoc|Association|Partition)?(Grp|Max|Min)([A-Z][A-Za-z]*?)(PerUser|PerAccount|PerNode|PerJob)?(Limit)?$/;

const owners: { readonly [prefix: string]: string } = {
  QOS: l10n.t('the QOS'),
  Assoc: l10n.t('your account'),
  Association: l10n.t('your account'),
  Partition: l10n.t('the partition'),
};

const limited: readonly (readonly [RegExp, string])[] = [
  [/^(Submit)?Jobs?/, l10n.t('jobs')],
  [/^GRES|^Gres|^Gpu/, l10n.t('GPUs (GRES)')],
  [/^CPU|^Cpu/, l10n.t('CPUs')],
  [/^Mem/, l10n.t('memory')],
  [/^Node/, l10n.t('nodes')],
  [/^Wall|^Time/, l10n.t('time')],
  [/^Billing/, l10n.t('billing units')],
  [/^License/, l10n.t('licences')],
  [/^BB/, l10n.t('burst buffer')],
  [/^Energy/, l10n.t('energy')],
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
  const thing = limited.find(([pattern]) => pattern.test(what))?.[1] ?? l10n.t('a resource');
  const over = /Mins$|Minutes$|RunMin/.test(what) ? l10n.t('minutes of {0}', thing) : thing;
  const whose = owners[owner] ?? '';
  if (kind === 'Min') return l10n.t('asks for less ({0}) than {1} requires', over, whose);
  if (per === 'PerUser') return l10n.t('{0} allows no more {1} for one user', whose, over);
  if (per === 'PerAccount') return l10n.t('{0} allows no more {1} for one account', whose, over);
  if (per === 'PerNode') return l10n.t('{0} allows no more {1} on one node', whose, over);
  if (per === 'PerJob') return l10n.t('{0} allows no more {1} for one job', whose, over);
  if (kind === 'Grp') return l10n.t('{0} allows no more {1}, all its jobs together', whose, over);
  return l10n.t('{0} allows no more {1}', whose, over);
}
