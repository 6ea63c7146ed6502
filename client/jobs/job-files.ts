/** Files of a job: its script as it was submitted against the file as it is now, and its working directory. */
import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/protocol.ts';
import { scriptUri } from '../documents/job-uri.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { plainLine } from '../text/plain-text.ts';

/** Shows what has changed in the file since `job` was submitted from it. */
export async function compareScript(job: JobInfo): Promise<void> {
  if (job.scriptPath === undefined) {
    throw new Error(vscode.l10n.t('Job {0} was not submitted from a file.', job.jobId));
  }
  const file = vscode.Uri.file(job.scriptPath);
  try {
    await vscode.workspace.fs.stat(file);
  } catch {
    throw new Error(
      vscode.l10n.t('{0} is not there any more: only the script as submitted can be shown.', file.fsPath),
    );
  }
  const title = vscode.l10n.t('{0}: as submitted as job {1} ↔ now', file.path.split('/').at(-1) ?? '', job.jobId);
  await vscode.commands.executeCommand('vscode.diff', vscode.Uri.from(scriptUri(job)), file, title);
}

const remoteSsh = 'ms-vscode-remote.remote-ssh';

/** Opens the job's working directory in a window of its own: of this machine as it is, of a cluster by Remote-SSH. */
export async function openWorkdir(engine: EngineClient, job: JobInfo): Promise<void> {
  const { workdir, cluster } = job;
  if (workdir === undefined) throw new Error(vscode.l10n.t('The directory of job {0} is not known yet.', job.jobId));
  const isHere = engine.store.clusters.get(cluster)?.kind === 'local';
  if (!isHere && !vscode.extensions.getExtension(remoteSsh)) {
    const [path, host] = [plainLine(workdir, 200), plainLine(cluster, 80)];
    const message = vscode.l10n.t('{0} is on {1}: a window on it needs the extension Remote-SSH.', path, host);
    const install = vscode.l10n.t('Show Remote-SSH');
    const copy = vscode.l10n.t('Copy Path');
    const chosen = await vscode.window.showInformationMessage(message, install, copy);
    if (chosen === copy) await vscode.env.clipboard.writeText(workdir);
    if (chosen === install) await vscode.commands.executeCommand('workbench.extensions.search', `@id:${remoteSsh}`);
    return;
  }
  const folder = isHere
    ? vscode.Uri.file(workdir)
    : vscode.Uri.from({ scheme: 'vscode-remote', authority: `ssh-remote+${cluster}`, path: workdir });
  await vscode.commands.executeCommand('vscode.openFolder', folder, { forceNewWindow: true });
}
