/**
 * The parts of a pattern as a person sees them: what is coloured, and where its groups are. Unlike the parser it gives something
 * for a pattern that is broken or half-typed; a test holds it to the parser's groups wherever that has an answer.
 */
import type { Span } from '../text/span.ts';

export type PatternTokenKind =
  /** `(`, `(?:`, `(?P<`, `>`, `)`. */
  | 'group'
  | 'group-name'
  /** `[…]`, `\d`, `.`. */
  | 'class'
  /** `*`, `+?`, `{2,3}`. */
  | 'quantifier'
  /** `^`, `$`, `\b`. */
  | 'assertion'
  /** `\.`, `\n`. */
  | 'escape'
  /** `|`. */
  | 'alternation'
  | 'comment';

export interface PatternToken {
  readonly kind: PatternTokenKind;
  readonly span: Span;
}

export interface PatternGroup {
  /** From 1. */
  readonly index: number;
  readonly name?: string;
  readonly nameSpan?: Span;
  /** With its parentheses; to the end of the pattern where the closing one is missing. */
  readonly span: Span;
  /** Without them. */
  readonly body: Span;
}

export interface ScannedPattern {
  readonly tokens: readonly PatternToken[];
  /** The capturing ones, in the order of their numbers. */
  readonly groups: readonly PatternGroup[];
}

/** Total; spans are offsets into `text`. */
export function scanPattern(text: string): ScannedPattern {
  const scanner = new PatternScanner(text, false);
  scanner.scan();
  if (!scanner.isVerbose) return scanner;
  const verbose = new PatternScanner(text, true);
  verbose.scan();
  return verbose;
}

interface OpenGroup {
  readonly start: number;
  readonly bodyStart: number;
  /** Absent for a group that captures nothing. */
  readonly index?: number;
  readonly name?: Span;
  /** Whether white space counts inside of it, and behind it. */
  readonly verbose: boolean;
}

const opening = /\((?:\?(?:P<([^>)]*)>?|P=[^)]*|#[^)]*|<?[=!]|[:>]|\([^)]*\)|[a-zA-Z]*(?:-[a-zA-Z]*)?[:)]?|))?/y;
const quantifier = /(?:[*+?]|\{(?!\})\d*(?:,\d*)?\})[?+]?/y;

class PatternScanner implements ScannedPattern {
  readonly tokens: PatternToken[] = [];
  readonly groups: PatternGroup[] = [];
  /** `(?x)` was found: the pattern is verbose from its first character. */
  isVerbose = false;
  private readonly text: string;
  private readonly open: OpenGroup[] = [];
  private verbose: boolean;
  private groupCount = 0;

  constructor(text: string, verbose: boolean) {
    this.text = text;
    this.verbose = verbose;
  }

  scan(): void {
    for (let at = 0; at < this.text.length; ) at = this.scanAt(at);
    for (let group = this.open.pop(); group; group = this.open.pop()) {
      this.addGroup(group, this.text.length, this.text.length);
    }
    this.groups.sort((a, b) => a.index - b.index);
  }

  private add(kind: PatternTokenKind, start: number, end: number): number {
    if (start < end) this.tokens.push({ kind, span: { start, end } });
    return end;
  }

  /** Reads what starts at `at`; gives where it ends. */
  private scanAt(at: number): number {
    const char = this.text[at] ?? '';
    if (char === '\\') return this.scanEscape(at);
    if (char === '[') return this.add('class', at, this.setEnd(at));
    if (char === '(') return this.scanOpening(at);
    if (char === ')') return this.scanClosing(at);
    if (char === '.') return this.add('class', at, at + 1);
    if (char === '^' || char === '$') return this.add('assertion', at, at + 1);
    if (char === '|') return this.add('alternation', at, at + 1);
    if (char === '#' && this.verbose) {
      const feed = this.text.indexOf('\n', at);
      return this.add('comment', at, feed < 0 ? this.text.length : feed);
    }
    const repeat = this.match(quantifier, at);
    return repeat ? this.add('quantifier', at, at + repeat[0].length) : at + 1;
  }

  private match(pattern: RegExp, at: number): RegExpExecArray | undefined {
    pattern.lastIndex = at;
    return pattern.exec(this.text) ?? undefined;
  }

  private scanEscape(at: number): number {
    const letter = String.fromCodePoint(this.text.codePointAt(at + 1) ?? 0);
    const end = Math.min(at + 1 + letter.length, this.text.length);
    if (/[dDsSwW]/.test(letter)) return this.add('class', at, end);
    return this.add(/[bBAZ]/.test(letter) ? 'assertion' : 'escape', at, end);
  }

  /** A `]` right behind `[` or `[^` is a character of the set. */
  private setEnd(start: number): number {
    let at = start + 1;
    if (this.text[at] === '^') at++;
    if (this.text[at] === ']') at++;
    for (; at < this.text.length; at++) {
      if (this.text[at] === '\\') at++;
      else if (this.text[at] === ']') return at + 1;
    }
    return this.text.length;
  }

  private scanOpening(at: number): number {
    const match = this.match(opening, at);
    const whole = match?.[0] ?? '(';
    const end = at + whole.length;
    if (whole.startsWith('(?#')) {
      return this.add('comment', at, this.text[end] === ')' ? end + 1 : end);
    }
    // A back-reference, and flags for the whole pattern, are complete with their `)`.
    if (whole.startsWith('(?P=')) return this.add('group', at, this.text[end] === ')' ? end + 1 : end);
    if (/^\(\?[a-zA-Z-]+\)$/.test(whole)) {
      if (/x[^-]*\)$/.test(whole)) this.isVerbose = true;
      return this.add('group', at, end);
    }
    const name = match?.[1];
    const nameStart = at + '(?P<'.length;
    if (name === undefined) this.add('group', at, end);
    else {
      this.add('group', at, nameStart);
      this.add('group-name', nameStart, nameStart + name.length);
      this.add('group', nameStart + name.length, end);
    }
    const captures = whole === '(' || name !== undefined;
    this.open.push({
      start: at,
      bodyStart: end,
      verbose: this.verbose,
      ...(captures && { index: ++this.groupCount }),
      ...(name !== undefined && { name: { start: nameStart, end: nameStart + name.length } }),
    });
    const flags = /^\(\?([a-zA-Z]*)(?:-([a-zA-Z]*))?:$/.exec(whole);
    if (flags?.[1]?.includes('x')) this.verbose = true;
    if (flags?.[2]?.includes('x')) this.verbose = false;
    return end;
  }

  private scanClosing(at: number): number {
    const group = this.open.pop();
    if (group) {
      this.verbose = group.verbose;
      this.addGroup(group, at, at + 1);
    }
    return this.add('group', at, at + 1);
  }

  private addGroup(group: OpenGroup, bodyEnd: number, end: number): void {
    if (group.index === undefined) return;
    this.groups.push({
      index: group.index,
      span: { start: group.start, end },
      body: { start: group.bodyStart, end: Math.max(group.bodyStart, bodyEnd) },
      ...(group.name && { name: this.text.slice(group.name.start, group.name.end), nameSpan: group.name }),
    });
  }
}
