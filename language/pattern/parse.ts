/**
 * The parser of patterns in Python's `re` syntax, after the grammar of CPython 3.11's `re._parser`: what Python refuses is
 * refused with its words at its position; what Python accepts and this engine cannot match exactly is refused by name.
 */

import { type Problem, problem } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import type { Assertion, PatternFlags, PatternNode } from './ast.ts';
import { closeFix, escapeFix, removeFix } from './fixes.ts';
import { parseEscape } from './parse-escape.ts';
import { isFlagLetter, noFlags, parseFlags } from './parse-flags.ts';
import { parseSet } from './parse-set.ts';
import { PatternError, PatternSource } from './source.ts';

export interface ParsedPattern {
  /** Absent when the pattern is broken or refused. */
  readonly root?: PatternNode;
  readonly groupCount: number;
  readonly groupNames: ReadonlyMap<string, number>;
  readonly problems: readonly Problem[];
}

/** Nesting that Python would stop at with a RecursionError is far above what a person writes. */
const maxDepth = 100;

export function parsePattern(text: string): ParsedPattern {
  const first = new PatternParser(text, noFlags);
  let parser = first;
  let result = first.run();
  if (result === 'verbose') {
    parser = new PatternParser(text, { ...noFlags, verbose: true });
    result = parser.run();
  }
  const base = { groupCount: parser.groupCount, groupNames: parser.groupNames, problems: parser.problems };
  return result && result !== 'verbose' && parser.problems.length === 0 ? { ...base, root: result } : base;
}

/** `(?x)` was found: the pattern is read again, as verbose from its first character. */
const restartVerbose = Symbol('restart as verbose');

class PatternParser {
  readonly problems: Problem[] = [];
  readonly groupNames = new Map<string, number>();
  groupCount = 0;
  private readonly openGroups = new Set<number>();
  private readonly text: string;
  private source: PatternSource;
  private globalFlags: PatternFlags;

  constructor(text: string, flags: PatternFlags) {
    this.text = text;
    this.source = new PatternSource('');
    this.globalFlags = flags;
  }

  run(): PatternNode | 'verbose' | undefined {
    try {
      this.source = new PatternSource(this.text);
      const root = this.parseBranches(this.globalFlags, 0);
      if (this.source.next !== undefined) {
        const at = this.source.tell();
        const fixes = [escapeFix(this.text, at), removeFix(at, at + 1)];
        throw this.source.errorAt('unbalanced parenthesis', { start: at, end: at + 1 }, fixes);
      }
      return root;
    } catch (error) {
      if (error === restartVerbose) return 'verbose';
      if (!(error instanceof PatternError)) throw error;
      this.problems.push(error.problem);
      return undefined;
    }
  }

  private parseBranches(outer: PatternFlags, depth: number): PatternNode {
    const start = this.source.tell();
    if (depth > maxDepth) throw this.refusal(l10n.t('more than {0} nested groups', maxDepth), start);
    const options: PatternNode[] = [];
    let flags = outer;
    do {
      options.push(this.parseSequence(flags, depth, depth === 0 && options.length === 0));
      if (depth === 0) flags = this.globalFlags;
    } while (this.source.match('|'));
    const [only] = options;
    if (options.length === 1 && only) return only;
    return { kind: 'branch', options, span: { start, end: this.source.tell() } };
  }

  private parseSequence(outer: PatternFlags, depth: number, atStart: boolean): PatternNode {
    const items: PatternNode[] = [];
    const start = this.source.tell();
    let flags = outer;
    for (
      let token = this.source.next;
      token !== undefined && token !== '|' && token !== ')';
      token = this.source.next
    ) {
      const at = this.source.tell();
      this.source.get();
      if (flags.verbose && this.skipVerbose(token)) continue;
      if (token === '(') {
        const group = this.parseGroup(at, flags, depth, atStart && items.length === 0);
        if (group === 'global-flags') flags = this.globalFlags;
        else if (group) items.push(group);
      } else if ('*+?{'.includes(token)) {
        this.parseRepeat(token, at, items, flags);
      } else {
        items.push(this.parseAtom(token, at, flags));
      }
    }
    return { kind: 'sequence', items, span: { start, end: this.source.tell() } };
  }

  /** In verbose mode white space and `#` comments are nothing. */
  private skipVerbose(token: string): boolean {
    if (/^[ \t\n\r\v\f]$/.test(token)) return true;
    if (token !== '#') return false;
    for (let next = this.source.get(); next !== undefined && next !== '\n'; next = this.source.get());
    return true;
  }

