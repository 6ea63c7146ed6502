/** Lenses over watchers: trying them on output, and what their job has matched. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAllEditors, logWith, open, submit, waitFor, workspaceFile } from '../helpers.ts';

async function lensTitles(uri: vscode.Uri): Promise<readonly string[]> {
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);
  return lenses.flatMap(({ command }) => (command ? [command.title] : []));
}

/** Dry runs of earlier tests are documents of the same kind. */
function reportText(): string | undefined {
  const reports = vscode.workspace.textDocuments.filter(({ uri }) => uri.scheme === 'vigil-replay');
  return reports.map((report) => report.getText()).find((text) => text.includes('Nothing was performed'));
}

describe('lenses over watchers', () => {
  afterEach(closeAllEditors);

  it('report what a watcher would do with a text, and perform nothing', async () => {
    const { document } = await open('watched.sh');
    const titles = await waitFor('the lens', async () => {
      const all = await lensTitles(document.uri);
      return all.some((title) => title.includes('Try on output')) && all;
    });
    assert(titles.some((title) => title.includes('Submit')));
    const source = { kind: 'text', stdout: 'epoch 1 loss=2.5\nnothing\nepoch 2 loss=4.5\n' };
    await vscode.commands.executeCommand('vigil.reportOnOutput', document.uri, 'loss', source);
    const report = await waitFor('the report', () => reportText());
    assert.match(report, /3 lines, 1 watcher: 2 matches, 1 trigger\. Nothing was performed\./);
    assert.match(report, /1: epoch 1 loss=2\.5\n.*condition is false/);
    assert.match(report, /would notify\(message="loss is 4\.5".*\)/);
  });

  it('count what the job of the script has matched', async () => {
    const key = await submit('watched.sh');
    await logWith(key, 'finish');
    const uri = workspaceFile('watched.sh');
    await open('watched.sh');
    const id = key.split('/')[1];
    await waitFor('the count', async () => {
      const titles = await lensTitles(uri);
      return titles.some((title) => new RegExp(`\\d match.*1 trigger.*last .*job ${id}`).test(title));
    });
  });
});
