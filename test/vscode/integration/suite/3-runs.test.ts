/** A workflow from its file in the editor to its end, with a question in between. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { closeAllEditors, open, vigil, waitFor } from '../helpers.ts';

describe('a workflow', () => {
  afterEach(closeAllEditors);

  it('runs, asks, and goes on when a person has approved', async () => {
    const api = await vigil();
    const editor = await open('approved.vigil.yaml');
    const id = await vscode.commands.executeCommand<string>('vigil.runWorkflow', editor.document.uri, {
      greeting: 'hi',
    });
    const run = () => api.runs().find((one) => one.id === id);
    const asking = await waitFor('the question', () => {
      const step = run()?.steps.find(({ key }) => key === 'ok');
      return step?.status === 'waiting' && step;
    });
    assert.equal(asking.detail, 'Go on after hi?');
    assert.equal(run()?.status, 'sleeping');
    await vscode.commands.executeCommand('vigil.approveStep', { subject: { kind: 'step', run: id, step: 'ok' } });
    await waitFor('the end', () => run()?.status === 'completed');
    assert.deepEqual(
      run()?.steps.map(({ key, status }) => [key, status]),
      [
        ['say', 'completed'],
        ['ok', 'completed'],
        ['end', 'completed'],
      ],
    );
  });

  it('is saved before it runs, where its text has no file yet', async () => {
    const api = await vigil();
    const folder = mkdtempSync(path.join(tmpdir(), 'vigil-unsaved-'));
    try {
      const file = path.join(folder, 'unsaved.vigil.yaml');
      const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file).with({ scheme: 'untitled' }));
      const editor = await vscode.window.showTextDocument(document);
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'steps: [{ run: pwd > ran }]\n'));
      const id = await vscode.commands.executeCommand<string | undefined>('vigil.runWorkflow');
      await waitFor('the end', () => api.runs().find((one) => one.id === id)?.status === 'completed');
      assert.equal(readFileSync(path.join(folder, 'ran'), 'utf8'), `${folder}\n`);
      assert.equal(readFileSync(file, 'utf8'), 'steps: [{ run: pwd > ran }]\n');
    } finally {
      await closeAllEditors();
      rmSync(folder, { recursive: true });
    }
  });

  it('is cancelled', async () => {
    const api = await vigil();
    const editor = await open('approved.vigil.yaml');
    const id = await vscode.commands.executeCommand<string>('vigil.runWorkflow', editor.document.uri, {});
    const run = () => api.runs().find((one) => one.id === id);
    await waitFor('the question', () => run()?.status === 'sleeping');
    await vscode.commands.executeCommand('vigil.cancelRun', id, { confirm: false });
    await waitFor('the end', () => run()?.status === 'cancelled');
    assert.equal(run()?.reason, 'cancelled in VS Code');
    await vscode.commands.executeCommand('vigil.retryRun', id);
    await waitFor('the question, once more', () => run()?.status === 'sleeping');
    assert.deepEqual(
      run()?.steps.map(({ key, attempts }) => [key, attempts]),
      [
        ['say', 1],
        ['ok', 2],
        ['end', 0],
      ],
    );
    await vscode.commands.executeCommand('vigil.approveStep', { subject: { kind: 'step', run: id, step: 'ok' } });
    await waitFor('the end', () => run()?.status === 'completed');
    await vscode.commands.executeCommand('vigil.retryFromStep', { subject: { kind: 'step', run: id, step: 'say' } });
    await waitFor(
      'the question, from the first step on',
      () => run()?.steps[0]?.attempts === 2 && run()?.status === 'sleeping',
    );
    await vscode.commands.executeCommand('vigil.cancelRun', id, { confirm: false });
    await waitFor('the end', () => run()?.status === 'cancelled');
  });
});
