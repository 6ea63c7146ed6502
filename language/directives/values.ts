/** Values of scheduler options: times, array specifications, dependencies and file names, as sbatch(1) defines them. */

/**
 * `--time` in seconds: `minutes`, `minutes:seconds`, `hours:minutes:seconds`, `days-hours`, `days-hours:minutes`,
 * `days-hours:minutes:seconds`. Zero, `UNLIMITED`, `INFINITE` and `-1` are no limit: Infinity.
 */
export function parseTimeLimit(text: string): number | undefined {
  if (/^(unlimited|infinite|-1)$/i.test(text)) return Number.POSITIVE_INFINITY;
  const match = /^(?:(\d+)-(\d+)(?::(\d+))?(?::(\d+))?|(\d+)(?::(\d+))?(?::(\d+))?)$/.exec(text);
  if (!match) return undefined;
  const [days, dayHours, dayMinutes, daySeconds, first, second, third] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  let seconds = (days ?? 0) * 86_400 + (dayHours ?? 0) * 3600 + (dayMinutes ?? 0) * 60 + (daySeconds ?? 0);
  // One or two numbers are minutes and seconds, three are hours first.
  if (match[7] !== undefined) seconds += (first ?? 0) * 3600 + (second ?? 0) * 60 + (third ?? 0);
  else seconds += (first ?? 0) * 60 + (second ?? 0);
  return seconds === 0 ? Number.POSITIVE_INFINITY : seconds;
}

/** `--mem` in MiB; zero is all of the node's. */
export function parseMemory(text: string): number | undefined {
  const [, digits, unit = 'M'] = /^(\d+)([KMGT])?B?$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const powers: { readonly [unit: string]: number } = { K: 1 / 1024, M: 1, G: 1024, T: 1024 * 1024 };
  return Math.ceil(Number(digits) * (powers[unit.toUpperCase()] ?? 1));
}

export interface ArraySpec {
  /** In ascending order, each once. */
  readonly indices: readonly number[];
  /** How many tasks may run at the same time. */
  readonly limit?: number;
}

/** Slurm's own bound of `MaxArraySize`. */
const maxArrayIndex = 4_000_001;

interface ArrayRanges {
  readonly ranges: readonly { readonly from: number; readonly to: number; readonly step: number }[];
  readonly limit?: number;
}

/** `--array` as it is written, without a look at each index: `0-15`, `0,6,16-32`, `0-15:4`, `0-15%4`. */
export function parseArrayRanges(text: string): ArrayRanges | undefined {
  const [list = '', throttle, ...more] = text.split('%');
  if (more.length > 0 || (throttle !== undefined && !/^[1-9]\d*$/.test(throttle))) return undefined;
  const ranges: { from: number; to: number; step: number }[] = [];
  for (const part of list.replace(/^\[(.*)\]$/, '$1').split(',')) {
    const match = /^(\d+)(?:-(\d+)(?::([1-9]\d*))?)?$/.exec(part);
    if (!match) return undefined;
    const from = Number(match[1]);
    const to = Number(match[2] ?? match[1]);
    if (to < from || to > maxArrayIndex) return undefined;
    ranges.push({ from, to, step: Number(match[3] ?? 1) });
  }
  return throttle === undefined ? { ranges } : { ranges, limit: Number(throttle) };
}

/** More indices than this are not looked at one by one. */
const mostExpanded = 1_000_000;

/** How many tasks there are: an index of several ranges counts once, unless there are more than a million of them. */
export function countIndices(spec: ArrayRanges): number {
  const sorted = [...spec.ranges].sort((a, b) => a.from - b.from);
  const areApart = sorted.every(({ from }, index) => index === 0 || from > (sorted[index - 1]?.to ?? -1));
  const sum = sorted.reduce((count, { from, to, step }) => count + Math.floor((to - from) / step) + 1, 0);
  return areApart || sum > mostExpanded ? sum : indicesOf(spec).size;
}

/** The greatest index. */
export function lastIndex({ ranges }: ArrayRanges): number {
  return ranges.reduce((last, { from, to, step }) => Math.max(last, to - ((to - from) % step)), 0);
}

function indicesOf({ ranges }: ArrayRanges): ReadonlySet<number> {
  const indices = new Set<number>();
  for (const { from, to, step } of ranges) for (let index = from; index <= to; index += step) indices.add(index);
  return indices;
}

