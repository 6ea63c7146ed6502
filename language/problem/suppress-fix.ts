/** The quick fixes that switch a diagnostic off by a comment: for its line, or for the file. */
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';
import { type Fix, type Problem, replaceFix } from './problem.ts';
import { suppressionComment } from './suppressions.ts';

export interface CommentableText {
  readonly text: string;
  readonly lines: readonly Span[];
  /** Does the line (from 0) stand between `#WATCHER_BEGIN` and its END, where a comment has two `#`? */
  isInBlock(line: number): boolean;
}

export function suppressionFixes(document: CommentableText, found: Problem): readonly Fix[] {
  // That a comment is useless is not to be silenced by another one.
  if (found.code.startsWith('suppression/')) return [];
  const line = Math.max(
    0,
    document.lines.findLastIndex(({ start }) => start <= found.span.start),
  );
  const own = forLine(document, found, line);
  return [...(own ? [own] : []), forFile(document, found)];
}

function forLine(document: CommentableText, { code }: Problem, line: number): Fix | undefined {
  const title = l10n.t('Switch off {0} here', code);
  const before = line > 0 ? sourceOf(document, line - 1) : '';
  // Nothing stands before the #! line, and nothing fits into a command that goes over several lines.
  if (line === 0 || /\\$/.test(before)) return undefined;
  const known = /^[\s#]*#[ \t]*vigil:[ \t]*disable[ \t]*=[^\r]*?(?=[ \t]*\r?$)/.exec(before);
  const previous = document.lines[line - 1];
  if (known && previous) {
    const at = previous.start + known[0].length;
    return replaceFix(title, { start: at, end: at }, `,${code}`);
  }
  const start = document.lines[line]?.start ?? 0;
  const indent = /^[ \t]*/.exec(sourceOf(document, line))?.[0] ?? '';
  const comment = `${document.isInBlock(line) ? '# ' : ''}${suppressionComment([code])}`;
  return replaceFix(title, { start, end: start }, `${indent}${comment}${newlineOf(document.text)}`);
}

function forFile(document: CommentableText, { code }: Problem): Fix {
  const hasShebang = document.text.startsWith('#!');
  const first = document.lines[0]?.end ?? 0;
  const comment = suppressionComment([code], 'disable-file');
  const newline = newlineOf(document.text);
  const at = hasShebang ? first : 0;
  const newText = hasShebang ? `${newline}${comment}` : `${comment}${newline}`;
  return replaceFix(l10n.t('Switch off {0} in this file', code), { start: at, end: at }, newText);
}

function sourceOf(document: CommentableText, line: number): string {
  const span = document.lines[line];
  return span ? document.text.slice(span.start, span.end) : '';
}

function newlineOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
