/** The workflows view: its tree, its badge, and the questions of steps that ask for approval. */
import * as vscode from 'vscode';
import type { Disposable } from 'vscode-jsonrpc/node';
import type { RunInfo } from '../../engine/protocol/workflows.ts';
import * as l10n from '../../language/text/l10n.ts';
import { NodeTreeProvider } from '../jobs/node-tree-provider.ts';
import type { TreeNode } from '../jobs/tree-node.ts';
import { plainLine } from '../text/plain-text.ts';
import { type OpenQuestion, openQuestions } from './questions.ts';
import { filterWords, isShown, type RunFilter, readFilter } from './run-filter.ts';
import type { RunList } from './run-list.ts';
import { isOver, runNode, stepNode } from './run-nodes.ts';

export interface RunsViewOptions {
  readonly runs: RunList;
  /** Keeps the filter of this workspace. */
  readonly memory: vscode.Memento;
  /** The view became visible. */
  readonly onShown: () => void;
  readonly answer: (run: string, step: string, approved: boolean) => Promise<void>;
}

const filterKey = 'runs.filter';
const now = () => Date.now() / 1000;
/** The words of waits tell how much time is left. */
const clockMs = 15_000;

export class RunsView {
  readonly #options: RunsViewOptions;
  readonly #provider: NodeTreeProvider;
  readonly #view: vscode.TreeView<TreeNode>;
  readonly #disposables: Disposable[];
  #filter: RunFilter;
  readonly #clock = setInterval(() => this.#passTime(), clockMs);
  /** Questions that were shown in this window. */
  readonly #asked = new Set<string>();

  constructor(options: RunsViewOptions) {
    this.#options = options;
    const { runs, memory } = options;
    this.#filter = readFilter(memory.get(filterKey));
    this.#provider = new NodeTreeProvider({
      roots: () => runs.all.filter((run) => isShown(run, this.#filter)).map((run) => runNode(run, now())),
      children: async (subject) => {
        const run = subject.kind === 'run' ? runs.get(subject.run) : undefined;
        return run ? run.steps.map((step) => stepNode(run, step, now())) : [];
      },
      parent: (subject) => {
        const run = subject.kind === 'step' ? runs.get(subject.run) : undefined;
        return run && runNode(run, now());
      },
      // The rows under it are asked for with it.
      renew: (subject) => {
        const run = subject.kind === 'run' ? runs.get(subject.run) : undefined;
        return run && runNode(run, now());
      },
    });
    this.#view = vscode.window.createTreeView('vigil.runs', {
      treeDataProvider: this.#provider,
      showCollapseAll: true,
    });
    this.#disposables = [
      this.#view,
      this.#provider,
      runs.onChange((run) => this.#changed(run)),
      this.#view.onDidChangeVisibility(({ visible }) => visible && options.onShown()),
    ];
    this.#showFilter();
  }

  get filter(): RunFilter {
    return this.#filter;
  }

  async setFilter(filter: RunFilter): Promise<void> {
    this.#filter = filter;
    await this.#options.memory.update(filterKey, filter);
    this.#showFilter();
    this.#provider.refresh();
  }

  #showFilter(): void {
    const words = filterWords(this.#filter);
    this.#view.message = words === undefined ? '' : l10n.t('Only: {0}', plainLine(words, 200));
    void vscode.commands.executeCommand('setContext', 'vigil.runsFiltered', words !== undefined);
  }

  #passTime(): void {
    if (!this.#view.visible) return;
    const open = this.#options.runs.all.filter((run) => !isOver(run)).map((run) => runNode(run, now()).id);
    if (open.length > 0) this.#provider.refresh(new Set(open));
  }

  #changed(run: RunInfo | undefined): void {
    // Only its own row where that is possible: for a moment VS Code does not know rows that it draws anew, and tells commands none.
    const row = run && isShown(run, this.#filter) ? runNode(run, now()).id : undefined;
    this.#provider.refresh(row !== undefined && this.#provider.isShown(row) ? new Set([row]) : undefined);
    const open = this.#options.runs.all.filter((one) => !isOver(one)).length;
    this.#view.badge =
      open === 0
        ? undefined
        : { value: open, tooltip: open === 1 ? l10n.t('1 open run') : l10n.t('{0} open runs', open) };
    if (run) this.#ask(run);
  }

  /** A question that has just come up; those that were open before stand in the view. */
  #ask(run: RunInfo): void {
    const fresh = openQuestions(run).filter(({ id }) => !this.#asked.has(id));
    for (const { id } of fresh) this.#asked.add(id);
    const [only, ...others] = fresh;
    if (others.length > 0) void this.#askOfMany(run, fresh.length);
    else if (only) void this.#askPerson(only);
  }

  async #askPerson({ run, unit, text }: OpenQuestion): Promise<void> {
    const message = l10n.t('{0} asks: {1}', plainLine(run.name, 80), plainLine(text, 300));
    const [approve, deny] = [l10n.t('Approve'), l10n.t('Deny')];
    const answer = await vscode.window.showInformationMessage(message, approve, deny);
    if (answer !== undefined) await this.#options.answer(run.id, unit, answer === approve);
  }

  /** One notification for all: a step with a thousand items may ask for each. */
  async #askOfMany(run: RunInfo, count: number): Promise<void> {
    const message = l10n.t('{0} asks {1} questions.', plainLine(run.name, 80), count);
    const [approve, deny] = [l10n.t('Approve…'), l10n.t('Deny…')];
    const answer = await vscode.window.showInformationMessage(message, approve, deny);
    if (answer === undefined) return;
    const command = answer === approve ? 'vigil.approveStep' : 'vigil.denyStep';
    await vscode.commands.executeCommand(command, run.id);
  }

  dispose(): void {
    clearInterval(this.#clock);
    for (const disposable of this.#disposables) disposable.dispose();
  }
}
