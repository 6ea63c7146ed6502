/** Searches the whole output of a job where it is, however long, and lists the lines: each opens what is around it. */
import * as vscode from 'vscode';
import type { FoundLine } from '../../engine/protocol/files.ts';
import type { JobInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { chooseJob } from '../commands/subjects.ts';
import { fileUri, type OutputStream, outputScheme, parseJobUri, searchScheme } from '../documents/job-uri.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { linesInWords } from '../text/counts.ts';
import { plainLine } from '../text/plain-text.ts';
import { inUnits } from './in-units.ts';
import { parseQuery, type SearchQuery, searchReport } from './search-query.ts';
import { searchWhole } from './search-whole.ts';

/** More lines than this nobody reads. */
const mostLines = 5000;
/** Results kept at most; a tab that shows older ones keeps its text. */
const keptResults = 20;

interface Results {
  readonly job: JobInfo;
  readonly path: string;
  readonly text: string;
  readonly firstLine: number;
  readonly found: readonly FoundLine[];
}

export class OutputSearch implements vscode.TextDocumentContentProvider, vscode.DocumentLinkProvider {
  readonly #engine: EngineClient;
  /** By the number of the search, the query of their document's address. */
  readonly #results = new Map<number, Results>();
  readonly #registrations: readonly vscode.Disposable[];
  #number = 0;
  #lastTyped = '';

  constructor(engine: EngineClient) {
    this.#engine = engine;
    this.#registrations = [
      vscode.workspace.registerTextDocumentContentProvider(searchScheme, this),
      vscode.languages.registerDocumentLinkProvider({ scheme: searchScheme }, this),
    ];
  }

  /**
   * @param subject the document of an output, a job; absent: the output in the active editor, else the person is asked
   * @param typed what is searched for; absent: the person is asked
   */
  async search(subject: unknown, typed: unknown): Promise<void> {
    const output = subject instanceof vscode.Uri ? subject : vscode.window.activeTextEditor?.document.uri;
    const shown = output?.scheme === outputScheme ? parseJobUri(output) : undefined;
    const named = subject instanceof vscode.Uri || subject === undefined ? shown?.job : subject;
    const placeHolder = l10n.t('The job whose output to search');
    const job = await chooseJob(this.#engine, named, placeHolder, ({ started }) => started !== undefined);
    if (!job) return;
    const stream = shown?.job === job.key ? (shown.stream ?? 'stdout') : 'stdout';
    const asked = typeof typed === 'string' ? typed : await this.#ask(job);
    const query = asked === undefined ? undefined : parseQuery(asked);
    if (asked === undefined || !query) return;
    this.#lastTyped = asked;
    await this.#show(job, stream, asked, query);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const results = this.#results.get(Number(uri.query));
    if (!results) throw new Error(l10n.t('These results are gone: search again.'));
    return results.text;
  }

  provideDocumentLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
    const results = this.#results.get(Number(document.uri.query));
    return (results?.found ?? []).map((found, index) => {
      const line = (results?.firstLine ?? 0) + index;
      const end = document.lineAt(line).text.indexOf(':');
      const args = encodeURIComponent(JSON.stringify([Number(document.uri.query), index]));
      const target = vscode.Uri.parse(`command:vigil.openFound?${args}`);
      const link = new vscode.DocumentLink(new vscode.Range(line, 0, line, end), target);
      link.tooltip = l10n.t('Show line {0} and what is around it', found.line);
      return link;
    });
  }

  /** The address of what is around a line that a search found. `undefined`: these results are gone. */
  windowOf(search: unknown, index: unknown): vscode.Uri | undefined {
    const { job, path, found } = this.#results.get(Number(search)) ?? {};
    const place = found?.[Number(index)];
    if (!job || path === undefined || !place) return undefined;
    return vscode.Uri.from(fileUri(job, path, { offset: place.offset, line: place.line }));
  }

  dispose(): void {
    for (const registration of this.#registrations) registration.dispose();
  }

  #ask(job: JobInfo): Thenable<string | undefined> {
    const editor = vscode.window.activeTextEditor;
    const selected = editor?.selection.isSingleLine ? editor.document.getText(editor.selection) : '';
    return vscode.window.showInputBox({
      title: l10n.t('Search the whole output of job {0}', plainLine(job.jobId, 40)),
      prompt: l10n.t('A text, or a pattern between slashes: /loss: (nan|inf)/'),
      value: selected || this.#lastTyped,
    });
  }

  async #show(job: JobInfo, stream: OutputStream, typed: string, query: SearchQuery): Promise<void> {
    const title = l10n.t('Searching for {0}', plainLine(typed, 60));
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    const searched = await vscode.window.withProgress(options, (progress, token) =>
      searchWhole({
        ask: (from, maxLines) => this.#engine.searchOutput({ job: job.key, stream, ...query, from, maxLines }, token),
        maxLines: mostLines,
        isCancelled: () => token.isCancellationRequested,
        onProgress: ({ bytes, size, found }, increment) => {
          const message = `${l10n.t('{0} of {1}', inUnits(bytes), inUnits(size))}, ${linesInWords(found.length)}`;
          progress.report({ message, increment });
        },
      }),
    );
    if (!searched) return;
    const { path, found } = searched;
    this.#number += 1;
    // The ending gives it the colours of logs; the number tells one search from the next.
    const name = `${plainLine(typed, 40).replaceAll('/', '∕')} – ${plainLine(job.jobId, 40).replaceAll('/', '∕')}.log`;
    const uri = vscode.Uri.from({ scheme: searchScheme, path: `/${name}`, query: String(this.#number) });
    this.#results.set(this.#number, { job, path, found, ...searchReport(typed, searched) });
    for (const key of [...this.#results.keys()].slice(0, -keptResults)) this.#results.delete(key);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
  }
}
