/** The pages of docs/diagnostics, one for each code: linked at the code of a diagnostic, and opened. */
import * as vscode from 'vscode';
import type { CommandId } from './commands/command-table.ts';

const explain: CommandId = 'vigil.explainDiagnostic';

/** `group/name`; nothing else becomes a part of a path. */
const codeForm = /^[a-z-]+\/[a-z-]+$/;

/** Makes the code of a diagnostic of the language server a link to its page. */
export function linkToPage(diagnostic: vscode.Diagnostic): void {
  const { code } = diagnostic;
  if (typeof code === 'string' && codeForm.test(code)) {
    const target = vscode.Uri.parse(`command:${explain}?${encodeURIComponent(JSON.stringify([code]))}`);
    diagnostic.code = { value: code, target };
  }
}

/**
 * Shows the page of a code beside the editor; without one that of the diagnostic at the cursor, else the list of all.
 *
 * @param extension the folder that the extension is installed in
 */
export async function explainDiagnostic(extension: vscode.Uri, given: unknown): Promise<void> {
  const code = typeof given === 'string' && codeForm.test(given) ? given : codeAtCursor();
  const path = code === undefined ? ['diagnostics.md'] : ['diagnostics', `${code}.md`];
  await vscode.commands.executeCommand('markdown.showPreviewToSide', vscode.Uri.joinPath(extension, 'docs', ...path));
}

/** Of the most serious diagnostic there. */
function codeAtCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  const there = vscode.languages
    .getDiagnostics(editor.document.uri)
    .filter(({ source, range }) => source === 'vigil' && range.contains(editor.selection.active))
    .sort((a, b) => a.severity - b.severity);
  const [found] = there.flatMap(({ code }) => (typeof code === 'object' ? [String(code.value)] : []));
  return found;
}
