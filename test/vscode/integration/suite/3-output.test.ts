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
});
