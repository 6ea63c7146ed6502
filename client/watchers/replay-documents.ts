/** Reports of watchers that were tried on output, and of dry runs, as read-only documents. */
import * as vscode from 'vscode';
import * as l10n from '../../language/text/l10n.ts';

export const replayScheme = 'vigil-replay';

/** Reports kept at most; a tab that shows an older one stays as it is. */
const keptReports = 20;

export class ReplayDocuments implements vscode.TextDocumentContentProvider {
  readonly #reports = new Map<string, string>();
  readonly #registration: vscode.Disposable;
  #number = 0;

  constructor() {
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(replayScheme, this);
  }

  /** Beside the script. @param title what the tab says */
  async show(title: string, report: string): Promise<vscode.TextDocument> {
    this.#number++;
    // The ending gives it the colours of logs.
    const uri = vscode.Uri.from({
      scheme: replayScheme,
      path: `/${title.replaceAll('/', '∕')}.log`,
      query: String(this.#number),
    });
    this.#reports.set(uri.toString(), report);
    for (const key of [...this.#reports.keys()].slice(0, -keptReports)) this.#reports.delete(key);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
    return document;
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const report = this.#reports.get(uri.toString());
    if (report === undefined) throw new Error(l10n.t('This report is gone: ask for it again.'));
    return report;
  }

  dispose(): void {
    this.#registration.dispose();
  }
}
