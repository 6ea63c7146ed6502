/** Commands about clusters. Each takes the row that it was called on, or a name, or asks. */
import * as vscode from 'vscode';
import { type ClusterInfo, errorCodes } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { namedCluster } from '../commands/subjects.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { clusterChoices } from '../submit/cluster-choices.ts';
import { plainLine } from '../text/plain-text.ts';
import type { ClusterLogDocuments } from './cluster-log.ts';
import type { ClustersView } from './clusters-view.ts';

/** All but processes of this machine, which are always there. */
const canConnect = ({ name }: ClusterInfo) => name !== 'local';

export async function connectCluster(engine: EngineClient, subject: unknown): Promise<void> {
  const wanted = (cluster: ClusterInfo) => canConnect(cluster) && cluster.state !== 'connected';
  const name = namedCluster(subject) ?? (await chooseCluster(engine, l10n.t('The cluster to connect to'), wanted));
  if (name === undefined) return;
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: l10n.t('Connecting to {0}…', plainLine(name, 80)) },
    () => engine.connectCluster(name),
  );
}

export async function disconnectCluster(engine: EngineClient, subject: unknown): Promise<void> {
  const wanted = (cluster: ClusterInfo) => canConnect(cluster) && cluster.state === 'connected';
  const name = namedCluster(subject) ?? (await chooseCluster(engine, l10n.t('The cluster to disconnect from'), wanted));
  if (name !== undefined) await engine.disconnectCluster(name);
}

export async function showClusterLog(engine: EngineClient, logs: ClusterLogDocuments, subject: unknown): Promise<void> {
  const name =
    namedCluster(subject) ?? (await chooseCluster(engine, l10n.t('The cluster whose log to show'), () => true));
  if (name !== undefined) await logs.open(name);
}

export async function hideCluster(engine: EngineClient, view: ClustersView, subject: unknown): Promise<void> {
  const isShown = ({ name }: ClusterInfo) => !view.hidden.includes(name);
  const name =
    namedCluster(subject) ?? (await chooseCluster(engine, l10n.t('The cluster to hide from the view'), isShown));
  if (name !== undefined) await view.hide(name);
}

/** Those that are picked are shown again; what is not picked stays hidden. */
export async function showHiddenClusters(view: ClustersView): Promise<void> {
  const { hidden } = view;
  if (hidden.length === 0) {
    await vscode.window.showInformationMessage(l10n.t('No cluster is hidden.'));
    return;
  }
  const choices = hidden.map((name) => ({ label: plainLine(name, 80), name }));
  const placeHolder = l10n.t('The clusters to show again');
  const picked = await vscode.window.showQuickPick(choices, { canPickMany: true, placeHolder });
  if (!picked) return;
  const shown = new Set(picked.map(({ name }) => name));
  await view.setHidden(hidden.filter((name) => !shown.has(name)));
}

async function chooseCluster(
  engine: EngineClient,
  placeHolder: string,
  wanted: (cluster: ClusterInfo) => boolean,
): Promise<string | undefined> {
  const clusters = (await engine.clusters()).filter(wanted);
  if (clusters.length === 0) {
    const none = l10n.t(
      'There is none. Clusters are the hosts of your SSH configuration and the items of the setting vigil.clusters.',
    );
    throw Object.assign(new Error(none), { code: errorCodes.unknownCluster });
  }
  const choice = await vscode.window.showQuickPick(clusterChoices(clusters, undefined), {
    placeHolder,
    matchOnDescription: true,
  });
  return choice?.cluster.name;
}
