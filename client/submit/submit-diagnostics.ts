/** What a scheduler has against a script, or remarks of it, at the directive that it concerns, until the script is edited. */
import * as vscode from 'vscode';
import type { Refusal } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';

export class SubmitDiagnostics {
  readonly #collection = vscode.languages.createDiagnosticCollection('vigil (submit)');
  readonly #disposables: readonly vscode.Disposable[] = [
    this.#collection,
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0) this.clear(document.uri);
    }),
    vscode.workspace.onDidCloseTextDocument((document) => this.clear(document.uri)),
  ];

  /** Adds a complaint of a cluster that names its place; one that does not is only in the message. */
  add(
    uri: vscode.Uri,
    cluster: string,
    { words, range: place }: Refusal,
    severity: vscode.DiagnosticSeverity = vscode.DiagnosticSeverity.Error,
  ): void {
    if (!place) return;
    const { start, end } = place;
    const range = new vscode.Range(start.line, start.character, end.line, end.character);
    const diagnostic = new vscode.Diagnostic(range, words, severity);
    diagnostic.source = l10n.t('vigil (submit to {0})', cluster);
    this.#collection.set(uri, [...(this.#collection.get(uri) ?? []), diagnostic]);
  }

  clear(uri: vscode.Uri): void {
    this.#collection.delete(uri);
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }
}
