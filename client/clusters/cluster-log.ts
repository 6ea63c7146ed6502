/** What the engine's log says about a cluster, as a read-only document. */
import * as vscode from 'vscode';
import * as l10n from '../../language/text/l10n.ts';
import type { EngineClient } from '../engine/engine-client.ts';

const scheme = 'vigil-cluster-log';

export class ClusterLogDocuments implements vscode.TextDocumentContentProvider {
  readonly #engine: EngineClient;
  readonly #changes = new vscode.EventEmitter<vscode.Uri>();
  readonly #registration: vscode.Disposable;

  readonly onDidChange = this.#changes.event;

  constructor(engine: EngineClient) {
    this.#engine = engine;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  }

  /** Opens it at its end, as it is now. */
  async open(cluster: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme, path: `/${cluster}.log`, query: JSON.stringify({ cluster }) });
    this.#changes.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document);
    editor.revealRange(document.lineAt(document.lineCount - 1).range);
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const cluster: unknown = Reflect.get(Object(JSON.parse(uri.query)), 'cluster');
    const lines = await this.#engine.clusterLog(String(cluster));
    return lines.length > 0
      ? `${lines.join('\n')}\n`
      : l10n.t("The engine's log says nothing about {0}.\n", String(cluster));
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changes.dispose();
  }
}
