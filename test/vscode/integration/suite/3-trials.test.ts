/** Watchers tried on an output that is open: counted over the watcher, explained at the match, again at every keystroke. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { closeAllEditors, open, waitFor, workspaceFile } from '../helpers.ts';

async function lensTitles(uri: vscode.Uri): Promise<readonly string[]> {
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);
  return lenses.flatMap(({ command }) => (command ? [command.title] : []));
}

async function hoverText(uri: vscode.Uri, line: number): Promise<string> {
  const position = new vscode.Position(line, 2);
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, position);
  const contents = hovers.flatMap((hover) => hover.contents);
  return contents.map((one) => (typeof one === 'string' ? one : one.value)).join('\n');
}

const log = 'starting\n\u001b[32mepoch 1 loss=2.5\u001b[0m\nepoch 2 loss=4.5\nepoch 3 loss=5.5\n';

describe('watchers tried on an open output', () => {
  let output: vscode.Uri;
  let script: vscode.TextDocument;

  beforeEach(async () => {
    output = workspaceFile('tried.log');
    writeFileSync(output.fsPath, log);
    ({ document: script } = await open('watched.sh'));
    await waitFor('the lenses of the server', async () =>
      (await lensTitles(script.uri)).some((title) => title.includes('Try on output')),
    );
    await vscode.commands.executeCommand('vigil.tryOnOutput', script.uri, 'loss', output);
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await closeAllEditors();
  });

  const lens = (pattern: RegExp) =>
    waitFor(`the lens ${pattern}`, async () => (await lensTitles(script.uri)).find((title) => pattern.test(title)));

  it('are counted in a lens, explained in hovers, and the first line that fires is shown', async () => {
    await lens(/\$\(beaker\) 3 matches, would fire 1×, line 3/);
    const shown = vscode.window.activeTextEditor;
    assert.equal(shown?.document.uri.toString(), output.toString());
    assert.equal(shown?.selection.active.line, 2);
    const fires = await hoverText(output, 2);
    assert.match(fires, /Would fire.*cancel_job\(reason="loss 4\.5"\)/);
    assert.match(fires, /float\(loss=4\.5\) > 3/);
    assert.match(fires, /`epoch` = `2`/);
    assert.match(await hoverText(output, 1), /Would not fire.*the condition is false/);
    assert.match(await hoverText(output, 1), /`loss` = `2\.5`/);
    assert.match(await hoverText(output, 3), /max_triggers/);
    assert.equal(await hoverText(output, 0), '');
  });

  it('are tried again when the script changes, errors are told, and a mended one is tried again', async () => {
    await lens(/3 matches/);
    const text = script.getText();
    const at = text.indexOf('epoch (');
    const replace = async (start: number, length: number, by: string) => {
      const edit = new vscode.WorkspaceEdit();
      const range = new vscode.Range(script.positionAt(start), script.positionAt(start + length));
      edit.replace(script.uri, range, by);
      assert(await vscode.workspace.applyEdit(edit));
    };
    await replace(at, 'epoch ('.length, 'epoch ((');
    await lens(/\$\(error\) not tried: line 4: /);
    await replace(at, 'epoch (('.length, 'epoch (3)|(?:x');
    await lens(/1 match/);
  });

  it('are tried again when the output grows', async () => {
    await lens(/3 matches/);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(output, new vscode.Position(4, 0), 'epoch 4 loss=6.5\n');
    assert(await vscode.workspace.applyEdit(edit));
    await lens(/4 matches/);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(output));
  });

  it('go from match to match, and end when asked to', async () => {
    await lens(/3 matches/);
    await vscode.commands.executeCommand('vigil.goToMatch');
    assert.equal(vscode.window.activeTextEditor?.selection.active.line, 3);
    await vscode.commands.executeCommand('vigil.goToMatch');
    assert.equal(vscode.window.activeTextEditor?.selection.active.line, 1);
    await vscode.commands.executeCommand('vigil.stopTrying');
    assert.equal(await hoverText(output, 2), '');
    assert(!(await lensTitles(script.uri)).some((title) => /beaker.*match/.test(title)));
  });

  it('are made of a line of the output, and tried on it', async () => {
    await vscode.commands.executeCommand('vigil.stopTrying');
    const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(output));
    editor.selection = new vscode.Selection(2, 0, 2, 0);
    await vscode.commands.executeCommand('vigil.watchLine', { script: script.uri });
    await lens(/3 matches, would fire 3×, line 2/);
    assert.match(script.getText(), /#WATCHER name="epoch" pattern="epoch\\s\+\(\?P<epoch>\\d\+\)\\s\+loss=\(\?P<loss>/);
    assert.equal(vscode.window.activeTextEditor?.document, script);
  });
});
