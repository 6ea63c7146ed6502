/** Shows a failure with the buttons that help, and does what they say. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { actionLabels, type ErrorAction, explainError } from './engine/explain-error.ts';
import { settingDefaults } from './settings.ts';

/** What only the caller knows how to do. */
export type ErrorHelp = { readonly [action in 'Retry' | 'Show Line']?: () => Promise<unknown> };

/** @param doing what failed, to begin the message with; buttons of `ErrorHelp` are offered where there is help of that kind */
export async function reportError(
  error: unknown,
  doing: string,
  log: vscode.LogOutputChannel,
  help: ErrorHelp = {},
): Promise<void> {
  const { message, actions } = explainError(error, doing);
  log.error(message);
  const offered = actions.filter((action) => !isHelp(action) || help[action]);
  const label = await vscode.window.showErrorMessage(message, ...offered.map((action) => actionLabels[action]));
  const chosen = offered.find((action) => actionLabels[action] === label);
  if (!chosen) return;
  if (isHelp(chosen)) await help[chosen]?.();
  else await perform(chosen, log);
}

function isHelp(action: ErrorAction): action is keyof ErrorHelp {
  return action === 'Retry' || action === 'Show Line';
}

async function perform(action: Exclude<ErrorAction, keyof ErrorHelp>, log: vscode.LogOutputChannel): Promise<void> {
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

export async function openSshConfiguration(): Promise<void> {
  const configured = vscode.workspace.getConfiguration('vigil').get('sshConfigFile', settingDefaults.sshConfigFile);
  const path = configured.startsWith('~/') ? join(homedir(), configured.slice(2)) : configured;
  await vscode.window.showTextDocument(vscode.Uri.file(path));
}
