/** Progress bars print each update over the one before: in a document they are as many lines, of which most are folded away. */
import type { TerminalText } from './terminal-text.ts';

/** Lines of the text, from 0. `start` stays visible, the lines up to `end` can be folded. */
export interface LineFold {
  readonly start: number;
  readonly end: number;
}

/** The first update and the last stay visible: how it began, and how it stands. */
export function progressFolds({ text, returns }: Pick<TerminalText, 'text' | 'returns'>): readonly LineFold[] {
  const folds: LineFold[] = [];
  let line = 0;
  let at = 0;
  let run: { start: number; end: number } | undefined;
  for (const place of returns) {
    for (let next = text.indexOf('\n', at); next !== -1 && next < place; next = text.indexOf('\n', at)) {
      line += 1;
      at = next + 1;
    }
    // This line gives way to the next one.
    if (run?.end === line - 1) run.end = line;
    else {
      run = { start: line, end: line };
      folds.push(run);
    }
    line += 1;
    at = place + 1;
  }
  return folds.filter(({ start, end }) => end > start);
}