  private parseAtom(token: string, start: number, flags: PatternFlags): PatternNode {
    const node = (): { flags: PatternFlags; span: { start: number; end: number } } => ({
      flags,
      span: { start, end: this.source.tell() },
    });
    if (token === '.') return { kind: 'any', ...node() };
    if (token === '^')
      return { kind: 'assertion', assertion: flags.multiline ? 'line-start' : 'text-start', ...node() };
    if (token === '$')
      return { kind: 'assertion', assertion: flags.multiline ? 'line-end' : 'text-end-or-last-line', ...node() };
    if (token === '[') {
      const set = parseSet(this.source, start, (what, from) => this.refusal(what, from));
      return { kind: 'set', ...set, ...node() };
    }
    if (token.startsWith('\\')) return this.parseEscapedAtom(token, start, flags);
    return { kind: 'set', items: [{ kind: 'char', char: token.codePointAt(0) ?? 0 }], negated: false, ...node() };
  }

  private parseEscapedAtom(token: string, start: number, flags: PatternFlags): PatternNode {
    const groups = { count: this.groupCount, isOpen: (index: number) => this.openGroups.has(index) };
    const found = parseEscape(this.source, token, groups);
    const span = { start, end: this.source.tell() };
    switch (found.kind) {
      case 'char':
      case 'category':
        return { kind: 'set', items: [found], negated: false, flags, span };
      case 'assertion': {
        const assertions: { readonly [letter: string]: Assertion } = {
          A: 'text-start',
          Z: 'text-end',
          b: 'boundary',
          B: 'not-boundary',
        };
        return { kind: 'assertion', assertion: assertions[found.letter] ?? 'text-end', flags, span };
      }
      case 'back-reference':
        return this.refuse(l10n.t('the back-reference {0}', this.text.slice(span.start, span.end)), start);
      case 'named-character':
        return this.refuse(l10n.t('a character by its name, \\N{…}; write it as \\uXXXX'), start);
    }
  }

  private parseRepeat(token: string, start: number, items: PatternNode[], flags: PatternFlags): void {
    const bounds = token === '{' ? this.parseBounds(start) : repeatBounds[token];
    if (!bounds) {
      const span = { start, end: start + 1 };
      items.push({ kind: 'set', items: [{ kind: 'char', char: 123 }], negated: false, flags, span });
      return;
    }
    const body = items.at(-1);
    if (!body || body.kind === 'assertion') {
      throw this.source.errorAt('nothing to repeat', { start, end: this.source.tell() }, [escapeFix(this.text, start)]);
    }
    if (body.kind === 'repeat') {
      const end = this.source.tell();
      throw this.source.errorAt('multiple repeat', { start, end }, [
        removeFix(start, end),
        escapeFix(this.text, start),
      ]);
    }
    items.pop();
    const greedy = !this.source.match('?');
    const possessive = greedy && this.source.match('+');
    const span = { start: body.span.start, end: this.source.tell() };
    if (possessive) items.push(this.refuse(l10n.t('the possessive quantifier'), start));
    items.push({ kind: 'repeat', ...bounds, greedy, body, span });
  }

  /** `{m}`, `{m,}`, `{,n}`, `{m,n}`; undefined when the brace is just a brace. */
  private parseBounds(start: number): { min: number; max: number } | undefined {
    if (this.source.next === '}') return undefined;
    const low = this.source.getWhile(Number.POSITIVE_INFINITY, /^[0-9]$/);
    const comma = this.source.match(',');
    const high = comma ? this.source.getWhile(Number.POSITIVE_INFINITY, /^[0-9]$/) : low;
    if (!this.source.match('}')) {
      this.source.seek(start + 1);
      return undefined;
    }
    const min = low ? Number(low) : 0;
    const max = high ? Number(high) : Number.POSITIVE_INFINITY;
    const span = { start, end: this.source.tell() };
    if (min >= 0xffffffff || (high && max >= 0xffffffff))
      throw this.source.errorAt('the repetition number is too large', span);
    if (max < min) throw this.source.errorAt('min repeat greater than max repeat', { ...span, start: start + 1 });
    return { min, max };
  }

  private parseGroup(
    start: number,
    flags: PatternFlags,
    depth: number,
    atStart: boolean,
  ): PatternNode | 'global-flags' | undefined {
    if (!this.source.match('?')) return this.parseGroupBody(start, flags, depth, {});
    const char = this.source.get();
    if (char === undefined) throw this.source.error('unexpected end of pattern');
    if (char === 'P') return this.parsePythonGroup(start, flags, depth);
    if (char === ':') return this.parseGroupBody(start, flags, depth, 'no-capture');
    if (char === '#') return this.skipComment(start);
    if (char === '=' || char === '!' || char === '<') return this.parseLookaround(char, start, flags, depth);
    if (char === '(') throw this.refusal(l10n.t('a conditional group, (?(…)…)'), start);
    if (char === '>') {
      this.parseGroupBody(start, flags, depth, 'no-capture');
      return this.refuse(l10n.t('an atomic group, (?>…)'), start);
    }
    if (!isFlagLetter(char) && char !== '-') throw this.source.error(`unknown extension ?${char}`, char.length + 1);
    const parsed = parseFlags(this.source, char, flags);
    if (!parsed.global) return this.parseGroupBody(start, parsed.flags, depth, 'no-capture');
    if (!atStart) {
      throw this.misplacedFlags(start);
    }
    if (parsed.flags.verbose && !this.globalFlags.verbose) throw restartVerbose;
    this.globalFlags = parsed.flags;
    return 'global-flags';
  }

