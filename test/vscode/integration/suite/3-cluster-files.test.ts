/** The files of a cluster in VS Code, over a real sshd. */
import assert from 'node:assert/strict';
import { appendFileSync, chmodSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { clusterUri } from '../../../../client/files/cluster-uri.ts';
import { savedWorkflow } from '../../../../client/workflows/workflow-address.ts';
import { closeAllEditors, job, logWith, vigil, waitFor } from '../helpers.ts';
import { hasSshd, startCluster, type TestCluster } from '../sshd.ts';

const { fs } = vscode.workspace;

describe('files of a cluster', () => {
  let cluster: TestCluster;
  let root: vscode.Uri;
  const here = (name: string) => path.join(cluster.folder, name);
  const there = (name: string) => vscode.Uri.joinPath(root, name);
  const fails = (work: Thenable<unknown>, code: string) =>
    assert.rejects(Promise.resolve(work), (error: unknown) => {
      assert(error instanceof vscode.FileSystemError, String(error));
      assert.equal(error.code, code, error.message);
      return true;
    });

  before(async function () {
    if (!hasSshd) return this.skip();
    cluster = await startCluster();
    root = vscode.Uri.from(clusterUri({ cluster: cluster.name, path: cluster.folder }));
  });
  after(async () => {
    await closeAllEditors();
    await cluster?.stop();
  });

  it('are listed, also by an address that went through its text', async () => {
    writeFileSync(here('a file'), '1234');
    const again = vscode.Uri.parse(there('a file').toString());
    const { type, size } = await fs.stat(again);
    assert.deepEqual([type, size], [vscode.FileType.File, 4]);
    await fs.createDirectory(there('deep/deeper'));
    assert.deepEqual([...(await fs.readDirectory(root))].sort(), [
      ['a file', vscode.FileType.File],
      ['deep', vscode.FileType.Directory],
    ]);
  });

  it('are edited and saved, with their mode', async () => {
    writeFileSync(here('run.sh'), '#!/bin/bash\n');
    chmodSync(here('run.sh'), 0o750);
    const document = await vscode.workspace.openTextDocument(there('run.sh'));
    assert.equal(document.languageId, 'shellscript');
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(1, 0), 'echo ü\n');
    await vscode.workspace.applyEdit(edit);
    assert(await document.save());
    assert.equal(readFileSync(here('run.sh'), 'utf8'), '#!/bin/bash\necho ü\n');
    assert.equal(statSync(here('run.sh')).mode & 0o777, 0o750);
  });

  it('have their scripts checked', async () => {
    writeFileSync(here('job.sh'), '#!/bin/bash\n#SBATCH --nodes=none\n#WATCHER x: pattern="("\n');
    const document = await vscode.workspace.openTextDocument(there('job.sh'));
    await vscode.window.showTextDocument(document);
    const { uri } = document;
    await waitFor('diagnostics', () => vscode.languages.getDiagnostics(uri).length > 0);
  });

  it('are scripts to submit', async () => {
    writeFileSync(here('hello.sh'), '#!/bin/bash\necho hello\n');
    const key = await vscode.commands.executeCommand<string | undefined>('vigil.submit', there('hello.sh'), {
      cluster: 'local',
    });
    assert(key, 'it was not submitted');
    await logWith(key, 'clean');
    assert.equal((await job(key)).state, 'completed');
    const again = await vscode.commands.executeCommand<string | undefined>('vigil.resubmit', key, { options: [] });
    assert(again, 'it was not submitted again');
    assert.deepEqual([(await job(key)).name, (await job(again)).name], ['hello.sh', 'hello.sh']);
    await logWith(again, 'clean');
  });

  it('are workflows to run, with what is beside them, in their folder', async () => {
    const api = await vigil();
    writeFileSync(here('job.sh'), '#!/bin/bash\necho hello\n');
    writeFileSync(here('child.vigil.yaml'), 'steps: [{ run: pwd > of-child }]\n');
    const steps = ['run: pwd > of-parent', 'submit: job.sh, cluster: local', 'workflow: child.vigil.yaml'];
    writeFileSync(here('far.vigil.yaml'), `steps:\n${steps.map((step) => `  - { ${step} }\n`).join('')}`);
    const file = there('far.vigil.yaml');
    const id = await vscode.commands.executeCommand<string | undefined>('vigil.runWorkflow', file);
    assert(id, 'it was not started');
    const run = () => api.runs().find((one) => one.id === id);
    await waitFor('the end', () => run()?.finished !== undefined);
    assert.deepEqual([run()?.status, run()?.reason, run()?.cluster], ['completed', undefined, cluster.name]);
    for (const name of ['of-parent', 'of-child'])
      assert.equal(readFileSync(here(name), 'utf8'), `${cluster.folder}\n`, name);
    await vscode.commands.executeCommand('vigil.openWorkflowFile', id);
    assert.equal(vscode.window.activeTextEditor?.document.uri.toString(), file.toString());
  });

  it('are no workflows to run where another extension keeps them', async () => {
    const api = await vigil();
    const before = api.runs().length;
    const elsewhere = vscode.Uri.from({ scheme: 'elsewhere', path: '/far.vigil.yaml' });
    assert.equal(await vscode.commands.executeCommand('vigil.runWorkflow', elsewhere), undefined);
    assert.equal(api.runs().length, before);
    const words = /run from a file of this machine or of a cluster: save a copy of \/far\.vigil\.yaml there/;
    await assert.rejects(savedWorkflow(elsewhere), words);
  });

  it('are drawn as graphs, which say who tells what is wrong with them', async () => {
    const api = await vigil();
    writeFileSync(here('broken.vigil.yaml'), 'steps: [{ submitt: a.sh }]\n');
    await vscode.commands.executeCommand('vigil.showGraph', there('broken.vigil.yaml'));
    const shown = () => api.graphs().get(there('broken.vigil.yaml').toString());
    await waitFor('the errors', () => shown()?.status.includes('has errors'));
    assert.equal(shown()?.status, `broken.vigil.yaml on ${cluster.name} has errors: VS Code shows them.`);
    await closeAllEditors();
  });

  it('are shown anew when they change on the cluster', async () => {
    writeFileSync(here('log'), 'one\n');
    const document = await vscode.workspace.openTextDocument(there('log'));
    await vscode.window.showTextDocument(document);
    assert.equal(document.getText(), 'one\n');
    // From the first look on, which comes after 10 s; a second one sees it.
    const grow = setInterval(() => appendFileSync(here('log'), 'more\n'), 5_000);
    try {
      await waitFor('what was appended', () => document.getText().includes('more\n'));
    } finally {
      clearInterval(grow);
    }
  });

  it('are renamed, copied and deleted', async () => {
    writeFileSync(here('one'), '1');
    writeFileSync(here('two'), '2');
    await fails(fs.rename(there('one'), there('two')), 'FileExists');
    await fs.rename(there('one'), there('two'), { overwrite: true });
    assert.equal(readFileSync(here('two'), 'utf8'), '1');
    await fs.copy(there('two'), there('three'));
    assert.equal(readFileSync(here('three'), 'utf8'), '1');
    await fs.delete(there('deep'), { recursive: true });
    await fails(fs.stat(there('deep')), 'FileNotFound');
  });

  it('say what is wrong', async () => {
    await fails(fs.readFile(there('none')), 'FileNotFound');
    await fails(fs.readDirectory(there('none')), 'FileNotFound');
    await fails(fs.readFile(root), 'FileIsADirectory');
    writeFileSync(here('large'), '');
    truncateSync(here('large'), 5 * 1024 ** 3);
    await assert.rejects(Promise.resolve(fs.readFile(there('large'))), /5,120 MiB: .* up to 32 MiB/);
    const elsewhere = vscode.Uri.from(clusterUri({ cluster: 'no-such-cluster', path: '/' }));
    await fails(fs.stat(elsewhere), 'Unavailable');
  });
});
