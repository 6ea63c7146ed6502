/** Watcher names under the cursor: where they are given, where actions use them, and other names for them. */
import {
  type DocumentHighlight,
  DocumentHighlightKind,
  type Location,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import type { Range } from 'vscode-languageserver-textdocument';
import { touches } from '../language/text/span.ts';
import { namePlaces, renameWatcher, watcherNamedAt } from '../language/watcher/watcher-names.ts';
import type { Analysis } from './documents.ts';

export function watcherHighlights(analysis: Analysis, offset: number): DocumentHighlight[] | null {
  const named = watcherNamedAt(analysis.script, offset);
  if (!named) return null;
  return namePlaces(named).map((span) => ({
    range: analysis.rangeOf(span),
    kind: span === named.given?.fragment.span ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
  }));
}

/** Of a watcher without a name its keyword. */
export function watcherDefinition(analysis: Analysis, offset: number): Location | null {
  const named = watcherNamedAt(analysis.script, offset);
  const span = named && (named.given?.fragment.span ?? named.watcher.keywordSpan);
  return span ? { uri: analysis.uri, range: analysis.rangeOf(span) } : null;
}

export function watcherReferences(analysis: Analysis, offset: number, declaration: boolean): Location[] | null {
  const named = watcherNamedAt(analysis.script, offset);
  if (!named) return null;
  const spans = declaration ? namePlaces(named) : named.uses;
  return spans.map((span) => ({ uri: analysis.uri, range: analysis.rangeOf(span) }));
}

export function watcherToRename(analysis: Analysis, offset: number): { range: Range; placeholder: string } | null {
  const named = watcherNamedAt(analysis.script, offset);
  const span = named?.given && namePlaces(named).find((each) => touches(each, offset));
  return named && span ? { range: analysis.rangeOf(span), placeholder: named.name } : null;
}

/** A text says why it cannot be; undefined: there is no watcher's name. */
export function renamedWatcher(
  analysis: Analysis,
  offset: number,
  newName: string,
): WorkspaceEdit | string | undefined {
  const named = watcherNamedAt(analysis.script, offset);
  if (!named) return undefined;
  const renamed = renameWatcher(analysis.script, named, newName);
  if ('refusal' in renamed) return renamed.refusal;
  return {
    changes: {
      [analysis.uri]: renamed.edits.map(({ span, newText }) => ({ range: analysis.rangeOf(span), newText })),
    },
  };
}
