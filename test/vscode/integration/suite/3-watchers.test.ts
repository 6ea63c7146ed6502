/** Watchers of jobs on this machine: attached while a job runs, and controlled by commands. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAllEditors, job, logWith, submit, waitFor, workspaceFile } from '../helpers.ts';

describe('watchers of a job that runs', () => {
  afterEach(closeAllEditors);

  it('are attached from a script, and paused, resumed, triggered and stopped', async () => {
    const key = await submit('sleeper.sh');
    await logWith(key, 'start');
    const script = vscode.Uri.joinPath(workspaceFile('sleeper.sh'), '..', 'late.sh');
    const text = '#!/bin/bash\n#WATCHER name="late" pattern="^line (?P<n>\\d+)" action=log_event(message="$n")\n';
    await vscode.workspace.fs.writeFile(script, new TextEncoder().encode(text));
    await vscode.commands.executeCommand('vigil.attachWatchers', key, script, 'start');
    const watcher = async () => (await job(key)).watchers.find(({ name }) => name === 'late');
    await waitFor('the first line matched', async () => ((await watcher())?.matchCount ?? 0) > 0);
    const become = async (command: string, state: string) => {
      await vscode.commands.executeCommand(command, key, 'late');
      await waitFor(`${command}: ${state}`, async () => (await watcher())?.state === state);
    };
    await become('vigil.pauseWatcher', 'paused');
    const triggers = (await watcher())?.triggerCount ?? 0;
    await vscode.commands.executeCommand('vigil.triggerWatcher', key, 'late');
    await waitFor('one more trigger', async () => (await watcher())?.triggerCount === triggers + 1);
    await vscode.commands.executeCommand('vigil.resumeWatcher', key, 'late');
    await waitFor('it watches', async () => ['active', 'triggered'].includes((await watcher())?.state ?? ''));
    await become('vigil.stopWatcher', 'completed');
    assert.match((await watcher())?.reason ?? '', /by hand/);
    await vscode.commands.executeCommand('vigil.cancelJob', key, { confirm: false });
    await logWith(key, 'clean');
  });
});
