/** Reads what Slurm's commands print about the cluster itself: partitions, accounts, limits, options. Pure. */
import type {
  AccountFacts,
  ClusterLimits,
  FreeOfTotal,
  KnownOption,
  PartitionFacts,
  QosFacts,
} from '../../language/directives/cluster-facts.ts';
import { parseTimeLimit } from '../../language/directives/values.ts';
import { limitColumns, parseLimits } from './slurm-overview-parse.ts';

/** ASCII unit separator: no field of Slurm's can hold it. */
const separator = '\u001f';

/** A partition takes as many lines as it has kinds of nodes (sinfo(1), --format). */
const sinfoColumns = [
  '%P', // partition, with a star when it is the default one
  '%a', // availability: up, down, drain, inact
  '%l', // time limit
  '%L', // default time
  '%F', // nodes: allocated/idle/other/total
  '%c', // CPUs per node
  '%m', // memory per node in MiB
  '%f', // features
  '%G', // generic resources
  '%C', // CPUs: allocated/idle/other/total
] as const;

export const sinfoFormat = sinfoColumns.join(separator);

export function parseSinfo(stdout: string): PartitionFacts[] {
  const partitions = new Map<string, PartitionFacts>();
  for (const line of stdout.split('\n')) {
    const fields = line.split(separator);
    if (fields.length < sinfoColumns.length) continue;
    const part = readSinfoLine(fields);
    const known = partitions.get(part.name);
    partitions.set(part.name, known ? merged(known, part) : part);
  }
  return [...partitions.values()];
}

function readSinfoLine(fields: readonly string[]): PartitionFacts {
  const [shown = '', state = '', limit = '', defaultTime = '', counts = '', cpus = '', memory = ''] = fields;
  const nodes = freeOfTotal(counts);
  const cpuCounts = freeOfTotal(fields[9]);
  const timeLimitSeconds = seconds(limit);
  const defaultTimeSeconds = seconds(defaultTime);
  return {
    name: shown.replace(/\*$/, ''),
    isDefault: shown.endsWith('*'),
    state,
    ...(timeLimitSeconds !== undefined && { timeLimitSeconds }),
    ...(defaultTimeSeconds !== undefined && { defaultTimeSeconds }),
    ...(nodes && { nodes }),
    ...(cpuCounts && { cpus: cpuCounts }),
    ...(/^\d/.test(cpus) && { cpusPerNode: Number.parseInt(cpus, 10) }),
    ...(/^\d/.test(memory) && { memoryMebibytesPerNode: Number.parseInt(memory, 10) }),
    features: list(fields[7]),
    gres: gresList(fields[8]),
  };
}

function merged(one: PartitionFacts, other: PartitionFacts): PartitionFacts {
  const nodes = sum(one.nodes, other.nodes);
  const cpus = sum(one.cpus, other.cpus);
  return {
    ...one,
    ...(nodes && { nodes }),
    ...(cpus && { cpus }),
    cpusPerNode: Math.max(one.cpusPerNode ?? 0, other.cpusPerNode ?? 0),
    memoryMebibytesPerNode: Math.max(one.memoryMebibytesPerNode ?? 0, other.memoryMebibytesPerNode ?? 0),
    features: [...new Set([...(one.features ?? []), ...(other.features ?? [])])],
    gres: greatestGres([...(one.gres ?? []), ...(other.gres ?? [])]),
  };
}

/** `allocated/idle/other/total`. */
function freeOfTotal(counts = ''): FreeOfTotal | undefined {
  const [, idle = '', , total = ''] = counts.split('/');
  return /^\d+$/.test(idle) && /^\d+$/.test(total) ? { free: Number(idle), total: Number(total) } : undefined;
}

function sum(one: FreeOfTotal | undefined, other: FreeOfTotal | undefined): FreeOfTotal | undefined {
  return one && other && { free: one.free + other.free, total: one.total + other.total };
}

/** `gpu:a100:4(S:0-1),nvme:1`: the sockets are of no interest. */
function gresList(text: string | undefined): string[] {
  return greatestGres(list(text?.replace(/\([^)]*\)/g, (part) => (part === '(null)' ? part : ''))));
}

/** Of each name and type the one with the greatest count. */
function greatestGres(items: readonly string[]): string[] {
  const greatest = new Map<string, string>();
  const count = (item: string) => Number(/:(\d+)$/.exec(item)?.[1] ?? 1);
  for (const item of items) {
    const name = item.replace(/:\d+[KMGT]?$/, '');
    const known = greatest.get(name);
    if (known === undefined || count(known) < count(item)) greatest.set(name, item);
  }
  return [...greatest.values()];
}

/** Of `scontrol show partition --oneliner`: who may use a partition, and how much of it one job may have. */
export function parsePartitions(stdout: string): Map<string, Partial<PartitionFacts>> {
  const partitions = new Map<string, Partial<PartitionFacts>>();
  for (const line of stdout.split('\n')) {
    const fields = pairs(line);
    if (fields.PartitionName === undefined) continue;
    partitions.set(fields.PartitionName, {
      ...number('minNodes', fields.MinNodes),
      ...bound('maxNodes', fields.MaxNodes),
      ...bound('maxMemoryMebibytesPerNode', fields.MaxMemPerNode),
      ...names('allowAccounts', fields.AllowAccounts),
      ...names('denyAccounts', fields.DenyAccounts),
      ...names('allowQos', fields.AllowQos),
      ...names('denyQos', fields.DenyQos),
    });
  }
  return partitions;
}

