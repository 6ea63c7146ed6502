/** Proposals for directives: the options of each scheduler, and their values. */
import { CompletionItemKind } from 'vscode-languageserver';
import { dialectOf, type Scheduler, spellOption } from '../language/directives/dialect.ts';
import type { OptionInfo } from '../language/directives/option-info.ts';
import type { Proposal } from './completion.ts';
import { type Cursor, fileNameOptions } from './cursor.ts';
import { factProposals } from './directive-facts.ts';
import { optionDoc, optionSpelling } from './docs.ts';
import type { Analysis } from './documents.ts';

export function directiveOptionItems(
  { script, facts }: Analysis,
  cursor: Cursor & { kind: 'directive-option' },
): readonly Proposal[] {
  const { scheduler } = cursor.directive;
  const given = new Set(
    script.directives
      .filter((directive) => directive.scheduler === scheduler)
      .flatMap(({ options }) =>
        options.filter(({ nameSpan }) => nameSpan.start !== cursor.replace.start).map(({ name }) => name),
      ),
  );
  const replaced = script.text.slice(cursor.replace.start, cursor.replace.end);
  const hasValue = cursor.directive.options.some(
    ({ nameSpan, valueSpan }) => nameSpan.start === cursor.replace.start && valueSpan !== undefined,
  );
  const { options } = dialectOf(scheduler).table;
  // What plugins of the site bring.
  const known = new Set(options.map(({ name }) => name));
  const own: readonly OptionInfo[] =
    scheduler !== 'slurm' || facts?.scheduler !== 'slurm'
      ? []
      : (facts.options ?? [])
          .filter(({ name }) => !known.has(name))
          .map((option) => ({ ...option, doc: option.doc ?? `An option of a plugin of ${facts.cluster}.` }));
  return [...options, ...own]
    .filter((option) => !option.commandLineOnly && (option.repeats || !given.has(option.name)))
    .map((option) => optionItem(scheduler, option, replaced, hasValue, facts !== undefined));
}

function optionItem(
  scheduler: Scheduler,
  option: OptionInfo,
  replaced: string,
  hasValue: boolean,
  hasFacts: boolean,
): Proposal {
  const spelling = spellOption(scheduler, option);
  const takesValue = (option.argument === 'required' || option.argument === 'pair') && !hasValue;
  const isLong = spelling.startsWith('--');
  // `-n` finds --ntasks, and so does `ntasks`.
  const byLetter = isLong && /^-[^-]?$/.test(replaced) && option.short !== undefined && replaced !== '-';
  const goesOn = (option.form?.values?.length ?? 0) > 0 || (hasFacts && liveOptions.has(option.name));
  return {
    label: spelling,
    detail: optionSpelling(scheduler, option),
    doc: optionDoc(option),
    kind: CompletionItemKind.Property,
    filter: byLetter ? `-${option.short}` : replaced.startsWith('-') ? spelling : option.name,
    ...(takesValue && { snippet: `${spelling}${isLong ? '=' : ' '}$1`, goesOn }),
  };
}

/** Whose values a cluster tells. */
const liveOptions = new Set(['partition', 'account', 'qos', 'constraint', 'gres', 'time']);

export function directiveValueItems(
  { script, facts }: Analysis,
  cursor: Cursor & { kind: 'directive-value' },
): readonly Proposal[] {
  const { scheduler, option } = cursor;
  const live =
    facts && facts.scheduler === scheduler
      ? factProposals(
          facts,
          option.name,
          script.directives.filter((directive) => directive.scheduler === scheduler),
        )
      : [];
  const replaced = script.text.slice(cursor.replace.start, cursor.replace.end);
  if (scheduler === 'slurm' && fileNameOptions.has(option.name) && /^%\d*$/.test(replaced)) {
    const examples = option.value === replaced ? (slurmValues[option.name] ?? []) : [];
    return [...fileSymbols(replaced), ...examples].map(([label, detail]) => ({
      label,
      detail,
      kind: CompletionItemKind.EnumMember,
    }));
  }
  const values = (scheduler === 'slurm' ? slurmValues[option.name] : undefined) ?? option.info?.form?.values ?? [];
  // The cluster knows better which generic resources there are.
  const fixed = live.length > 0 && option.name === 'gres' ? [] : values;
  return [...live, ...fixed.map(([label, detail]) => ({ label, detail, kind: CompletionItemKind.EnumMember }))];
}

type Values = readonly (readonly [string, string])[];

/** Examples, where a value is free text. */
const slurmValues: { readonly [option: string]: Values } = {
  output: fileNames('out'),
  error: fileNames('err'),
  time: [
    ['30:00', '30 min'],
    ['1:00:00', '1 h'],
    ['12:00:00', '12 h'],
    ['1-00:00:00', '1 d'],
  ],
  mem: [
    ['4G', '4 GiB on each node'],
    ['16G', '16 GiB on each node'],
    ['0', 'all memory of each node'],
  ],
};

/** sbatch(1), "filename pattern"; `%4j` is filled with zeros to 4 digits. */
function fileSymbols(typed: string): Values {
  const symbols: Values = [
    ['j', 'job id'],
    ['x', 'job name'],
    ['A', 'job id of the array'],
    ['a', 'array index'],
    ['u', 'user'],
    ['N', 'first node'],
    ['J', 'job id and step'],
    ['n', 'number of the node within the job'],
    ['s', 'step id'],
    ['t', 'task'],
    ['b', 'array index modulo 10'],
    ['%', 'a percent sign'],
  ];
  const known = typed === '%' ? symbols : symbols.filter(([letter]) => /[jAasJtnb]/.test(letter));
  return known.map(([letter, detail]) => [`${typed}${letter}`, detail]);
}

/** What `modifications` may change: the options of the script's scheduler. */
export function modificationItems({ script }: Analysis): readonly Proposal[] {
  const scheduler = script.directives[0]?.scheduler ?? 'slurm';
  return dialectOf(scheduler)
    .table.options.filter(({ commandLineOnly }) => !commandLineOnly)
    .map((option) => ({
      label: option.name,
      detail: optionSpelling(scheduler, option),
      doc: optionDoc(option),
      kind: CompletionItemKind.Property,
    }));
}

function fileNames(suffix: string): Values {
  return [
    [`%x-%j.${suffix}`, 'job name and id'],
    [`slurm-%j.${suffix}`, 'job id'],
    [`%x-%A_%a.${suffix}`, 'job name, array id and task'],
  ];
}
