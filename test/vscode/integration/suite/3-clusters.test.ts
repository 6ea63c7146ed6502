/** The clusters view and its commands, with what this machine has. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAllEditors, vigil, waitFor } from '../helpers.ts';

describe('clusters', () => {
  after(closeAllEditors);

  it('are listed when the view is shown, and can be asked anew', async () => {
    await vscode.commands.executeCommand('vigil.clusters.focus');
    const api = await vigil();
    await waitFor('the engine', () => api.engineState().kind === 'connected');
    await vscode.commands.executeCommand('vigil.refreshClusters');
  });

  it('have a log of their own', async () => {
    await vscode.commands.executeCommand('vigil.showClusterLog', 'no-such-cluster');
    const text = await waitFor('the log', () => {
      const document = vscode.window.activeTextEditor?.document;
      return document?.uri.scheme === 'vigil-cluster-log' && document.getText();
    });
    assert.equal(text, "The engine's log says nothing about no-such-cluster.\n");
  });

  it('can be set up, which ends with Escape', async () => {
    let ended = false;
    const setUp = vscode.commands.executeCommand('vigil.setUpCluster', 'local').then(() => {
      ended = true;
    });
    await waitFor('the end of the list', async () => {
      await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
      return ended;
    });
    await setUp;
  });
});
