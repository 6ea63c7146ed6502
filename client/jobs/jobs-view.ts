/** The jobs view: keeps the tree, its badge and the message above it in step with the store and the connection to the engine. */
import * as vscode from 'vscode';
import type { Disposable } from 'vscode-jsonrpc/node';
import type { JobKey } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { describeLink } from '../engine/describe-link.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import type { StoreChange } from '../engine/job-store.ts';
import { isEnded, stateCountWords } from './job-states.ts';
import { JobsTree } from './jobs-tree.ts';
import { NodeTreeProvider } from './node-tree-provider.ts';
import type { TreeNode } from './tree-node.ts';
import { defaultOptions, describeFilters, isFiltered, readOptions, type TreeOptions } from './tree-options.ts';

/** Changes are gathered this long, so that a burst of events draws the tree once. */
const gatherMs = 150;
/** How often the elapsed times of jobs that wait or run are drawn anew while the view is visible. */
const elapsedPeriodMs = 5_000;
/** Where a workspace remembers how its jobs are shown. */
const memoryKey = 'vigil.jobsTree';

export class JobsView {
  readonly #engine: EngineClient;
  readonly #memory: vscode.Memento;
  readonly #tree: JobsTree;
  readonly #provider: NodeTreeProvider;
  readonly #view: vscode.TreeView<TreeNode>;
  readonly #disposables: Disposable[] = [];
  /** Rows to be drawn anew, and the jobs whose place may have changed. */
  readonly #changedRows = new Set<string>();
  readonly #changedJobs = new Set<JobKey>();
  #changedAll = false;
  #gathering: NodeJS.Timeout | undefined;
  #wasConnected = false;
  #lastHeard: number | undefined;

  /**
   * @param memory of the workspace: how its jobs are shown
   * @param onShown called each time the view becomes visible
   */
  constructor(engine: EngineClient, memory: vscode.Memento, onShown: () => void) {
    this.#engine = engine;
    this.#memory = memory;
    const { store } = engine;
    const tree = new JobsTree(store, readOptions(memory.get(memoryKey)));
    this.#tree = tree;
    this.#provider = new NodeTreeProvider({
      roots: () => tree.roots(now()),
      children: async (subject) => {
        if (subject.kind === 'job' && !store.eventlogs.has(subject.job)) await engine.loadEventlog(subject.job);
        return tree.children(subject, now());
      },
      parent: (subject) => tree.parent(subject, now()),
      renew: (subject) => tree.renew(subject, now()),
    });
    this.#view = vscode.window.createTreeView('vigil.jobs', {
      treeDataProvider: this.#provider,
      showCollapseAll: true,
      canSelectMany: true,
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
    this.#showCounts();
    if (this.#view.visible) onShown();
  }

  get onDidChangeVisibility(): vscode.Event<vscode.TreeViewVisibilityChangeEvent> {
    return this.#view.onDidChangeVisibility;
  }

  get visible(): boolean {
    return this.#view.visible;
  }

  /** The rows that are selected: what a key is about. */
  get selection(): readonly TreeNode[] {
    return this.#view.selection;
  }

  get options(): TreeOptions {
    return this.#tree.options;
  }

  /** Shows the jobs otherwise, from now on in this workspace. */
  async setOptions(options: TreeOptions): Promise<void> {
    this.#tree.setOptions(options);
    this.#changedAll = true;
    this.#flush();
    await this.#memory.update(memoryKey, options);
  }

  /** Shows more rows of a list: see `JobsTree.showMore`. */
  showMore(list: string): void {
    this.#tree.showMore(list);
    this.#provider.refresh();
  }

  /** Shows the job in the tree, selected and with its events; a filter that hides it is taken away. */
  async reveal(key: JobKey): Promise<void> {
    const job = this.#engine.store.jobs.get(key);
    if (!job) return;
    this.#flush();
    if (!this.#tree.isShown(key, now())) {
      const { group, order } = this.options;
      await this.setOptions({ ...defaultOptions, group, order });
    }
    if (this.#tree.uncover(key, now())) this.#provider.refresh();
    await this.#view.reveal(this.#tree.jobNode(job, now()), { select: true, focus: false, expand: true });
  }

  dispose(): void {
    clearTimeout(this.#gathering);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #onChange(change: StoreChange): void {
    if (change.kind === 'events') this.#changedRows.add(`job:${change.key}`);
    else if (change.kind === 'job') this.#changedJobs.add(change.key);
    else this.#changedAll = true;
    this.#gathering ??= setTimeout(() => this.#flush(), gatherMs);
  }

  #flush(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    if (this.#changedAll) {
      this.#tree.changed();
      this.#provider.refresh();
    } else {
      this.#placeChangedJobs();
      if (this.#changedAll) this.#provider.refresh();
      else if (this.#changedRows.size > 0) this.#provider.refresh(new Set(this.#changedRows));
    }
    this.#changedAll = false;
    this.#changedRows.clear();
    this.#changedJobs.clear();
    this.#showCounts();
  }

  /** Of jobs that changed the groups they were in and are in; all where a group came or went. */
  #placeChangedJobs(): void {
    if (this.#changedJobs.size === 0) return;
    const rows = () => [...this.#changedJobs].map((key) => this.#tree.groupRow(key, now()));
    const before = rows();
    this.#tree.changed();
    const groups = new Set([...before, ...rows()]);
    for (const id of groups) {
      if (id === undefined || !this.#provider.isShown(id)) this.#changedAll = true;
      else this.#changedRows.add(id);
    }
    const there = new Set(this.#tree.roots(now()).map((node) => node.id));
    if ([...groups].some((id) => id !== undefined && !there.has(id))) this.#changedAll = true;
  }

  /** The number of running jobs on the icon, and what is filtered beside the name of the view. */
  #showCounts(): void {
    const { counts, hidden } = this.#tree.arrangement(now());
    const { running, waiting } = counts;
    this.#view.badge =
      running === 0 ? undefined : { value: running, tooltip: stateCountWords({ ...noCounts, running, waiting }) };
    const filters = describeFilters(this.options);
    this.#view.description = filters === '' ? '' : hidden === 0 ? filters : l10n.t('{0} · {1} hidden', filters, hidden);
    void vscode.commands.executeCommand('setContext', 'vigil.jobsFiltered', isFiltered(this.options));
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

const noCounts = { running: 0, waiting: 0, completed: 0, failed: 0, cancelled: 0 };

function now(): number {
  return Date.now() / 1000;
}
