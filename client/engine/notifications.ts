/** Shows what watchers and the engine have to say, with the ways to the job that it is about. */
import * as vscode from 'vscode';
import type { JobKey, UserNotification } from '../../engine/protocol.ts';
import { plainLine } from '../text/plain-text.ts';

const openOutput = 'Open Output';
const showJob = 'Show Job';

const showByLevel = {
  info: vscode.window.showInformationMessage,
  warning: vscode.window.showWarningMessage,
  error: vscode.window.showErrorMessage,
} as const;

export async function showNotification({ level, message, job }: UserNotification): Promise<void> {
  await showJobMessage(level, plainLine(message), job);
}

/** A message with buttons for its job; resolves when it is closed. */
export async function showJobMessage(
  level: UserNotification['level'],
  message: string,
  job: JobKey | undefined,
): Promise<void> {
  const chosen = await showByLevel[level](message, ...(job === undefined ? [] : [openOutput, showJob]));
  if (chosen === openOutput) await vscode.commands.executeCommand('vigil.openOutput', job);
  else if (chosen === showJob) await vscode.commands.executeCommand('vigil.showJob', job);
}
