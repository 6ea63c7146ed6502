/** Eventlogs in files: diagnostics, hovers, outline. */
import * as vscode from 'vscode';
import { describeLine, type EventlogFile, offsetWords, readEventlogFile } from './eventlog-file.ts';

const language = 'flux-eventlog';
/** After a key was struck. */
const settleMs = 300;

export class EventlogFiles implements vscode.HoverProvider, vscode.DocumentSymbolProvider {
  readonly #problems = vscode.languages.createDiagnosticCollection('vigil-eventlog');
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #registrations: readonly vscode.Disposable[];

  constructor() {
    const forget = ({ uri }: vscode.TextDocument) => {
      clearTimeout(this.#timers.get(uri.toString()));
      this.#problems.delete(uri);
    };
    this.#registrations = [
      this.#problems,
      vscode.languages.registerHoverProvider(language, this),
      vscode.languages.registerDocumentSymbolProvider(language, this),
      vscode.workspace.onDidOpenTextDocument((document) => this.#check(document)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#later(document)),
      vscode.workspace.onDidCloseTextDocument(forget),
    ];
    for (const document of vscode.workspace.textDocuments) this.#check(document);
  }

  provideHover(document: vscode.TextDocument, { line }: vscode.Position): vscode.Hover | undefined {
    const words = describeLine(read(document), line);
    return words === undefined ? undefined : new vscode.Hover(new vscode.MarkdownString(words));
  }

  provideDocumentSymbols(document: vscode.TextDocument): vscode.DocumentSymbol[] {
    const { events } = read(document);
    const first = events[0]?.event.timestamp ?? 0;
    return events.map(({ line, event: { name, timestamp } }) => {
      const { range } = document.lineAt(line);
      return new vscode.DocumentSymbol(name, offsetWords(first, timestamp), vscode.SymbolKind.Event, range, range);
    });
  }

  #later(document: vscode.TextDocument): void {
    if (document.languageId !== language) return;
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => this.#check(document), settleMs),
    );
  }

  #check(document: vscode.TextDocument): void {
    if (document.languageId !== language || document.isClosed) return;
    const { Error: error, Warning: warning } = vscode.DiagnosticSeverity;
    const diagnostics = read(document).problems.map(({ line, message, isError }) => {
      const diagnostic = new vscode.Diagnostic(document.lineAt(line).range, message, isError ? error : warning);
      diagnostic.source = 'vigil';
      return diagnostic;
    });
    this.#problems.set(document.uri, diagnostics);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const registration of this.#registrations) registration.dispose();
  }
}

const read = (document: vscode.TextDocument): EventlogFile => readEventlogFile(document.getText());
