/** What a job used and which steps it had, from sacct(1). Pure. */
import type { JobStep, JobUsage } from '../protocol/jobs.ts';
import { sacctDelimiter } from './slurm-parse.ts';

/** Columns for `parseUsage`. */
export const usageColumns = [
  'JobID',
  'JobName',
  'State',
  'Start',
  'End',
  'ElapsedRaw',
  'AllocCPUS',
  'TotalCPU',
  'MaxRSS',
  'NTasks',
  'AllocTRES',
] as const;

/** Of what sacct prints of one job with its steps; `undefined`: it knows no such job. */
export function parseUsage(stdout: string, jobId: string): JobUsage | undefined {
  const rows = stdout
    .split('\n')
    .map((line) => line.split(sacctDelimiter))
    .filter((fields) => fields.length >= usageColumns.length);
  const job = rows.find(([id]) => id === jobId);
  if (!job) return undefined;
  const steps = rows.filter(([id = '']) => id.startsWith(`${jobId}.`) && !id.endsWith('.extern'));
  const [, , , , , elapsed = '', cpus = '', cpuTime = '', , , tres = ''] = job;
  // As seff(1): of the step that took most, of each of its tasks what the largest took.
  const memory = Math.max(
    0,
    ...steps.map(([, , , , , , , , rss = '', tasks = '']) => bytes(rss) * (Number(tasks) || 1)),
  );
  return {
    ...number('elapsedSeconds', Number(elapsed)),
    ...number('cpus', Number(cpus)),
    ...number('cpuSeconds', seconds(cpuTime)),
    ...number('memoryBytes', memory),
    ...number('requestedMemoryBytes', bytes(/(?:^|,)mem=([^,]+)/.exec(tres)?.[1] ?? '')),
    steps: steps.map(
      ([id = '', name = '', state = '', start = '', end = '']): JobStep => ({
        id: id.slice(jobId.length + 1),
        name,
        state: /^\w+/.exec(state)?.[0]?.toLowerCase() ?? '',
        ...number('started', Number(start)),
        ...number('ended', Number(end)),
      }),
    ),
  };
}

/** Nothing where it is not told: sacct leaves such a field empty, or says 0 or `Unknown`. */
function number<Key extends string>(key: Key, value: number): { readonly [name in Key]?: number } {
  return (Number.isFinite(value) && value > 0 ? { [key]: value } : {}) as { readonly [name in Key]?: number };
}

const units: { readonly [unit: string]: number } = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** `91464K`, `1.5G`; 0 for what is none. */
function bytes(text: string): number {
  const [, size = '0', unit = ''] = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text) ?? [];
  return Math.round(Number(size) * (units[unit] ?? 1));
}

/** `[DD-[HH:]]MM:SS[.mmm]`; 0 for what is none. */
function seconds(text: string): number {
  const [, days = '0', hours = '0', minutes = '0', rest = '0'] =
    /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  return Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
}
