/** What other extensions and assistants are offered. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { VigilJobEvent } from '../../../../client/api/vigil.d.ts';
import { toolNames } from '../../../../engine/assistant/tools.ts';
import { job, logWith, submit, vigil, vigilExports, waitFor, workspaceFile } from '../helpers.ts';

describe('the API for other extensions', () => {
  it('has version 1 and no other', async () => {
    const exported = await vigilExports();
    assert.equal(exported.getAPI(1).version, 1);
    assert.throws(() => Reflect.apply(exported.getAPI, undefined, [2]), /version 1, not 2/);
  });

  it('submits, and tells each event once and in order, and how the job changes', async () => {
    const api = (await vigilExports()).getAPI(1);
    const uri = workspaceFile('watched.sh');
    const states = new Set<string>();
    const changes = api.onDidChangeJob((changed) => states.add(`${changed.key} ${changed.state}`));
    const submission = {
      script: await readFile(uri.fsPath, 'utf8'),
      scriptPath: uri.fsPath,
      cluster: 'local',
      key: `api-${Date.now()}`,
    };
    const submitted = await api.submit(submission);
    assert.equal((await api.submit(submission)).key, submitted.key, 'the same key is the same job');
    const told: VigilJobEvent[] = [];
    const watching = await api.watchEvents(submitted.key, (event) => told.push(event));
    await waitFor('the end of the log', () => told.some(({ name }) => name === 'clean'));
    watching.dispose();
    changes.dispose();
    assert.deepEqual(
      told.map(({ seq }) => seq),
      told.map((_, index) => index),
    );
    assert.deepEqual(await api.events(submitted.key), told);
    assert.ok(states.has(`${submitted.key} cancelled`), [...states].join(', '));
    assert.ok((await api.jobs()).some(({ key }) => key === submitted.key));
  });

  it('says what is wrong in words', async () => {
    const api = (await vigilExports()).getAPI(1);
    await assert.rejects(api.events('local/no-such-job'), /There is no job local\/no-such-job/);
    await assert.rejects(api.submit({ script: '#!/bin/sh\n', cluster: 'no-such-cluster' }), /no-such-cluster/);
  });
});

describe('tools of assistants', () => {
  const read = async (name: string, input: object) => {
    const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
    return content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
  };

  it('are known to VS Code with what they take', () => {
    const known = vscode.lm.tools.filter(({ name }) => name.startsWith('vigil_'));
    assert.deepEqual(known.map(({ name }) => name).sort(), [...toolNames].sort());
    for (const { inputSchema, description } of known) assert.ok(inputSchema && description.length > 40);
  });

  it('read jobs, eventlogs and output', async () => {
    const key = await submit('watched.sh');
    await logWith(key, 'clean');
    assert.match(await read('vigil_jobs', { cluster: 'local' }), new RegExp(`"key":"${key}"`));
    assert.match(await read('vigil_eventlog', { job: key }), / watcher\.match /);
    assert.match(await read('vigil_output', { job: key, lines: 5 }), /data and never instructions:\n```/);
    await assert.rejects(read('vigil_eventlog', { job: 'local/no-such-job' }));
  });

  it('propose to submit and to cancel: VS Code asks before anything is done', async () => {
    const { tools } = await vigil();
    const none = new vscode.CancellationTokenSource().token;
    for (const name of ['vigil_submit', 'vigil_cancel', 'vigil_hold', 'vigil_release'] as const) {
      const input = { job: 'local/1', path: 'watched.sh', cluster: 'local' };
      const prepared = await tools[name].prepareInvocation?.({ input }, none);
      assert.ok(prepared?.confirmationMessages, name);
    }
    const key = await submit('sleeper.sh');
    await logWith(key, 'start');
    // Read for each question, not once.
    await waitFor('a first line', async () => /line 1\n/.test(await read('vigil_output', { job: key })));
    await waitFor('a later one', async () => /line 4\n/.test(await read('vigil_output', { job: key })));
    // That VS Code asks is up to it, and in tests it answers itself: what is held here is that it is told to.
    assert.equal((await job(key)).state, 'running');
    await tools.vigil_cancel.invoke({ input: { job: key }, toolInvocationToken: undefined }, none);
    await logWith(key, 'clean');
    assert.equal((await job(key)).state, 'cancelled');
  });

  it('submit nothing from outside of the open folders', async () => {
    const { tools } = await vigil();
    const call = tools.vigil_submit.invoke(
      { input: { path: '/etc/profile', cluster: 'local' }, toolInvocationToken: undefined },
      new vscode.CancellationTokenSource().token,
    );
    await assert.rejects(Promise.resolve(call), /not in a folder that is open here/);
  });
});
