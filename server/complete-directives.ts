/** Proposals for `#SBATCH` lines: options and their values. */
import { CompletionItemKind } from 'vscode-languageserver';
import { slurmOptions } from '../language/directives/slurm-options.ts';
import type { ScriptDocument } from '../language/script/parse-script.ts';
import type { Proposal } from './completion.ts';
import type { Cursor } from './cursor.ts';
import { optionDoc, optionSpelling } from './docs.ts';

/** Options of the command line only: in a script they have no effect or make no sense. */
const commandLineOnly = new Set([
  'help',
  'usage',
  'version',
  'wrap',
  'test-only',
  'parsable',
  'uid',
  'gid',
  'ignore-pbs',
  'quiet',
  'verbose',
]);

export function directiveOptionItems(
  script: ScriptDocument,
  cursor: Cursor & { kind: 'directive-option' },
): readonly Proposal[] {
  const given = new Set(
    script.directives.flatMap(({ options }) =>
      options.filter(({ nameSpan }) => nameSpan.start !== cursor.replace.start).map(({ name }) => name),
    ),
  );
  const replaced = script.text.slice(cursor.replace.start, cursor.replace.end);
  const hasValue = cursor.directive.options.some(
    ({ nameSpan, valueSpan }) => nameSpan.start === cursor.replace.start && valueSpan !== undefined,
  );
  return slurmOptions
    .filter(({ name }) => !commandLineOnly.has(name) && !given.has(name))
    .map((option) => {
      const takesValue = option.argument === 'required' && !hasValue;
      return {
        label: `--${option.name}`,
        detail: optionSpelling(option),
        doc: optionDoc(option),
        kind: CompletionItemKind.Property,
        // `-n` finds --ntasks, and so does `ntasks`.
        filter:
          replaced.startsWith('-') && !replaced.startsWith('--') && option.short
            ? `-${option.short}`
            : replaced.startsWith('-')
              ? `--${option.name}`
              : option.name,
        ...(takesValue && { snippet: `--${option.name}=$1`, goesOn: valuesOf(option.name).length > 0 }),
      };
    });
}

export function directiveValueItems(cursor: Cursor & { kind: 'directive-value' }): readonly Proposal[] {
  return valuesOf(cursor.option.name).map(([label, detail]) => ({
    label,
    detail,
    kind: CompletionItemKind.EnumMember,
  }));
}

type Values = readonly (readonly [string, string])[];

const values: { readonly [option: string]: Values } = {
  'mail-type': [
    ['NONE', 'no mail'],
    ['BEGIN', 'the job starts'],
    ['END', 'the job ends'],
    ['FAIL', 'the job fails'],
    ['REQUEUE', 'the job is requeued'],
    ['ALL', 'BEGIN, END, FAIL, INVALID_DEPEND, REQUEUE, STAGE_OUT'],
    ['TIME_LIMIT', 'the time limit is reached'],
    ['TIME_LIMIT_90', '90 % of the time limit are reached'],
    ['TIME_LIMIT_80', '80 % of the time limit are reached'],
    ['TIME_LIMIT_50', '50 % of the time limit are reached'],
    ['ARRAY_TASKS', 'a mail for each task of an array'],
  ],
  'open-mode': [
    ['append', 'add to an output file that exists'],
    ['truncate', 'overwrite an output file that exists'],
  ],
  export: [
    ['ALL', 'all variables of the submitting shell'],
    ['NONE', 'only SLURM_* variables'],
    ['NIL', 'no variables'],
  ],
  hint: [
    ['compute_bound', 'use all cores of each socket'],
    ['memory_bound', 'use one core of each socket'],
    ['multithread', 'use hardware threads'],
    ['nomultithread', 'do not use hardware threads'],
  ],
  dependency: [
    ['afterok:', 'after they ended well'],
    ['afterany:', 'after they ended'],
    ['afternotok:', 'after they failed'],
    ['after:', 'after they started'],
    ['aftercorr:', 'after the task with the same index ended well'],
    ['singleton', 'after all jobs of the same name and user'],
  ],
  output: fileNames('out'),
  error: fileNames('err'),
  'kill-on-invalid-dep': [
    ['yes', ''],
    ['no', ''],
  ],
};

function fileNames(suffix: string): Values {
  return [
    [`%x-%j.${suffix}`, 'job name and id'],
    [`slurm-%j.${suffix}`, 'job id'],
    [`%x-%A_%a.${suffix}`, 'job name, array id and task'],
  ];
}

function valuesOf(option: string): Values {
  return Object.hasOwn(values, option) ? (values[option] ?? []) : [];
}
