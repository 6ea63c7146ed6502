/** What sbatch is called with, and what it answers to `--test-only`. Pure. */
import { parseScript } from '../../language/script/parse-script.ts';
import type { SubmitForecast } from '../protocol/submit.ts';
import { commandOptions } from './command-options.ts';
import type { SubmitRequest } from './scheduler.ts';
import { exportingToo } from './slurm-requested.ts';

/** The command line of a submission; the script goes to its standard input. */
export function sbatchLine(request: SubmitRequest): readonly string[] {
  const own = commandOptions(parseScript(request.script), request.options);
  const comment = own.get('comment');
  const exported = exportingToo(own.get('export'), Object.keys(request.env ?? {}));
  return [
    'sbatch',
    '--parsable',
    ...(own.has('job-name') ? [] : [`--job-name=${request.name}`]),
    ...request.options,
    ...(exported === undefined ? [] : [`--export=${exported}`]),
    `--comment=${comment ? `${comment} ` : ''}vigil:${request.key}`,
  ];
}

/** `sbatch: Job 5 to start at 1795242431 using 16 processors on nodes n[1-4] in partition debug`; older ones tell less. */
const promise = /\bJob \S+ to start at (\S+).*? using (\d+) processors on (?:nodes )?(\S+)(?: in partition (\S+))?/;
const warning = /^sbatch: warning: (.+)$/gim;

/** @param told what `sbatch --test-only` printed with `SLURM_TIME_FORMAT=%s`; with `--quiet` that is nothing */
export function parseTestOnly(told: string): SubmitForecast {
  const warnings = [...told.matchAll(warning)].map(([, words = '']) => words.trim());
  const [, start = '', processors, nodes, partition] = promise.exec(told) ?? [];
  return {
    // A Slurm that does not know the format tells the time without its zone.
    ...(/^\d+$/.test(start) ? { expectedStart: Number(start) } : {}),
    ...(processors === undefined ? {} : { processors: Number(processors) }),
    ...(nodes === undefined ? {} : { nodes }),
    ...(partition === undefined ? {} : { partition }),
    warnings,
  };
}