/** `--array` with all its indices; undefined also where there are more than a million. */
export function parseArraySpec(text: string): ArraySpec | undefined {
  const spec = parseArrayRanges(text);
  if (!spec || countIndices(spec) > mostExpanded) return undefined;
  const sorted = [...indicesOf(spec)].sort((a, b) => a - b);
  return spec.limit === undefined ? { indices: sorted } : { indices: sorted, limit: spec.limit };
}

export interface DependencyTerm {
  /** `after`, `afterany`, `afterok`, `afternotok`, `aftercorr`, `afterburstbuffer`, `singleton`. */
  readonly type: string;
  readonly jobs: readonly DependencyJob[];
}

export interface DependencyJob {
  readonly id: string;
  /** Of an array job; `*` for all tasks. */
  readonly task?: string;
  /** `after:ID+TIME`: minutes after the start. */
  readonly delayMinutes?: number;
}

export interface Dependency {
  /** Terms separated by `?`: one is enough. */
  readonly any: boolean;
  readonly terms: readonly DependencyTerm[];
}

const dependencyTypes = /^(after|afterany|afterok|afternotok|aftercorr|afterburstbuffer)$/;

/** `--dependency`: `afterok:1:2,afterany:3`, `afterok:1?afterok:2`, `after:5+10`, `singleton`. */
export function parseDependency(text: string): Dependency | undefined {
  const any = text.includes('?');
  if (any && text.includes(',')) return undefined;
  const terms: DependencyTerm[] = [];
  for (const part of text.split(any ? '?' : ',')) {
    const [type = '', ...ids] = part.split(':');
    const name = type.toLowerCase();
    if (name === 'singleton' && ids.length === 0) {
      terms.push({ type: name, jobs: [] });
      continue;
    }
    const jobs = ids.map((id) => parseDependencyJob(id, name));
    if (!dependencyTypes.test(name) || jobs.length === 0) return undefined;
    const known = jobs.filter((job) => job !== undefined);
    if (known.length < jobs.length) return undefined;
    terms.push({ type: name, jobs: known });
  }
  return { any, terms };
}

function parseDependencyJob(text: string, type: string): DependencyJob | undefined {
  const match = /^(\d+)(?:_(\d+|\*))?(?:\+(\d+))?$/.exec(text);
  const [, id, task, delay] = match ?? [];
  if (id === undefined || (delay !== undefined && type !== 'after')) return undefined;
  return { id, ...(task !== undefined && { task }), ...(delay !== undefined && { delayMinutes: Number(delay) }) };
}

export interface FileNames {
  readonly jobId: string;
  /** The array job's id; for a job that is no array the job's own. */
  readonly arrayJobId?: string;
  readonly arrayTaskId?: string;
  readonly jobName: string;
  readonly userName: string;
  /** Short name of the first node. */
  readonly nodeName: string;
  /** Number of the node within the job, from 0. */
  readonly nodeIndex?: string;
  /** Number of the task, from 0. */
  readonly taskIndex?: string;
  /** Absent for the batch step: it is called `batch`. */
  readonly stepId?: string;
}

/** What `%a` and friends are for a job that is no array: sbatch writes NO_VAL as a number. */
const noValue = '4294967294';

/** A file name of `--output`, `--error`, `--input` with its replacement symbols (sbatch(1), "filename pattern") filled in. */
export function expandFileName(pattern: string, names: FileNames): string {
  // A backslash switches the symbols off, and is removed.
  if (pattern.includes('\\')) return pattern.replaceAll('\\', '');
  const step = names.stepId ?? 'batch';
  const symbols: { readonly [letter: string]: string } = {
    A: names.arrayJobId ?? names.jobId,
    a: names.arrayTaskId ?? noValue,
    b: String(Number(names.arrayTaskId ?? noValue) % 10),
    J: `${names.jobId}.${step}`,
    j: names.jobId,
    N: names.nodeName,
    n: names.nodeIndex ?? '0',
    s: step,
    t: names.taskIndex ?? '0',
    u: names.userName,
    x: names.jobName,
  };
  return pattern.replace(/%(\d*)([%A-Za-z])/g, (whole, width: string, letter: string) => {
    if (letter === '%') return '%';
    const value = symbols[letter];
    if (value === undefined) return whole;
    // Numbers are filled up with zeros, to ten digits at most; for other values the width is ignored.
    return /^\d+$/.test(value) ? value.padStart(Math.min(Number(width || 0), 10), '0') : value;
  });
}
