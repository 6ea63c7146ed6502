/**
 * The ids of Slurm's jobs: `16`, `16_3` (a task of an array), `16+1` (a component of a heterogeneous job), each with
 * `;NAME` where it belongs to another cluster of the site (`sbatch -M`, whose `--parsable` prints it so). Pure.
 */

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

/** Of a task the array's id, of a component the whole job's, else the id itself. */
export function wholeJobId(id: string): string {
  return id.replace(/[_+][^;]*/, '');
}

/** The id that `sbatch --parsable` printed, wherever a site's own words stand. */
export function printedJobId(stdout: string): string | undefined {
  const match = /^(\d+)(?:;([\w.-]+))?$/m.exec(stdout);
  return match?.[1] && joinJobId(match[1], match[2] ?? '');
}
