/** Definition, references, highlights and renaming: which kind of thing the cursor is at decides who answers. */
import type { DocumentHighlight, Location, WorkspaceEdit } from 'vscode-languageserver';
import type { Range } from 'vscode-languageserver-textdocument';
import {
  captureDefinition,
  captureHighlights,
  captureReferences,
  captureToRename,
  renamedCapture,
} from './captures.ts';
import type { Analysis } from './documents.ts';
import { eventReferences } from './script-events.ts';
import {
  renamedWatcher,
  watcherDefinition,
  watcherHighlights,
  watcherReferences,
  watcherToRename,
} from './watcher-names.ts';
import {
  workflowDefinition,
  workflowHighlights,
  workflowReferences,
  workflowRenameable,
  workflowRenamed,
} from './workflow-navigation.ts';

export function definitionAt(analysis: Analysis, offset: number): Location | Location[] | null {
  const { workflow } = analysis;
  if (workflow) return workflowDefinition(analysis, workflow, offset);
  return captureDefinition(analysis, offset) ?? watcherDefinition(analysis, offset);
}

/** `workflows` are the workflow files that are open. */
export function referencesAt(
  analysis: Analysis,
  offset: number,
  declarations: boolean,
  workflows: readonly Analysis[],
): Location[] | null {
  const { workflow } = analysis;
  if (workflow) return workflowReferences(analysis, workflow, offset, declarations);
  return (
    captureReferences(analysis, offset, declarations) ??
    watcherReferences(analysis, offset, declarations) ??
    eventReferences(analysis, offset, declarations, workflows)
  );
}

export function highlightsAt(analysis: Analysis, offset: number): DocumentHighlight[] | null {
  const { workflow } = analysis;
  if (workflow) return workflowHighlights(analysis, workflow, offset);
  return captureHighlights(analysis, offset) ?? watcherHighlights(analysis, offset);
}

export function renameableAt(analysis: Analysis, offset: number): { range: Range; placeholder: string } | null {
  const { workflow } = analysis;
  if (workflow) return workflowRenameable(analysis, workflow, offset);
  return captureToRename(analysis, offset) ?? watcherToRename(analysis, offset);
}

/** A text says why it cannot be. */
export function renamedAt(
  analysis: Analysis,
  offset: number,
  newName: string,
  workflows: readonly Analysis[],
): WorkspaceEdit | string {
  const { workflow } = analysis;
  if (workflow) return workflowRenamed(analysis, workflow, offset, newName, workflows);
  return renamedWatcher(analysis, offset, newName) ?? renamedCapture(analysis, offset, newName);
}
