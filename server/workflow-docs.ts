/** The texts of hover and completion in workflow files, in Markdown. */
import type { ParameterDeclaration, StepNode, WorkflowDocument } from '../language/workflow/node.ts';
import { type KeyInfo, wanted } from '../language/workflow/value-types.ts';
import { code } from './docs.ts';

export function keyDoc(info: KeyInfo): string {
  const facts = [`Takes ${wanted(info)}.`, info.default === undefined ? '' : `Default: ${info.default}.`];
  return `${info.doc}\n\n${facts.filter(Boolean).join(' ')}`;
}

/** What a step does. */
export function stepText({ id, verb, map }: StepNode): string {
  const value = verb?.value.kind === 'scalar' ? ` ${code(verb.value.fragment.text)}` : '';
  const what = verb ? `\`${verb.name}\`${value}` : 'does nothing yet';
  return `Step ${id === '' ? `with ${map.pairs.length} keys` : code(id)}: ${what}`;
}

/** Plain text: its type and default. */
export function parameterText({ text }: WorkflowDocument, { type, value }: ParameterDeclaration): string {
  const written = text.slice(value.span.start, value.span.end).split('\n')[0] ?? '';
  return `${type === 'any' ? 'any value' : type}, default ${written === '' ? 'null' : written}`;
}
