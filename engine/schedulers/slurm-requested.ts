/** What a job was given, from `scontrol show job` or `sacct`, as options of sbatch. Pure; pinned by recordings of a real Slurm. */
import type { RequestedResources } from './scheduler.ts';
import { sacctDelimiter } from './slurm-parse.ts';

/** Field of scontrol(1) → option. */
const shown: { readonly [field: string]: string } = {
  TimeLimit: 'time',
  NumTasks: 'ntasks',
  'CPUs/Task': 'cpus-per-task',
  MinMemoryNode: 'mem',
  MinMemoryCPU: 'mem-per-cpu',
  Partition: 'partition',
};

export function parseRequested(stdout: string): RequestedResources {
  const requested: { [option: string]: string } = {};
  for (const [, field = '', value = ''] of stdout.matchAll(/(?:^|\s)([A-Za-z/]+)=(\S*)/g)) {
    const option = Object.hasOwn(shown, field) ? shown[field] : undefined;
    if (option !== undefined && requested[option] === undefined && isTold(value)) requested[option] = value;
    // `1-1` or `1`.
    if (field === 'NumNodes' && /^\d+/.test(value)) requested.nodes ??= /^\d+/.exec(value)?.[0] ?? value;
  }
  return requested;
}

/** Columns for `parseRequestedAccounting`. */
export const requestedColumns = ['TimelimitRaw', 'ReqMem', 'Partition'] as const;

/** `TimelimitRaw` is in minutes; `ReqMem` was `4Gn` or `4000Mc` before 21.08, and is the job's total since: only the former is an option. */
export function parseRequestedAccounting(stdout: string): RequestedResources {
  const [minutes = '', memory = '', partition = ''] = (stdout.split('\n')[0] ?? '').trim().split(sacctDelimiter);
  const [, size, per] = /^(\d+(?:\.\d+)?[KMGT])([nc]?)$/.exec(memory) ?? [];
  return {
    ...(/^\d+$/.test(minutes) ? { time: minutes } : {}),
    ...(size !== undefined && per !== '' ? { [per === 'c' ? 'mem-per-cpu' : 'mem']: size } : {}),
    ...(partition ? { partition } : {}),
  };
}

function isTold(value: string): boolean {
  return value !== '' && !/^(?:N\/A|\(null\)|Partition_Limit|0)$/.test(value);
}

/** The value for `--export` that lets `names` through too; `undefined`: they get through as it is (sbatch(1): `ALL` is the default). */
export function exportingToo(written: string | undefined, names: readonly string[]): string | undefined {
  if (names.length === 0 || written === undefined || written === '') return undefined;
  const items = written.split(',');
  if (items.includes('ALL')) return undefined;
  return [...items.filter((item) => item !== 'NONE' && item !== 'NIL'), ...names].join(',');
}
