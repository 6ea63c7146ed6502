/** The jobs view: keeps the tree, its badge and the message above it in step with the store and the connection to the engine. */
import * as vscode from 'vscode';
import type { Disposable } from 'vscode-jsonrpc/node';
import type { JobKey } from '../../engine/protocol.ts';
import { describeLink } from '../engine/describe-link.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import type { StoreChange } from '../engine/job-store.ts';
import { isEnded, jobNode } from './job-node.ts';
import { childNodes, clusterNodes, countActiveJobs, parentNode } from './jobs-tree.ts';
import { NodeTreeProvider } from './node-tree-provider.ts';
import type { TreeNode } from './tree-node.ts';

/** Changes are gathered this long, so that a burst of events draws the tree once. */
const gatherMs = 150;
/** How often the elapsed times of jobs that wait or run are drawn anew while the view is visible. */
const elapsedPeriodMs = 5_000;

export class JobsView {
  readonly #engine: EngineClient;
  readonly #provider: NodeTreeProvider;
  readonly #view: vscode.TreeView<TreeNode>;
  readonly #disposables: Disposable[] = [];
  readonly #changedIds = new Set<string>();
  #changedAll = false;
  #gathering: NodeJS.Timeout | undefined;
  #wasConnected = false;
  #lastHeard: number | undefined;

  /** @param onShown called each time the view becomes visible. */
  constructor(engine: EngineClient, onShown: () => void) {
    this.#engine = engine;
    const { store } = engine;
    this.#provider = new NodeTreeProvider({
      roots: () => clusterNodes(store, now()),
      children: async (subject) => {
        if (subject.kind === 'job' && !store.eventlogs.has(subject.job)) await engine.loadEventlog(subject.job);
        return childNodes(store, subject, now());
      },
      parent: (subject) => parentNode(store, subject, now()),
    });
    this.#view = vscode.window.createTreeView('vigil.jobs', {
      treeDataProvider: this.#provider,
      showCollapseAll: true,
    });
    const ticker = setInterval(() => this.#tick(), elapsedPeriodMs);
    this.#disposables.push(
      { dispose: () => clearInterval(ticker) },
      this.#view,
      this.#provider,
      store.onChange((change) => this.#onChange(change)),
      engine.link.onState(() => this.#showLink()),
      this.#view.onDidChangeVisibility(({ visible }) => visible && onShown()),
    );
    if (this.#view.visible) onShown();
  }

  get visible(): boolean {
    return this.#view.visible;
  }

  /** Shows the job in the tree, selected and with its events. */
  async reveal(key: JobKey): Promise<void> {
    const job = this.#engine.store.jobs.get(key);
    if (!job) return;
    this.#flush();
    await this.#view.reveal(jobNode(job, now()), { select: true, focus: false, expand: true });
  }

  dispose(): void {
    clearTimeout(this.#gathering);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #onChange(change: StoreChange): void {
    if (change.kind === 'events') this.#changedIds.add(`job:${change.key}`);
    else if (change.kind === 'job') this.#jobChanged(change.key);
    else this.#changedAll = true;
    this.#gathering ??= setTimeout(() => this.#flush(), gatherMs);
  }

  /** A job's state counts in the row of its cluster; a cluster that had no job may not be shown yet. */
  #jobChanged(key: JobKey): void {
    const { store } = this.#engine;
    const cluster = store.jobs.get(key)?.cluster;
    const others = [...store.jobs.values()].some((job) => job.cluster === cluster && job.key !== key);
    if (cluster !== undefined && others) this.#changedIds.add(`cluster:${cluster}`);
    else this.#changedAll = true;
  }

  #flush(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    if (this.#changedAll) this.#provider.refresh();
    else if (this.#changedIds.size > 0) this.#provider.refresh(new Set(this.#changedIds));
    this.#changedAll = false;
    this.#changedIds.clear();
    const active = countActiveJobs(this.#engine.store);
    this.#view.badge =
      active === 0 ? undefined : { value: active, tooltip: active === 1 ? '1 active job' : `${active} active jobs` };
  }

  #tick(): void {
    if (!this.#view.visible) return;
    const active = [...this.#engine.store.jobs.values()].filter((job) => !isEnded(job));
    if (active.length > 0) this.#provider.refresh(new Set(active.map((job) => `job:${job.key}`)));
  }

  #showLink(): void {
    const { state } = this.#engine.link;
    if (state.kind === 'connected') this.#lastHeard = undefined;
    else if (this.#wasConnected) this.#lastHeard = now();
    this.#wasConnected = state.kind === 'connected';
    this.#view.message = describeLink(state, this.#lastHeard, now()) ?? '';
  }
}

function now(): number {
  return Date.now() / 1000;
}
