/** Proposals for directives: the options of each scheduler, and their values. */

import { CompletionItemKind } from 'vscode-languageserver';
import { dialectOf, type Scheduler, spellOption } from '../language/directives/dialect.ts';
import type { Meaning } from '../language/directives/forms/form.ts';
import type { OptionInfo } from '../language/directives/option-info.ts';
import * as l10n from '../language/text/l10n.ts';
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
          .map((option) => ({ ...option, doc: option.doc ?? l10n.t('An option of a plugin of {0}.', facts.cluster) }));
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

type Values = readonly (readonly [string, Meaning])[];

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
    ['4G', l10n.later('4 GiB on each node')],
    ['16G', l10n.later('16 GiB on each node')],
    ['0', l10n.later('all memory of each node')],
  ],
};

/** sbatch(1), "filename pattern"; `%4j` is filled with zeros to 4 digits. */
function fileSymbols(typed: string): Values {
  const symbols: Values = [
    ['j', l10n.t('job id')],
    ['x', l10n.t('job name')],
    ['A', l10n.t('job id of the array')],
    ['a', l10n.t('array index')],
    ['u', l10n.t('user')],
    ['N', l10n.t('first node')],
    ['J', l10n.t('job id and step')],
    ['n', l10n.t('number of the node within the job')],
    ['s', l10n.t('step id')],
    ['t', l10n.t('task')],
    ['b', l10n.t('array index modulo 10')],
    ['%', l10n.t('a percent sign')],
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
    [`%x-%j.${suffix}`, l10n.later('job name and id')],
    [`slurm-%j.${suffix}`, l10n.later('job id')],
    [`%x-%A_%a.${suffix}`, l10n.later('job name, array id and task')],
  ];
}
