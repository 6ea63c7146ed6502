/** Opens a workflow file at one of its steps. */
import * as vscode from 'vscode';

/** The language server knows where the steps are; a step without an id is `step_3` or `cleanup_1`, by its place. */
export async function showStep(file: vscode.Uri, step: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(file);
  const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>(
    'vscode.executeDocumentSymbolProvider',
    file,
  );
  const found = findStep(symbols ?? [], step) ?? stepAt(symbols ?? [], step);
  const selection = found && new vscode.Range(found.selectionRange.start, found.selectionRange.start);
  await vscode.window.showTextDocument(document, {
    viewColumn: vscode.ViewColumn.One,
    ...(selection ? { selection } : {}),
  });
}

function findStep(symbols: readonly vscode.DocumentSymbol[], step: string): vscode.DocumentSymbol | undefined {
  for (const symbol of symbols) {
    const found = symbol.name === step ? symbol : findStep(symbol.children, step);
    if (found) return found;
  }
  return undefined;
}

function stepAt(symbols: readonly vscode.DocumentSymbol[], step: string): vscode.DocumentSymbol | undefined {
  const [, kind, number] = /^(step|cleanup)_(\d+)$/.exec(step) ?? [];
  const list = symbols.find(({ name }) => name === (kind === 'step' ? 'steps' : kind));
  return list?.children[Number(number) - 1];
}
