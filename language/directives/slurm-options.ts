/** The options of sbatch(1), Slurm 20.11 to 25.11: names, short forms, values, and what they do. */
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
    ['bcast', 'Copy the program to the nodes.'],
    ['container-env', 'Pyxis: variables of the container’s image that are replaced.'],
    ['container-image', 'Pyxis: the container image that the job runs in.'],
    ['container-mount-home', 'Pyxis: mount the home directory in the container.'],
    ['container-mounts', 'Pyxis: folders to mount in the container: `/data:/data:ro`.'],
    ['container-name', 'Pyxis: keep the container under this name.'],
    ['container-remap-root', 'Pyxis: be root in the container.'],
    ['container-save', 'Pyxis: save the container to this file.'],
    ['container-workdir', 'Pyxis: working directory in the container.'],
    ['container-writable', 'Pyxis: let the container write to its image.'],
    ['disable-cpu-boost', 'Switch the boost of the CPUs off.'],
    ['ear', 'EAR: energy management on or off.'],
    ['ear-cpufreq', 'EAR: CPU frequency in kHz.'],
    ['ear-policy', 'EAR: energy policy.'],
    ['ear-user-db', 'EAR: file for the metrics.'],
    ['ear-verbose', 'EAR: how much is told.'],
    ['environment', 'CSCS container engine: the environment definition that the job runs in.'],
    ['fpgalink', 'Links between FPGAs.'],
    ['gpu-mps', 'Share GPUs by NVIDIA MPS.'],
    ['image', 'Shifter: the container image that the job runs in.'],
    ['jobtype', 'Kind of job, at some sites.'],
    ['module', 'Shifter: modules of the container.'],
    ['no-container-entrypoint', 'Pyxis: do not run the image’s entry point.'],
    ['no-container-mount-home', 'Pyxis: do not mount the home directory.'],
    ['perf', 'Hardware counters, at some sites.'],
    ['quotatype', 'Kind of quota that is charged, at some sites.'],
    ['sif', 'Apptainer image that the job runs in.'],
    ['ssd', 'Local disk space, at some sites.'],
    ['uenv', 'CSCS: user environment that is mounted.'],
    ['uenv-file', 'CSCS: file of the user environment.'],
    ['view', 'CSCS: view of the user environment.'],
    ['volume', 'Shifter: folders to mount in the container: `/data:/data`.'],
    ['x11', 'Forward X11 from the nodes.'],
  ] as const
).map(([name, doc]) => ({ name, argument: 'unsure', doc }));
