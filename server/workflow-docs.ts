/** The texts of hover and completion in workflow files, in Markdown. */
import * as l10n from '../language/text/l10n.ts';
import type { ParameterDeclaration, StepNode, WorkflowDocument } from '../language/workflow/node.ts';
import { type KeyInfo, wanted } from '../language/workflow/value-types.ts';
import { code } from './docs.ts';

export function keyDoc(info: KeyInfo): string {
  const facts = [
    l10n.t('Takes {0}.', wanted(info)),
    info.default === undefined ? '' : l10n.t('Default: {0}.', l10n.shown(info.default)),
  ];
  return `${info.doc()}\n\n${facts.filter(Boolean).join(' ')}`;
}

/** What a step does. */
export function stepText({ id, verb, map }: StepNode): string {
  const value = verb?.value.kind === 'scalar' ? ` ${code(verb.value.fragment.text)}` : '';
  const what = verb ? `\`${verb.name}\`${value}` : l10n.t('does nothing yet');
  return l10n.t('Step {0}: {1}', id === '' ? l10n.t('with {0} keys', map.pairs.length) : code(id), what);
}

/** Plain text: its type and default. */
export function parameterText({ text }: WorkflowDocument, { type, value }: ParameterDeclaration): string {
  const written = text.slice(value.span.start, value.span.end).split('\n')[0] ?? '';
  return l10n.t('{0}, default {1}', type === 'any' ? l10n.t('any value') : type, written === '' ? 'null' : written);
}
