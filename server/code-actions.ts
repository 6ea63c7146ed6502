/** Code actions: each problem's quick fixes, and the ways to write a watcher differently. */
import { type CodeAction, type CodeActionContext, CodeActionKind, type WorkspaceEdit } from 'vscode-languageserver';
import type { Range } from 'vscode-languageserver-textdocument';
import type { Fix, Problem } from '../language/problem/problem.ts';
import { addCaptures } from '../language/watcher/add-captures.ts';
import { convertForm } from '../language/watcher/convert-form.ts';
import type { WatcherNode } from '../language/watcher/node.ts';
import { toDiagnostic } from './diagnostics.ts';
import type { Analysis } from './documents.ts';

export function codeActionsAt(analysis: Analysis, range: Range, context: CodeActionContext): readonly CodeAction[] {
  const start = analysis.offsetAt(range.start);
  const end = analysis.offsetAt(range.end);
  const isAsked = (kind: CodeActionKind) =>
    !context.only || context.only.some((asked) => asked === '' || kind === asked || kind.startsWith(`${asked}.`));
  const fixes = isAsked(CodeActionKind.QuickFix) ? quickFixes(analysis, start, end) : [];
  if (!isAsked(CodeActionKind.RefactorRewrite)) return fixes;
  const watchers = analysis.script.watchers.filter(({ span }) => span.start <= end && start <= span.end);
  const [watcher] = watchers;
  // What is selected is one watcher, or it is not plain which one is meant.
  return watcher && watchers.length === 1 ? [...fixes, ...refactorings(analysis, watcher)] : fixes;
}

function quickFixes(analysis: Analysis, start: number, end: number): readonly CodeAction[] {
  return analysis.problems
    .filter(({ span }) => span.start <= end && start <= span.end)
    .flatMap((found) =>
      found.fixes.map((fix, index) => toCodeAction(analysis, found, fix, index === 0 && found.fixes.length === 1)),
    );
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

function refactorings(analysis: Analysis, watcher: WatcherNode): readonly CodeAction[] {
  const actions: CodeAction[] = [];
  const add = (title: string, edits: Fix['edits']) =>
    actions.push({ title, kind: CodeActionKind.RefactorRewrite, edit: editOf(analysis, edits) });
  const converted = convertForm(analysis.script, watcher);
  if (converted) add(watcher.form === 'inline' ? 'Write as a block' : 'Write on one line', [converted]);
  const added = addCaptures(analysis.script.text, watcher);
  if (added) add(`List the captures: ${added.names.join(', ')}`, [added.edit]);
  return actions;
}

function editOf(analysis: Analysis, edits: Fix['edits']): WorkspaceEdit {
  return {
    changes: { [analysis.uri]: edits.map(({ span, newText }) => ({ range: analysis.rangeOf(span), newText })) },
  };
}
