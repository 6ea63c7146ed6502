/** What is shown of workflow runs in tabs: the form before, the graph and the eventlog while they go on. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { GraphView } from '../../../../webview/messages.ts';
import { closeAllEditors, open, vigil, waitFor } from '../helpers.ts';

const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs);
const tab = (label: string) => tabs().find((one) => one.label === label);
const states = (view: GraphView | undefined) => view?.steps.map(({ key, state }) => [key, state]);
const runOf = async (id: string) => (await vigil()).runs().find((one) => one.id === id);

async function start(greeting: string): Promise<string> {
  const editor = await open('approved.vigil.yaml');
  const id = await vscode.commands.executeCommand<string>('vigil.runWorkflow', editor.document.uri, { greeting });
  await waitFor('the question', async () => (await runOf(id))?.status === 'sleeping');
  return id;
}

describe('the pages of a workflow', () => {
  afterEach(closeAllEditors);

  it('have a form for its parameters; closed, nothing is run', async () => {
    const api = await vigil();
    const before = api.runs().length;
    const editor = await open('approved.vigil.yaml');
    const started = vscode.commands.executeCommand<string | undefined>('vigil.runWorkflow', editor.document.uri);
    const form = await waitFor('the form', () => tab('Run approved'));
    assert(form.input instanceof vscode.TabInputWebview);
    await vscode.window.tabGroups.close(form);
    assert.equal(await started, undefined);
    assert.equal(api.runs().length, before);
  });

  it('have the graph of a run, which goes on with it', async () => {
    const api = await vigil();
    const id = await start('graph');
    await vscode.commands.executeCommand('vigil.showGraph', id);
    await waitFor('the tab', () => tab('Graph: approved'));
    const asking = api.graphs().get(id);
    assert.equal(asking?.status, 'sleeping: asks: Go on after graph?');
    assert.deepEqual(states(asking), [
      ['say', 'completed'],
      ['ok', 'waiting'],
      ['end', 'pending'],
    ]);
    assert.deepEqual(
      asking?.layout.edges.map(({ from, to }) => [from, to]),
      [
        ['say', 'ok'],
        ['ok', 'end'],
      ],
    );
    await vscode.commands.executeCommand('vigil.denyStep', { subject: { kind: 'step', run: id, step: 'ok' } });
    await waitFor('the end', async () => (await runOf(id))?.status === 'failed');
    const ended = await waitFor('the end in the graph', () => {
      const view = api.graphs().get(id);
      return view?.status.startsWith('failed') && view;
    });
    assert.equal(states(ended)?.[1]?.[1], 'failed');
    await closeAllEditors();
    await waitFor('the graph is gone with its tab', () => !api.graphs().has(id));
  });

  it('have the graph of a file, which follows what is typed', async () => {
    const api = await vigil();
    const editor = await open('approved.vigil.yaml');
    await vscode.commands.executeCommand('vigil.showGraph', editor.document.uri);
    const key = editor.document.uri.toString();
    const steps = () =>
      api
        .graphs()
        .get(key)
        ?.steps.map((step) => step.key);
    assert.deepEqual(steps(), ['say', 'ok', 'end']);
    const change = async (text: string) => {
      const edit = new vscode.WorkspaceEdit();
      edit.insert(editor.document.uri, editor.document.lineAt(editor.document.lineCount - 1).range.end, text);
      assert(await vscode.workspace.applyEdit(edit));
    };
    await change('\n  - { id: typed, sleep: 1 }\n');
    await waitFor('the new step', () => steps()?.includes('typed'));
    await change('  - { id: typed, sleep: }\n');
    await waitFor('the errors', () => api.graphs().get(key)?.status.includes('has errors'));
    assert(steps()?.includes('typed'), 'the last graph stays while the file has errors');
    await vscode.window.showTextDocument(editor.document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await waitFor('the file as it was', () => steps()?.length === 3);
  });

  it('have its eventlog, which grows', async () => {
    const id = await start('log');
    await vscode.commands.executeCommand('vigil.openRunEventlog', id);
    const log = vscode.window.activeTextEditor?.document;
    assert(log?.uri.scheme === 'vigil-eventlog');
    await waitFor('what has happened', () => /step\.wait .*step=ok/.test(log.getText()));
    assert.match(log.getText(), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d.* submit +name=approved .*"greeting":"log"/);
    assert.doesNotMatch(log.getText(), /finish/);
    await vscode.commands.executeCommand('vigil.cancelRun', id, { confirm: false });
    await waitFor('the end', () => /finish +status=cancelled/.test(log.getText()));
  });
});