  private misplacedFlags(start: number): PatternError {
    const span = { start, end: this.source.tell() };
    const flags = this.text.slice(span.start, span.end);
    const edits = [
      { span: { start: 0, end: 0 }, newText: flags },
      { span, newText: '' },
    ];
    const fixes = [{ title: l10n.t('Move the flags to the start'), edits }];
    return this.source.errorAt('global flags not at the start of the expression', span, fixes);
  }

  private skipComment(start: number): undefined {
    for (;;) {
      const token = this.source.get();
      if (token === ')') return undefined;
      if (token === undefined)
        throw this.source.errorAt('missing ), unterminated comment', { start, end: this.source.tell() });
    }
  }

  private parsePythonGroup(start: number, flags: PatternFlags, depth: number): PatternNode {
    if (this.source.match('<')) {
      const name = this.source.getUntil('>', 'group name');
      this.checkGroupName(name);
      return this.parseGroupBody(start, flags, depth, { name });
    }
    if (this.source.match('=')) {
      const name = this.source.getUntil(')', 'group name');
      this.checkGroupName(name);
      const index = this.groupNames.get(name);
      if (index === undefined) throw this.source.error(`unknown group name '${name}'`, name.length + 1);
      if (this.openGroups.has(index)) throw this.source.error('cannot refer to an open group', name.length + 1);
      return this.refuse(l10n.t('the back-reference (?P={0})', name), start);
    }
    const char = this.source.get();
    if (char === undefined) throw this.source.error('unexpected end of pattern');
    throw this.source.error(`unknown extension ?P${char}`, char.length + 2);
  }

  private checkGroupName(name: string): void {
    if (!/^[\p{ID_Start}_]\p{ID_Continue}*$/u.test(name)) {
      throw this.source.error(`bad character in group name '${name}'`, name.length + 1);
    }
  }

  private parseLookaround(char: string, start: number, flags: PatternFlags, depth: number): PatternNode {
    let what = char === '=' ? l10n.t('a lookahead, (?=…)') : l10n.t('a negative lookahead, (?!…)');
    if (char === '<') {
      const direction = this.source.get();
      if (direction === undefined) throw this.source.error('unexpected end of pattern');
      if (direction !== '=' && direction !== '!')
        throw this.source.error(`unknown extension ?<${direction}`, direction.length + 2);
      what = direction === '=' ? l10n.t('a lookbehind, (?<=…)') : l10n.t('a negative lookbehind, (?<!…)');
    }
    this.parseGroupBody(start, flags, depth, 'no-capture');
    return this.refuse(what, start);
  }

  private parseGroupBody(
    start: number,
    flags: PatternFlags,
    depth: number,
    capture: { name?: string } | 'no-capture',
  ): PatternNode {
    const index = capture === 'no-capture' ? undefined : this.openGroup(capture.name);
    const body = this.parseBranches(flags, depth + 1);
    if (!this.source.match(')')) {
      throw this.unclosedGroup(start);
    }
    const span = { start, end: this.source.tell() };
    if (index === undefined) return { kind: 'group', body, span };
    this.openGroups.delete(index);
    const name = capture === 'no-capture' ? undefined : capture.name;
    return name === undefined ? { kind: 'group', index, body, span } : { kind: 'group', index, name, body, span };
  }

  private unclosedGroup(start: number): PatternError {
    const fixes = [closeFix(this.text, ')'), escapeFix(this.text, start)];
    return this.source.errorAt('missing ), unterminated subpattern', { start, end: this.source.tell() }, fixes);
  }

  private openGroup(name: string | undefined): number {
    const index = this.groupCount + 1;
    if (name !== undefined) {
      const before = this.groupNames.get(name);
      if (before !== undefined) {
        throw this.source.error(
          `redefinition of group name '${name}' as group ${index}; was group ${before}`,
          name.length + 1,
        );
      }
      this.groupNames.set(name, index);
    }
    this.groupCount = index;
    this.openGroups.add(index);
    return index;
  }

  private refuse(what: string, start: number): PatternNode {
    this.problems.push(this.refusal(what, start).problem);
    return { kind: 'refused', span: { start, end: this.source.tell() } };
  }

  private refusal(what: string, start: number): PatternError {
    const span = { start, end: Math.max(this.source.tell(), start + 1) };
    return new PatternError(problem('pattern/not-supported', span, l10n.t('Not supported here: {0}.', what)));
  }
}

const repeatBounds: { readonly [token: string]: { readonly min: number; readonly max: number } } = {
  '?': { min: 0, max: 1 },
  '*': { min: 0, max: Number.POSITIVE_INFINITY },
  '+': { min: 1, max: Number.POSITIVE_INFINITY },
};
