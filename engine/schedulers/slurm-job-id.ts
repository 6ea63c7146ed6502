/**
 * The ids of Slurm's jobs: `16`, `16_3` (a task of an array), `16+1` (a component of a heterogeneous job), each with
 * `;NAME` where it belongs to another cluster of the site (`sbatch -M`, whose `--parsable` prints it so). Pure.
 */

import { parseArrayRanges } from '../../language/directives/values.ts';

export interface SlurmJobId {
  /** As Slurm's commands take it. */
  readonly id: string;
  /** For their `-M`; empty: the cluster that the login node belongs to. */
  readonly on: string;
}

export function splitJobId(jobId: string): SlurmJobId {
  const [id = '', on = ''] = jobId.split(';');
  return { id, on };
}

export function joinJobId(id: string, on: string): string {
  return on === '' ? id : `${id};${on}`;
}

/** `execve` takes no longer argument (MAX_ARG_STRLEN of Linux), whatever else stands in it. */
const longestList = 128 * 1024 - 64;

/** Tasks of an array as scancel takes them, which knows no steps (`0-9:2`). Throws where the list is too long for a command. */
export function withoutSteps(tasks: string): string {
  const list = (parseArrayRanges(tasks)?.ranges ?? []).map(({ from, to, step }) => {
    if (step === 1) return from === to ? `${from}` : `${from}-${to}`;
    return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step).join(',');
  });
  const words = list.join(',');
  if (words.length > longestList) throw new Error('These are too many tasks for one command: name fewer at a time.');
  return words;
}

/** Of a task the array's id, of a component the whole job's, else the id itself. */
export function wholeJobId(id: string): string {
  return id.replace(/[_+][^;]*/, '');
}

/** The id that `sbatch --parsable` printed, wherever a site's own words stand. */
export function printedJobId(stdout: string): string | undefined {
  const match = /^(\d+)(?:;([\w.-]+))?$/m.exec(stdout);
  return match?.[1] && joinJobId(match[1], match[2] ?? '');
}
