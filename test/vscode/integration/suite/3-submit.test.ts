/** What can be asked and chosen before a script becomes a job. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SubmitPreview } from '../../../../engine/protocol/submit.ts';
import { closeAllEditors, open, vigil, waitFor, workspaceFile } from '../helpers.ts';

const report = () => {
  const document = vscode.window.activeTextEditor?.document;
  return document?.uri.scheme === 'vigil-replay' && document.getText();
};

describe('a dry run', () => {
  afterEach(closeAllEditors);

  it('shows what would be submitted, and submits nothing', async () => {
    const api = await vigil();
    const before = api.jobs().length;
    const preview = await vscode.commands.executeCommand<SubmitPreview>('vigil.dryRun', workspaceFile('watched.sh'), {
      cluster: 'local',
      options: ['--time=3'],
    });
    assert.equal(preview.scheduler, 'local');
    assert(preview.options.includes('--time=3'));
    assert(preview.watchers.length > 0);
    const text = await waitFor('the report', report);
    assert.match(text, /^Dry run of watched\.sh on local .*\n\nlocal would take it\.\n/);
    assert.match(text, /\n {2}--time=3\n/);
    assert.equal(api.jobs().length, before);
  });

  it('puts what the scheduler has against it at its directive', async () => {
    const editor = await open('sleeper.sh');
    const { uri } = editor.document;
    const complaints = () =>
      vscode.languages.getDiagnostics(uri).filter((one) => one.source?.startsWith('vigil (submit'));
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 0), '#SBATCH --array=3-1\n'));
    assert.equal(await vscode.commands.executeCommand('vigil.dryRun', uri, { cluster: 'local' }), undefined);
    const [complaint] = await waitFor('the complaint', () => complaints().length > 0 && complaints());
    assert.equal(complaint?.range.start.line, 1);
    await editor.edit((edit) => edit.delete(new vscode.Range(1, 0, 2, 0)));
    await editor.document.save();
    assert.deepEqual(complaints(), []);
  });
});
