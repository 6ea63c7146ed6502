/** Job output as read-only documents that follow the file for as long as a tab shows them. */
import * as vscode from 'vscode';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { outputChunk } from '../../engine/protocol/output.ts';
import type { JobInfo, JobKey } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { type OutputStream, outputScheme, outputUri, parseJobUri } from './job-uri.ts';
import { OutputFollower } from './output-follower.ts';
import { progressFolds } from './progress-folds.ts';
import type { TerminalText } from './terminal-text.ts';

/** How long opening waits for the text, so that the document does not open empty and then jump. */
const firstTextTimeoutMs = 2_000;

interface FollowedDocument {
  readonly uri: vscode.Uri;
  readonly follower: OutputFollower;
  /** Rejoins those who wait for the first text. */
  onSettled: (() => void) | undefined;
  refresh: NodeJS.Timeout | undefined;
  /** What the document was given last. */
  shown: ShownOutput;
  /** Editors whose cursor stood at the end when the text was last refreshed: they go on to the new end. */
  atEnd: readonly vscode.TextEditor[];
}

/** What of a document is output of the job: the rest are notes of ours. */
export interface ShownOutput extends TerminalText {
  /** Line of the document, from 0, that the text begins at. */
  readonly firstLine: number;
  /** Offset in the document, likewise. */
  readonly firstOffset: number;
}

export class OutputDocuments implements vscode.TextDocumentContentProvider {
  readonly #engine: () => EngineClient;
  readonly #keepBytes: () => number;
  readonly #log: { warn(message: string): void };
  readonly #documents = new Map<string, FollowedDocument>();
  readonly #changes = new vscode.EventEmitter<vscode.Uri>();
  readonly #disposables: vscode.Disposable[];
  #connection: MessageConnection | undefined;

  readonly onDidChange = this.#changes.event;

