/** Which script's watchers are meant. */
import * as vscode from 'vscode';
import * as l10n from '../../language/text/l10n.ts';

export function hasWatchers(document: vscode.TextDocument): boolean {
  return /^\s*#\s*WATCHER/m.test(document.getText());
}

/**
 * One of the open texts that have watchers, the active one first.
 * @param path of a script that is offered before these, open or not
 */
export async function chooseScript(placeHolder: string, path?: string): Promise<vscode.TextDocument | undefined> {
  const active = vscode.window.activeTextEditor?.document;
  const there = path === undefined ? undefined : await openIfThere(path);
  const own = there && hasWatchers(there) ? there : undefined;
  const open = vscode.workspace.textDocuments.filter((document) => document !== own && hasWatchers(document));
  const ordered = [...(own ? [own] : []), ...open.sort((a, b) => Number(b === active) - Number(a === active))];
  if (ordered.length === 0) throw new Error(l10n.t('No open text has watchers: open the script with them first.'));
  const items = ordered.map((document) => ({
    label: vscode.workspace.asRelativePath(document.uri),
    description:
      document === own ? l10n.t('the script of the job') : document === active ? l10n.t('the active editor') : '',
    document,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.document;
}

/** The file of this machine at `path`; undefined: it was moved or deleted. */
export async function openIfThere(path: string): Promise<vscode.TextDocument | undefined> {
  try {
    return await vscode.workspace.openTextDocument(vscode.Uri.file(path));
  } catch {
    return undefined;
  }
}
