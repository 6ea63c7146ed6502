/** Shows in an editor what watchers match: gutter, overview ruler, captures, and behind a line what is done there. */
import * as vscode from 'vscode';
import { rawColumns } from '../text/raw-columns.ts';

export interface LineMark {
  /** Of the document, from 0. */
  readonly line: number;
  /** Something is done at this line. */
  readonly acts: boolean;
  /** Stands behind the line. */
  readonly note?: string;
  /** Start and end of what matched, then of each capture: UTF-16, in the line without its escape sequences. */
  readonly spans: readonly { readonly start: number; readonly end: number }[];
}

export class LineMarks {
  readonly #acting: vscode.TextEditorDecorationType;
  readonly #matches: vscode.TextEditorDecorationType;
  readonly #whole: vscode.TextEditorDecorationType;
  readonly #capture: vscode.TextEditorDecorationType;

  /** @param icon path of a picture in the extension's media folder */
  constructor(icon: (name: string) => vscode.Uri) {
    const gutter = { gutterIconSize: 'contain', overviewRulerLane: vscode.OverviewRulerLane.Right, isWholeLine: true };
    this.#acting = vscode.window.createTextEditorDecorationType({
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
  show(editor: vscode.TextEditor, marks: readonly LineMark[]): void {
    const { document } = editor;
    const shown = marks.filter(({ line }) => line >= 0 && line < document.lineCount);
    const [acting, others] = [shown.filter(({ acts }) => acts), shown.filter(({ acts }) => !acts)];
    editor.setDecorations(this.#acting, acting.map(lineDecoration));
    editor.setDecorations(this.#matches, others.map(lineDecoration));
    const ranges = shown.map(({ line, spans }) => {
      const column = rawColumns(document.lineAt(line).text);
      return spans.map(({ start, end }) => new vscode.Range(line, column(start), line, column(end)));
    });
    editor.setDecorations(
      this.#whole,
      ranges.flatMap((own) => own.slice(0, 1)),
    );
    editor.setDecorations(
      this.#capture,
      ranges.flatMap((own) => own.slice(1)),
    );
  }

  clear(editor: vscode.TextEditor): void {
    for (const type of [this.#acting, this.#matches, this.#whole, this.#capture]) editor.setDecorations(type, []);
  }

  dispose(): void {
    for (const type of [this.#acting, this.#matches, this.#whole, this.#capture]) type.dispose();
  }
}

function lineDecoration({ line, note }: LineMark): vscode.DecorationOptions {
  const range = new vscode.Range(line, 0, line, Number.MAX_SAFE_INTEGER);
  if (note === undefined) return { range };
  const after = {
    contentText: note,
    margin: '0 0 0 3em',
    color: new vscode.ThemeColor('editorCodeLens.foreground'),
    fontStyle: 'italic',
  };
  return { range, renderOptions: { after } };
}
