/** What a connected cluster says, as proposals and as texts of hover: partitions, accounts, QOS, features, generic resources. */

import { CompletionItemKind } from 'vscode-languageserver';
import type { ClusterFacts, PartitionFacts } from '../language/directives/cluster-facts.ts';
import type { Directive } from '../language/directives/directive.ts';
import { clockTime } from '../language/directives/forms/times.ts';
import { spellSeconds } from '../language/text/duration.ts';
import * as l10n from '../language/text/l10n.ts';
import type { Proposal } from './completion.ts';
import { code } from './docs.ts';

/** Values for an option of sbatch that the cluster knows; none for options that it says nothing about. */
export function factProposals(
  facts: ClusterFacts,
  option: string,
  directives: readonly Directive[],
): readonly Proposal[] {
  const kind = CompletionItemKind.Value;
  switch (option) {
    case 'partition':
      return [...(facts.partitions ?? [])]
        .sort((a, b) => rank(a) - rank(b))
        .map((one) => ({ label: one.name, detail: partitionLine(one), doc: partitionDoc(one, facts), kind }));
    case 'account':
      return (facts.accounts ?? []).map(({ name, qos, partitions }) => ({
        label: name,
        detail: [
          name === facts.defaultAccount ? l10n.t('your default') : '',
          partitions ? l10n.t('in {0}', partitions.join(', ')) : '',
        ]
          .filter(Boolean)
          .join(' · '),
        doc: qos.length > 0 ? `QOS: ${qos.map(code).join(', ')}.` : l10n.t('An account of yours.'),
        kind,
      }));
    case 'qos':
      return qosProposals(facts, directives);
    case 'constraint':
    case 'prefer':
      return unique(chosenPartitions(facts, directives).flatMap(({ features }) => features ?? [])).map((label) => ({
        label,
        detail: l10n.t('feature of nodes'),
        kind,
      }));
    case 'gres':
      return unique(chosenPartitions(facts, directives).flatMap(({ gres }) => gres ?? [])).map((label) => ({
        label: label.replace(/:\d+$/, ':1'),
        detail: l10n.t('up to {0} on a node', label),
        kind,
      }));
    case 'time':
      return chosenPartitions(facts, directives).flatMap(({ name, timeLimitSeconds }) =>
        timeLimitSeconds
          ? [{ label: clockTime(timeLimitSeconds), detail: l10n.t('the limit of {0}', name), kind }]
          : [],
      );
    default:
      return [];
  }
}

/** QOS of the account that the script names, or of all of the user's, else of the cluster. */
function qosProposals({ accounts, qos = [] }: ClusterFacts, directives: readonly Directive[]): readonly Proposal[] {
  const account = valueGiven(directives, 'account');
  const ofAccount = accounts?.filter(({ name }) => account === undefined || name === account.toLowerCase());
  const allowed = new Set(ofAccount?.flatMap((one) => one.qos));
  return qos
    .filter(({ name }) => allowed.size === 0 || allowed.has(name))
    .map(({ name, maxWallSeconds, description }) => ({
      label: name,
      detail: [maxWallSeconds === undefined ? '' : l10n.t('up to {0}', spellSeconds(maxWallSeconds)), description ?? '']
        .filter(Boolean)
        .join(' · '),
      kind: CompletionItemKind.Value,
    }));
}

/** Those that the script names; where it names none, or wrong ones, all. */
function chosenPartitions(
  { partitions = [] }: ClusterFacts,
  directives: readonly Directive[],
): readonly PartitionFacts[] {
  const names = valueGiven(directives, 'partition')?.split(',') ?? [];
  const chosen = partitions.filter(({ name }) => names.includes(name));
  return chosen.length > 0 ? chosen : partitions;
}

function valueGiven(directives: readonly Directive[], name: string): string | undefined {
  return directives.flatMap(({ options }) => options).findLast((option) => option.name === name)?.value;
}

/** The default one first, then those that take jobs. */
const rank = ({ isDefault, state }: PartitionFacts) => (isDefault ? 0 : state === 'up' ? 1 : 2);

/** `up · 1 h · 3 of 4 nodes free`. */
function partitionLine({ state, timeLimitSeconds, nodes, isDefault }: PartitionFacts): string {
  return [
    state,
    timeLimitSeconds === undefined
      ? ''
      : timeLimitSeconds === null
        ? l10n.t('no time limit')
        : spellSeconds(timeLimitSeconds),
    nodes ? l10n.t('{0} of {1} nodes free', nodes.free, nodes.total) : '',
    isDefault ? l10n.t('default') : '',
  ]
    .filter(Boolean)
    .join(' · ');
}

function partitionDoc(partition: PartitionFacts, { cluster }: ClusterFacts): string {
  const { cpusPerNode, memoryMebibytesPerNode, maxNodes, defaultTimeSeconds, features, gres, allowAccounts } =
    partition;
  const lines = [
    cpusPerNode === undefined ? '' : l10n.t('up to {0} CPUs a node', cpusPerNode),
    memoryMebibytesPerNode === undefined
      ? ''
      : l10n.t('up to {0} GiB a node', Number((memoryMebibytesPerNode / 1024).toFixed(1))),
    maxNodes ? l10n.t('at most {0} nodes a job', maxNodes) : '',
    defaultTimeSeconds ? l10n.t('without a time limit: {0}', spellSeconds(defaultTimeSeconds)) : '',
    gres && gres.length > 0 ? l10n.t('resources: {0}', gres.map(code).join(', ')) : '',
    features && features.length > 0 ? l10n.t('features: {0}', features.map(code).join(', ')) : '',
    allowAccounts ? l10n.t('accounts: {0}', allowAccounts.map(code).join(', ')) : '',
  ].filter(Boolean);
  return [
    l10n.t('Partition {0} of {1}: {2}', code(partition.name), code(cluster), partitionLine(partition)),
    ...lines.map((line) => `- ${line}`),
  ].join('\n');
}

/** What the cluster says about a value, as Markdown; nothing where it says nothing. */
export function factDoc(facts: ClusterFacts, option: string, value: string): string {
  const names = value.split(',');
  if (option === 'partition') {
    const known = (facts.partitions ?? []).filter(({ name }) => names.includes(name));
    return known.map((one) => partitionDoc(one, facts)).join('\n\n');
  }
  if (option === 'qos') {
    const qos = facts.qos?.find(({ name }) => name === value);
    if (!qos) return '';
    const [name, cluster] = [code(qos.name), code(facts.cluster)];
    const words =
      qos.maxWallSeconds === undefined
        ? l10n.t('QOS {0} of {1}.', name, cluster)
        : l10n.t('QOS {0} of {1}, at most {2}.', name, cluster, spellSeconds(qos.maxWallSeconds));
    return `${words} ${qos.description ?? ''}`.trim();
  }
  if (option === 'account') {
    const account = facts.accounts?.find(({ name }) => name === value.toLowerCase());
    return account
      ? l10n.t('An account of yours on {0}, with QOS {1}.', code(facts.cluster), account.qos.map(code).join(', '))
      : '';
  }
  return '';
}

const unique = (values: readonly string[]) => [...new Set(values)];
