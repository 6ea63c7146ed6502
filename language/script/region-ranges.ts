/** What stands between `# region` and `# endregion`, which editors fold in any language. */
import type { LineRange } from './indented-ranges.ts';
import type { ScriptDocument } from './parse-script.ts';

/** A region that is never closed is none. */
export function regionRanges({ text, lines }: ScriptDocument): readonly LineRange[] {
  const ranges: LineRange[] = [];
  const open: number[] = [];
  lines.forEach(({ kind, span }, line) => {
    if (kind !== 'comment') return;
    const marker = /^\s*#\s*(end)?region\b/.exec(text.slice(span.start, span.end));
    if (!marker) return;
    if (!marker[1]) open.push(line);
    else {
      const startLine = open.pop();
      if (startLine !== undefined) ranges.push({ startLine, endLine: line });
    }
  });
  return ranges;
}
