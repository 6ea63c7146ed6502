/** Files of clusters as read-only documents, and the links in a job's output that lead to them. */
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import * as l10n from '../../language/text/l10n.ts';
import { type FileDocument, fileScheme, outputScheme, parseFileUri, parseJobUri } from '../documents/job-uri.ts';
import type { OutputDocuments } from '../documents/output-documents.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { fileWindow, type Place, windowBytes, windowStart } from './file-window.ts';
import { type SourceLink, sourceLinks } from './source-links.ts';
import { sourceTarget } from './source-target.ts';

/** A source file is smaller; of what is larger the beginning is shown. */
const mostBytes = 4 * 1024 * 1024;

export class RemoteFiles implements vscode.TextDocumentContentProvider, vscode.DocumentLinkProvider {
  readonly #engine: EngineClient;
  readonly #outputs: OutputDocuments;
  /** Of the documents that show a part: the line that they are about. */
  readonly #windowLines = new Map<string, number>();
  readonly #registrations: readonly vscode.Disposable[];

  constructor(engine: EngineClient, outputs: OutputDocuments) {
    this.#engine = engine;
    this.#outputs = outputs;
    this.#registrations = [
      vscode.workspace.registerTextDocumentContentProvider(fileScheme, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => void this.#windowLines.delete(uri.toString())),
      vscode.languages.registerDocumentLinkProvider({ scheme: outputScheme }, this),
    ];
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const file = parseFileUri(uri);
    if (!file) return l10n.t('[Vigil: this address names no file of a cluster.]');
    if (file.around) return this.#window(uri, file, file.around);
    const { data, isEnd } = await this.#engine.readFilePart({ ...file, maxBytes: mostBytes });
    const bytes = Buffer.from(data, 'base64');
    if (bytes.includes(0)) return l10n.t('[Vigil: {0} is not a text.]', file.path);
    const note = isEnd ? '' : `\n${l10n.t('[Vigil: the rest of {0} is not shown.]', file.path)}\n`;
    return new TextDecoder().decode(bytes) + note;
  }

  /** Shows what is around a line of a long file, with the cursor on the line. */
  async openWindow(uri: vscode.Uri): Promise<void> {
    const document = await vscode.workspace.openTextDocument(uri);
    const line = Math.min(this.#windowLines.get(uri.toString()) ?? 0, document.lineCount - 1);
    const { range } = document.lineAt(line);
    await vscode.window.showTextDocument(document, { selection: new vscode.Range(range.end, range.start) });
  }

  async #window(uri: vscode.Uri, { job, path }: FileDocument, place: Place): Promise<string> {
    const offset = windowStart(place.offset);
    const { data } = await this.#engine.readFilePart({ job, path, offset, maxBytes: windowBytes });
    const { text, shownLine, firstLine } = fileWindow(Buffer.from(data, 'base64'), place);
    // Behind the note.
    this.#windowLines.set(uri.toString(), shownLine + 1);
    return `${l10n.t('[Vigil: this is a part of {0}, from its line {1} on.]', path, firstLine)}\n${text}`;
  }

  provideDocumentLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
    const target = parseJobUri(document.uri);
    const shown = this.#outputs.shown(document.uri);
    const job = target && this.#engine.store.jobs.get(target.job);
    if (!job || !shown) return [];
    const home = this.#engine.store.clusters.get(job.cluster)?.kind === 'local' ? homedir() : undefined;
    return sourceLinks(shown.text).flatMap((link) => {
      const found = sourceTarget(job, link.path, home);
      if (!found) return [];
      const uri = found.kind === 'here' ? vscode.Uri.file(found.path) : vscode.Uri.from(found.uri);
      const line = link.line + shown.firstLine;
      const made = new vscode.DocumentLink(
        new vscode.Range(line, link.start, line, link.end),
        uri.with({ fragment: fragment(link) }),
      );
      made.tooltip =
        found.kind === 'here' ? l10n.t('Open {0}', found.path) : l10n.t('Open {0} of {1}', found.path, job.cluster);
      return [made];
    });
  }

  dispose(): void {
    for (const registration of this.#registrations) registration.dispose();
  }
}

/** As VS Code's editor reads it. */
function fragment({ targetLine, targetColumn }: SourceLink): string {
  return targetColumn === undefined ? `L${targetLine}` : `L${targetLine},${targetColumn}`;
}
