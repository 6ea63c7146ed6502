/** Opens the working directory of a job: in this window, in another one, or by Remote-SSH. */
import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { clusterUri, remoteSshAuthority } from '../files/cluster-uri.ts';
import { plainLine } from '../text/plain-text.ts';

const remoteSsh = 'ms-vscode-remote.remote-ssh';

interface Way extends vscode.QuickPickItem {
  readonly go: () => Promise<unknown>;
}

/** Of this machine as it is, in a window of its own; of a cluster as the person chooses. */
export async function openWorkdir(engine: EngineClient, job: JobInfo): Promise<void> {
  const { workdir, cluster } = job;
  if (workdir === undefined) throw new Error(l10n.t('The directory of job {0} is not known yet.', job.jobId));
  const known = engine.store.clusters.get(cluster);
  if (known?.kind === 'local') return openWindow(vscode.Uri.file(workdir));
  const chosen = await vscode.window.showQuickPick(
    ways(
      vscode.Uri.from(clusterUri({ cluster, path: workdir })),
      job,
      workdir,
      remoteSshAuthority(known ?? { name: cluster }),
    ),
    {
      title: l10n.t('Open {0} of {1}', plainLine(workdir, 200), plainLine(cluster, 80)),
    },
  );
  await chosen?.go();
}

function ways(folder: vscode.Uri, { name, cluster, jobId }: JobInfo, workdir: string, authority: string): Way[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const label = plainLine(`${name} (${jobId}) [${cluster}]`, 100);
  const hasRemoteSsh = vscode.extensions.getExtension(remoteSsh) !== undefined;
  const byRemoteSsh: Way = hasRemoteSsh
    ? {
        label: `$(remote-explorer) ${l10n.t('New Window by Remote-SSH')}`,
        detail: l10n.t(
          'With terminals, search and extensions on the cluster. Logs in by itself, and runs a server there.',
        ),
        go: () => openWindow(vscode.Uri.from({ scheme: 'vscode-remote', authority, path: workdir })),
      }
    : {
        label: `$(extensions) ${l10n.t('Show Remote-SSH')}`,
        detail: l10n.t(
          'The extension for windows with terminals, search and extensions on the cluster. It is not installed.',
        ),
        go: async () => vscode.commands.executeCommand('workbench.extensions.search', `@id:${remoteSsh}`),
      };
  return [
    {
      label: `$(empty-window) ${l10n.t('New Window')}`,
      detail: l10n.t('Browse and edit its files over the connection that Vigil has. Nothing runs on the cluster.'),
      go: () => openWindow(folder),
    },
    {
      label: `$(add) ${l10n.t('Add to This Workspace')}`,
      detail: l10n.t('The same, as one more folder of this window.'),
      go: async () => vscode.workspace.updateWorkspaceFolders(folders.length, 0, { uri: folder, name: label }),
    },
    byRemoteSsh,
    { label: l10n.t('$(copy) Copy Path'), go: async () => vscode.env.clipboard.writeText(workdir) },
  ];
}

async function openWindow(folder: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand('vscode.openFolder', folder, { forceNewWindow: true });
}
