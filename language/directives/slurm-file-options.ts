/** Options of sbatch(1) about files, the environment and accounting data of a job. */
import * as l10n from '../text/l10n.ts';
import { lenientChoice } from './forms/choice.ts';
import { exportList, fileName, profile, resourceLimits } from './forms/job.ts';
import { frequency } from './forms/resources.ts';
import type { OptionInfo } from './option-info.ts';

export const slurmFileOptions: readonly OptionInfo[] = [
  {
    name: 'acctg-freq',
    argument: 'required',
    value: '<type>=<interval>',
    form: frequency,
    doc: l10n.later('How often accounting data is gathered, by type: task, energy, network, filesystem.'),
  },
  { name: 'bb', argument: 'required', value: '<spec>', doc: l10n.later('Burst buffer specification.') },
  { name: 'bbf', argument: 'required', value: '<file>', doc: l10n.later('File with the burst buffer specification.') },
  {
    name: 'chdir',
    short: 'D',
    argument: 'required',
    value: '<directory>',
    default: l10n.later('where sbatch was called'),
    doc: l10n.later('Working directory of the batch script.'),
  },
  {
    name: 'error',
    short: 'e',
    argument: 'required',
    value: '<file>',
    form: fileName,
    default: l10n.later('the file of --output'),
    doc: l10n.later('Where standard error goes.'),
    facts: l10n.later('Symbols as in --output.'),
  },
  {
    name: 'export',
    argument: 'required',
    value: '<variables>',
    form: exportList,
    default: 'ALL',
    doc: l10n.later('Environment of the job: `ALL` (default), `NONE`, `NIL`, or names and `NAME=value`, with commas.'),
    facts: l10n.later(
      '`NONE` sets only `SLURM_*` variables and loads the login environment; `NAME=value` with commas adds variables.',
    ),
  },
  {
    name: 'export-file',
    argument: 'required',
    value: '<file|fd>',
    doc: l10n.later('Read the environment from this file.'),
  },
  {
    name: 'get-user-env',
    argument: 'optional',
    value: 'timeout',
    doc: l10n.later('Load the user’s login environment.'),
  },
  {
    name: 'input',
    short: 'i',
    argument: 'required',
    value: '<file>',
    form: fileName,
    default: '/dev/null',
    doc: l10n.later('Standard input of the batch script.'),
  },
  {
    name: 'open-mode',
    argument: 'required',
    value: '<append|truncate>',
    form: lenientChoice(/^[at]/i, 'append', 'truncate'),
    default: l10n.later('the cluster’s `JobFileAppend`, as a rule truncate'),
    doc: l10n.later('What to do with output files that are there already.'),
  },
  {
    name: 'output',
    short: 'o',
    argument: 'required',
    value: '<file>',
    form: fileName,
    default: l10n.later('`slurm-%j.out`, of an array `slurm-%A_%a.out`'),
    doc: l10n.later('Where standard output goes.'),
    facts: l10n.later(
      '`%j` job id, `%A` array’s job id, `%a` array index, `%x` job name, `%u` user, `%N` first node, `%t` task, `%%` a percent sign; `%4j` is filled with zeros to 4 digits. The folder must exist, or the job fails without a word.',
    ),
  },
  {
    name: 'profile',
    argument: 'required',
    value: '<type>',
    form: profile,
    doc: l10n.later('Detailed profiling: None, All, Energy, Task, Filesystem, Network.'),
  },
  {
    name: 'propagate',
    argument: 'optional',
    value: 'limits',
    form: resourceLimits,
    doc: l10n.later('Which of the user’s resource limits hold in the job.'),
  },
];
