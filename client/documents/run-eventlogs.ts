/** Eventlogs of workflow runs as read-only documents that grow. */
import * as vscode from 'vscode';
import type { RunInfo } from '../../engine/protocol/workflows.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { plainLine } from '../text/plain-text.ts';
import { eventlogText } from './eventlog-text.ts';

export const eventlogScheme = 'vigil-eventlog';

/** Events come in crowds: the document is read anew once they pause. */
const settleMs = 150;

export class RunEventlogs implements vscode.TextDocumentContentProvider {
  readonly #engine: EngineClient;
  readonly #changes = new vscode.EventEmitter<vscode.Uri>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #disposables: { dispose(): void }[];

  readonly onDidChange = this.#changes.event;

  constructor(engine: EngineClient) {
    this.#engine = engine;
    this.#disposables = [
      this.#changes,
      vscode.workspace.registerTextDocumentContentProvider(eventlogScheme, this),
      engine.store.onChange((change) => {
        if (change.kind === 'events') this.#changed(change.key);
        else if (change.kind === 'all') this.#changed(undefined);
      }),
    ];
  }

  async open({ id, name }: RunInfo): Promise<void> {
    // The ending gives it the colours of logs.
    const path = `/${plainLine(name, 60).replaceAll('/', '∕')}-${id.slice(0, 8)}.log`;
    const uri = vscode.Uri.from({ scheme: eventlogScheme, path, query: `run/${id}` });
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
  }

  async provideTextDocumentContent({ query }: vscode.Uri): Promise<string> {
    await this.#engine.link.ensure();
    await this.#engine.loadEventlog(query);
    return eventlogText(this.#engine.store.eventlogs.get(query) ?? []);
  }

  /** `key`: whose log has grown; undefined: any may have. */
  #changed(key: string | undefined): void {
    for (const { uri } of vscode.workspace.textDocuments) {
      if (uri.scheme !== eventlogScheme || (key !== undefined && uri.query !== key)) continue;
      clearTimeout(this.#timers.get(uri.query));
      this.#timers.set(
        uri.query,
        setTimeout(() => this.#changes.fire(uri), settleMs),
      );
    }
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }
}
