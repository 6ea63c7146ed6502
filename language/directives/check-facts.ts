/** Checks of Slurm directives against what the cluster says of itself: partitions, accounts, QOS, features and limits. */

import { type Fix, type Problem, problem, replaceFix } from '../problem/problem.ts';
import { spellSeconds } from '../text/duration.ts';
import * as l10n from '../text/l10n.ts';
import { nearestName } from '../text/nearest.ts';
import type { Span } from '../text/span.ts';
import type { ClusterFacts, PartitionFacts } from './cluster-facts.ts';
import type { Directive } from './directive.ts';
import { partsOf } from './forms/form.ts';
import { clockTime } from './forms/times.ts';
import { isPlaceholder } from './placeholder.ts';
import { type DirectiveOption, valuePart } from './read-options.ts';
import { lastIndex, parseArrayRanges, parseMemory, parseTimeLimit } from './values.ts';

/** `directives` are the effective ones of Slurm. */
export function checkFacts(directives: readonly Directive[], facts: ClusterFacts): readonly Problem[] {
  if (facts.scheduler !== 'slurm') return [];
  return components(directives).flatMap((options) => {
    // Another cluster has other partitions.
    if (options.some(({ name }) => name === 'clusters')) return [];
    return new FactsCheck(options, facts).problems();
  });
}

/** The options of each component of a heterogeneous job, which a line `#SBATCH hetjob` separates. */
function components(directives: readonly Directive[]): readonly (readonly DirectiveOption[])[] {
  const all: DirectiveOption[][] = [[]];
  for (const { options, strays } of directives) {
    if (options.length === 0 && /^(?:het|pack)job$/.test(strays?.[0]?.text ?? '')) all.push([]);
    all.at(-1)?.push(...options);
  }
  return all;
}

class FactsCheck {
  private readonly options: readonly DirectiveOption[];
  private readonly facts: ClusterFacts;
  private readonly found: Problem[] = [];

  constructor(options: readonly DirectiveOption[], facts: ClusterFacts) {
    this.options = options;
    this.facts = facts;
  }

  problems(): readonly Problem[] {
    this.checkNames();
    const partitions = this.partitions();
    this.checkTime(partitions);
    this.checkNodes(partitions);
    this.checkSizes(partitions);
    this.checkAccess(partitions);
    this.checkFeatures(partitions);
    this.checkGres(partitions);
    return this.found;
  }

  /** The option that counts: the last one, if it has a value that stands for itself. */
  private last(name: string): (DirectiveOption & { readonly value: string }) | undefined {
    const option = this.options.findLast((one) => one.name === name);
    const { value } = option ?? {};
    return option && value !== undefined && value !== '' && !isPlaceholder(value) ? { ...option, value } : undefined;
  }

  private add(
    code: 'directive/unknown-name' | 'directive/beyond-limit' | 'directive/no-access',
    span: Span,
    words: string,
    more: { readonly fixes?: readonly Fix[]; readonly isWarning?: boolean } = {},
  ): void {
    this.found.push(problem(code, span, words, more.fixes ?? [], more.isWarning ? 'warning' : undefined));
  }

