/** What the editor asks of the language server beyond the mistakes: VS Code takes each answer and shows it. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAllEditors, waitFor } from '../helpers.ts';

const script = `#!/bin/bash
#SBATCH --time=120
#SBATCH --ntasks=1
#WATCHER_BEGIN
#name: loss_monitor
# pattern: "loss: ([\\d.]+)"
# captures: [loss]
# condition: float(loss) > 5
# actions:
#   - notify(message="loss is \${loss}")
#WATCHER_END
if true; then
  echo
fi
`;

describe('editing', () => {
  let document: vscode.TextDocument;
  const ask = <Answer>(command: string, ...rest: unknown[]) =>
    vscode.commands.executeCommand<Answer>(command, document.uri, ...rest);
  const at = (text: string) => document.positionAt(script.indexOf(text));
  const everything = () => new vscode.Range(0, 0, document.lineCount, 0);

  before(async () => {
    document = await vscode.workspace.openTextDocument({ language: 'shellscript', content: script });
    await vscode.window.showTextDocument(document);
    await waitFor('symbols', async () => (await ask<unknown[]>('vscode.executeDocumentSymbolProvider'))?.length > 0);
  });
  after(closeAllEditors);

  it('shows an outline, and what can be folded', async () => {
    const symbols = await ask<vscode.DocumentSymbol[]>('vscode.executeDocumentSymbolProvider');
    assert.deepEqual(
      symbols.map(({ name }) => name),
      ['#SBATCH', 'loss_monitor'],
    );
    const folds = await ask<vscode.FoldingRange[]>('vscode.executeFoldingRangeProvider');
    assert.deepEqual(
      folds.map(({ start, end }) => [start, end]),
      [
        [1, 2],
        [3, 10],
        [11, 12],
      ],
    );
  });

  it('colours watchers by what their words mean', async () => {
    const legend = await ask<vscode.SemanticTokensLegend>('vscode.provideDocumentSemanticTokensLegend');
    const tokens = await ask<vscode.SemanticTokens>('vscode.provideDocumentSemanticTokens');
    const types = new Set<string | undefined>();
    for (let index = 3; index < tokens.data.length; index += 5) types.add(legend.tokenTypes[tokens.data[index] ?? 0]);
    for (const type of ['regexpGroup', 'regexpClass', 'variable', 'function', 'parameter'])
      assert.ok(types.has(type), type);
  });

  it('names groups and spells times', async () => {
    const hints = await ask<vscode.InlayHint[]>('vscode.executeInlayHintProvider', everything());
    assert.deepEqual(
      hints.map(({ label }) => label),
      ['= 2 h', 'loss:'],
    );
  });

  it('renames a capture in its watcher, and says why it does not', async () => {
    const renamed = await ask<vscode.WorkspaceEdit>('vscode.executeDocumentRenameProvider', at('loss) >'), 'error');
    assert.equal(renamed.get(document.uri).length, 3);
    await assert.rejects(
      async () => await ask<vscode.WorkspaceEdit>('vscode.executeDocumentRenameProvider', at('loss) >'), 'float'),
      /of their own/,
    );
  });

  it('lays out blocks, and writes them on one line', async () => {
    const edits = await ask<vscode.TextEdit[]>('vscode.executeFormatDocumentProvider', {
      tabSize: 2,
      insertSpaces: true,
    });
    assert.deepEqual(
      edits.map(({ range }) => range.start.line),
      [4],
    );
    const actions = await ask<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      new vscode.Range(at('name: loss'), at('name: loss')),
    );
    const titles = actions.map(({ title }) => title);
    assert.ok(titles.includes('Write on one line'), titles.join(', '));
  });
});
