/** The clusters view: its tree, when it asks, and which clusters it leaves out. */
import * as vscode from 'vscode';
import type { Disposable } from 'vscode-jsonrpc/node';
import type { EngineClient } from '../engine/engine-client.ts';
import { NodeTreeProvider } from '../jobs/node-tree-provider.ts';
import type { TreeNode } from '../jobs/tree-node.ts';
import { type ClustersState, clusterChildren, clusterParent, clusterRows } from './cluster-nodes.ts';
import { FactsWatch } from './facts-watch.ts';

const hiddenKey = 'clusters.hidden';
/** Ages and remaining times in the rows. */
const redrawMs = 20_000;
/** While the view is visible. The engine keeps answers that long, for all windows. */
const askAgainMs = 300_000;

export class ClustersView {
  readonly #engine: EngineClient;
  readonly #memory: vscode.Memento;
  readonly #facts: FactsWatch;
  readonly #provider: NodeTreeProvider;
  readonly #view: vscode.TreeView<TreeNode>;
  readonly #disposables: Disposable[];

  /** @param memory keeps, for all windows, which clusters are hidden; `onShown` is called each time the view becomes visible. */
  constructor(engine: EngineClient, memory: vscode.Memento, onShown: () => void) {
    this.#engine = engine;
    this.#memory = memory;
    this.#facts = new FactsWatch({
      clusters: () => engine.store.clusters.values(),
      ask: (cluster, maxAgeSeconds) => engine.clusterFacts(cluster, maxAgeSeconds),
      isVisible: () => this.#view.visible,
    });
    const now = () => Date.now() / 1000;
    this.#provider = new NodeTreeProvider({
      roots: () => clusterRows(this.#state(), now()),
      children: async (subject) => clusterChildren(this.#state(), subject, now()),
      parent: (subject) => clusterParent(this.#state(), subject, now()),
    });
    this.#view = vscode.window.createTreeView('vigil.clusters', {
      treeDataProvider: this.#provider,
      showCollapseAll: true,
    });
    const shown = () => {
      onShown();
      this.#connectHere();
      void this.#facts.update();
    };
    const redraw = setInterval(() => this.#view.visible && this.#provider.refresh(), redrawMs);
    const ask = setInterval(() => void this.#facts.update(), askAgainMs);
    this.#disposables = [
      { dispose: () => clearInterval(redraw) },
      { dispose: () => clearInterval(ask) },
      this.#view,
      this.#provider,
      this.#facts,
      this.#facts.onChange(() => this.#provider.refresh()),
      engine.store.onChange((change) => {
        if (change.kind === 'cluster') {
          const cluster = engine.store.clusters.get(change.name);
          if (cluster) this.#facts.clusterChanged(cluster);
          this.#provider.refresh();
        } else if (change.kind === 'all') {
          this.#connectHere();
          void this.#facts.update();
          this.#showHidden();
          this.#provider.refresh();
        }
      }),
      this.#view.onDidChangeVisibility(({ visible }) => visible && shown()),
    ];
    this.#showHidden();
    if (this.#view.visible) shown();
  }

  /** Lists the clusters anew, and asks those that are connected. */
  async refresh(): Promise<void> {
    await this.#engine.refresh();
    await this.#facts.update(0);
  }

  get hidden(): readonly string[] {
    return this.#memory.get<readonly string[]>(hiddenKey, []);
  }

  async hide(cluster: string): Promise<void> {
    await this.setHidden([...new Set([...this.hidden, cluster])]);
  }

  async setHidden(clusters: readonly string[]): Promise<void> {
    await this.#memory.update(hiddenKey, clusters);
    this.#showHidden();
    this.#provider.refresh();
  }

  /** For the welcome text of a view whose clusters are all hidden. */
  #showHidden(): void {
    void vscode.commands.executeCommand('setContext', 'vigil.hasHiddenClusters', this.hidden.length > 0);
  }

  /** A scheduler of this very machine needs no login: it is connected to without being asked for. */
  #connectHere(): void {
    if (!this.#view.visible) return;
    for (const { name, kind, state, source } of this.#engine.store.clusters.values()) {
      const isHere = kind === 'local' && source === 'built-in' && name !== 'local';
      // Why it failed is its state, which the view shows. Disconnected on purpose, it has been connected before.
      const isUntouched = state === 'idle' && this.#engine.store.clusters.get(name)?.since === undefined;
      if (isHere && isUntouched && !this.hidden.includes(name))
        this.#engine.connectCluster(name).catch(() => undefined);
    }
  }

  #state(): ClustersState {
    return {
      clusters: this.#engine.store.clusters,
      facts: this.#facts.facts,
      problems: this.#facts.problems,
      silent: this.#facts.silent,
      hidden: new Set(this.hidden),
    };
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }
}