  /** @param engine asked late, because the engine's client in turn hands its connections to `attach`. */
  constructor(engine: () => EngineClient, keepBytes: () => number, log: { warn(message: string): void }) {
    this.#engine = engine;
    this.#keepBytes = keepBytes;
    this.#log = log;
    this.#disposables = [
      this.#changes,
      vscode.workspace.registerTextDocumentContentProvider(outputScheme, this),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#scrollToEnd(document)),
      vscode.workspace.onDidCloseTextDocument((document) => this.#forget(document.uri)),
      vscode.window.tabGroups.onDidChangeTabs(() => this.#matchTabs()),
    ];
  }

  /** Opens the output of `job` with the cursor at its end. */
  async open(job: JobInfo, stream: OutputStream, column?: vscode.ViewColumn): Promise<vscode.TextDocument> {
    const uri = vscode.Uri.from(outputUri(job, stream));
    const document = await vscode.workspace.openTextDocument(uri);
    const where = column === undefined ? {} : { viewColumn: column };
    const editor = await vscode.window.showTextDocument(document, { preview: false, ...where });
    await this.#foldProgress(uri);
    showEnd(editor);
    return document;
  }

  /** To be called for each new connection, before the engine can send anything. */
  register(connection: MessageConnection): void {
    connection.onNotification(outputChunk, (chunk) => {
      for (const { follower } of this.#documents.values()) {
        if (follower.subscription === chunk.subscription) follower.handle(chunk);
      }
    });
  }

  /** To be called once the connection stands: documents go on where the last one broke off. */
  attach(connection: MessageConnection): void {
    this.#connection = connection;
    connection.onClose(() => {
      if (this.#connection === connection) this.#connection = undefined;
      for (const { follower } of this.#documents.values()) follower.interrupt();
    });
    for (const { uri, follower } of this.#documents.values()) if (isInTab(uri)) void follower.start(connection);
  }

  /** A job has changed: an output that could not be opened, because the job waited, may be there now. */
  jobChanged(job: JobKey): void {
    const connection = this.#connection;
    if (!connection) return;
    for (const { uri, follower } of this.#documents.values()) {
      if (follower.job === job && isInTab(uri)) void follower.start(connection);
    }
  }

  /** The output that the document at `uri` shows. */
  shown(uri: vscode.Uri): ShownOutput | undefined {
    return this.#documents.get(uri.toString())?.shown;
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const known = this.#documents.get(uri.toString());
    if (known) return render(known);
    const target = parseJobUri(uri);
    if (!target?.stream) return `[Vigil: ${l10n.t('this address names no output of a job.')}]\n`;
    const connection = await this.#engine().link.ensure();
    const follower = new OutputFollower({ job: target.job, stream: target.stream }, this.#keepBytes(), () =>
      this.#changed(uri),
    );
    const document: FollowedDocument = {
      uri,
      follower,
      onSettled: undefined,
      refresh: undefined,
      shown: { text: '', spans: [], returns: [], firstLine: 0, firstOffset: 0 },
      atEnd: [],
    };
    this.#documents.set(uri.toString(), document);
    const settled = new Promise<void>((resolve) => {
      document.onSettled = resolve;
      setTimeout(resolve, firstTextTimeoutMs);
    });
    await follower.start(connection);
    await settled;
    document.onSettled = undefined;
    return render(document);
  }

  dispose(): void {
    for (const { refresh } of this.#documents.values()) clearTimeout(refresh);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** Of the editor that has just been shown. */
  async #foldProgress(uri: vscode.Uri): Promise<void> {
    const shown = this.shown(uri);
    const folds = shown ? progressFolds(shown) : [];
    if (!shown || folds.length === 0) return;
    const selectionLines = folds.map(({ start }) => start + shown.firstLine);
    await vscode.commands.executeCommand('editor.fold', { selectionLines, levels: 1 });
  }

  #changed(uri: vscode.Uri): void {
    const document = this.#documents.get(uri.toString());
    if (!document) return;
    if (document.onSettled) {
      if (document.follower.isSettled) document.onSettled();
      return;
    }
    document.refresh ??= setTimeout(() => {
      document.refresh = undefined;
      document.atEnd = editorsOf(uri).filter(isAtEnd);
      this.#changes.fire(uri);
    }, refreshDelayMs(document.follower.length));
  }

  #scrollToEnd(document: vscode.TextDocument): void {
    const followed = this.#documents.get(document.uri.toString());
    for (const editor of followed?.atEnd ?? []) showEnd(editor);
  }

  /** A document lives on for minutes after its tab was closed: it is not followed meanwhile, and goes on when it is shown again. */
  #matchTabs(): void {
    for (const { uri, follower } of this.#documents.values()) {
      const following = follower.subscription !== undefined;
      if (following && !isInTab(uri)) this.#stop(follower);
      if (!following && isInTab(uri) && this.#connection) void follower.start(this.#connection);
    }
  }

  #forget(uri: vscode.Uri): void {
    const document = this.#documents.get(uri.toString());
    if (!document) return;
    this.#documents.delete(uri.toString());
    clearTimeout(document.refresh);
    this.#stop(document.follower);
  }

  #stop(follower: OutputFollower): void {
    follower.stop(this.#connection).catch((error: unknown) => this.#log.warn(`closing an output: ${String(error)}`));
  }
}

function render(document: FollowedDocument): string {
  const { head, text, note } = document.follower.render();
  const { terminalText } = document.follower;
  document.shown = { ...terminalText, firstLine: head.split('\n').length - 1, firstOffset: head.length };
  return head + text + note;
}

/** A whole text goes to the editor with each refresh, so a long one is refreshed less often. */
function refreshDelayMs(length: number): number {
  return 200 + length / 4096;
}

function editorsOf(uri: vscode.Uri): readonly vscode.TextEditor[] {
  return vscode.window.visibleTextEditors.filter((editor) => editor.document.uri.toString() === uri.toString());
}

function isInTab(uri: vscode.Uri): boolean {
  return vscode.window.tabGroups.all.some((group) =>
    group.tabs.some((tab) => tab.input instanceof vscode.TabInputText && tab.input.uri.toString() === uri.toString()),
  );
}

function isAtEnd(editor: vscode.TextEditor): boolean {
  return editor.selection.isEmpty && editor.selection.active.line >= editor.document.lineCount - 1;
}

function showEnd(editor: vscode.TextEditor): void {
  const end = editor.document.lineAt(editor.document.lineCount - 1).range.end;
  editor.selection = new vscode.Selection(end, end);
  editor.revealRange(new vscode.Range(end, end), vscode.TextEditorRevealType.Default);
}
