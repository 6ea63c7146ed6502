/** What can be asked and chosen before a script becomes a job. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { SubmitPreview } from '../../../../engine/protocol/submit.ts';
import { closeAllEditors, job, logWith, open, submit, vigil, waitFor, workspaceFile } from '../helpers.ts';

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

/** Ends a job that was started only to be there. */
async function end(key: string): Promise<void> {
  await vscode.commands.executeCommand('vigil.cancelJob', key, { confirm: false });
  await logWith(key, 'clean');
}

async function scriptOf(key: string): Promise<string> {
  await vscode.commands.executeCommand('vigil.showScript', key);
  const document = await waitFor('the script', () => {
    const active = vscode.window.activeTextEditor?.document;
    return active?.uri.scheme === 'vigil-script' && active.uri.query.includes(JSON.stringify(key)) && active;
  });
  return document.getText();
}

describe('a job submitted again', () => {
  afterEach(closeAllEditors);

  it('has the script as it was then, in its directory, with the options that were changed', async () => {
    const first = await submit('sleeper.sh');
    const editor = await open('sleeper.sh');
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 0), '# changed since\n'));
    await editor.document.save();
    const options = ['--job-name=again'];
    const again = await vscode.commands.executeCommand<string>('vigil.resubmit', first, { options });
    assert.equal((await job(again)).name, 'again');
    assert.equal((await job(again)).resubmitOf, first);
    assert.equal((await job(again)).workdir, (await job(first)).workdir);
    assert.equal(await scriptOf(again), await scriptOf(first));

    const changed = await vscode.commands.executeCommand<string>('vigil.resubmit', first, { options, file: true });
    assert.equal(await scriptOf(changed), await readFile(workspaceFile('sleeper.sh').fsPath, 'utf8'));
    for (const key of [first, again, changed]) await end(key);
    const last = await open('sleeper.sh');
    await last.edit((edit) => edit.delete(new vscode.Range(1, 0, 2, 0)));
    await last.document.save();
  });
});

describe('a script for several clusters', () => {
  after(closeAllEditors);

  it('is submitted to those that take it', async () => {
    const clusters = ['local', 'no-such-cluster'];
    const keys = await vscode.commands.executeCommand<string[]>('vigil.submitToSeveral', workspaceFile('sleeper.sh'), {
      clusters,
      options: ['--job-name=everywhere'],
    });
    assert.equal(keys.length, 1);
    const [key = ''] = keys;
    assert.equal((await job(key)).name, 'everywhere');
    await end(key);
  });
});

describe('files of a script', () => {
  it('are uploaded to a directory of a cluster', async () => {
    const target = await mkdtemp(path.join(tmpdir(), 'vigil-uploaded-'));
    try {
      const choices = { cluster: 'local', workdir: target, entries: ['sleeper.sh', 'watched.sh'] };
      const result = await vscode.commands.executeCommand('vigil.uploadFiles', workspaceFile('sleeper.sh'), choices);
      assert.equal(Reflect.get(Object(result), 'files'), 2);
      assert.deepEqual((await readdir(target)).sort(), ['sleeper.sh', 'watched.sh']);
    } finally {
      await rm(target, { recursive: true });
    }
  });
});
