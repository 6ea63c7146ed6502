/** One script's watchers on one document of output: tried again whenever one of the two changes, marked where they match. */
import * as vscode from 'vscode';
import type { TrialMatch, TrialResult } from '../../engine/protocol/trials.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { LineMark, LineMarks } from '../documents/line-marks.ts';
import type { OutputDocuments } from '../documents/output-documents.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { explainError } from '../engine/explain-error.ts';
import { rawColumns } from '../text/raw-columns.ts';
import { type TrialInput, trialInput } from './trial-target.ts';
import { trialHover, trialNote } from './trial-text.ts';

/** Pause after a keystroke in the script, and after growth of the output. */
const settleMs = { script: 120, output: 600 } as const;

export type TrialState =
  | { readonly kind: 'trying' }
  | { readonly kind: 'done'; readonly result: TrialResult }
  | { readonly kind: 'failed'; readonly message: string };

/** A match and the line of the document, from 0, that it is in. */
export interface MarkedMatch {
  readonly line: number;
  readonly match: TrialMatch;
}

export interface TrialServices {
  readonly engine: EngineClient;
  readonly outputs: OutputDocuments;
  readonly marks: LineMarks;
}

export class TrialSession {
  readonly script: vscode.TextDocument;
  readonly output: vscode.TextDocument;
  readonly #services: TrialServices;
  readonly #states = new vscode.EventEmitter<TrialState>();
  readonly #disposables: vscode.Disposable[];
  #state: TrialState = { kind: 'trying' };
  /** What was tried last, and what came out of it: shown until there is something newer. */
  #result: TrialResult | undefined;
  #marked: readonly MarkedMatch[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running: vscode.CancellationTokenSource | undefined;

  readonly onState = this.#states.event;

  constructor(services: TrialServices, script: vscode.TextDocument, output: vscode.TextDocument) {
    this.#services = services;
    this.script = script;
    this.output = output;
    this.#disposables = [
      this.#states,
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#changed(document)),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#mark()),
      vscode.languages.registerHoverProvider(
        { scheme: output.uri.scheme },
        { provideHover: (document, position) => this.#hover(document, position) },
      ),
    ];
  }

  get state(): TrialState {
    return this.#state;
  }

  get result(): TrialResult | undefined {
    return this.#result;
  }

  /** Where the output matches, in its order. */
  get marked(): readonly MarkedMatch[] {
    return this.#marked;
  }

  /** Tries now. A run that is under way is given up. */
  async run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running?.cancel();
    const running = new vscode.CancellationTokenSource();
    this.#running = running;
    this.#tell({ kind: 'trying' });
    try {
      const { engine, outputs } = this.#services;
      const input = trialInput(engine, outputs, this.output);
      const { uri } = this.script;
      const params = {
        script: this.script.getText(),
        source: input.source,
        endState: input.endState,
        ...(uri.scheme === 'file' ? { scriptPath: uri.fsPath } : {}),
      };
      const result = await engine.tryWatchers(params, running.token);
      if (this.#running !== running) return;
      this.#result = result;
      this.#marked = marksOf(result.matches, input);
      this.#tell({ kind: 'done', result });
      this.#mark();
    } catch (error) {
      if (this.#running !== running) return;
      this.#tell({ kind: 'failed', message: explainError(error, l10n.t('Trying the watchers')).message });
    } finally {
      running.dispose();
      if (this.#running === running) this.#running = undefined;
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#running?.cancel();
    this.#running = undefined;
    for (const disposable of this.#disposables) disposable.dispose();
    for (const editor of this.#editors()) this.#services.marks.clear(editor);
  }

  #changed(document: vscode.TextDocument): void {
    if (document !== this.script && document !== this.output) return;
    const delayMs = document === this.script ? settleMs.script : settleMs.output;
    // Output that never stops growing is tried all the same; what is typed waits for a pause.
    if (document === this.output && this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.run();
    }, delayMs);
  }

  #editors(): readonly vscode.TextEditor[] {
    return vscode.window.visibleTextEditors.filter(({ document }) => document === this.output);
  }

  #mark(): void {
    for (const editor of this.#editors()) this.#services.marks.show(editor, this.#marked.map(lineMark));
  }

  #hover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    if (document !== this.output) return undefined;
    const here = this.#marked.filter(({ line }) => line === position.line);
    if (here.length === 0) return undefined;
    const { text } = document.lineAt(position.line);
    const column = rawColumns(text);
    const texts = here.map(({ match }) => trialHover(match, (start, end) => text.slice(column(start), column(end))));
    return new vscode.Hover(texts.map((markdown) => new vscode.MarkdownString(markdown)));
  }

  #tell(state: TrialState): void {
    this.#state = state;
    this.#states.fire(state);
  }
}

function marksOf(matches: readonly TrialMatch[], { stream, firstLine }: TrialInput): readonly MarkedMatch[] {
  return matches
    .filter((match) => match.stream === stream)
    .map((match) => ({ line: match.line - 1 + firstLine, match }));
}

function lineMark({ line, match }: MarkedMatch): LineMark {
  const acts = match.actions.length > 0;
  return { line, acts, spans: match.spans, ...(acts ? { note: trialNote(match) } : {}) };
}
