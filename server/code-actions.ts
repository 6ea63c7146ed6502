/** Code actions: each problem's quick fixes, and the ways to write a watcher differently. */

import { type CodeAction, type CodeActionContext, CodeActionKind, type WorkspaceEdit } from 'vscode-languageserver';
import type { Range } from 'vscode-languageserver-textdocument';
import type { Fix, Problem } from '../language/problem/problem.ts';
import { type CommentableText, suppressionFixes } from '../language/problem/suppress-fix.ts';
import { splitLines } from '../language/script/script-line.ts';
import * as l10n from '../language/text/l10n.ts';
import type { Span } from '../language/text/span.ts';

import { addCaptures } from '../language/watcher/add-captures.ts';
import { convertForm } from '../language/watcher/convert-form.ts';
import { extractWatcher } from '../language/watcher/extract-watcher.ts';
import type { WatcherNode } from '../language/watcher/node.ts';
import { escapeSelection, nameGroup, quoteValue } from '../language/watcher/pattern-edits.ts';
import { toDiagnostic } from './diagnostics.ts';
import type { Analysis } from './documents.ts';

export function codeActionsAt(analysis: Analysis, range: Range, context: CodeActionContext): readonly CodeAction[] {
  const span = { start: analysis.offsetAt(range.start), end: analysis.offsetAt(range.end) };
  const isAsked = (kind: CodeActionKind) =>
    !context.only || context.only.some((asked) => asked === '' || kind === asked || kind.startsWith(`${asked}.`));
  return [
    ...(isAsked(CodeActionKind.QuickFix) ? quickFixes(analysis, span.start, span.end) : []),
    ...(isAsked(CodeActionKind.RefactorRewrite) ? rewritings(analysis, span) : []),
    ...(isAsked(CodeActionKind.RefactorExtract) ? extractions(analysis, span) : []),
  ];
}

function rewritings(analysis: Analysis, { start, end }: Span): readonly CodeAction[] {
  const watchers = analysis.script.watchers.filter(({ span }) => span.start <= end && start <= span.end);
  const [watcher] = watchers;
  // What is selected is one watcher, or it is not plain which one is meant.
  return watcher && watchers.length === 1 ? refactorings(analysis, watcher, { start, end }) : [];
}

function extractions(analysis: Analysis, span: Span): readonly CodeAction[] {
  const found = analysis.workflow ? undefined : extractWatcher(analysis.script, span);
  if (!found) return [];
  const title = l10n.t('Watch for this output: {0}', shorten(found.pattern));
  return [{ title, kind: CodeActionKind.RefactorExtract, edit: editOf(analysis, [found.edit]) }];
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

/** Those that mend first, those that silence last. */
function quickFixes(analysis: Analysis, start: number, end: number): readonly CodeAction[] {
  const problems = analysis.problems.filter(({ span }) => span.start <= end && start <= span.end);
  const mending = problems.flatMap((found) =>
    found.fixes.map((fix, index) => toCodeAction(analysis, found, fix, index === 0 && found.fixes.length === 1)),
  );
  const text = commentable(analysis);
  const silencing = problems.flatMap((found) =>
    suppressionFixes(text, found).map((fix) => toCodeAction(analysis, found, fix, false)),
  );
  return [...mending, ...silencing];
}

function commentable(analysis: Analysis): CommentableText {
  const { workflow, recipe, script } = analysis;
  const text = workflow?.document.text ?? recipe?.text;
  if (text !== undefined) {
    return { text, lines: splitLines(text), isInBlock: () => false };
  }
  const lines = script.lines.map(({ span }) => span);
  return { text: script.text, lines, isInBlock: (line) => script.lines[line]?.kind === 'watcher-body' };
}

function toCodeAction(analysis: Analysis, found: Problem, fix: Fix, isPreferred: boolean): CodeAction {
  return {
    title: fix.title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [toDiagnostic(analysis, found)],
    isPreferred,
    edit: editOf(analysis, fix.edits),
  };
}

function refactorings(analysis: Analysis, watcher: WatcherNode, selected: Span): readonly CodeAction[] {
  const actions: CodeAction[] = [];
  const add = (title: string, edits: Fix['edits']) =>
    actions.push({ title, kind: CodeActionKind.RefactorRewrite, edit: editOf(analysis, edits) });
  const converted = convertForm(analysis.script, watcher);
  if (converted) add(watcher.form === 'inline' ? l10n.t('Write as a block') : l10n.t('Write on one line'), [converted]);
  const added = addCaptures(analysis.script.text, watcher);
  if (added) add(l10n.t('List the captures: {0}', added.names.join(', ')), [added.edit]);
  const named = nameGroup(watcher, selected.start);
  if (named) add(l10n.t('Name the group `{0}` in the pattern', named.name), [named.edit]);
  const escaped = escapeSelection(analysis.script.text, watcher, selected);
  if (escaped) add(l10n.t('Escape the special characters of the selection'), [escaped]);
  const quoted = quoteValue(watcher, selected.start);
  if (quoted) add(l10n.t('Put the value in quotes'), [quoted]);
  return actions;
}

function editOf(analysis: Analysis, edits: Fix['edits']): WorkspaceEdit {
  return {
    changes: { [analysis.uri]: edits.map(({ span, newText }) => ({ range: analysis.rangeOf(span), newText })) },
  };
}
