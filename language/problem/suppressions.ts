/**
 * Comments that switch diagnostics off: `# vigil: disable=CODE[,CODE]`. Behind something it is about that line; alone on a
 * line about the next one that is no blank line and no ordinary comment, a watcher block as a whole; `disable-file=` is about
 * the file. Codes that are about the file as a whole (`script/…`, `directive/no-time-limit`) are switched off anywhere.
 */
import * as l10n from '../text/l10n.ts';
import { nearestName } from '../text/nearest.ts';
import type { Span } from '../text/span.ts';
import { problemCodes } from './codes.ts';
import { type Fix, type Problem, problem, replaceFix } from './problem.ts';
import { isProblemCode } from './severities.ts';

/** A comment that switches codes off, and the lines (from 0, both included) for which it does. */
interface Suppression {
  readonly span: Span;
  readonly codes: readonly { readonly text: string; readonly span: Span }[];
  readonly from: number;
  readonly to: number;
  readonly wholeFile: boolean;
}

/** What of a document suppressions have to know. Lines from 0. */
export interface SuppressibleText {
  readonly text: string;
  readonly lines: readonly Span[];
  /** The first and last line of what belongs together from that line on (a watcher block); else the line itself. */
  rangeFrom(line: number): { readonly from: number; readonly to: number };
}

const comment = /(^|\s)#[ \t]*vigil:[ \t]*(disable(?:-file)?)[ \t]*=[ \t]*([^\s,]+(?:[ \t]*,[ \t]*[^\s,]+)*)/;

export function suppressionComment(codes: readonly string[], scope: 'disable' | 'disable-file' = 'disable'): string {
  return `# vigil: ${scope}=${codes.join(',')}`;
}

/** The problems that are not switched off, and those of the comments themselves: unknown codes, and codes with nothing to switch off. */
export function withoutSuppressed(document: SuppressibleText, problems: readonly Problem[]): readonly Problem[] {
  if (!/#[ \t]*vigil:[ \t]*disable/.test(document.text)) return problems;
  const suppressions = readSuppressions(document);
  const used = new Set<string>();
  const lineOf = lineFinder(document.lines);
  const kept = problems.filter((found) => {
    const line = lineOf(found.span.start);
    const matching = suppressions.flatMap((each, index) =>
      each.codes.some(({ text }) => text === found.code) && covers(each, found, line) ? [`${index} ${found.code}`] : [],
    );
    for (const key of matching) used.add(key);
    return matching.length === 0;
  });
  const own = suppressions.flatMap((each, index) =>
    each.codes.flatMap((code) => checkCode(each, code, used.has(`${index} ${code.text}`), document.text)),
  );
  return [...kept, ...own];
}

function covers(suppression: Suppression, found: Problem, line: number): boolean {
  if (suppression.wholeFile || isAboutFile(found)) return true;
  return suppression.from <= line && line <= suppression.to;
}

function isAboutFile({ code }: Problem): boolean {
  return code === 'script/no-shebang' || code === 'script/dos-line-breaks' || code === 'directive/no-time-limit';
}

function checkCode(
  suppression: Suppression,
  code: { readonly text: string; readonly span: Span },
  isUsed: boolean,
  text: string,
): readonly Problem[] {
  if (!isProblemCode(code.text)) {
    const near = nearestName(code.text, Object.keys(problemCodes));
    const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), code.span, near)] : [];
    return [problem('suppression/unknown-code', code.span, l10n.t('There is no diagnostic `{0}`.', code.text), fixes)];
  }
  if (isUsed) return [];
  const words = suppression.wholeFile
    ? l10n.t('There is no `{0}` in this file that could be switched off.', code.text)
    : l10n.t('There is no `{0}` here that could be switched off.', code.text);
  return [problem('suppression/unused', code.span, words, [removal(suppression, code, text)])];
}

/** Takes out the code with a comma beside it, or the whole comment where it is the only one. */
function removal(suppression: Suppression, code: { readonly span: Span }, text: string): Fix {
  const index = suppression.codes.findIndex((each) => each.span.start === code.span.start);
  const before = suppression.codes[index - 1];
  const after = suppression.codes[index + 1];
  if (before) return replaceFix(l10n.t('Remove it'), { start: before.span.end, end: code.span.end }, '');
  if (after) return replaceFix(l10n.t('Remove it'), { start: code.span.start, end: after.span.start }, '');
  const lineStart = text.lastIndexOf('\n', suppression.span.start - 1) + 1;
  const alone = /^[\s#]*$/.test(text.slice(lineStart, suppression.span.start));
  const isWholeLine = alone && /^[ \t]*\r?(\n|$)/.test(text.slice(suppression.span.end));
  if (!isWholeLine) return replaceFix(l10n.t('Remove the comment'), suppression.span, '');
  const feed = text.indexOf('\n', suppression.span.end);
  return replaceFix(l10n.t('Remove the comment'), { start: lineStart, end: feed < 0 ? text.length : feed + 1 }, '');
}

function readSuppressions(document: SuppressibleText): readonly Suppression[] {
  return document.lines.flatMap((line, number) => {
    const source = document.text.slice(line.start, line.end);
    const match = comment.exec(source);
    if (!match) return [];
    const [whole, blank = '', verb = '', list = ''] = match;
    const span = { start: line.start + match.index + blank.length, end: line.start + match.index + whole.length };
    let at = span.end - list.length;
    const codes = list.split(/([ \t]*,[ \t]*)/).flatMap((text, index) => {
      const start = at;
      at += text.length;
      return index % 2 === 0 ? [{ text, span: { start, end: at } }] : [];
    });
    // Inside of a block a comment is `# # text`.
    const isAlone = /^[\s#]*$/.test(source.slice(0, match.index + blank.length));
    const range = isAlone ? nextRange(document, number) : { from: number, to: number };
    return [{ span, codes, ...range, wholeFile: verb === 'disable-file' }];
  });
}

/** What follows a comment of its own: the next line that is neither blank nor an ordinary comment. */
function nextRange(document: SuppressibleText, comment: number): { readonly from: number; readonly to: number } {
  for (let line = comment + 1; line < document.lines.length; line++) {
    const span = document.lines[line];
    const source = span ? document.text.slice(span.start, span.end) : '';
    if (/^\s*(#\s.*|#)?$/.test(source) && !/^\s*#\s+[\w-]+\s*:|^\s*#\s+-\s|^#\s+flux:/i.test(source)) continue;
    const range = document.rangeFrom(line);
    return { from: comment, to: Math.max(line, range.to) };
  }
  return { from: comment, to: comment };
}

/** The line of an offset, by bisection. */
function lineFinder(lines: readonly Span[]): (offset: number) => number {
  return (offset) => {
    let low = 0;
    let high = lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lines[middle]?.start ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };
}
