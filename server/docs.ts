/** The texts of hover and completion, in Markdown. */

import type { ActionInfo, ParameterInfo } from '../language/actions/catalogue.ts';
import { type Scheduler, spellOption } from '../language/directives/dialect.ts';
import type { OptionInfo } from '../language/directives/option-info.ts';
import * as l10n from '../language/text/l10n.ts';
import type { PropertyInfo } from '../language/watcher/properties.ts';

export function propertyDoc(info: PropertyInfo): string {
  const facts: string[] = [];
  const { type } = info;
  if (type.kind === 'choice' || type.kind === 'states')
    facts.push(l10n.t('One of {0}.', type.values.map(code).join(', ')));
  if (type.kind === 'seconds')
    facts.push(
      type.max === undefined ? l10n.t('At least {0} s.', type.min) : l10n.t('From {0} to {1} s.', type.min, type.max),
    );
  if (type.kind === 'count') facts.push(l10n.t('At least {0}.', type.min));
  if (info.default !== undefined) facts.push(l10n.t('Default: {0}.', l10n.shown(info.default)));
  if (info.aliases.length > 0) facts.push(l10n.t('Also written {0}.', info.aliases.map(code).join(', ')));
  return [info.doc(), facts.join(' ')].filter(Boolean).join('\n\n');
}

export function actionSignature(info: ActionInfo): string {
  return `${info.name}(${info.parameters.map(({ name, required }) => (required ? name : `${name}?`)).join(', ')})`;
}

export function actionDoc(info: ActionInfo): string {
  const parameters = info.parameters.map((parameter) => `- ${parameterLine(parameter)}`).join('\n');
  const aliases = info.aliases.length > 0 ? l10n.t('Also written {0}.', info.aliases.map(code).join(', ')) : '';
  return [info.doc(), parameters, aliases].filter(Boolean).join('\n\n');
}

function parameterLine(info: ParameterInfo): string {
  const notes = [
    info.required ? l10n.t('required') : '',
    info.default === undefined ? '' : l10n.t('default {0}', l10n.shown(info.default)),
  ].filter(Boolean);
  return `\`${info.name}\`${notes.length > 0 ? ` (${notes.join(', ')})` : ''}: ${info.doc()}`;
}

export function parameterDoc(info: ParameterInfo): string {
  const facts = [
    info.required ? l10n.t('Required.') : '',
    info.default === undefined ? '' : l10n.t('Default: {0}.', l10n.shown(info.default)),
    info.aliases ? l10n.t('Also written {0}.', info.aliases.map(code).join(', ')) : '',
  ];
  return [info.doc(), facts.filter(Boolean).join(' ')].filter(Boolean).join('\n\n');
}

/** `-t, --time=<time>`, `-l resource=value`: as the manual writes it. */
export function optionSpelling(scheduler: Scheduler, option: OptionInfo): string {
  const spelling = spellOption(scheduler, option);
  if (!spelling.startsWith('--')) return option.value === undefined ? spelling : `${spelling} ${option.value}`;
  const value =
    option.value === undefined ? '' : option.argument === 'optional' ? `[=${option.value}]` : `=${option.value}`;
  return `${option.short ? `-${option.short}, ` : ''}${spelling}${value}`;
}

export function optionDoc(option: OptionInfo): string {
  const facts = [
    option.default === undefined ? '' : l10n.t('Default: {0}.', l10n.shown(option.default)),
    option.since === undefined ? '' : l10n.t('Since Slurm {0}.', option.since),
    option.until === undefined ? '' : l10n.t('Gone since Slurm {0}.', option.until),
  ].filter(Boolean);
  return [l10n.shown(option.doc), option.facts?.() ?? '', facts.join(' ')].filter(Boolean).join('\n\n');
}

/** Words of a script are data: nothing in them is to become Markdown. */
export function code(text: string): string {
  const ticks = text.includes('`') ? '``' : '`';
  const padding = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${ticks}${padding}${text.replace(/[\r\n]+/g, ' ')}${padding}${ticks}`;
}

export const loginSetupDoc = l10n.later(
  'The commands between `#LOGIN_SETUP_BEGIN` and `#LOGIN_SETUP_END` run on the login node, in the directory of the submission, before the job is submitted: in a login shell (bash), for at most 15 minutes. If they fail, nothing is submitted. They are no part of the job, and do not run again when it is resubmitted.',
);
