/** The options of sbatch(1), Slurm 20.11 to 25.11: names, short forms, values, and what they do. */
import * as l10n from '../text/l10n.ts';
import type { OptionInfo } from './option-info.ts';
import { slurmFileOptions } from './slurm-file-options.ts';
import { slurmJobOptions } from './slurm-job-options.ts';
import { slurmResourceOptions } from './slurm-resource-options.ts';

/** By name. */
export const slurmOptions: readonly OptionInfo[] = [
  ...slurmJobOptions,
  ...slurmFileOptions,
  ...slurmResourceOptions,
].sort((a, b) => (a.name < b.name ? -1 : 1));

/** Other spellings that sbatch takes; they may be abbreviated too: `--tasks` is tasks on each node. */
export const slurmOptionAliases: { readonly [name: string]: string } = {
  cluster: 'clusters',
  'tasks-per-node': 'ntasks-per-node',
};

/** Spellings that older releases took, with the release that did no more, and options of the command line of srun that people try. */
export const removedSlurmOptions: { readonly [name: string]: { readonly instead: string; readonly since: string } } = {
  share: { instead: 'oversubscribe', since: '20.11' },
  workdir: { instead: 'chdir', since: '17.11' },
};

/** Options of site plugins (SPANK) that are known by name: whether a cluster has them only its own `sbatch --help` tells. */
export const pluginOptions: readonly OptionInfo[] = (
  [
    ['bcast', l10n.later('Copy the program to the nodes.')],
    ['container-env', l10n.later('Pyxis: variables of the container’s image that are replaced.')],
    ['container-image', l10n.later('Pyxis: the container image that the job runs in.')],
    ['container-mount-home', l10n.later('Pyxis: mount the home directory in the container.')],
    ['container-mounts', l10n.later('Pyxis: folders to mount in the container: `/data:/data:ro`.')],
    ['container-name', l10n.later('Pyxis: keep the container under this name.')],
    ['container-remap-root', l10n.later('Pyxis: be root in the container.')],
    ['container-save', l10n.later('Pyxis: save the container to this file.')],
    ['container-workdir', l10n.later('Pyxis: working directory in the container.')],
    ['container-writable', l10n.later('Pyxis: let the container write to its image.')],
    ['disable-cpu-boost', l10n.later('Switch the boost of the CPUs off.')],
    ['ear', l10n.later('EAR: energy management on or off.')],
    ['ear-cpufreq', l10n.later('EAR: CPU frequency in kHz.')],
    ['ear-policy', l10n.later('EAR: energy policy.')],
    ['ear-user-db', l10n.later('EAR: file for the metrics.')],
    ['ear-verbose', l10n.later('EAR: how much is told.')],
    ['environment', l10n.later('CSCS container engine: the environment definition that the job runs in.')],
    ['fpgalink', l10n.later('Links between FPGAs.')],
    ['gpu-mps', l10n.later('Share GPUs by NVIDIA MPS.')],
    ['image', l10n.later('Shifter: the container image that the job runs in.')],
    ['jobtype', l10n.later('Kind of job, at some sites.')],
    ['module', l10n.later('Shifter: modules of the container.')],
    ['no-container-entrypoint', l10n.later('Pyxis: do not run the image’s entry point.')],
    ['no-container-mount-home', l10n.later('Pyxis: do not mount the home directory.')],
    ['perf', l10n.later('Hardware counters, at some sites.')],
    ['quotatype', l10n.later('Kind of quota that is charged, at some sites.')],
    ['sif', l10n.later('Apptainer image that the job runs in.')],
    ['ssd', l10n.later('Local disk space, at some sites.')],
    ['uenv', l10n.later('CSCS: user environment that is mounted.')],
    ['uenv-file', l10n.later('CSCS: file of the user environment.')],
    ['view', l10n.later('CSCS: view of the user environment.')],
    ['volume', l10n.later('Shifter: folders to mount in the container: `/data:/data`.')],
    ['x11', l10n.later('Forward X11 from the nodes.')],
  ] as const
).map(([name, doc]) => ({ name, argument: 'unsure', doc }));
