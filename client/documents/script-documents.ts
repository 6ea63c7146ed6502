/** Scripts as they were submitted, as read-only documents. */
import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { parseJobUri, scriptScheme, scriptUri } from './job-uri.ts';

export class ScriptDocuments implements vscode.TextDocumentContentProvider {
  readonly #engine: EngineClient;
  readonly #registration: vscode.Disposable;

  constructor(engine: EngineClient) {
    this.#engine = engine;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(scriptScheme, this);
  }

  async open(job: JobInfo): Promise<void> {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.from(scriptUri(job)));
    await vscode.window.showTextDocument(document);
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const target = parseJobUri(uri);
    if (!target) throw new Error(l10n.t('This address names no script of a job.'));
    return this.#engine.script(target.job);
  }

  dispose(): void {
    this.#registration.dispose();
  }
}
