/** Shows what watchers, jobs and the engine have to say, with the ways to the job that it is about. */
import * as vscode from 'vscode';
import type { JobKey, UserNotification } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { plainLine } from '../text/plain-text.ts';
import { desktopCommand, showOnDesktop } from './desktop-notice.ts';

interface Button extends vscode.MessageItem {
  readonly command: string;
  readonly arguments: readonly unknown[];
}

const icons = { info: 'info', warning: 'warning', error: 'error' } as const;

export async function showNotification(notification: UserNotification): Promise<void> {
  const { level, message, job, watcher, items, cancelAt } = notification;
  const text = plainLine(message);
  if (items !== undefined) return showDigest(level, text, items);
  const mute = job === undefined ? [] : [button(l10n.t('Mute…'), 'vigil.muteNotifications', job, watcher)];
  // First, as its time is short.
  const undo =
    job === undefined || cancelAt === undefined ? [] : [button(l10n.t('Undo'), 'vigil.takeBackCancels', job)];
  await show(level, text, [...undo, ...jobButtons(job), ...mute]);
}

/** On the desktop too, where that is wanted and nobody looks at this window. Rejects where it cannot be shown. */
export async function showBesideWindow({ level, message }: UserNotification): Promise<void> {
  const isWanted = vscode.workspace.getConfiguration('vigil').get('notifications.desktop', false);
  // A remote window's extensions run where no desktop is.
  if (!isWanted || vscode.window.state.focused || vscode.env.remoteName !== undefined) return;
  const command = desktopCommand(process.platform, level, plainLine(message));
  if (command) await showOnDesktop(command);
}

/** A message with buttons for its job; resolves when it is closed. */
export async function showJobMessage(
  level: UserNotification['level'],
  message: string,
  job: JobKey | undefined,
): Promise<void> {
  await show(level, message, jobButtons(job));
}

async function showDigest(
  level: UserNotification['level'],
  message: string,
  items: readonly UserNotification[],
): Promise<void> {
  const showAll = l10n.t('Show All…');
  const chosen = await say(level, message, [
    { title: showAll },
    button(l10n.t('Show Jobs'), 'vigil.jobs.focus'),
    button(l10n.t('Mute…'), 'vigil.muteNotifications', null),
  ]);
  if (chosen?.title !== showAll) return run(chosen);
  const choices = items.map((item) => ({
    label: `$(${icons[item.level]}) ${plainLine(item.message, 200)}`,
    ...(item.watcher === undefined ? {} : { description: plainLine(item.watcher, 80) }),
    item,
  }));
  const picked = await vscode.window.showQuickPick(choices, { placeHolder: message, matchOnDescription: true });
  if (picked?.item.job !== undefined) await vscode.commands.executeCommand('vigil.showJob', picked.item.job);
}

async function show(level: UserNotification['level'], message: string, buttons: readonly Button[]): Promise<void> {
  await run(await say(level, message, buttons));
}

function say<Item extends vscode.MessageItem>(
  level: UserNotification['level'],
  message: string,
  buttons: readonly Item[],
): Thenable<Item | undefined> {
  if (level === 'error') return vscode.window.showErrorMessage(message, ...buttons);
  if (level === 'warning') return vscode.window.showWarningMessage(message, ...buttons);
  return vscode.window.showInformationMessage(message, ...buttons);
}

async function run(chosen: vscode.MessageItem | undefined): Promise<void> {
  if (chosen && 'command' in chosen) {
    const { command, arguments: args } = chosen as Button;
    await vscode.commands.executeCommand(command, ...args);
  }
}

function jobButtons(job: JobKey | undefined): readonly Button[] {
  if (job === undefined) return [];
  return [button(l10n.t('Open Output'), 'vigil.openOutput', job), button(l10n.t('Show Job'), 'vigil.showJob', job)];
}

function button(title: string, command: string, ...args: readonly unknown[]): Button {
  return { title, command, arguments: args };
}
