/** Shows a failure with the buttons that help, and does what they say. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { type ErrorAction, explainError } from './engine/explain-error.ts';
import { settingDefaults } from './settings.ts';

/** @param doing what failed, to begin the message with; @param retry does it again */
export async function reportError(
  error: unknown,
  doing: string,
  log: vscode.LogOutputChannel,
  retry?: () => Promise<unknown>,
): Promise<void> {
  const { message, actions } = explainError(error, doing);
  log.error(message);
  const offered = actions.filter((action) => action !== 'Retry' || retry);
  const chosen = await vscode.window.showErrorMessage(message, ...offered);
  if (chosen === 'Retry') await retry?.();
  else if (chosen) await perform(chosen, log);
}

async function perform(action: Exclude<ErrorAction, 'Retry'>, log: vscode.LogOutputChannel): Promise<void> {
  switch (action) {
    case 'Open Settings':
      await vscode.commands.executeCommand('workbench.action.openSettings', '@id:vigil.clusters');
      return;
    case 'Open SSH Configuration':
      await openSshConfiguration();
      return;
    case 'Reload Window':
      await vscode.commands.executeCommand('workbench.action.reloadWindow');
      return;
    case 'Show Log':
      log.show();
  }
}

async function openSshConfiguration(): Promise<void> {
  const configured = vscode.workspace.getConfiguration('vigil').get('sshConfigFile', settingDefaults.sshConfigFile);
  const path = configured.startsWith('~/') ? join(homedir(), configured.slice(2)) : configured;
  await vscode.window.showTextDocument(vscode.Uri.file(path));
}
