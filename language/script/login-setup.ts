/**
 * `#LOGIN_SETUP_BEGIN … #LOGIN_SETUP_END`: commands that run on the login node before the script is submitted, for clusters
 * whose compute nodes have no way out. They are no part of the job: what is submitted has them commented out.
 */

import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';

export interface LoginSetup {
  /** Of BEGIN and END, from 0. */
  readonly beginLine: number;
  readonly endLine: number;
  readonly beginSpan: Span;
  readonly endSpan: Span;
  /** The commands between them, with their line breaks. */
  readonly body: { readonly text: string; readonly span: Span };
}

export interface FoundLoginSetups {
  readonly blocks: readonly LoginSetup[];
  readonly problems: readonly Problem[];
}

const begin = '#LOGIN_SETUP_BEGIN';
const end = '#LOGIN_SETUP_END';

/** A BEGIN without its END opens nothing: the lines behind it stay commands of the job. */
export function findLoginSetups(text: string, lines: readonly Span[]): FoundLoginSetups {
  if (!/login[_-]?setup/i.test(text)) return { blocks: [], problems: [] };
  const blocks: LoginSetup[] = [];
  const problems: Problem[] = [];
  let open: { readonly line: number; readonly span: Span } | undefined;
  lines.forEach((whole, line) => {
    const span = trimmed(text, whole);
    const source = text.slice(span.start, span.end);
    if (source === begin) {
      if (open) problems.push(unclosed(open.span));
      open = { line, span };
    } else if (source === end) {
      if (open) blocks.push(block(text, lines, open, { line, span }));
      else
        problems.push(
          problem('login-setup/stray-end', span, l10n.t('There is no `{0}` before this `{1}`.', begin, end)),
        );
      open = undefined;
    } else problems.push(...nearMiss(source, span));
  });
  if (open) problems.push(unclosed(open.span));
  for (const each of blocks) problems.push(...checkBody(each));
  return { blocks, problems };
}

/** What runs on the login node: the commands of all blocks, one after the other. '' where there is nothing to run. */
export function loginCommands(blocks: readonly LoginSetup[]): string {
  const commands = blocks.map(({ body }) => body.text.replace(/\r\n/g, '\n').replace(/(?<!\n)\n*$/, '\n')).join('');
  return commands.split('\n').every((line) => /^\s*(#.*)?$/.test(line)) ? '' : commands;
}

/** The script as it is submitted: every line of the blocks is a comment, every other byte and line number as it was. */
export function withoutLoginSetup(text: string, blocks: readonly LoginSetup[]): string {
  let result = '';
  let at = 0;
  for (const { body } of blocks) {
    result += text.slice(at, body.span.start) + body.text.replace(/^(?=[^\n])/gm, '#');
    at = body.span.end;
  }
  return result + text.slice(at);
}

function block(
  text: string,
  lines: readonly Span[],
  open: { readonly line: number; readonly span: Span },
  close: { readonly line: number; readonly span: Span },
): LoginSetup {
  const start = lines[open.line + 1]?.start ?? open.span.end;
  const span = { start, end: lines[close.line]?.start ?? start };
  return {
    beginLine: open.line,
    endLine: close.line,
    beginSpan: open.span,
    endSpan: close.span,
    body: { text: text.slice(span.start, span.end), span },
  };
}

function unclosed(span: Span): Problem {
  const words = l10n.t('No `{0}` closes this: the lines behind it run in the job, not on the login node.', end);
  return problem('login-setup/unclosed', span, words);
}

function nearMiss(source: string, span: Span): readonly Problem[] {
  const match = /^#\s*LOGIN[_-]?SETUP[_-]?(\w*)(:?)/i.exec(source);
  if (!match) return [];
  const word = (match[1] ?? '').toUpperCase();
  const keyword = /^(BEGIN|START)$/.test(word) ? begin : /^(END|STOP|FINISH)$/.test(word) ? end : undefined;
  // `##LOGIN_SETUP_BEGIN` was switched off, and "# login setup for the cluster" is prose.
  const isProse = keyword === undefined && !/^#LOGIN_SETUP\b/.test(source);
  if (isProse) return [];
  const words = keyword
    ? l10n.t('This is no login setup: the mark is written `{0}`, with nothing behind it.', keyword)
    : l10n.t('This is no login setup: the marks are `{0}` and `{1}`.', begin, end);
  const fixes = keyword ? [replaceFix(l10n.t('Replace with `{0}`', keyword), span, keyword)] : [];
  return [problem('login-setup/near-miss', span, words, fixes)];
}

function checkBody(setup: LoginSetup): readonly Problem[] {
  const { body, beginSpan, endSpan } = setup;
  const problems: Problem[] = [];
  if (loginCommands([setup]) === '') {
    const span = { start: beginSpan.start, end: endSpan.end };
    problems.push(problem('login-setup/empty', span, l10n.t('There is no command in this login setup.')));
  }
  for (const match of body.text.matchAll(/^[ \t]*#(SBATCH|PBS|BSUB|\s*flux:|WATCHER(?:_BEGIN)?)(?=\s|-)/gm)) {
    const start = body.span.start + match.index + (match[0].length - match[0].trimStart().length);
    const span = { start, end: body.span.start + match.index + match[0].length };
    const words = /WATCHER/.test(match[0])
      ? l10n.t('This watcher is no part of the job: what stands in a login setup is not submitted.')
      : l10n.t('This directive is no part of the job: what stands in a login setup is not submitted.');
    problems.push(problem('login-setup/directive', span, words));
  }
  return problems;
}

function trimmed(text: string, line: Span): Span {
  const raw = text.slice(line.start, line.end);
  const start = line.start + raw.length - raw.trimStart().length;
  return { start, end: Math.max(start, line.start + raw.trimEnd().length) };
}
