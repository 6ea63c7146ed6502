/** Activation: everything is registered, nothing is started. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandTable } from '../../../../client/commands/command-table.ts';
import { open, vigil, vigilExports } from '../helpers.ts';

describe('activation', () => {
  it('starts no engine for a script that is only looked at', async () => {
    await open('watched.sh');
    const api = await vigil();
    assert.equal(api.engineState().kind, 'idle');
    const offered = (await vigilExports()).getAPI(1);
    const event = new offered.Event(0.01);
    assert.deepEqual([await event.wait(), event.checkTimeout()], [false, true]);
    event.set();
    assert.deepEqual([await event.wait(), event.signal.aborted], [true, true]);
    assert.equal(await new offered.Barrier(1).arrive(), true);
    assert.deepEqual(api.jobs(), []);
  });

  it('registers every command', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      Object.keys(commandTable).filter((id) => !registered.has(id)),
      [],
    );
  });

  it('offers to submit over the first directive, and to try its watchers over each of them', async () => {
    const editor = await open('watched.sh');
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      editor.document.uri,
    );
    assert.deepEqual(
      lenses.map((lens) => [lens.range.start.line, lens.command?.command]),
      [
        [1, 'vigil.submit'],
        [3, 'vigil.tryOnOutput'],
      ],
    );
  });
});
