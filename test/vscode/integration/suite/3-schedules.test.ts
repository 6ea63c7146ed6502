/** A workflow file that says when it runs: scheduled, waiting, ended. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAllEditors, open, vigil, waitFor } from '../helpers.ts';

describe('a schedule', () => {
  afterEach(closeAllEditors);

  it('waits for its time or its event, is replaced when it is scheduled again, and ends when it is cancelled', async () => {
    const api = await vigil();
    const editor = await open('nightly.vigil.yaml');
    const problems = vscode.languages.getDiagnostics(editor.document.uri);
    assert.deepEqual(problems, []);
    const id = await vscode.commands.executeCommand<string>('vigil.scheduleWorkflow', editor.document.uri, {});
    const run = (wanted: string) => api.runs().find((one) => one.id === wanted);
    const waiting = await waitFor('the wait', () => {
      const known = run(id);
      return known?.schedule?.at !== undefined && known;
    });
    assert.deepEqual([waiting.status, waiting.schedule?.events], ['pending', ['nightly.go']]);
    // The clock in Berlin is one or two hours ahead of UTC.
    assert.ok([0, 1].includes(new Date((waiting.startAt ?? 0) * 1000).getUTCHours()));
    const again = await vscode.commands.executeCommand<string>('vigil.scheduleWorkflow', editor.document.uri, {});
    await waitFor('the end of the one that was replaced', () => run(id)?.status === 'cancelled');
    assert.equal(run(id)?.reason, 'it was scheduled again');
    await waitFor('the new one', () => run(again)?.schedule?.at !== undefined);
    await vscode.commands.executeCommand('vigil.cancelRun', again, { confirm: false });
    await waitFor('the end', () => run(again)?.status === 'cancelled');
    assert.ok(api.runs().every((one) => one.schedule?.isWaiting !== true));
  });
});
