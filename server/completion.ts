/** Completion: what may stand where the cursor is. */
import { type CompletionItem, type CompletionItemKind, InsertTextFormat } from 'vscode-languageserver';
import * as l10n from '../language/text/l10n.ts';
import type { Span } from '../language/text/span.ts';
import { actionItems, parameterItems, parameterValueItems, variableItems } from './complete-actions.ts';
import { conditionItems } from './complete-conditions.ts';
import { directiveOptionItems, directiveValueItems, modificationItems } from './complete-directives.ts';
import { patternItems } from './complete-patterns.ts';
import { keyItems, keywordItems, valueItems } from './complete-watchers.ts';
import { type Cursor, findCursor } from './cursor.ts';
import type { Analysis } from './documents.ts';
import { awaitedNames } from './script-events.ts';

/** What a feature proposes; where it goes is the cursor's business. */
export interface Proposal {
  readonly label: string;
  /** Snippet syntax; without it the label is inserted. */
  readonly snippet?: string;
  readonly detail?: string | l10n.LaterText;
  readonly doc?: string | l10n.LaterText;
  readonly kind: CompletionItemKind;
  /** What the typed text is compared with, where it is not the label. */
  readonly filter?: string;
  /** After the insertion the next completion opens by itself. */
  readonly goesOn?: boolean;
}

/** `workflows` are the workflow files that are open: they may await what the script is to emit. */
export function completionsAt(
  analysis: Analysis,
  offset: number,
  snippets: boolean,
  workflows: readonly Analysis[] = [],
): readonly CompletionItem[] {
  const cursor = findCursor(analysis.script, offset);
  if (!cursor) return [];
  return proposals(analysis, cursor, workflows).map((proposal, index) =>
    toItem(analysis, cursor.replace, proposal, index, snippets),
  );
}

function proposals(analysis: Analysis, cursor: Cursor, workflows: readonly Analysis[]): readonly Proposal[] {
  switch (cursor.kind) {
    case 'keyword':
      return keywordItems(analysis.script);
    case 'directive-option':
      return directiveOptionItems(analysis, cursor);
    case 'directive-value':
      return directiveValueItems(analysis, cursor);
    case 'key':
      return keyItems(cursor);
    case 'value':
      return valueItems(cursor);
    case 'pattern':
      return patternItems(cursor);
    case 'condition':
      return conditionItems(cursor);
    case 'action':
      return actionItems(cursor);
    case 'parameter':
      return parameterItems(cursor);
    case 'parameter-value':
      return parameterValueItems(analysis.script, cursor, () => awaitedNames(analysis, workflows));
    case 'modification':
      return modificationItems(analysis);
    case 'variable':
      return variableItems(cursor);
  }
}

export function toItem(
  analysis: Analysis,
  replace: Span,
  proposal: Proposal,
  index: number,
  snippets: boolean,
): CompletionItem {
  const { label, snippet, detail, doc, kind, filter, goesOn } = proposal;
  const newText = snippet === undefined ? label : snippets ? snippet : plainText(snippet);
  return {
    label,
    kind,
    textEdit: { range: analysis.rangeOf(replace), newText },
    // The tables are in the order in which people look for things.
    sortText: String(index).padStart(4, '0'),
    ...(snippet !== undefined && snippets && { insertTextFormat: InsertTextFormat.Snippet }),
    ...(detail !== undefined && { detail: l10n.shown(detail) }),
    ...(doc !== undefined && { documentation: { kind: 'markdown', value: l10n.shown(doc) } }),
    ...(filter !== undefined && { filterText: filter }),
    ...(goesOn && { command: { title: 'Suggest', command: 'editor.action.triggerSuggest' } }),
  };
}

/** The snippet for an editor that knows none: its placeholders' texts. */
function plainText(snippet: string): string {
  return snippet
    .replace(/\$\{\d+\|([^,|]*)[^}]*\|\}/g, '$1')
    .replace(/\$\{\d+:((?:\\.|[^}])*)\}/g, '$1')
    .replace(/(?<!\\)\$\d+/g, '')
    .replace(/\\([$}\\])/g, '$1');
}
