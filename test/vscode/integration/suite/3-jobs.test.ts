/** Jobs on this machine: submitted, watched, followed, cancelled. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { closeAllEditors, job, logWith, open, submit, vigil, waitFor, workspaceFile } from '../helpers.ts';

const active = () => vscode.window.activeTextEditor;

describe('a job on this machine', () => {
  afterEach(closeAllEditors);

  it('is submitted, watched, cancelled by its watcher, and its eventlog is ended', async () => {
    const key = await submit('watched.sh');
    const log = await logWith(key, 'clean');
    const names = log.map((entry) => entry.name);
    const milestones = [
      'submit',
      'alloc',
      'start',
      'watcher.match',
      'watcher.action',
      'watcher.result',
      'exception',
      'finish',
      'clean',
    ];
    assert.deepEqual(
      milestones.filter((name) => !names.includes(name)),
      [],
      names.join(' '),
    );
    assert.deepEqual(
      log.map((entry) => entry.seq),
      log.map((_, index) => index),
    );
    const actions = log.filter((entry) => entry.name === 'watcher.result');
    assert.deepEqual(
      actions.map((entry) => [entry.context?.action, entry.context?.ok]),
      [
        ['notify', true],
        ['cancel_job', true],
      ],
    );
    assert.equal((await job(key)).state, 'cancelled');
  });

  it('runs in the folder of its script unless told otherwise', async () => {
    const key = await submit('watched.sh');
    await logWith(key, 'start');
    assert.equal((await job(key)).workdir, path.dirname(workspaceFile('watched.sh').fsPath));
    await vscode.commands.executeCommand('vigil.cancelJob', key, { confirm: false });
    await logWith(key, 'clean');
  });

  it('shows its output in a document that follows the file, with the cursor at its end', async () => {
    const key = await submit('sleeper.sh');
    await logWith(key, 'start');
    await waitFor('the path of the output', async () => (await job(key)).stdoutPath !== undefined);
    await vscode.commands.executeCommand('vigil.openOutput', key);
    const document = await waitFor(
      'the output document',
      () => active()?.document.uri.scheme === 'vigil-output' && active()?.document,
    );
    await waitFor('line 5', () => document.getText().includes('line 5\n'));
    assert.match(document.getText(), /^red line\nline 1\n/);
    await waitFor('line 9', () => document.getText().includes('line 9\n'));
    const editor = active();
    await waitFor('the cursor at the end', () => editor && editor.selection.active.line === document.lineCount - 1);

    await vscode.commands.executeCommand('vigil.openErrorOutput', key);
    const errors = await waitFor('the other document', () => active()?.document !== document && active()?.document);
    await waitFor('its text', () => errors.getText() === 'to the other stream\n');

    await vscode.commands.executeCommand('vigil.cancelJob', key, { confirm: false });
    await logWith(key, 'clean');
    const file = await readFile((await job(key)).stdoutPath ?? '', 'utf8');
    await waitFor('the whole file', () => document.getText() === file.replace(/\u001b\[\d+m/g, ''));
  });

  it('gives its id, and its script as it was submitted', async () => {
    const key = await submit('sleeper.sh');
    await vscode.commands.executeCommand('vigil.copyJobId', key);
    assert.equal(await vscode.env.clipboard.readText(), (await job(key)).jobId);
    await vscode.commands.executeCommand('vigil.showScript', key);
    const document = await waitFor(
      'the script',
      () => active()?.document.uri.scheme === 'vigil-script' && active()?.document,
    );
    assert.equal(document.getText(), await readFile(workspaceFile('sleeper.sh').fsPath, 'utf8'));
    assert.equal(document.languageId, 'shellscript');
    await vscode.commands.executeCommand('vigil.cancelJob', key, { confirm: false });
    await logWith(key, 'clean');
  });

  it('is forgotten with all that are selected beside it', async () => {
    const keys = [await submit('watched.sh'), await submit('watched.sh')];
    for (const key of keys) await logWith(key, 'clean');
    const rows = keys.map((key) => ({ subject: { kind: 'job', job: key } }));
    await vscode.commands.executeCommand('vigil.forgetJob', rows[0], rows);
    const known = (await vigil()).jobs().map(({ key }) => key);
    assert.deepEqual(
      keys.filter((key) => known.includes(key)),
      [],
    );
  });

  it('takes orders and notes', async () => {
    const [hold, note] = ['vigil.holdJob', 'vigil.noteJob'];
    const first = await submit('sleeper.sh');
    await logWith(first, 'start');
    await vscode.commands.executeCommand(note, first, { note: 'the good one' });
    assert.deepEqual((await job(first)).memo, { note: 'the good one' });
    const [entry] = (await logWith(first, 'memo')).filter(({ name }) => name === 'memo');
    assert.deepEqual(entry?.context, { note: 'the good one' });
    // A job that waits for the other one.
    const script = `#!/bin/bash\n#SBATCH --time=1 --dependency=afterany:${(await job(first)).jobId}\necho waited\n`;
    await vscode.workspace.fs.writeFile(workspaceFile('waiter.sh'), Buffer.from(script));
    const waiting = await submit('waiter.sh');
    await vscode.commands.executeCommand('vigil.extendJob', waiting, '1h');
    await waitFor('the new limit', async () => (await job(waiting)).timeLimitSeconds === 3660);
    await vscode.commands.executeCommand(hold, waiting);
    await waitFor('the reason', async () => (await job(waiting)).reason === 'JobHeldUser');
    await vscode.commands.executeCommand('vigil.signalJob', first, 'KILL');
    await logWith(first, 'clean');
    assert.equal((await job(waiting)).state, 'pending');
    await vscode.commands.executeCommand('vigil.releaseJob', waiting);
    const log = await logWith(waiting, 'clean');
    const urgencies = log.filter(({ name }) => name === 'urgency').map(({ context }) => context?.urgency);
    assert.deepEqual(urgencies, [0, 16]);
  });

  it('shows what has changed in its script since', async () => {
    const key = await submit('sleeper.sh');
    await vscode.commands.executeCommand('vigil.compareScript', key);
    const tab = await waitFor('the comparison', () => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof vscode.TabInputTextDiff && input;
    });
    assert.equal(tab.original.scheme, 'vigil-script');
    assert.equal(tab.modified.fsPath, workspaceFile('sleeper.sh').fsPath);
    await vscode.commands.executeCommand('vigil.cancelJob', key, { confirm: false });
    await logWith(key, 'clean');
  });

  it('has a timeline that follows it', async () => {
    const key = await submit('watched.sh');
    await vscode.commands.executeCommand('vigil.showTimeline', key);
    const api = await vigil();
    const shown = () => api.timelines().find((one) => one.rows.some((row) => row.key === key));
    const title = `Timeline of ${shown()?.title}`;
    await waitFor('its tab', () => vscode.window.tabGroups.activeTabGroup.activeTab?.label === title);
    await logWith(key, 'clean');
    const view = await waitFor('its end', () => {
      const now = shown();
      return now && !now.isLive && now.rows[0]?.spans.some(({ kind }) => kind === 'ran-cancelled') && now;
    });
    assert.match(view.rows[0]?.marks.kinds ?? '', /m.*a/);
    await closeAllEditors();
    await waitFor('it to be closed', () => !shown());
  });

  it('is forgotten once it has ended', async () => {
    const key = await submit('sleeper.sh');
    await vscode.commands.executeCommand('vigil.cancelJob', key, { confirm: false });
    await logWith(key, 'clean');
    await vscode.commands.executeCommand('vigil.forgetJob', key);
    const api = await vigil();
    assert(!api.jobs().some((candidate) => candidate.key === key));
  });
});

describe('submitting', () => {
  afterEach(closeAllEditors);

  const refusals = (uri: vscode.Uri) =>
    vscode.languages.getDiagnostics(uri).filter(({ source }) => source?.startsWith('vigil (submit'));

  it('saves the document first and sends what was typed', async () => {
    const editor = await open('sleeper.sh');
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 0), '# typed just now\n'));
    assert(editor.document.isDirty);
    const key = await submit('sleeper.sh');
    assert(!editor.document.isDirty);
    await vscode.commands.executeCommand('vigil.showScript', key);
    const document = await waitFor(
      'the script',
      () => active()?.document.uri.scheme === 'vigil-script' && active()?.document,
    );
    assert.match(document.getText(), /^#!\/bin\/bash\n# typed just now\n/);
    await vscode.commands.executeCommand('vigil.cancelJob', key, { confirm: false });
    await logWith(key, 'clean');
  });

  it('puts a refusal at its place in the script until that is edited', async () => {
    const editor = await open('misspelt.sh');
    const { uri } = editor.document;
    assert.equal(await vscode.commands.executeCommand('vigil.submit', uri, { cluster: 'local' }), undefined);
    const [refusal] = refusals(uri);
    assert(refusal);
    assert.equal(editor.document.getText(refusal.range), 'cancel_jop');
    await editor.edit((edit) => edit.replace(refusal.range, 'cancel_job'));
    await waitFor('the refusal to go', () => refusals(uri).length === 0);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('to a cluster that does not exist leaves the editor usable', async () => {
    const result = await vscode.commands.executeCommand('vigil.submit', workspaceFile('sleeper.sh'), {
      cluster: 'no-such-cluster',
    });
    assert.equal(result, undefined);
    const key = await submit('sleeper.sh');
    await vscode.commands.executeCommand('vigil.cancelJob', key, { confirm: false });
    await logWith(key, 'clean');
  });
});
