/** Captures under the cursor: where they come from, where they are used, and other names for them. */

import {
  type DocumentHighlight,
  DocumentHighlightKind,
  type Location,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import type { Range } from 'vscode-languageserver-textdocument';
import * as l10n from '../language/text/l10n.ts';
import { type Span, touches } from '../language/text/span.ts';
import {
  type Capture,
  captureAt,
  findCaptures,
  resubmits,
  spansOf,
  type WatcherCaptures,
} from '../language/watcher/captures.ts';
import { renameCapture } from '../language/watcher/rename-capture.ts';
import { lineAt, watcherAt } from './cursor.ts';
import type { Analysis } from './documents.ts';

function capturesAt(analysis: Analysis, offset: number): WatcherCaptures | undefined {
  const { script } = analysis;
  const watcher = watcherAt(script, lineAt(script, offset));
  if (watcher) return findCaptures(watcher, script);
  // In the script itself: of the watcher that fills the name in.
  for (const each of script.watchers.filter(resubmits)) {
    const all = findCaptures(each, script);
    if (captureAt(all, offset)) return all;
  }
  return undefined;
}

/** Another watcher that fills the name into the same places would lose them. */
function sharesScript({ script }: Analysis, capture: Capture): boolean {
  if (!capture.uses.some(({ place }) => place === 'script')) return false;
  const filling = script.watchers.filter(resubmits).map((watcher) => findCaptures(watcher, script).captures);
  return filling.filter((each) => each.some(({ name }) => name === capture.name)).length > 1;
}

/** `$2`, as far as it means the group of a capture or any other. */
function numberedGroup({ numbers, groups }: WatcherCaptures, offset: number) {
  const number = numbers.find(({ span }) => touches(span, offset));
  return number && groups.find(({ index }) => index === number.index);
}

/** `$2` is a place of the capture that group 2 has. */
function numberedUses({ numbers }: WatcherCaptures, capture: Capture): readonly Span[] {
  return numbers.filter(({ index }) => index === capture.group?.index).map(({ span }) => span);
}

/** The capture that is named, or meant by its number, at `offset`. */
function meantCapture(all: WatcherCaptures, offset: number): Capture | undefined {
  const group = numberedGroup(all, offset);
  return captureAt(all, offset) ?? (group && all.captures.find((capture) => capture.group?.index === group.index));
}

export function captureHighlights(analysis: Analysis, offset: number): DocumentHighlight[] | null {
  const all = capturesAt(analysis, offset);
  const capture = all && meantCapture(all, offset);
  if (!all || !capture) return null;
  const declared = new Set([capture.listed, capture.groupName]);
  return [...spansOf(capture), ...numberedUses(all, capture)].map((span) => ({
    range: analysis.rangeOf(span),
    kind: declared.has(span) ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
  }));
}

/** From a use to the name's declaration, from its place in `captures` to the group. */
export function captureDefinition(analysis: Analysis, offset: number): Location | null {
  const all = capturesAt(analysis, offset);
  if (!all) return null;
  const capture = captureAt(all, offset);
  const group = capture?.group ?? numberedGroup(all, offset);
  const isListed = capture?.listed !== undefined && touches(capture.listed, offset);
  const span = isListed ? group?.span : (capture?.listed ?? capture?.groupName ?? group?.span);
  return span ? { uri: analysis.uri, range: analysis.rangeOf(span) } : null;
}

export function captureReferences(analysis: Analysis, offset: number, declarations: boolean): Location[] | null {
  const all = capturesAt(analysis, offset);
  const capture = all && meantCapture(all, offset);
  if (!all || !capture) return null;
  const spans = declarations ? spansOf(capture) : capture.uses.map(({ span }) => span);
  return [...spans, ...numberedUses(all, capture)].map((span) => ({
    uri: analysis.uri,
    range: analysis.rangeOf(span),
  }));
}

export function captureToRename(analysis: Analysis, offset: number): { range: Range; placeholder: string } | null {
  const all = capturesAt(analysis, offset);
  const capture = all && captureAt(all, offset);
  const span = capture && spansOf(capture).find((each) => touches(each, offset));
  return capture && span ? { range: analysis.rangeOf(span), placeholder: capture.name } : null;
}

/** A text says why it cannot be. */
export function renamedCapture(analysis: Analysis, offset: number, newName: string): WorkspaceEdit | string {
  const all = capturesAt(analysis, offset);
  const capture = all && captureAt(all, offset);
  if (!all || !capture) return l10n.t('Only captures and the names of watchers can be renamed.');
  if (newName !== capture.name && sharesScript(analysis, capture)) {
    return l10n.t(
      'Another watcher that resubmits fills in `${{0}}` in the script, too: its capture would lose that place.',
      capture.name,
    );
  }
  const renamed = renameCapture(all, capture, newName);
  if ('refusal' in renamed) return renamed.refusal;
  const edits: TextEdit[] = renamed.spans.map((span) => ({ range: analysis.rangeOf(span), newText: newName }));
  return { changes: { [analysis.uri]: edits } };
}
