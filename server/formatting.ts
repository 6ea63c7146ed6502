/** Formatting: the layout of watcher blocks; the rest of a script is left to the formatter of its own language. */
import type { TextEdit } from 'vscode-languageserver';
import type { Range } from 'vscode-languageserver-textdocument';
import { formatBlock } from '../language/watcher/format-block.ts';
import type { Analysis } from './documents.ts';

/** A range takes every block that it touches, whole. */
export function formatBlocks(analysis: Analysis, range?: Range): TextEdit[] {
  const { script } = analysis;
  const from = range ? analysis.offsetAt(range.start) : 0;
  const to = range ? analysis.offsetAt(range.end) : script.text.length;
  return script.watchers
    .filter(({ span }) => span.start <= to && from <= span.end)
    .flatMap((watcher) => formatBlock(script, watcher))
    .map(({ span, newText }) => ({ range: analysis.rangeOf(span), newText }));
}
