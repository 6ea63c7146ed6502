/** Eventlogs in files, and of two jobs side by side. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAllEditors, logWith, open, submit, vigil, waitFor } from '../helpers.ts';

describe('an eventlog in a file', () => {
  afterEach(closeAllEditors);

  it('is checked, explained and outlined', async () => {
    await vigil();
    const { document } = await open('broken.eventlog');
    assert.equal(document.languageId, 'flux-eventlog');
    const last = document.lineCount - 2;
    const problems = await waitFor('the problem', () => {
      const found = vscode.languages.getDiagnostics(document.uri);
      return found.length > 0 && found;
    });
    assert.deepEqual(
      problems.map(({ range }) => range.start.line),
      [last],
    );
    const at = new vscode.Position(0, 20);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      at,
    );
    const words = hovers.flatMap(({ contents }) => contents.map((one) => (one as vscode.MarkdownString).value));
    assert.match(words.join('\n'), /The scheduler has taken the job/);
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>(
      'vscode.executeDocumentSymbolProvider',
      document.uri,
    );
    assert.deepEqual(
      symbols.slice(0, 2).map(({ name }) => name),
      ['submit', 'validate'],
    );
  });

  it('of a job is laid beside that of another one', async () => {
    const keys = [await submit('watched.sh'), await submit('watched.sh')];
    for (const key of keys) await logWith(key, 'clean');
    const rows = keys.map((key) => ({ subject: { kind: 'job', job: key } }));
    await vscode.commands.executeCommand('vigil.compareEventlogs', rows[0], rows);
    const input = await waitFor('the comparison', () => {
      const shown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return shown instanceof vscode.TabInputTextDiff && shown;
    });
    const text = (await vscode.workspace.openTextDocument(input.modified)).getText();
    assert.match(text, /^ +\+0\.000 s {2}submit /);
    assert.match(text, / s {2}clean/);
    await vscode.commands.executeCommand('vigil.compareJobs', rows[0], rows);
    const jobs = await waitFor('the comparison of the jobs', () => {
      const shown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return shown instanceof vscode.TabInputTextDiff && shown.modified.authority === 'job' && shown;
    });
    const [one, other] = await Promise.all(
      [jobs.original, jobs.modified].map(async (uri) => (await vscode.workspace.openTextDocument(uri)).getText()),
    );
    assert.match(one ?? '', new RegExp(`^job: ${keys[0]}\n`));
    assert.match(other ?? '', new RegExp(`^job: ${keys[1]}\n`));
    assert.match(other ?? '', /^state: cancelled$[\s\S]*^SHA-256: [0-9a-f]{64}\n\n#!/m);
  });
});
