/** The lines of a script: the layer below directives and watchers. */
import type { Span } from '../text/span.ts';

export type LineKind =
  | 'blank'
  | 'shebang'
  | 'comment'
  | 'directive'
  | 'watcher'
  | 'watcher-begin'
  | 'watcher-end'
  /** Between BEGIN and END. */
  | 'watcher-body'
  /** The marks of a login setup, and what stands between them. */
  | 'login-begin'
  | 'login-end'
  | 'login-body'
  | 'command';

export interface ScriptLine {
  readonly kind: LineKind;
  /** Without its line break. */
  readonly span: Span;
}

/** Spans of the lines, without `\n` or `\r\n`. A text of n line breaks has n + 1 lines. */
export function splitLines(text: string): readonly Span[] {
  const lines: Span[] = [];
  let start = 0;
  for (;;) {
    const feed = text.indexOf('\n', start);
    if (feed < 0) {
      lines.push({ start, end: text.length });
      return lines;
    }
    lines.push({ start, end: text[feed - 1] === '\r' && feed > start ? feed - 1 : feed });
    start = feed + 1;
  }
}
