/** The options of qsub(1B) as `#PBS` lines take them: OpenPBS, PBS Professional and Torque. */
import * as l10n from '../text/l10n.ts';
import { choice } from './forms/choice.ts';
import { mailEvents, pbsArray, pbsDate, pbsName, pbsPriority, pbsResources, pbsStreams } from './forms/pbs.ts';
import type { OptionInfo } from './option-info.ts';

const required = 'required';
const none = 'none';

/** Their names are letters. */
export const pbsOptions: readonly OptionInfo[] = (
  [
    {
      name: 'l',
      argument: required,
      value: 'resource=value,…',
      form: pbsResources,
      repeats: true,
      doc: l10n.later(
        'Resources: `walltime=02:00:00`, `select=2:ncpus=16:mem=32gb` (OpenPBS), `nodes=2:ppn=16` (Torque).',
      ),
    },
    {
      name: 'N',
      argument: required,
      value: 'name',
      form: pbsName,
      default: l10n.later('the script’s file name'),
      doc: l10n.later('Name of the job.'),
    },
    {
      name: 'q',
      argument: required,
      value: 'queue[@server]',
      default: l10n.later('the server’s default queue'),
      doc: l10n.later('The queue to submit to.'),
    },
    {
      name: 'o',
      argument: required,
      value: '[host:]path',
      default: l10n.later('`NAME.oJOBID` where qsub was called'),
      doc: l10n.later('Where standard output goes.'),
    },
    {
      name: 'e',
      argument: required,
      value: '[host:]path',
      default: l10n.later('`NAME.eJOBID` where qsub was called'),
      doc: l10n.later('Where standard error goes.'),
    },
    {
      name: 'j',
      argument: required,
      value: 'oe|eo|n',
      form: choice(
        ['oe', l10n.later('both to standard output’s file')],
        ['eo', l10n.later('both to standard error’s file')],
        ['n', l10n.later('two files')],
      ),
      doc: l10n.later('Join standard output and standard error.'),
    },
    { name: 'A', argument: required, value: 'account', doc: l10n.later('The account that is charged.') },
    {
      name: 'P',
      argument: required,
      value: 'project',
      doc: l10n.later('The project of the job (Torque: `user[:group]` to run as).'),
    },
    {
      name: 'm',
      argument: required,
      value: 'abe|n',
      form: mailEvents,
      default: 'a',
      doc: l10n.later('When to send mail: `a` abort, `b` begin, `e` end, `n` never.'),
    },
    {
      name: 'M',
      argument: required,
      value: 'user@host,…',
      default: l10n.later('the user who submits'),
      doc: l10n.later('Who gets the mail.'),
    },
    { name: 'V', argument: none, doc: l10n.later('Give the job all variables of the submitting shell.') },
    { name: 'v', argument: required, value: 'NAME[=value],…', doc: l10n.later('Variables that the job gets.') },
    {
      name: 'J',
      argument: required,
      value: 'first-last[:step]',
      form: pbsArray,
      doc: l10n.later('Submit an array job (OpenPBS): `0-99:2`, `0-99%10`. The index is `PBS_ARRAY_INDEX`.'),
    },
    {
      name: 't',
      argument: required,
      value: 'indexes[%limit]',
      form: pbsArray,
      doc: l10n.later('Submit an array job (Torque): `0-99%10`, `1,3,5`. The index is `PBS_ARRAYID`.'),
    },
    {
      name: 'W',
      argument: required,
      value: 'attribute=value,…',
      repeats: true,
      doc: l10n.later('More attributes: `depend=afterok:123`, `block=true`, `group_list=…`, `umask=…`, `stagein=…`.'),
    },
    {
      name: 'S',
      argument: required,
      value: 'path',
      default: l10n.later('the login shell'),
      doc: l10n.later('The shell that runs the script.'),
    },
    {
      name: 'd',
      argument: required,
      value: 'path',
      default: l10n.later('the home directory'),
      doc: l10n.later('Working directory of the job (Torque).'),
    },
    {
      name: 'a',
      argument: required,
      value: '[[[[CC]YY]MM]DD]hhmm[.SS]',
      form: pbsDate,
      doc: l10n.later('Do not start before this time.'),
    },
    { name: 'h', argument: none, doc: l10n.later('Submit the job held; `qrls` frees it.') },
    {
      name: 'p',
      argument: required,
      value: 'priority',
      form: pbsPriority,
      default: '0',
      doc: l10n.later('Priority from -1024 to 1023.'),
    },
    {
      name: 'r',
      argument: required,
      value: 'y|n',
      form: choice(['y', l10n.later('it may be run again')], ['n', l10n.later('never')]),
      default: 'y',
      doc: l10n.later('May the job be run again after a failure of its node?'),
    },
    {
      name: 'R',
      argument: required,
      value: 'o|e|oe',
      form: pbsStreams,
      doc: l10n.later('Remove the files of standard output or error (OpenPBS).'),
    },
    {
      name: 'k',
      argument: required,
      value: 'o|e|oe|n',
      form: pbsStreams,
      default: 'n',
      doc: l10n.later(
        'Keep output files on the execution host; with `d` they are written where they shall be (OpenPBS).',
      ),
    },
    { name: 'c', argument: required, value: 'n|s|c|c=minutes|w', doc: l10n.later('When checkpoints are made.') },
    { name: 'C', argument: required, value: 'prefix', default: '#PBS', doc: l10n.later('What directives begin with.') },
    { name: 'D', argument: required, value: 'path', doc: l10n.later('Root directory of the job (Torque).') },
    { name: 'E', argument: none, doc: l10n.later('Set PBS environment variables of the job’s placement (Torque).') },
    {
      name: 'f',
      argument: none,
      doc: l10n.later('Let the job restart (Torque), or stay in the foreground (OpenPBS).'),
    },
    { name: 'F', argument: required, value: 'arguments', doc: l10n.later('Arguments of the script (Torque).') },
    { name: 'I', argument: none, doc: l10n.later('Run interactively.') },
    {
      name: 'K',
      argument: required,
      value: 'seconds',
      doc: l10n.later('Seconds between the end signal and SIGKILL (Torque).'),
    },
    {
      name: 'L',
      argument: required,
      value: 'task spec',
      repeats: true,
      doc: l10n.later('Resources by task (Torque 6): `tasks=2:lprocs=4`.'),
    },
    {
      name: 'b',
      argument: required,
      value: 'seconds',
      doc: l10n.later('How long qsub waits for the server (Torque).'),
    },
    { name: 'n', argument: none, doc: l10n.later('Whole nodes only (Torque).') },
    { name: 's', argument: none, doc: l10n.later('Run as a service (Torque).') },
    { name: 'T', argument: required, value: 'name', doc: l10n.later('Prologue and epilogue of this name (Torque).') },
    { name: 'u', argument: required, value: 'user[@host],…', doc: l10n.later('The user that the job runs as.') },
    { name: 'w', argument: required, value: 'path', doc: l10n.later('Working directory of the job (Torque).') },
    { name: 'X', argument: none, doc: l10n.later('Forward X11.') },
    {
      name: 'x',
      argument: none,
      doc: l10n.later('Run the script without a shell (Torque), or only its command (OpenPBS, with -I).'),
    },
    { name: 'Z', argument: none, doc: l10n.later('Do not print the job id.') },
    { name: 'z', argument: none, doc: l10n.later('Do not print the job id.') },
  ] as const
).map((option) => ({ ...option, short: option.name }));
