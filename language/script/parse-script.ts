/** The parser of batch scripts: lines, directives and watchers with their places. The rest of a script is the shell's. */

import { type Directive, parseDirective } from '../directives/directive.ts';
import { type FluxDirectives, readFluxDirectives } from '../directives/flux-directives.ts';
import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';
import type { WatcherNode } from '../watcher/node.ts';
import { parseBlock } from '../watcher/parse-block.ts';
import { parseInline } from '../watcher/parse-inline.ts';
import { findLoginSetups, type LoginSetup } from './login-setup.ts';
import { findNearMiss } from './near-miss.ts';
import { type LineKind, type ScriptLine, splitLines } from './script-line.ts';

export interface ScriptDocument {
  readonly text: string;
  readonly lines: readonly ScriptLine[];
  /** The first line, where it starts with `#!`. */
  readonly shebang?: Span;
  readonly directives: readonly Directive[];
  readonly watchers: readonly WatcherNode[];
  /** What runs on the login node before the script is submitted; nothing in it is a directive or a watcher. */
  readonly loginSetup: readonly LoginSetup[];
  /** What the parsers found; `checkScript` adds the rest. */
  readonly problems: readonly Problem[];
}

/** What its lines end with. */
export function lineBreakOf({ text }: Pick<ScriptDocument, 'text'>): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** Total: never throws, whatever `text` is. */
export function parseScript(text: string): ScriptDocument {
  const parser = new ScriptParser(text);
  parser.parse();
  const { lines, directives, watchers, problems, loginSetup } = parser;
  const [first] = lines;
  const shebang = first?.kind === 'shebang' && { shebang: first.span };
  return { text, lines, ...shebang, directives, watchers, loginSetup, problems };
}

class ScriptParser {
  readonly lines: ScriptLine[] = [];
  readonly directives: Directive[] = [];
  readonly watchers: WatcherNode[] = [];
  readonly problems: Problem[] = [];
  readonly loginSetup: readonly LoginSetup[];
  readonly text: string;
  private readonly spans: readonly Span[];
  private readonly flux: FluxDirectives;
  private seenCommand = false;

  constructor(text: string) {
    this.text = text;
    this.spans = splitLines(text);
    const { blocks, problems } = findLoginSetups(text, this.spans);
    this.loginSetup = blocks;
    this.problems.push(...problems);
    this.flux = readFluxDirectives(text, this.spans);
    this.problems.push(...this.flux.problems);
  }

  parse(): void {
    while (this.lines.length < this.spans.length) this.parseLine(this.lines.length);
  }

  private source(line: number): string {
    const span = this.spans[line];
    return span ? this.text.slice(span.start, span.end).trim() : '';
  }

  private span(line: number): Span {
    return this.spans[line] ?? { start: this.text.length, end: this.text.length };
  }

  /** Where the text of a line starts and ends, without blanks around it. */
  private trimmed(line: number): Span {
    const span = this.span(line);
    const raw = this.text.slice(span.start, span.end);
    const start = span.start + raw.length - raw.trimStart().length;
    return { start, end: Math.max(start, span.start + raw.trimEnd().length) };
  }

  private add(line: number, kind: LineKind): void {
    this.lines.push({ kind, span: this.span(line) });
  }

