/** Everything that belongs to the same thing in a workflow file: definition, references, highlights, another name. */

import {
  type DocumentHighlight,
  DocumentHighlightKind,
  type Location,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import type { Range } from 'vscode-languageserver-textdocument';
import * as l10n from '../language/text/l10n.ts';
import { LineIndex } from '../language/text/line-index.ts';
import { type Span, touches } from '../language/text/span.ts';
import { fileReferences } from '../language/workflow/events.ts';
import { parseWorkflow } from '../language/workflow/parse-workflow.ts';
import { identifier } from '../language/workflow/read-values.ts';
import { findPair, type YamlPair } from '../language/workflow/yaml-tree.ts';
import type { Analysis, WorkflowAnalysis } from './documents.ts';
import { type Mention, mentionAt, type Subject, sameSubject } from './workflow-mentions.ts';

export function workflowDefinition(analysis: Analysis, workflow: WorkflowAnalysis, offset: number): Location[] {
  const given = givenParameters(workflow).find(({ pair }) => touches(pair.key.span, offset));
  if (given) return childDeclaration(workflow, given);
  const found = mentionAt(workflow, offset);
  if (!found) return [];
  if (found.subject.kind === 'file') {
    const uri = workflow.uriOf(found.subject.path);
    const start = { line: 0, character: 0 };
    return uri === undefined ? [] : [{ uri, range: { start, end: start } }];
  }
  return locations(
    analysis,
    workflow,
    sameSubject(workflow, found.subject).filter(({ declares }) => declares),
  );
}

export function workflowReferences(
  analysis: Analysis,
  workflow: WorkflowAnalysis,
  offset: number,
  withDeclaration: boolean,
): Location[] {
  const found = mentionAt(workflow, offset);
  if (!found) return [];
  const all = sameSubject(workflow, found.subject);
  return locations(analysis, workflow, withDeclaration ? all : all.filter(({ declares }) => !declares));
}

export function workflowHighlights(
  analysis: Analysis,
  workflow: WorkflowAnalysis,
  offset: number,
): DocumentHighlight[] | null {
  const found = mentionAt(workflow, offset);
  if (!found) return null;
  return sameSubject(workflow, found.subject)
    .filter(({ file }) => file === undefined)
    .map(({ span, declares }) => ({
      range: analysis.rangeOf(span),
      kind: declares ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
    }));
}

export function workflowRenameable(
  analysis: Analysis,
  workflow: WorkflowAnalysis,
  offset: number,
): { range: Range; placeholder: string } | null {
  const found = mentionAt(workflow, offset);
  const name = found && renameable(found.subject);
  return found && name !== undefined ? { range: analysis.rangeOf(found.span), placeholder: name } : null;
}

/**
 * A text says why it cannot be. `others` are the workflow files that are open too: those that give a renamed parameter to this one
 * are changed with it.
 */
export function workflowRenamed(
  analysis: Analysis,
  workflow: WorkflowAnalysis,
  offset: number,
  newName: string,
  others: readonly Analysis[],
): WorkspaceEdit | string {
  const subject = mentionAt(workflow, offset)?.subject;
  const name = subject && renameable(subject);
  if (!subject || name === undefined) return l10n.t('Only steps and parameters of workflow files can be renamed.');
  const refusal = refuse(workflow, subject, name, newName);
  if (refusal !== undefined) return refusal;
  const edit = (of: Analysis, span: Span): TextEdit => ({ range: of.rangeOf(span), newText: newName });
  const changes: { [uri: string]: TextEdit[] } = {
    [analysis.uri]: sameSubject(workflow, subject).map(({ span }) => edit(analysis, span)),
  };
  for (const other of subject.kind === 'param' ? others : []) {
    const given = other.workflow ? givenParameters(other.workflow) : [];
    const keys = given.filter(({ pair, uri }) => uri === analysis.uri && pair.name === name);
    if (keys.length > 0 && other.uri !== analysis.uri) {
      changes[other.uri] = keys.map(({ pair }) => edit(other, pair.key.fragment.span));
    }
  }
  return { changes };
}

function renameable(subject: Subject): string | undefined {
  return subject.kind === 'step' || subject.kind === 'param' ? subject.name : undefined;
}

function refuse({ document }: WorkflowAnalysis, subject: Subject, name: string, newName: string): string | undefined {
  if (newName === name) return undefined;
  if (!identifier.test(newName)) return l10n.t('`{0}` is no name: use letters, digits and _.', newName);
  const isStep = subject.kind === 'step';
  const taken = isStep
    ? [...document.steps, ...document.cleanup].map(({ id }) => id)
    : document.params.map((param) => param.name);
  if (!taken.includes(newName)) return undefined;
  return isStep
    ? l10n.t('There is a step `{0}` already.', newName)
    : l10n.t('There is a parameter `{0}` already.', newName);
}

/** A parameter that a step gives to a child workflow. */
interface GivenParameter {
  readonly pair: YamlPair;
  /** The child, as it is named, and its address where that is known. */
  readonly path: string;
  readonly uri: string | undefined;
}

function givenParameters(workflow: WorkflowAnalysis): readonly GivenParameter[] {
  return fileReferences(workflow.document).flatMap(({ kind, step, path }) => {
    const value = kind === 'workflow' ? step.verb?.value : undefined;
    const params = value?.kind === 'map' ? findPair(value, 'params')?.value : undefined;
    return params?.kind === 'map' ? params.pairs.map((pair) => ({ pair, path, uri: workflow.uriOf(path) })) : [];
  });
}

function childDeclaration({ provider }: WorkflowAnalysis, { pair, path, uri }: GivenParameter): Location[] {
  const text = provider?.read(path);
  const declared = text === undefined ? undefined : parseWorkflow(text).params.find(({ name }) => name === pair.name);
  return uri !== undefined && text !== undefined && declared ? [locationIn(text, uri, declared.nameSpan)] : [];
}

function locations(analysis: Analysis, workflow: WorkflowAnalysis, found: readonly Mention[]): Location[] {
  return found.flatMap(({ file, span }) => {
    if (file === undefined) return [{ uri: analysis.uri, range: analysis.rangeOf(span) }];
    const uri = workflow.uriOf(file);
    const text = workflow.provider?.read(file);
    return uri === undefined || text === undefined ? [] : [locationIn(text, uri, span)];
  });
}

function locationIn(text: string, uri: string, span: Span): Location {
  const lines = new LineIndex(text);
  return { uri, range: { start: lines.positionAt(span.start), end: lines.positionAt(span.end) } };
}
