/** Marks in the output of a job what its watchers matched and did, as the eventlog tells. */
import * as vscode from 'vscode';
import type { EngineClient } from '../engine/engine-client.ts';
import { outputScheme, parseJobUri } from './job-uri.ts';
import type { LineMark, LineMarks } from './line-marks.ts';
import type { OutputDocuments } from './output-documents.ts';
import { isLine, linesBefore, type WatchedLine, watchedHover, watchedLines, watchedNote } from './watched-lines.ts';

/** The newest matches that are marked. */
const mostMarked = 5000;
const settleMs = 500;

interface Marked {
  readonly line: number;
  readonly watched: WatchedLine;
}

export interface WatchMarkServices {
  readonly engine: EngineClient;
  readonly outputs: OutputDocuments;
  readonly marks: LineMarks;
  /** Somebody else marks this document now. */
  readonly isTaken: (document: vscode.TextDocument) => boolean;
}

export class WatchMarks {
  readonly #services: WatchMarkServices;
  readonly #marked = new WeakMap<vscode.TextDocument, readonly Marked[]>();
  readonly #disposables: vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;

  /** @param onTaken documents are taken, or given back */
  constructor(services: WatchMarkServices, onTaken: vscode.Event<void>) {
    this.#services = services;
    const soon = () => this.#soon();
    this.#disposables = [
      onTaken(soon),
      services.engine.store.onChange((change) => change.kind === 'events' && this.#soon()),
      vscode.window.onDidChangeVisibleTextEditors(soon),
      vscode.workspace.onDidChangeTextDocument(({ document }) => document.uri.scheme === outputScheme && this.#soon()),
      vscode.languages.registerHoverProvider(
        { scheme: outputScheme },
        { provideHover: (document, { line }) => this.#hover(document, line) },
      ),
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const editor of vscode.window.visibleTextEditors) this.#mark(editor);
    }, settleMs);
  }

  #mark(editor: vscode.TextEditor): void {
    const { document } = editor;
    const { isTaken, marks } = this.#services;
    if (document.uri.scheme !== outputScheme || isTaken(document)) return;
    const marked = this.#find(document);
    this.#marked.set(document, marked);
    marks.show(editor, marked.map(lineMark));
  }

  #find(document: vscode.TextDocument): readonly Marked[] {
    const { engine, outputs } = this.#services;
    const target = parseJobUri(document.uri);
    const shown = outputs.shown(document.uri);
    if (!target?.stream || !shown) return [];
    const log = engine.store.eventlogs.get(target.job);
    // When it is read the store says so, and this comes here again.
    if (!log) void engine.loadEventlog(target.job);
    const job = engine.store.jobs.get(target.job);
    const isOneFile = job?.stderrPath === undefined || job.stderrPath === job.stdoutPath;
    const watched = watchedLines(log ?? [], mostMarked).filter(({ stream }) => isOneFile || stream === target.stream);
    const lines = shown.text.split('\n');
    const before = linesBefore(lines, watched);
    if (before === undefined) return [];
    return watched.flatMap((one) => {
      const index = one.number - 1 - before;
      const line = lines[index];
      return line !== undefined && isLine(line, one) ? [{ line: index + shown.firstLine, watched: one }] : [];
    });
  }

  #hover(document: vscode.TextDocument, line: number): vscode.Hover | undefined {
    if (this.#services.isTaken(document)) return undefined;
    const here = (this.#marked.get(document) ?? []).filter((one) => one.line === line);
    if (here.length === 0) return undefined;
    return new vscode.Hover(here.map(({ watched }) => new vscode.MarkdownString(watchedHover(watched))));
  }
}

function lineMark({ line, watched }: Marked): LineMark {
  const note = watchedNote(watched);
  return { line, acts: watched.actions.length > 0, spans: [], ...(note === undefined ? {} : { note }) };
}
