/** The output of a job as a document: what its watchers matched is marked there. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAllEditors, logWith, submit, waitFor } from '../helpers.ts';

const outputDocument = () =>
  vscode.window.visibleTextEditors.find(({ document }) => document.uri.scheme === 'vigil-output')?.document;

async function hoverText(uri: vscode.Uri, line: number): Promise<string> {
  const position = new vscode.Position(line, 2);
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, position);
  const contents = hovers.flatMap((hover) => hover.contents);
  return contents.map((one) => (typeof one === 'string' ? one : one.value)).join('\n');
}

describe('the output of a job', () => {
  afterEach(closeAllEditors);

  it('tells at each line what watchers matched and did there', async () => {
    const key = await submit('watched.sh');
    await logWith(key, 'clean');
    await vscode.commands.executeCommand('vigil.openOutput', key);
    const document = await waitFor('the output', outputDocument);
    const lineOf = (text: string) =>
      document
        .getText()
        .split('\n')
        .findIndex((line) => line.includes(text));
    const fired = await waitFor('the mark', async () => {
      const hover = await hoverText(document.uri, lineOf('epoch 3 loss=3.5'));
      return hover !== '' && hover;
    });
    assert.match(fired, /Watcher `loss` matched at /);
    assert.match(fired, /cancel_job\(reason="loss 3\.5"\).* – done/);
    assert.match(await hoverText(document.uri, lineOf('epoch 1 ')), /The condition was false/);
    assert.equal(await hoverText(document.uri, lineOf('started in')), '');
  });

  it('links what a traceback names: files of the cluster, and the script as submitted', async () => {
    const key = await submit('traceback.sh');
    await logWith(key, 'clean');
    await vscode.commands.executeCommand('vigil.openOutput', key);
    const document = await waitFor('the output', outputDocument);
    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>(
      'vscode.executeLinkProvider',
      document.uri,
    );
    const targetOf = (text: string) => {
      const link = links.find(({ range }) => document.getText(range).includes(text));
      assert(link?.target, `no link at ${text}`);
      return link.target;
    };
    const source = targetOf('steps.py');
    assert.equal(source.scheme, 'file');
    assert.equal(source.fragment, 'L2');
    assert.match((await vscode.workspace.openTextDocument(source.with({ fragment: '' }))).getText(), /the second line/);
    const script = targetOf('/script: line');
    assert.equal(script.scheme, 'vigil-script');
    assert.match((await vscode.workspace.openTextDocument(script.with({ fragment: '' }))).getText(), /no_such_command/);
    // As a link in the output of a job on a cluster would have it: the engine reads the file where the job ran.
    const uri = vscode.Uri.from({
      scheme: 'vigil-file',
      path: '/local/steps.py',
      query: JSON.stringify({ job: key, path: source.path }),
    });
    const remote = await vscode.workspace.openTextDocument(uri);
    assert.match(remote.getText(), /^# the first line\n# the second line/);
    assert.equal(remote.languageId, 'python');
  });

  it('is searched as a whole, and what is around a line is shown', async () => {
    const key = await submit('long.sh');
    await logWith(key, 'clean');
    await vscode.commands.executeCommand('vigil.searchOutput', key, '/^row 1?0000 /');
    const results = await waitFor('the results', () => vscode.window.activeTextEditor?.document);
    assert.equal(results.uri.scheme, 'vigil-search');
    assert.match(results.getText(), /: 1 line; \d+\.\d KiB searched\.\n\n10000: row 10000 of many\n$/);
    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>(
      'vscode.executeLinkProvider',
      results.uri,
    );
    // VS Code itself links addresses that it finds in any text.
    const own = links.filter(({ target }) => target?.scheme === 'command');
    assert.deepEqual(
      own.map(({ range, target }) => [results.getText(range), target?.path]),
      [['10000', 'vigil.openFound']],
    );
    await vscode.commands.executeCommand('vigil.openFound', Number(results.uri.query), 0);
    const editor = await waitFor('the line', () => {
      const shown = vscode.window.activeTextEditor;
      return shown?.document.uri.scheme === 'vigil-file' && shown;
    });
    assert.equal(editor.document.lineAt(editor.selection.active.line).text, 'row 10000 of many');
    assert.match(editor.document.lineAt(0).text, /^\[Vigil: this is a part of .*, from its line \d+ on\.\]$/);
    const [, from = ''] = /from its line (\d+)/.exec(editor.document.lineAt(0).text) ?? [];
    assert.equal(Number(from) + editor.selection.active.line - 1, 10_000);
  });

  it('folds progress bars, and shows no control sequence', async () => {
    const key = await submit('progress.sh');
    await logWith(key, 'clean');
    await vscode.commands.executeCommand('vigil.openOutput', key);
    const editor = await waitFor('the output', () =>
      vscode.window.visibleTextEditors.find(({ document }) => document.uri.scheme === 'vigil-output'),
    );
    const lines = editor.document.getText().split('\n');
    assert.deepEqual(lines.slice(0, 3), ['red, not a link', 'step 1/50', 'step 2/50']);
    assert.equal(lines[50], 'step 50/50');
    const command = 'vscode.executeFoldingRangeProvider';
    const folds = await vscode.commands.executeCommand<vscode.FoldingRange[]>(command, editor.document.uri);
    assert.deepEqual(
      folds.map(({ start, end }) => [start, end]),
      [[1, 49]],
    );
    await waitFor('the fold', () => editor.visibleRanges.some(({ end }) => end.line === 1));
    assert.equal(editor.visibleRanges.at(-1)?.start.line, 50);
  });
});
