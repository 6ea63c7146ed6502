/** Completion in workflow files: keys, ids, names of events, and what expressions may use. */
import { type CompletionItem, CompletionItemKind } from 'vscode-languageserver';
import { functions, methods, type NameInfo } from '../language/expression/names.ts';
import { rootNames } from '../language/workflow/check-expressions.ts';
import { findStep } from '../language/workflow/check-graph.ts';
import { contextAt, type WorkflowContext } from '../language/workflow/context.ts';
import { emissions } from '../language/workflow/events.ts';
import { type FieldInfo, resultFields, runFields } from '../language/workflow/names.ts';
import type { StepNode } from '../language/workflow/node.ts';
import { isVerb, type KeyInfo, stepKeys } from '../language/workflow/schema.ts';
import { type Proposal, toItem } from './completion.ts';
import type { Analysis, WorkflowAnalysis } from './documents.ts';
import { keyDoc, parameterText, stepText } from './workflow-docs.ts';

export function workflowCompletions(
  analysis: Analysis,
  workflow: WorkflowAnalysis,
  offset: number,
  snippets: boolean,
): readonly CompletionItem[] {
  const context = contextAt(workflow.document.text, offset);
  if (!context) return [];
  return proposals(workflow, context, offset).map((proposal, index) =>
    toItem(analysis, context.replace, proposal, index, snippets),
  );
}

function proposals(workflow: WorkflowAnalysis, context: WorkflowContext, offset: number): readonly Proposal[] {
  switch (context.kind) {
    case 'key':
      return keyItems(context);
    case 'value':
      return valueItems(workflow, context.info, offset);
    case 'expression':
      return expressionItems(workflow, context, offset);
  }
}

function keyItems(context: WorkflowContext & { kind: 'key' }): readonly Proposal[] {
  const { keys, given, hasValue, inline } = context;
  const hasVerb = keys === stepKeys && given.some(isVerb);
  return keys
    .filter(({ name }) => !given.includes(name) && !(hasVerb && isVerb(name)))
    .map((info) => ({
      label: info.name,
      doc: keyDoc(info),
      kind: CompletionItemKind.Property,
      ...(!hasValue && { snippet: keySnippet(info, inline), goesOn: offersValues(info) }),
    }));
}

function keySnippet(info: KeyInfo, inline: boolean): string {
  const kinds = info.types.map(({ kind }) => kind);
  if (!inline && kinds[0] === 'step-list') return `${info.name}:\n  - $1`;
  if (!inline && (kinds[0] === 'params' || kinds[0] === 'scalars')) return `${info.name}:\n  $1`;
  if (kinds[0] === 'steps' || kinds[0] === 'choices' || kinds[0] === 'list') return `${info.name}: [$1]`;
  return `${info.name}: $1`;
}

function offersValues(info: KeyInfo): boolean {
  return info.types.some(({ kind }) => ['choice', 'choices', 'flag', 'steps', 'expression'].includes(kind));
}

function valueItems(workflow: WorkflowAnalysis, info: KeyInfo, offset: number): readonly Proposal[] {
  const values = info.types.flatMap((type) =>
    'values' in type ? type.values : type.kind === 'flag' ? ['true', 'false'] : [],
  );
  if (values.length > 0) return values.map((label) => ({ label, kind: CompletionItemKind.EnumMember }));
  if (info.types.some(({ kind }) => kind === 'steps')) return stepItems(workflow, stepAt(workflow, offset));
  if (info.types.some(({ kind }) => kind === 'event')) return eventItems(workflow);
  return [];
}

function stepItems({ document }: WorkflowAnalysis, user: StepNode | undefined): readonly Proposal[] {
  const steps = user?.isCleanup ? document.cleanup : document.steps;
  return steps
    .filter((step) => step.id !== '' && step !== user)
    .map((step) => ({ label: step.id, doc: stepText(step), kind: CompletionItemKind.Reference }));
}

/** Names that are known before the run. */
function eventItems({ document, provider }: WorkflowAnalysis): readonly Proposal[] {
  const known = emissions(document, provider).filter(({ name }) => !name.includes(undefined));
  const byName = new Map(known.map((emission) => [emission.name.join(''), emission]));
  return [...byName].map(([label, { file }]) => ({
    label,
    detail: file === undefined ? 'emitted here' : `emitted by ${file}`,
    kind: CompletionItemKind.Event,
  }));
}

function stepAt({ document }: WorkflowAnalysis, offset: number): StepNode | undefined {
  return [...document.steps, ...document.cleanup].findLast(({ map }) => map.span.start <= offset);
}

function expressionItems(
  workflow: WorkflowAnalysis,
  context: WorkflowContext & { kind: 'expression' },
  offset: number,
): readonly Proposal[] {
  const { document } = workflow;
  const [root, name, ...deeper] = context.before;
  const step = stepAt(workflow, offset);
  if (root === undefined) {
    const names = fieldItems(rootNames({ ...(step && { step }), hasPayload: context.isMatch }));
    return [...names, ...callItems(functions, CompletionItemKind.Function)];
  }
  if (name === undefined && root === 'params') {
    return document.params.map((param) => ({
      label: param.name,
      detail: parameterText(document, param),
      kind: CompletionItemKind.Variable,
    }));
  }
  if (name === undefined && root === 'run') return fieldItems(runFields);
  if (name === undefined && root === 'steps') {
    const steps = step?.isCleanup ? [...document.steps, ...document.cleanup] : document.steps;
    return steps
      .filter((each) => each.id !== '' && each !== step)
      .map((each) => ({ label: each.id, doc: stepText(each), kind: CompletionItemKind.Reference }));
  }
  const used = root === 'steps' && name !== undefined && deeper.length === 0 ? findStep(document, name) : undefined;
  return used ? fieldItems(resultFields(used)) : callItems(methods, CompletionItemKind.Method);
}

function fieldItems(fields: { readonly [name: string]: FieldInfo }): readonly Proposal[] {
  return Object.entries(fields).map(([label, { signature, doc }]) => ({
    label,
    detail: signature,
    doc,
    kind: CompletionItemKind.Field,
  }));
}

function callItems(calls: { readonly [name: string]: NameInfo }, kind: CompletionItemKind): readonly Proposal[] {
  return Object.entries(calls).map(([label, { signature, doc }]) => ({
    label,
    detail: signature,
    doc,
    snippet: signature.endsWith('()') ? `${label}()` : `${label}($1)`,
    kind,
  }));
}
