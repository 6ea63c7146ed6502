/** Fills in what scontrol leaves in the output paths of a job that runs (Slurm 22.05: `StdOut=/tmp/a-%N-82.out`). Pure. */

export interface PathContext {
  /** Short name of the host that runs the batch script. */
  readonly hostname: string;
  readonly jobId: string;
}

/** Does the path hold a `%` that the start of the job may turn into something else? */
export function isOpenPath(path: string | undefined): boolean {
  return path?.includes('%') === true;
}

export function needsHostname(path: string | undefined): boolean {
  return path !== undefined && /%\d*N/.test(path.replaceAll('%%', ''));
}

/**
 * sbatch(1), FILENAME PATTERN, as slurmd does it for a batch script: it is task 0 on node 0 of the step `batch`. Numbers
 * may be padded (`%3t` is 000).
 */
export function expandPath(path: string, { hostname, jobId }: PathContext): string {
  const values: { readonly [letter: string]: string } = { N: hostname, n: '0', t: '0', s: 'batch', J: jobId };
  return path.replace(/%(\d{0,2})([NntsJ%])/g, (whole, width: string, letter: string) => {
    if (letter === '%') return width === '' ? '%' : whole;
    const value = values[letter] ?? whole;
    return letter === 'n' || letter === 't' ? value.padStart(Math.min(Number(width), 10), '0') : value;
  });
}
