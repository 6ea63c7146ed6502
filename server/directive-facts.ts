/** What a connected cluster says, as proposals and as texts of hover: partitions, accounts, QOS, features, generic resources. */
import { CompletionItemKind } from 'vscode-languageserver';
import type { ClusterFacts, PartitionFacts } from '../language/directives/cluster-facts.ts';
import type { Directive } from '../language/directives/directive.ts';
import { clockTime } from '../language/directives/forms/times.ts';
import { spellSeconds } from '../language/text/duration.ts';
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
        detail: [name === facts.defaultAccount ? 'your default' : '', partitions ? `in ${partitions.join(', ')}` : '']
          .filter(Boolean)
          .join(' · '),
        doc: qos.length > 0 ? `QOS: ${qos.map(code).join(', ')}.` : 'An account of yours.',
        kind,
      }));
    case 'qos':
      return qosProposals(facts, directives);
    case 'constraint':
    case 'prefer':
      return unique(chosenPartitions(facts, directives).flatMap(({ features }) => features ?? [])).map((label) => ({
        label,
        detail: 'feature of nodes',
        kind,
      }));
    case 'gres':
      return unique(chosenPartitions(facts, directives).flatMap(({ gres }) => gres ?? [])).map((label) => ({
        label: label.replace(/:\d+$/, ':1'),
        detail: `up to ${label} on a node`,
        kind,
      }));
    case 'time':
      return chosenPartitions(facts, directives).flatMap(({ name, timeLimitSeconds }) =>
        timeLimitSeconds ? [{ label: clockTime(timeLimitSeconds), detail: `the limit of ${name}`, kind }] : [],
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
      detail: [maxWallSeconds === undefined ? '' : `up to ${spellSeconds(maxWallSeconds)}`, description ?? '']
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
    timeLimitSeconds === undefined ? '' : timeLimitSeconds === null ? 'no time limit' : spellSeconds(timeLimitSeconds),
    nodes ? `${nodes.free} of ${nodes.total} nodes free` : '',
    isDefault ? 'default' : '',
  ]
    .filter(Boolean)
    .join(' · ');
}

function partitionDoc(partition: PartitionFacts, { cluster }: ClusterFacts): string {
  const { cpusPerNode, memoryMebibytesPerNode, maxNodes, defaultTimeSeconds, features, gres, allowAccounts } =
    partition;
  const lines = [
    cpusPerNode === undefined ? '' : `- up to ${cpusPerNode} CPUs a node`,
    memoryMebibytesPerNode === undefined
      ? ''
      : `- up to ${Number((memoryMebibytesPerNode / 1024).toFixed(1))} GiB a node`,
    maxNodes ? `- at most ${maxNodes} nodes a job` : '',
    defaultTimeSeconds ? `- without a time limit: ${spellSeconds(defaultTimeSeconds)}` : '',
    gres && gres.length > 0 ? `- resources: ${gres.map(code).join(', ')}` : '',
    features && features.length > 0 ? `- features: ${features.map(code).join(', ')}` : '',
    allowAccounts ? `- accounts: ${allowAccounts.map(code).join(', ')}` : '',
  ].filter(Boolean);
  return [`Partition ${code(partition.name)} of ${code(cluster)}: ${partitionLine(partition)}`, ...lines].join('\n');
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
    const limit = qos?.maxWallSeconds === undefined ? '' : `, at most ${spellSeconds(qos.maxWallSeconds)}`;
    return qos ? `QOS ${code(qos.name)} of ${code(facts.cluster)}${limit}. ${qos.description ?? ''}`.trim() : '';
  }
  if (option === 'account') {
    const account = facts.accounts?.find(({ name }) => name === value.toLowerCase());
    return account
      ? `An account of yours on ${code(facts.cluster)}, with QOS ${account.qos.map(code).join(', ')}.`
      : '';
  }
  return '';
}

const unique = (values: readonly string[]) => [...new Set(values)];