export const associationFormat = `account,partition,qos,defaultqos,${limitColumns}`;

/** Of `sacctmgr --parsable2 show assoc user=NAME format=…`: one line an account, or one for each of its partitions. */
export function parseAssociations(stdout: string): AccountFacts[] {
  const accounts = new Map<string, AccountFacts>();
  for (const line of stdout.split('\n')) {
    const [name = '', partition = '', qos = '', defaultQos = '', ...limitFields] = line.split('|');
    if (name === '' || !line.includes('|')) continue;
    const known = accounts.get(name);
    // An association without a partition is one for all of them.
    const everywhere = partition === '' || (known !== undefined && known.partitions === undefined);
    const limits = [...(known?.limits ?? []), parseLimits(partition, limitFields)].filter((one) => one !== undefined);
    accounts.set(name, {
      name,
      ...(!everywhere && { partitions: [...(known?.partitions ?? []), partition] }),
      qos: [...new Set([...(known?.qos ?? []), ...list(qos)])],
      ...(defaultQos !== '' && { defaultQos }),
      ...(limits.length > 0 && { limits }),
    });
  }
  return [...accounts.values()];
}

export const qosFormat = 'name,maxwall,description';

export function parseQos(stdout: string): QosFacts[] {
  return stdout
    .split('\n')
    .map((line) => line.split('|'))
    .filter(([name, ...rest]) => name && rest.length >= 2)
    .map(([name = '', maxWall = '', ...description]) => {
      const maxWallSeconds = seconds(maxWall);
      return {
        name,
        ...(typeof maxWallSeconds === 'number' && { maxWallSeconds }),
        ...(description.join('|') !== '' && { description: description.join('|') }),
      };
    });
}

/** Of `scontrol show config`. */
export function parseConfig(stdout: string): ClusterLimits {
  const fields = new Map(
    stdout.split('\n').flatMap((line) => {
      const match = /^(\w+)\s*=\s(.*)$/.exec(line);
      return match ? [[match[1] ?? '', (match[2] ?? '').trim()] as const] : [];
    }),
  );
  const enforced = fields.get('AccountingStorageEnforce')?.toLowerCase().split(',');
  const partitionLimits = fields.get('EnforcePartLimits')?.toUpperCase();
  return {
    ...number('maxArraySize', fields.get('MaxArraySize')),
    ...bound('maxMemoryMebibytesPerNode', fields.get('MaxMemPerNode')),
    // slurm.conf(5): `limits` and `qos` bring `associations` with them.
    ...(enforced && {
      enforcesAccounts: enforced.some((word) => /^(associations|limits|qos|safe|wckeys|all)$/.test(word)),
      enforcesQos: enforced.some((word) => /^(qos|all)$/.test(word)),
    }),
    ...(partitionLimits && { enforcesPartitionLimits: /^(ALL|ANY|YES)$/.test(partitionLimits) }),
  };
}

/** Of `sbatch --help`; options of site plugins are listed there too. */
export function parseHelp(stdout: string): KnownOption[] {
  const options: KnownOption[] = [];
  for (const line of stdout.split('\n')) {
    const match = /^ {1,8}(?:-(\w)[ ,]\s*)?--([A-Za-z][\w-]*)(\[?=\S*|[{<]\S*)?(?:\s+(.*))?$/.exec(line);
    if (!match) continue;
    const [, short, name = '', value, doc] = match;
    if (options.some((option) => option.name === name)) continue;
    options.push({
      name,
      ...(short && { short }),
      argument: value === undefined ? 'none' : value.startsWith('[') ? 'optional' : 'required',
      ...(doc && { doc: doc.trim() }),
    });
  }
  return options;
}

/** null: no limit; undefined: it is not told. */
function seconds(text: string): number | null | undefined {
  const parsed = /^(n\/a|none|)$/i.test(text) ? undefined : parseTimeLimit(text);
  return parsed === Number.POSITIVE_INFINITY ? null : parsed;
}

function list(text: string | undefined): string[] {
  if (!text || text === '(null)' || text === 'N/A') return [];
  return text.split(',').filter(Boolean);
}

function pairs(line: string): { [key: string]: string } {
  return Object.fromEntries(
    line
      .split(/\s+/)
      .filter((word) => word.includes('='))
      .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
}

function number<Key extends string>(key: Key, text: string | undefined): { readonly [name in Key]?: number } {
  return text !== undefined && /^\d+$/.test(text) ? ({ [key]: Number(text) } as { [name in Key]: number }) : {};
}

function bound<Key extends string>(key: Key, text: string | undefined): { readonly [name in Key]?: number | null } {
  if (text === 'UNLIMITED') return { [key]: null } as { [name in Key]: null };
  return number(key, text);
}

function names<Key extends string>(key: Key, text: string | undefined): { readonly [name in Key]?: readonly string[] } {
  if (text === undefined || text === 'ALL') return {};
  return { [key]: list(text) } as { [name in Key]: string[] };
}
