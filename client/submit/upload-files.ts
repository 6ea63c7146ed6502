/** Sends files that a script needs to the directory that its job runs in. */
import { randomUUID } from 'node:crypto';
import { basename, dirname, relative } from 'node:path';
import * as vscode from 'vscode';
import type { UploadParams, UploadResult } from '../../engine/protocol/uploads.ts';
import type { ClusterInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { plainLine } from '../text/plain-text.ts';
import { localPath } from './script-file.ts';
import type { SubmitQuestions } from './submit-questions.ts';
import { progressWords, uploadWords } from './upload-words.ts';

/** What is sent before a submission. */
export type ScriptFiles = Pick<UploadParams, 'folder' | 'entries'>;

/** As the setting has it, of a script that is a file here, for a cluster that is elsewhere; `undefined`: nothing. */
export function filesToSend(document: vscode.TextDocument, { kind }: ClusterInfo): ScriptFiles | undefined {
  const path = localPath(document);
  if (path === undefined || kind !== 'ssh') return undefined;
  const entries = uploadEntries(document);
  return entries.length > 0 ? { folder: dirname(path), entries } : undefined;
}

/** What the setting names for the script at `scope`. */
export function uploadEntries(scope: vscode.TextDocument | vscode.Uri): readonly string[] {
  const written = vscode.workspace.getConfiguration('vigil', scope).get<unknown>('submit.upload');
  return Array.isArray(written) ? written.filter((entry): entry is string => typeof entry === 'string') : [];
}

/** Rejects with the error code `cancelled` when the person ends it. */
export async function sendFiles(
  engine: EngineClient,
  params: Omit<UploadParams, 'token'>,
  progress: vscode.Progress<{ readonly message: string }>,
  token: vscode.CancellationToken,
): Promise<UploadResult> {
  const own = randomUUID();
  const listener = engine.onUpload((told) => {
    if (told.token === own) progress.report({ message: progressWords(told) });
  });
  try {
    progress.report({ message: l10n.t('looking which files are to be uploaded') });
    return await engine.upload({ ...params, token: own }, token);
  } finally {
    listener.dispose();
  }
}

/** The command: only the upload. Callers give all of `choices`; else it asks. */
export async function uploadFiles(
  engine: EngineClient,
  questions: SubmitQuestions,
  uri: vscode.Uri | undefined,
  choices?: { readonly cluster: string; readonly workdir: string; readonly entries: readonly string[] },
): Promise<UploadResult | undefined> {
  const document = uri ? await vscode.workspace.openTextDocument(uri) : vscode.window.activeTextEditor?.document;
  const path = document && localPath(document);
  if (!document || path === undefined)
    throw new Error(l10n.t('Open the script whose files are to be uploaded first: a file of this machine.'));
  const name = basename(path);
  const cluster = await questions.cluster(name, choices?.cluster);
  if (!cluster) return undefined;
  const workdir = choices?.workdir ?? (await questions.workdir(document, cluster));
  if (workdir === undefined) return undefined;
  const entries = choices?.entries ?? filesToSend(document, cluster)?.entries ?? (await chooseEntries(dirname(path)));
  if (entries.length === 0) return undefined;
  const params = { cluster: cluster.name, folder: dirname(path), entries, workdir };
  const title = l10n.t('Uploading files of {0} to {1}…', plainLine(name, 80), plainLine(cluster.name, 80));
  const location = vscode.ProgressLocation.Notification;
  const result = await vscode.window.withProgress({ location, title, cancellable: true }, (progress, token) =>
    sendFiles(engine, params, progress, token),
  );
  void vscode.window.showInformationMessage(plainLine(`${cluster.name}: ${uploadWords(result)}`));
  return result;
}

async function chooseEntries(folder: string): Promise<readonly string[]> {
  const whole = {
    label: l10n.t('The folder of the script'),
    description: l10n.t('without what git ignores'),
    entries: ['.'],
  };
  const some = { label: l10n.t('Choose files…'), description: plainLine(folder, 200), entries: undefined };
  const picked = await vscode.window.showQuickPick([whole, some], { placeHolder: l10n.t('What is to be uploaded?') });
  if (!picked) return [];
  if (picked.entries) return picked.entries;
  const defaultUri = vscode.Uri.file(folder);
  const chosen = await vscode.window.showOpenDialog({ canSelectMany: true, defaultUri, openLabel: l10n.t('Upload') });
  return chosen?.map(({ fsPath }) => relative(folder, fsPath)) ?? [];
}
