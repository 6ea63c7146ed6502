/** The script of a job as it was submitted against the file as it is now. */
import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { scriptUri } from '../documents/job-uri.ts';

/** Shows what has changed in the file since `job` was submitted from it. */
export async function compareScript(job: JobInfo): Promise<void> {
  if (job.scriptPath === undefined) {
    throw new Error(l10n.t('Job {0} was not submitted from a file.', job.jobId));
  }
  const file = vscode.Uri.file(job.scriptPath);
  try {
    await vscode.workspace.fs.stat(file);
  } catch {
    throw new Error(l10n.t('{0} is not there any more: only the script as submitted can be shown.', file.fsPath));
  }
  const title = l10n.t('{0}: as submitted as job {1} ↔ now', file.path.split('/').at(-1) ?? '', job.jobId);
  await vscode.commands.executeCommand('vscode.diff', vscode.Uri.from(scriptUri(job)), file, title);
}
