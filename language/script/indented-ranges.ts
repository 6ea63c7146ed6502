/** Lines that are indented deeper than the one before them: bodies of loops and functions, in any language. */
import type { ScriptDocument } from './parse-script.ts';

export interface LineRange {
  /** The line before the deeper ones, from 0. */
  readonly startLine: number;
  readonly endLine: number;
}

const tabWidth = 8;

/** Watcher blocks are left out; blank lines at the end of a range do not belong to it. */
export function indentedRanges({ text, lines }: ScriptDocument): readonly LineRange[] {
  const ranges: LineRange[] = [];
  const open: { readonly line: number; readonly indent: number }[] = [];
  let last = 0;
  const close = (indent: number) => {
    for (let top = open.at(-1); top && top.indent >= indent; top = open.at(-1)) {
      open.pop();
      if (last > top.line) ranges.push({ startLine: top.line, endLine: last });
    }
  };
  lines.forEach(({ kind, span }, line) => {
    if (kind !== 'command' && kind !== 'comment') return;
    const indent = indentOf(text.slice(span.start, span.end));
    close(indent);
    open.push({ line, indent });
    last = line;
  });
  close(0);
  return ranges.sort((a, b) => a.startLine - b.startLine);
}

function indentOf(source: string): number {
  let width = 0;
  for (const char of source) {
    if (char === '\t') width += tabWidth - (width % tabWidth);
    else if (char === ' ') width++;
    else break;
  }
  return width;
}