  /** Names in a list that `known` does not have; `undefined` is not known. */
  private checkList(
    name: string,
    what: (name: string) => string,
    known: readonly string[] | undefined,
    isWarning = false,
  ): void {
    const option = this.last(name);
    if (!option || !known) return;
    for (const { text, start, end } of partsOf(option.value, ',')) {
      if (text === '' || known.includes(text) || isPlaceholder(text)) continue;
      const near = nearestName(text, known);
      const span = valuePart(option, start, end);
      const hint = near
        ? l10n.t(': did you mean `{0}`?', near)
        : known.length > 12
          ? '.'
          : known.length === 1
            ? l10n.t(': there is {0}.', known[0] ?? '')
            : l10n.t(': there are {0}.', known.join(', '));
      const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), span, near)] : [];
      this.add('directive/unknown-name', span, l10n.t('{0} has no {1}{2}', this.facts.cluster, what(text), hint), {
        fixes,
        isWarning,
      });
    }
  }

  private checkNames(): void {
    const { partitions, accounts, qos, limits } = this.facts;
    this.checkList(
      'partition',
      (name) => l10n.t('partition `{0}`', name),
      partitions?.map(({ name }) => name),
    );
    // Slurm keeps the names of accounts in small letters.
    const account = this.last('account');
    const isOwn = account && accounts?.some(({ name }) => name === account.value.toLowerCase());
    if (!isOwn)
      this.checkList(
        'account',
        (name) => l10n.t('account `{0}` for you', name),
        accounts?.map(({ name }) => name),
        limits?.enforcesAccounts === false,
      );
    this.checkList(
      'qos',
      (name) => `QOS \`${name}\``,
      qos && qos.length > 0 ? qos.map(({ name }) => name) : undefined,
      limits?.enforcesQos === false,
    );
  }

  /** Those that the job may run in, as far as they are known. */
  private partitions(): readonly PartitionFacts[] {
    const { partitions = [] } = this.facts;
    const named = this.options.findLast(({ name }) => name === 'partition');
    if (!named) return partitions.filter(({ isDefault }) => isDefault);
    const names = named.value?.split(',') ?? [];
    const chosen = partitions.filter(({ name }) => names.includes(name));
    for (const { name, state } of chosen) {
      if (state === 'up' || chosen.length > 1 || !named.valueSpan) continue;
      this.add(
        'directive/no-access',
        named.valueSpan,
        l10n.t('Partition `{0}` of {1} is {2}: the job would wait.', name, this.facts.cluster, state),
        { isWarning: true },
      );
    }
    return chosen;
  }

  private checkTime(partitions: readonly PartitionFacts[]): void {
    const option = this.last('time');
    const seconds = option && parseTimeLimit(option.value);
    if (!option?.valueSpan || seconds === undefined) return;
    const limits = partitions.map(({ timeLimitSeconds }) => timeLimitSeconds ?? Number.POSITIVE_INFINITY);
    const most = Math.max(...limits);
    if (limits.length > 0 && seconds > most && Number.isFinite(seconds)) {
      const where = namesOf(partitions.filter(({ timeLimitSeconds }) => timeLimitSeconds === most));
      const fixes = [replaceFix(l10n.t('Replace with `{0}`', clockTime(most)), option.valueSpan, clockTime(most))];
      this.add(
        'directive/beyond-limit',
        option.valueSpan,
        l10n.t('{0} is more than the time limit of {1}: {2}.', spellSeconds(seconds), where, spellSeconds(most)),
        { fixes },
      );
      return;
    }
    const qosName = this.last('qos')?.value;
    const qos = this.facts.qos?.find(({ name }) => name === qosName);
    if (qos?.maxWallSeconds === undefined || seconds <= qos.maxWallSeconds || !Number.isFinite(seconds)) return;
    this.add(
      'directive/beyond-limit',
      option.valueSpan,
      l10n.t(
        '{0} is more than the time limit of QOS `{1}`: {2}.',
        spellSeconds(seconds),
        qos.name,
        spellSeconds(qos.maxWallSeconds),
      ),
      { isWarning: true },
    );
  }

  private checkNodes(partitions: readonly PartitionFacts[]): void {
    const option = this.last('nodes');
    const least = Number(/^(\d+)(?:-\d+)?$/.exec(option?.value ?? '')?.[1]);
    if (!option?.valueSpan || !Number.isFinite(least) || partitions.length === 0) return;
    const most = Math.max(
      ...partitions.map(({ nodes, maxNodes }) =>
        Math.min(nodes?.total ?? Number.POSITIVE_INFINITY, maxNodes ?? Number.POSITIVE_INFINITY),
      ),
    );
    if (least <= most) return;
    const isLimit = partitions.some(({ maxNodes }) => maxNodes === most);
    const words = isLimit
      ? l10n.t('A job in {0} has at most {1} nodes.', namesOf(partitions), most)
      : most === 1
        ? l10n.t('{0} has 1 node in all.', namesOf(partitions))
        : l10n.t('{0} has {1} nodes in all.', namesOf(partitions), most);
    this.add('directive/beyond-limit', option.valueSpan, words);
  }

  private checkSizes(partitions: readonly PartitionFacts[]): void {
    const { maxArraySize } = this.facts.limits ?? {};
    const array = this.last('array');
    const ranges = array && parseArrayRanges(array.value);
    const last = ranges && lastIndex(ranges);
    if (array?.valueSpan && last !== undefined && maxArraySize !== undefined && last >= maxArraySize)
      this.add(
        'directive/beyond-limit',
        array.valueSpan,
        l10n.t('The indexes of an array are below {0} on {1} (MaxArraySize).', maxArraySize, this.facts.cluster),
      );
    const memory = this.last('mem');
    const mebibytes = memory && parseMemory(memory.value);
    const most = greatest(partitions, ({ memoryMebibytesPerNode: size, maxMemoryMebibytesPerNode: bound }) =>
      size === undefined ? undefined : Math.min(size, bound ?? size),
    );
    if (memory?.valueSpan && mebibytes !== undefined && most !== undefined && mebibytes > most)
      this.add(
        'directive/beyond-limit',
        memory.valueSpan,
        l10n.t('No node of {0} has so much memory: the largest has {1} MiB.', namesOf(partitions), most),
      );
    const cpus = this.last('cpus-per-task');
    const mostCpus = greatest(partitions, ({ cpusPerNode }) => cpusPerNode);
    if (cpus?.valueSpan && mostCpus !== undefined && Number(cpus.value) > mostCpus)
      this.add(
        'directive/beyond-limit',
        cpus.valueSpan,
        l10n.t('No node of {0} has so many CPUs: the largest has {1}.', namesOf(partitions), mostCpus),
      );
  }

  /** Who may use the partition, and with which QOS. */
  private checkAccess(partitions: readonly PartitionFacts[]): void {
    const [partition, ...others] = partitions;
    if (!partition || others.length > 0) return;
    const account = this.last('account');
    const name = account?.value.toLowerCase() ?? this.facts.defaultAccount;
    const place = account?.valueSpan ?? this.last('partition')?.valueSpan;
    const isRefused =
      name !== undefined &&
      (partition.allowAccounts?.includes(name) === false || partition.denyAccounts?.includes(name) === true);
    const ofPartition = this.facts.accounts?.find((one) => one.name === name)?.partitions;
    if (place && name !== undefined && (isRefused || ofPartition?.includes(partition.name) === false))
      this.add(
        'directive/no-access',
        place,
        l10n.t('Account `{0}` may not use partition `{1}` of {2}.', name, partition.name, this.facts.cluster),
      );
    const qos = this.last('qos');
    if (!qos?.valueSpan || qos.value.includes(',')) return;
    const { allowQos, denyQos } = partition;
    const known = this.facts.qos?.some((one) => one.name === qos.value) ?? true;
    if (known && (allowQos?.includes(qos.value) === false || denyQos?.includes(qos.value) === true))
      this.add(
        'directive/no-access',
        qos.valueSpan,
        l10n.t('QOS `{0}` may not be used in partition `{1}` of {2}.', qos.value, partition.name, this.facts.cluster),
      );
    const user = this.facts.accounts?.find((one) => one.name === name);
    const own = user?.qos ?? [];
    if (known && user && own.length > 0 && !own.includes(qos.value))
      this.add(
        'directive/no-access',
        qos.valueSpan,
        l10n.t('Account `{0}` has no QOS `{1}`: it has {2}.', user.name, qos.value, own.join(', ')),
        { isWarning: !this.facts.limits?.enforcesQos },
      );
  }

  private checkFeatures(partitions: readonly PartitionFacts[]): void {
    const option = this.last('constraint');
    const known = new Set(partitions.flatMap(({ features }) => features ?? []));
    if (!option || partitions.length === 0 || partitions.some(({ features }) => !features)) return;
    for (const { 0: text, index } of option.value.matchAll(/[A-Za-z_][\w.:=+-]*/g)) {
      if (known.has(text)) continue;
      const near = nearestName(text, known);
      const span = valuePart(option, index, index + text.length);
      const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), span, near)] : [];
      const hint = near ? l10n.t(': did you mean `{0}`?', near) : known.size === 0 ? l10n.t(': no node has any.') : '.';
      this.add(
        'directive/unknown-name',
        span,
        l10n.t('No node of {0} has the feature `{1}`{2}', namesOf(partitions), text, hint),
        {
          fixes,
        },
      );
    }
  }

  private checkGres(partitions: readonly PartitionFacts[]): void {
    const option = this.last('gres');
    if (!option || partitions.length === 0 || partitions.some(({ gres }) => !gres)) return;
    const known = partitions.flatMap(({ gres }) => gres ?? []);
    for (const { text, start, end } of partsOf(option.value, ',')) {
      const [, name = '', type, count = '1'] = /^([A-Za-z][\w.-]*)(?::([A-Za-z][\w.-]*))?(?::(\d+))?$/.exec(text) ?? [];
      if (name === '' || /^(?:none|help)$/i.test(text)) continue;
      const alike = known.filter((one) => one.split(':')[0] === name);
      const typed = type === undefined ? alike : alike.filter((one) => one.split(':')[1] === type);
      const span = valuePart(option, start, end);
      const most = Math.max(...typed.map((one) => Number(/:(\d+)$/.exec(one)?.[1] ?? 1)));
      if (typed.length === 0) {
        const there = known.length === 0 ? l10n.t('none at all') : known.join(', ');
        this.add(
          'directive/unknown-name',
          span,
          l10n.t(
            'No node of {0} has `{1}`: there is {2}.',
            namesOf(partitions),
            type === undefined ? name : `${name}:${type}`,
            there,
          ),
        );
      } else if (type !== undefined && Number(count) > most) {
        this.add(
          'directive/beyond-limit',
          span,
          l10n.t('No node of {0} has {1} of `{2}:{3}`: the most is {4}.', namesOf(partitions), count, name, type, most),
        );
      }
    }
  }
}

function namesOf(partitions: readonly PartitionFacts[]): string {
  const names = partitions.map(({ name }) => `\`${name}\``).join(', ');
  return partitions.length === 1 ? l10n.t('partition {0}', names) : l10n.t('partitions {0}', names);
}

/** Undefined where it is not known of all of them. */
function greatest(
  partitions: readonly PartitionFacts[],
  of: (partition: PartitionFacts) => number | undefined,
): number | undefined {
  const values = partitions.map(of);
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 && known.length === values.length ? Math.max(...known) : undefined;
}
