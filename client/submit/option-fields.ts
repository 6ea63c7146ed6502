/** The form of a submission as data: which options it offers, and the words they become on the scheduler's command line. Pure. */
import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';
import * as l10n from '../../language/text/l10n.ts';

export interface OptionField {
  /** Long name of the option, without dashes. */
  readonly name: string;
  readonly title: string;
  /** What to type, with an example. */
  readonly hint: string;
  /** Values that the cluster has. */
  readonly choices?: readonly string[];
  /** Why `value` cannot be one; `undefined`: the scheduler decides. */
  readonly check?: (value: string) => string | undefined;
}

/** As a client can tell; sbatch(1) decides. */
const arrayRange = /^\d+(-\d+(:\d+)?)?(,\d+(-\d+(:\d+)?)?)*(%\d+)?$/;
const written = /^(--[a-z][a-z0-9-]*(=.*)?|-[A-Za-z0-9].*)$/;

const noBlank = (value: string) => (/\s/.test(value) ? l10n.t('It has no blanks.') : undefined);

/** `--name=value`; option names differ between Flux and the others. */
export function optionFields(scheduler: string | undefined, facts: ClusterFacts | null): readonly OptionField[] {
  const partitions = facts?.partitions?.map(({ name }) => name) ?? [];
  if (scheduler === 'flux') {
    return [
      { name: 'time-limit', title: l10n.t('Time limit'), hint: '10m, 2h, 1d', check: noBlank },
      { name: 'queue', title: l10n.t('Queue'), hint: l10n.t('the name of a queue'), choices: partitions },
      { name: 'nodes', title: l10n.t('Nodes'), hint: '2', check: noBlank },
      { name: 'nslots', title: l10n.t('Slots'), hint: '8', check: noBlank },
    ];
  }
  const all = slurmFields(partitions, facts);
  return scheduler === 'local' ? all.filter(({ name }) => localOptions.has(name)) : all;
}

/** What the embedded scheduler reads beside the names of files. */
const localOptions = new Set(['array', 'time', 'ntasks', 'cpus-per-task']);

function slurmFields(partitions: readonly string[], facts: ClusterFacts | null): readonly OptionField[] {
  const accounts = facts?.accounts?.map(({ name }) => name) ?? [];
  const services = facts?.qos?.map(({ name }) => name) ?? [];
  return [
    {
      name: 'array',
      title: l10n.t('Array range'),
      hint: l10n.t('0-15, 1,3,5-9, 0-100:10, 0-99%4 (at most 4 at once)'),
      check: (value) =>
        arrayRange.test(value) ? undefined : l10n.t('A range is written as 0-15, 1,3,5-9, 0-100:10 or 0-99%4.'),
    },
    { name: 'time', title: l10n.t('Time limit'), hint: l10n.t('30 (minutes), 4:00:00, 2-00'), check: noBlank },
    { name: 'partition', title: l10n.t('Partition'), hint: l10n.t('the name of a partition'), choices: partitions },
    { name: 'account', title: l10n.t('Account'), hint: l10n.t('whom the job is charged to'), choices: accounts },
    { name: 'qos', title: l10n.t('Quality of service'), hint: l10n.t('the name of a QOS'), choices: services },
    { name: 'nodes', title: l10n.t('Nodes'), hint: '2, 2-4', check: noBlank },
    { name: 'ntasks', title: l10n.t('Tasks'), hint: '8', check: noBlank },
    { name: 'cpus-per-task', title: l10n.t('CPUs of a task'), hint: '4', check: noBlank },
    { name: 'mem', title: l10n.t('Memory of a node'), hint: '4G, 500M', check: noBlank },
    { name: 'gres', title: l10n.t('GPUs and other resources'), hint: 'gpu:2, gpu:a100:1', check: noBlank },
  ];
}

export const dependencyName = 'dependency';

/** sbatch(1) and flux(1): what a job may wait for of another. */
export const dependencyKinds: readonly { readonly kind: string; readonly words: string; readonly slurmOnly?: true }[] =
  [
    { kind: 'afterok', words: l10n.t('it has completed without an error') },
    { kind: 'afterany', words: l10n.t('it has ended, however') },
    { kind: 'afternotok', words: l10n.t('it has failed') },
    { kind: 'after', words: l10n.t('it has started, or was cancelled'), slurmOnly: true },
    {
      kind: 'aftercorr',
      words: l10n.t('its array task of the same number has completed without an error'),
      slurmOnly: true,
    },
  ];

/** `afterok:17:18`; Flux takes one job in each option. */
export function dependencyOn(kind: string, jobIds: readonly string[]): string {
  return [kind, ...jobIds].join(':');
}

/** Ids that a dependency can name: a job of another cluster of the site is none. */
export function canBeAwaited(jobId: string): boolean {
  return /^[A-Za-z0-9ƒ_]+$/.test(jobId);
}

/** Why `word` is no option. */
export function checkWritten(word: string): string | undefined {
  return written.test(word) ? undefined : l10n.t('Write one option as --name or --name=value, or as -x.');
}

export function optionValue(words: readonly string[], name: string): string | undefined {
  const word = words.findLast((one) => one === `--${name}` || one.startsWith(`--${name}=`));
  return word?.slice(name.length + 3);
}

/** With this value of the option in place of all it had; an empty one takes the option away. */
export function withValue(words: readonly string[], name: string, value: string): readonly string[] {
  const others = words.filter((word) => word !== `--${name}` && !word.startsWith(`--${name}=`));
  return value === '' ? others : [...others, `--${name}=${value}`];
}

/** Those that are in none of the fields. */
export function otherWords(words: readonly string[], fields: readonly OptionField[]): readonly string[] {
  const names = [...fields.map(({ name }) => name), dependencyName];
  return words.filter((word) => !names.some((name) => word === `--${name}` || word.startsWith(`--${name}=`)));
}

/** What was kept of a former submission: the wish to wait for a job is of that day. */
export function keptWords(words: readonly string[]): readonly string[] {
  return withValue(words, dependencyName, '');
}
