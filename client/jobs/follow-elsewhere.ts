/** When jobs that were submitted elsewhere are looked for: as the Jobs view is shown, as a cluster connects, and from time to time. */
import * as vscode from 'vscode';
import { adoptJob, listForeignJobs } from '../../engine/protocol/watchers.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { JobsElsewhere } from './jobs-elsewhere.ts';
import type { JobsView } from './jobs-view.ts';

const lookEveryMs = 300_000;

export function followElsewhere(engine: EngineClient, view: JobsView, log: vscode.LogOutputChannel): vscode.Disposable {
  const { store, link } = engine;
  const elsewhere = new JobsElsewhere({
    clusters: () => store.clusters.values(),
    isWanted: () =>
      view.visible &&
      vscode.workspace.isTrusted &&
      vscode.workspace.getConfiguration('vigil').get('jobs.followElsewhere', true),
    list: async (cluster) => (await link.ensure()).sendRequest(listForeignJobs, { cluster }),
    takeUp: async (cluster, jobId) =>
      store.setJob(await (await link.ensure()).sendRequest(adoptJob, { cluster, jobId })),
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    log,
  });
  const changes = store.onChange((change) => {
    if (change.kind === 'all') void elsewhere.update();
    const cluster = change.kind === 'cluster' ? store.clusters.get(change.name) : undefined;
    if (cluster) elsewhere.clusterChanged(cluster);
  });
  const shown = view.onDidChangeVisibility(({ visible }) => visible && void elsewhere.update());
  const timer = setInterval(() => void elsewhere.update(), lookEveryMs);
  return vscode.Disposable.from(elsewhere, changes, shown, { dispose: () => clearInterval(timer) });
}
