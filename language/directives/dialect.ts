/** How each scheduler writes its options, and which there are. */
import { fluxOptions } from './flux-options.ts';
import { lsfOptions } from './lsf-options.ts';
import type { OptionInfo } from './option-info.ts';
import { findLongOption, findPluginOption, OptionTable, slurmTable } from './option-lookup.ts';
import { pbsOptions } from './pbs-options.ts';
import { sgeOptions } from './sge-options.ts';

export type Scheduler = 'slurm' | 'flux' | 'pbs' | 'lsf' | 'sge';

export interface Dialect {
  /** For people. */
  readonly schedulerName: string;
  /** The command that reads the directives. */
  readonly command: string;
  readonly table: OptionTable;
  /**
   * `getopt`: getopt_long(3), `--long`, `-s`, flags together. `argparse`: the same, but a value does not begin with a dash.
   * `one-dash`: `-cwd` is one option, not three; with `glued` a value may follow its letter at once (`-n4`).
   */
  readonly style: 'getopt' | 'argparse' | 'one-dash';
  readonly glued: boolean;
  /** What is known of an option by what was written, without its dashes. */
  find(written: string, long: boolean): OptionInfo | undefined;
}

const fluxTable = new OptionTable(fluxOptions);
const pbsTable = new OptionTable(pbsOptions);
const lsfTable = new OptionTable(lsfOptions);
const sgeTable = new OptionTable(sgeOptions);

const dialects: { readonly [scheduler in Scheduler]: Dialect } = {
  slurm: {
    schedulerName: 'Slurm',
    command: 'sbatch',
    table: slurmTable,
    style: 'getopt',
    glued: true,
    find: (written, long) =>
      long ? (findLongOption(written) ?? findPluginOption(written)) : slurmTable.short(written),
  },
  flux: {
    schedulerName: 'Flux',
    command: 'flux batch',
    table: fluxTable,
    style: 'argparse',
    glued: true,
    find: (written, long) => (long ? fluxTable.long(written) : fluxTable.short(written)),
  },
  pbs: {
    schedulerName: 'PBS',
    command: 'qsub',
    table: pbsTable,
    style: 'getopt',
    glued: true,
    find: (written, long) => (long ? undefined : pbsTable.short(written)),
  },
  lsf: {
    schedulerName: 'LSF',
    command: 'bsub',
    table: lsfTable,
    style: 'one-dash',
    glued: true,
    find: (written) => lsfTable.exact(written),
  },
  sge: {
    schedulerName: 'Grid Engine',
    command: 'qsub',
    table: sgeTable,
    style: 'one-dash',
    glued: false,
    find: (written) => sgeTable.exact(written),
  },
};

export function dialectOf(scheduler: Scheduler): Dialect {
  return dialects[scheduler];
}

/** As it is written in a script: `--time`, `-N`, `-cwd`. */
export function spellOption(scheduler: Scheduler, option: OptionInfo): string {
  return scheduler === 'slurm' || scheduler === 'flux' ? `--${option.name}` : `-${option.name}`;
}
