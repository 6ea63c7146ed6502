/** Graphs in tabs: of a workflow file, drawn anew while it is edited, and of a run, drawn anew as it goes on. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { RunInfo } from '../../engine/protocol/workflows.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { FromGraphPage, GraphView } from '../../webview/messages.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { PagePanel } from '../pages/page-panel.ts';
import { plainLine } from '../text/plain-text.ts';
import { brokenGraph, fileGraph, runGraph } from './graph-view.ts';
import { isOver } from './run-nodes.ts';
import { showStep } from './show-step.ts';
import { runFileAddress, workflowFile } from './workflow-address.ts';

/** After a key was struck, before the file is read. */
const settleMs = 300;
/** The words of waits tell how much time is left. */
const clockMs = 15_000;

const now = () => Date.now() / 1000;

interface OpenGraph {
  readonly panel: PagePanel<GraphView, FromGraphPage>;
  /** What is shown. */
  view?: GraphView;
}

export interface GraphPanelsOptions {
  readonly extension: vscode.Uri;
  readonly engine: EngineClient;
  readonly answer: (run: string, step: string, approved: boolean) => Promise<void>;
  readonly log: vscode.LogOutputChannel;
}

export class GraphPanels {
  readonly #options: GraphPanelsOptions;
  /** By the run's id. */
  readonly #runs = new Map<string, OpenGraph>();
  /** By the file's address. */
  readonly #files = new Map<string, OpenGraph>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #clock = setInterval(() => this.#drawRuns(undefined), clockMs);
  readonly #disposables: { dispose(): void }[];

  constructor(options: GraphPanelsOptions) {
    this.#options = options;
    this.#disposables = [
      options.engine.runs.onChange((run) => this.#drawRuns(run)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#changed(document)),
    ];
  }

  /** What the tabs show now, by the run's id or the file's address: for tests. */
  get shown(): ReadonlyMap<string, GraphView | undefined> {
    return new Map([...this.#runs, ...this.#files].map(([key, { view }]) => [key, view]));
  }

  showRun(run: RunInfo): void {
    const known = this.#runs.get(run.id);
    if (known) known.panel.reveal();
    else
      this.#runs.set(run.id, {
        panel: this.#open(plainLine(run.name, 60), 'active', {
          onMessage: (message) => this.#runMessage(run.id, message),
          onClosed: () => this.#runs.delete(run.id),
        }),
      });
    this.#drawRuns(run);
  }

  async showFile(uri: vscode.Uri): Promise<void> {
    const document = await vscode.workspace.openTextDocument(uri);
    const key = uri.toString();
    const known = this.#files.get(key);
    if (known) known.panel.reveal();
    else
      this.#files.set(key, {
        panel: this.#open(plainLine(basename(uri.path), 60), 'beside', {
          onMessage: (message) => message.kind === 'open' && this.#background(showStep(uri, message.step)),
          onClosed: () => this.#files.delete(key),
        }),
      });
    await this.#drawFile(document);
  }

  #open(
    title: string,
    place: 'active' | 'beside',
    events: { readonly onMessage: (message: FromGraphPage) => void; readonly onClosed: () => void },
  ): PagePanel<GraphView, FromGraphPage> {
    return new PagePanel(this.#options.extension, {
      script: 'graph-page',
      title: l10n.t('Graph: {0}', title),
      place,
      keepsState: false,
      ...events,
    });
  }

  #runMessage(id: string, message: FromGraphPage): void {
    const run = this.#options.engine.runs.get(id);
    if (!run || message.kind === 'ready') return;
    if (message.kind === 'open') this.#background(showStep(runFileAddress(run), message.step));
    else this.#background(this.#options.answer(id, message.step, message.kind === 'approve'));
  }

  #background(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.#options.log.error(String(error));
      void vscode.window.showErrorMessage(plainLine(error instanceof Error ? error.message : String(error)));
    });
  }

  /** `changed`: the only one that did; undefined: any of them. */
  #drawRuns(changed: RunInfo | undefined): void {
    for (const [id, graph] of this.#runs) {
      const run = this.#options.engine.runs.get(id);
      if (!run || (changed && changed.id !== id)) continue;
      // One that is over does not change with the clock.
      if (graph.view && isOver(run) && !changed) continue;
      this.#draw(graph, runGraph(run, now()));
    }
  }

  #changed(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    if (!this.#files.has(key)) return;
    clearTimeout(this.#timers.get(key));
    const draw = () => this.#background(this.#drawFile(document));
    this.#timers.set(key, setTimeout(draw, settleMs));
  }

  async #drawFile(document: vscode.TextDocument): Promise<void> {
    const graph = this.#files.get(document.uri.toString());
    if (!graph) return;
    const name = basename(document.uri.path);
    try {
      // The place is for what is said of errors.
      const place = { ...workflowFile(document.uri), file: name };
      const description = await this.#options.engine.describeWorkflow(place, document.getText());
      this.#draw(graph, fileGraph(name, description, now()));
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.#draw(graph, brokenGraph(graph.view, name, problem));
    }
  }

  #draw(graph: OpenGraph, view: GraphView): void {
    graph.view = view;
    graph.panel.show(view);
  }

  dispose(): void {
    clearInterval(this.#clock);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const { panel } of [...this.#runs.values(), ...this.#files.values()]) panel.close();
    for (const disposable of this.#disposables) disposable.dispose();
  }
}
