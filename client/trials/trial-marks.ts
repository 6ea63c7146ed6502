/** Shows in an editor what watchers match: gutter, overview ruler, captures, and behind a line what would be done there. */
import * as vscode from 'vscode';
import type { TrialMatch } from '../../engine/protocol/trials.ts';
import { rawColumns } from './raw-columns.ts';
import { trialNote } from './trial-text.ts';

/** What the marks of one document are made of. */
export interface MarkedMatch {
  /** Of the document, from 0. */
  readonly line: number;
  readonly match: TrialMatch;
}

export class TrialMarks {
  readonly #fires: vscode.TextEditorDecorationType;
  readonly #matches: vscode.TextEditorDecorationType;
  readonly #whole: vscode.TextEditorDecorationType;
  readonly #capture: vscode.TextEditorDecorationType;

  /** @param icon path of a picture in the extension's media folder */
  constructor(icon: (name: string) => vscode.Uri) {
    const gutter = { gutterIconSize: 'contain', overviewRulerLane: vscode.OverviewRulerLane.Right, isWholeLine: true };
    this.#fires = vscode.window.createTextEditorDecorationType({
      ...gutter,
      gutterIconPath: icon('match-fires.svg'),
      overviewRulerColor: new vscode.ThemeColor('charts.red'),
      backgroundColor: new vscode.ThemeColor('diffEditor.removedLineBackground'),
    });
    this.#matches = vscode.window.createTextEditorDecorationType({
      ...gutter,
      gutterIconPath: icon('match.svg'),
      overviewRulerColor: new vscode.ThemeColor('charts.blue'),
    });
    this.#whole = vscode.window.createTextEditorDecorationType({
      backgroundColor: new vscode.ThemeColor('editor.wordHighlightBackground'),
    });
    this.#capture = vscode.window.createTextEditorDecorationType({
      border: '1px solid',
      borderColor: new vscode.ThemeColor('charts.blue'),
      borderRadius: '2px',
    });
  }

  /** Takes the place of what the editor showed before. */
  show(editor: vscode.TextEditor, found: readonly MarkedMatch[]): void {
    const { document } = editor;
    const shown = found.filter(({ line }) => line >= 0 && line < document.lineCount);
    const firing = shown.filter(({ match }) => match.actions.length > 0);
    editor.setDecorations(
      this.#fires,
      firing.map(({ line, match }) => lineMark(line, trialNote(match))),
    );
    editor.setDecorations(
      this.#matches,
      shown.filter(({ match }) => match.actions.length === 0).map(({ line }) => new vscode.Range(line, 0, line, 0)),
    );
    const spans = shown.map(({ line, match }) => {
      const column = rawColumns(document.lineAt(line).text);
      return match.spans.map(({ start, end }) => new vscode.Range(line, column(start), line, column(end)));
    });
    editor.setDecorations(
      this.#whole,
      spans.flatMap((ranges) => ranges.slice(0, 1)),
    );
    editor.setDecorations(
      this.#capture,
      spans.flatMap((ranges) => ranges.slice(1)),
    );
  }

  clear(editor: vscode.TextEditor): void {
    for (const type of [this.#fires, this.#matches, this.#whole, this.#capture]) editor.setDecorations(type, []);
  }

  dispose(): void {
    for (const type of [this.#fires, this.#matches, this.#whole, this.#capture]) type.dispose();
  }
}

function lineMark(line: number, note: string): vscode.DecorationOptions {
  const after = {
    contentText: note,
    margin: '0 0 0 3em',
    color: new vscode.ThemeColor('editorCodeLens.foreground'),
    fontStyle: 'italic',
  };
  return { range: new vscode.Range(line, 0, line, Number.MAX_SAFE_INTEGER), renderOptions: { after } };
}
