/** Completion in workflow files: keys, ids, names of events, and what expressions may use. */

import { type CompletionItem, CompletionItemKind } from 'vscode-languageserver';
import { slurmOptions } from '../language/directives/slurm-options.ts';
import { functions, methods, type NameInfo } from '../language/expression/names.ts';
import * as l10n from '../language/text/l10n.ts';
import { rootNames } from '../language/workflow/check-expressions.ts';
import { findStep } from '../language/workflow/check-graph.ts';
import { contextAt, type WorkflowContext } from '../language/workflow/context.ts';
import { awaitedEvents, emissions, fileReferences, mayBeSame, showEvent } from '../language/workflow/events.ts';
import { type FieldInfo, matrixFields, resultFields, runFields } from '../language/workflow/names.ts';
import type { StepNode } from '../language/workflow/node.ts';
import { isWorkflowFile, parseWorkflow } from '../language/workflow/parse-workflow.ts';
import { isVerb, stepKeys } from '../language/workflow/schema.ts';
import type { KeyInfo, ValueType } from '../language/workflow/value-types.ts';
import { type Proposal, toItem } from './completion.ts';
import { optionSpelling } from './docs.ts';
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
      return valueItems(workflow, context, offset);
    case 'entry':
      return entryItems(workflow, context, offset);
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
  if (['steps', 'choices', 'list', 'events'].includes(kinds[0] ?? '')) return `${info.name}: [$1]`;
  return `${info.name}: $1`;
}

function offersValues(info: KeyInfo): boolean {
  return info.types.some(({ kind }) =>
    ['choice', 'choices', 'flag', 'steps', 'expression', 'file', 'event', 'events', 'timezone'].includes(kind),
  );
}

function valueItems(
  workflow: WorkflowAnalysis,
  { info, path, replace }: WorkflowContext & { kind: 'value' },
  offset: number,
): readonly Proposal[] {
  const values = info.types.flatMap((type) =>
    'values' in type ? type.values : type.kind === 'flag' ? ['true', 'false'] : [],
  );
  if (values.length > 0) return values.map((label) => ({ label, kind: CompletionItemKind.EnumMember }));
  const takes = (wanted: ValueType['kind']) => info.types.some(({ kind }) => kind === wanted);
  if (takes('steps')) return stepItems(workflow, stepAt(workflow, offset));
  if (takes('event') || takes('events')) return eventItems(workflow);
  if (takes('file')) {
    const typed = workflow.document.text.slice(replace.start, offset);
    return fileItems(workflow, typed, info.name === 'workflow' || info.name === 'file');
  }
  if (takes('timezone'))
    return ['UTC', ...Intl.supportedValuesOf('timeZone')].map((label) => ({ label, kind: CompletionItemKind.Value }));
  if (takes('list')) return listItems(workflow);
  if (info.name === 'cluster')
    return [{ label: 'local', doc: l10n.t('This machine.'), kind: CompletionItemKind.Value }];
  const isEmitted = info.name === 'emit_event' || (info.name === 'name' && path.includes('emit_event'));
  return isEmitted ? awaitedItems(workflow) : [];
}

/** Names in the folder that is typed; only workflow files, or all files but those. */
function fileItems(workflow: WorkflowAnalysis, typed: string, workflows: boolean): readonly Proposal[] {
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1);
  return workflow
    .list(folder)
    .filter(({ name, isFolder }) => !name.startsWith('.') && (isFolder || isWorkflowFile(name) === workflows))
    .sort((a, b) => Number(a.isFolder) - Number(b.isFolder) || a.name.localeCompare(b.name, 'en'))
    .map(({ name, isFolder }) =>
      isFolder
        ? { label: `${folder}${name}/`, kind: CompletionItemKind.Folder, goesOn: true }
        : { label: `${folder}${name}`, kind: CompletionItemKind.File },
    );
}

/** Parameters that are lists, for `foreach`. */
function listItems({ document }: WorkflowAnalysis): readonly Proposal[] {
  return document.params
    .filter(({ type }) => type === 'list')
    .map((param) => ({
      label: `\${{ params.${param.name} }}`,
      snippet: `\\\${{ params.${param.name} \\}\\}`,
      detail: parameterText(document, param),
      kind: CompletionItemKind.Variable,
    }));
}

/** Events that a step awaits and that nothing emits yet. */
function awaitedItems({ document, provider }: WorkflowAnalysis): readonly Proposal[] {
  const emitted = emissions(document, provider);
  const names = awaitedEvents(document)
    .filter(({ name }) => !name.includes(undefined) && !emitted.some((each) => mayBeSame(each.name, name)))
    .map(({ name }) => showEvent(name));
  return [...new Set(names)].map((label) => ({
    label,
    detail: l10n.t('awaited here'),
    kind: CompletionItemKind.Event,
  }));
}

/** Parameters of the child workflow, options of the scheduler. */
function entryItems(
  workflow: WorkflowAnalysis,
  { info, given, hasValue }: WorkflowContext & { kind: 'entry' },
  offset: number,
): readonly Proposal[] {
  const entries =
    info.name === 'options' ? optionEntries() : info.name === 'params' ? childEntries(workflow, offset) : [];
  return entries
    .filter(({ label }) => !given.includes(label))
    .map((entry) => ({ ...entry, ...(!hasValue && { snippet: `${entry.label}: $1` }) }));
}

function optionEntries(): readonly Proposal[] {
  return slurmOptions
    .filter(({ argument }) => argument === 'required')
    .map((option) => ({
      label: option.name,
      detail: optionSpelling('slurm', option),
      doc: option.doc,
      kind: CompletionItemKind.Property,
    }));
}

function childEntries({ document, provider }: WorkflowAnalysis, offset: number): readonly Proposal[] {
  const child = fileReferences(document).findLast(
    ({ kind, step }) => kind === 'workflow' && step.map.span.start <= offset,
  );
  const text = child && provider?.read(child.path);
  if (text === undefined) return [];
  const parsed = parseWorkflow(text);
  return parsed.params.map((param) => ({
    label: param.name,
    detail: parameterText(parsed, param),
    kind: CompletionItemKind.Variable,
  }));
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
    detail: file === undefined ? l10n.t('emitted here') : l10n.t('emitted by {0}', file),
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
  if (name === undefined && root === 'matrix') return step ? fieldItems(matrixFields(step)) : [];
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
