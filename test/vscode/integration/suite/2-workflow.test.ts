/** Workflow files in the editor: they are clean or diagnosed, completed, and lead to the scripts that they name. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAllEditors, open, waitFor, workspaceFile } from '../helpers.ts';

const name = 'train-then-publish.vigil.yaml';

function codes(document: vscode.TextDocument): readonly string[] {
  return vscode.languages
    .getDiagnostics(document.uri)
    .filter(({ source }) => source === 'vigil')
    .map(({ code }) => String(typeof code === 'object' ? code.value : code));
}

/** Behind `text`, where it first stands. */
function behind(document: vscode.TextDocument, text: string): vscode.Position {
  const at = document.getText().indexOf(text);
  assert(at >= 0, text);
  return document.positionAt(at + text.length);
}

describe('a workflow file', () => {
  after(closeAllEditors);

  it('leads from an awaited event to the watcher that emits it', async () => {
    const { document } = await open(name);
    const found = await waitFor('a definition', async () => {
      const locations = await vscode.commands.executeCommand<(vscode.Location | vscode.LocationLink)[]>(
        'vscode.executeDefinitionProvider',
        document.uri,
        behind(document, 'await_event: { name: "conv'),
      );
      return locations[0];
    });
    const target = 'uri' in found ? found.uri : found.targetUri;
    assert.equal(target.toString(), workspaceFile('train-and-report.sh').toString());
    assert.deepEqual(codes(document), []);
  });

  it('says what is wrong, and completes what is missing', async () => {
    const { document } = await open(name);
    const editor = vscode.window.activeTextEditor;
    const at = behind(document, 'submit: prepare');
    await editor?.edit((edit) => edit.insert(at, 'd'));
    await waitFor('workflow/missing-file', () => codes(document).includes('workflow/missing-file'));
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      behind(document, '${{ steps.converged.'),
    );
    const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    assert(labels.includes('payload'), labels.join(' '));
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await waitFor('no problems', () => codes(document).length === 0);
  });
});