  private parseLine(line: number): void {
    const source = this.source(line);
    if (this.parseLoginSetup(line)) return;
    if (source === '') this.add(line, 'blank');
    else if (line === 0 && source.startsWith('#!') && this.span(0).start === this.trimmed(0).start)
      this.add(line, 'shebang');
    else if (this.flux.directives.has(line)) this.parseDirective(line);
    else if (!source.startsWith('#')) {
      this.seenCommand = true;
      this.add(line, 'command');
    } else if (source === '#WATCHER_BEGIN') this.parseBlock(line);
    else if (source === '#WATCHER_END') this.parseStrayEnd(line);
    else if (/^#WATCHER(\s|$)/.test(source)) this.parseInline(line);
    else this.parseComment(line);
  }

  /** Its commands are none of the job: directives may still follow. */
  private parseLoginSetup(line: number): boolean {
    const setup = this.loginSetup.find(({ beginLine }) => beginLine === line);
    if (!setup) return false;
    this.add(line, 'login-begin');
    for (let inside = line + 1; inside < setup.endLine; inside++) this.add(inside, 'login-body');
    this.add(setup.endLine, 'login-end');
    return true;
  }

  private parseDirective(line: number): boolean {
    const directive =
      this.flux.directives.get(line) ?? parseDirective(this.text, line, this.span(line), !this.seenCommand);
    if (!directive) return false;
    this.directives.push(directive);
    this.add(line, 'directive');
    return true;
  }

  private parseComment(line: number): void {
    if (this.parseDirective(line)) return;
    const nearMiss = findNearMiss(this.text, this.trimmed(line));
    if (nearMiss) this.problems.push(nearMiss);
    this.add(line, 'comment');
  }

  private parseInline(line: number): void {
    const { start, end } = this.trimmed(line);
    const keywordSpan = { start, end: start + '#WATCHER'.length };
    const rest = { start: keywordSpan.end, end: this.span(line).end };
    if (keywordSpan.end >= end) {
      this.problems.push(
        problem('watcher/empty', keywordSpan, l10n.t('Nothing follows `#WATCHER`: write `pattern="…" action=…`.')),
      );
    }
    const { properties, problems } = parseInline(this.text, rest);
    this.problems.push(...problems);
    const number = this.watchers.length + 1;
    this.watchers.push({ form: 'inline', number, line, keywordSpan, properties, span: { start, end } });
    this.add(line, 'watcher');
  }

  private parseStrayEnd(line: number): void {
    this.add(line, 'watcher-end');
    const words = l10n.t('There is no `#WATCHER_BEGIN` before this `#WATCHER_END`.');
    this.problems.push(problem('watcher/stray-end', this.trimmed(line), words));
  }

  private parseBlock(begin: number): void {
    const { last, end } = this.findBlockEnd(begin);
    const keywordSpan = this.trimmed(begin);
    const number = this.watchers.length + 1;
    // Its place among the watchers is that of its BEGIN, before inline ones inside of it.
    const place = this.watchers.length;
    this.watchers.push({ form: 'block', number, line: begin, keywordSpan, properties: [], span: keywordSpan });
    this.add(begin, 'watcher-begin');
    const body = this.readBody(begin + 1, last);
    if (end !== undefined) this.add(end, 'watcher-end');
    const { properties, problems } = parseBlock(this.text, body);
    this.problems.push(...problems);
    const lastLine = end ?? last;
    const span = { start: keywordSpan.start, end: this.trimmed(lastLine).end };
    this.watchers[place] = { form: 'block', number, line: begin, keywordSpan, properties, span };
    if (end === undefined) this.reportUnclosed(keywordSpan, last);
    else if (properties.length === 0 && problems.length === 0) {
      this.problems.push(problem('watcher/empty', span, l10n.t('This block is empty.')));
    }
  }

  /**
   * The END that closes a block, and the last line inside. Without an END before the next BEGIN the block ends before the first line
   * that is no comment.
   */
  private findBlockEnd(begin: number): { readonly last: number; readonly end?: number } {
    let firstOther: number | undefined;
    for (let line = begin + 1; line < this.spans.length; line++) {
      const source = this.source(line);
      if (source === '#WATCHER_END') return { last: line - 1, end: line };
      if (!source.startsWith('#')) firstOther ??= line;
      if (source === '#WATCHER_BEGIN') return { last: (firstOther ?? line) - 1 };
    }
    return { last: (firstOther ?? this.spans.length) - 1 };
  }

  /** Takes the lines of a body; gives those that belong to the block's own text. */
  private readBody(from: number, last: number): readonly Span[] {
    const body: Span[] = [];
    let others: Span | undefined;
    const reportOthers = () => {
      if (others)
        this.problems.push(
          problem('watcher/not-a-comment', others, l10n.t('In a watcher block every line is a comment.')),
        );
      others = undefined;
    };
    for (let line = from; line <= last; line++) {
      const source = this.source(line);
      if (/^#WATCHER\s/.test(source)) this.parseInline(line);
      else if (this.parseDirective(line)) reportOthers();
      else if (source === '' || source.startsWith('#')) {
        if (source !== '') reportOthers();
        if (source !== '') body.push(this.span(line));
        this.add(line, 'watcher-body');
      } else {
        others = { start: others?.start ?? this.trimmed(line).start, end: this.trimmed(line).end };
        this.seenCommand = true;
        this.add(line, 'command');
      }
    }
    reportOthers();
    return body;
  }

  private reportUnclosed(keyword: Span, last: number): void {
    const at = this.span(last).end;
    const indent =
      /^\s*/.exec(this.text.slice(this.text.lastIndexOf('\n', keyword.start - 1) + 1, keyword.start))?.[0] ?? '';
    const fix = replaceFix(
      l10n.t('Add `#WATCHER_END`'),
      { start: at, end: at },
      `${lineBreakOf(this)}${indent}#WATCHER_END`,
    );
    this.problems.push(
      problem('watcher/unclosed-block', keyword, l10n.t('No `#WATCHER_END` closes this block.'), [fix]),
    );
  }
}
