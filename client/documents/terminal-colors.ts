/** Shows a job's output in the colours that it was printed in, and folds progress bars. */
import * as vscode from 'vscode';
import { outputScheme } from './job-uri.ts';
import type { OutputDocuments } from './output-documents.ts';
import { progressFolds } from './progress-folds.ts';
import { paletteColor, type TerminalStyle } from './terminal-style.ts';
import type { StyledSpan } from './terminal-text.ts';

/** Each is a style sheet rule in the editor. What has more is made to; the rest stays plain. */
const mostStyles = 500;
/** Lines around what is seen that are coloured too, for scrolling. */
const margin = 100;
const settleMs = 30;

const themeColors = ['Black', 'Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White'];

export class TerminalColors implements vscode.FoldingRangeProvider {
  readonly #outputs: OutputDocuments;
  readonly #types = new Map<string, vscode.TextEditorDecorationType>();
  readonly #colored = new WeakMap<vscode.TextEditor, ReadonlySet<vscode.TextEditorDecorationType>>();
  readonly #disposables: readonly vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;

  constructor(outputs: OutputDocuments) {
    this.#outputs = outputs;
    const soon = () => this.#soon();
    this.#disposables = [
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => isOutput(textEditor.document) && soon()),
      vscode.window.onDidChangeVisibleTextEditors(soon),
      vscode.workspace.onDidChangeTextDocument(({ document }) => isOutput(document) && soon()),
      vscode.languages.registerFoldingRangeProvider({ scheme: outputScheme }, this),
    ];
  }

  provideFoldingRanges(document: vscode.TextDocument): vscode.FoldingRange[] {
    const shown = this.#outputs.shown(document.uri);
    if (!shown) return [];
    return progressFolds(shown).map(
      ({ start, end }) => new vscode.FoldingRange(start + shown.firstLine, end + shown.firstLine),
    );
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of [...this.#disposables, ...this.#types.values()]) disposable.dispose();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const editor of vscode.window.visibleTextEditors) if (isOutput(editor.document)) this.#color(editor);
    }, settleMs);
  }

  #color(editor: vscode.TextEditor): void {
    const { document } = editor;
    const shown = this.#outputs.shown(document.uri);
    const ranges = new Map<vscode.TextEditorDecorationType, vscode.Range[]>();
    for (const { start, end } of editor.visibleRanges) {
      const first = document.offsetAt(new vscode.Position(Math.max(0, start.line - margin), 0));
      const last = document.offsetAt(new vscode.Position(end.line + margin, 0));
      const before = shown?.firstOffset ?? 0;
      for (const span of spansWithin(shown?.spans ?? [], first - before, last - before)) {
        const type = this.#type(span.style);
        if (!type) continue;
        const range = new vscode.Range(
          document.positionAt(span.start + before),
          document.positionAt(span.end + before),
        );
        const own = ranges.get(type);
        if (own) own.push(range);
        else ranges.set(type, [range]);
      }
    }
    for (const type of this.#colored.get(editor) ?? []) if (!ranges.has(type)) editor.setDecorations(type, []);
    for (const [type, own] of ranges) editor.setDecorations(type, own);
    this.#colored.set(editor, new Set(ranges.keys()));
  }

  #type(style: TerminalStyle): vscode.TextEditorDecorationType | undefined {
    const key = JSON.stringify(style, Object.keys(style).sort());
    const known = this.#types.get(key);
    if (known || this.#types.size >= mostStyles) return known;
    const made = vscode.window.createTextEditorDecorationType(decoration(style));
    this.#types.set(key, made);
    return made;
  }
}

/** Those that touch `from` to `to`; `spans` are in order. */
function spansWithin(spans: readonly StyledSpan[], from: number, to: number): readonly StyledSpan[] {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.end ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  const found: StyledSpan[] = [];
  for (let index = low; index < spans.length; index += 1) {
    const span = spans[index];
    if (!span || span.start >= to) break;
    found.push(span);
  }
  return found;
}

function decoration(style: TerminalStyle): vscode.DecorationRenderOptions {
  const { bold, faint, italic, underline, inverse, strike } = style;
  const [color, background] = inverse
    ? [
        colorOf(style.background) ?? new vscode.ThemeColor('editor.background'),
        colorOf(style.color) ?? new vscode.ThemeColor('editor.foreground'),
      ]
    : [colorOf(style.color), colorOf(style.background)];
  const lines = [underline ? 'underline' : '', strike ? 'line-through' : ''].filter((one) => one !== '').join(' ');
  return {
    ...(color === undefined ? {} : { color }),
    ...(background === undefined ? {} : { backgroundColor: background }),
    ...(bold ? { fontWeight: 'bold' } : {}),
    ...(faint ? { opacity: '0.7' } : {}),
    ...(italic ? { fontStyle: 'italic' } : {}),
    ...(lines === '' ? {} : { textDecoration: lines }),
  };
}

function colorOf(color: number | undefined): vscode.ThemeColor | string | undefined {
  if (color === undefined) return undefined;
  const name = themeColors[color % 8];
  return color < 16 ? new vscode.ThemeColor(`terminal.ansi${color < 8 ? '' : 'Bright'}${name}`) : paletteColor(color);
}

function isOutput(document: vscode.TextDocument): boolean {
  return document.uri.scheme === outputScheme;
}
