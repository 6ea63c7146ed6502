/** An engine that dies: the extension notices, starts it again, and nothing that was recorded is lost. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAllEditors, job, logWith, submit, vigil, waitFor } from '../helpers.ts';

describe('an engine that dies', () => {
  afterEach(closeAllEditors);

  it('is started again; jobs, their logs and an open output go on', async () => {
    const api = await vigil();
    const key = await submit('sleeper.sh');
    const before = await logWith(key, 'start');
    await waitFor('the path of the output', async () => (await job(key)).stdoutPath !== undefined);
    await vscode.commands.executeCommand('vigil.openOutput', key);
    const document = await waitFor('the output', () => {
      const current = vscode.window.activeTextEditor?.document;
      return current?.uri.scheme === 'vigil-output' && current.getText().includes('line 3\n') && current;
    });
    const state = api.engineState();
    assert(state.kind === 'connected');
    process.kill(state.info.pid, 'SIGKILL');

    await waitFor('the loss to be noticed', () => api.engineState().kind !== 'connected');
    assert(
      api.jobs().some((candidate) => candidate.key === key),
      'what was known stays',
    );
    const pid = await waitFor('another engine', () => {
      const now = api.engineState();
      return now.kind === 'connected' && now.info.pid;
    });
    assert.notEqual(pid, state.info.pid);
    const linesSoFar = document.lineCount;
    await waitFor('the output to go on', () => document.lineCount > linesSoFar + 3);
    const numbers = [...document.getText().matchAll(/^line (\d+)$/gm)].map((match) => Number(match[1]));
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
      'no line twice, none missing',
    );

    await vscode.commands.executeCommand('vigil.cancelJob', key, { confirm: false });
    const after = await logWith(key, 'clean');
    assert.deepEqual(after.slice(0, before.length), before);
  });

  it('leaves the language server alone', async () => {
    const document = await vscode.workspace.openTextDocument({
      language: 'shellscript',
      content: '#!/bin/bash\n#WATCHER pattern="x" action=cancel_jop()\n',
    });
    await vscode.window.showTextDocument(document);
    await waitFor('a diagnostic', () => vscode.languages.getDiagnostics(document.uri).length > 0);
  });
});

after(async () => {
  // The engine of these tests would stay for a minute, looking for clients in a folder that is gone.
  const state = (await vigil()).engineState();
  if (state.kind === 'connected') process.kill(state.info.pid, 'SIGTERM');
});
