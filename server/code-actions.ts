/** Quick fixes: each problem's own. */
import { type CodeAction, type CodeActionContext, CodeActionKind } from 'vscode-languageserver';
import type { Range } from 'vscode-languageserver-textdocument';
import type { Fix, Problem } from '../language/problem/problem.ts';
import { toDiagnostic } from './diagnostics.ts';
import type { Analysis } from './documents.ts';

export function codeActionsAt(analysis: Analysis, range: Range, context: CodeActionContext): readonly CodeAction[] {
  const wanted = context.only;
  if (wanted && !wanted.some((kind) => kind === CodeActionKind.QuickFix || kind === CodeActionKind.Empty)) return [];
  const start = analysis.offsetAt(range.start);
  const end = analysis.offsetAt(range.end);
  return analysis.problems
    .filter(({ span }) => span.start <= end && start <= span.end)
    .flatMap((found) =>
      found.fixes.map((fix, index) => toCodeAction(analysis, found, fix, index === 0 && found.fixes.length === 1)),
    );
}

function toCodeAction(analysis: Analysis, found: Problem, fix: Fix, isPreferred: boolean): CodeAction {
  const edits = fix.edits.map(({ span, newText }) => ({ range: analysis.rangeOf(span), newText }));
  return {
    title: fix.title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [toDiagnostic(analysis, found)],
    isPreferred,
    edit: { changes: { [analysis.uri]: edits } },
  };
}
