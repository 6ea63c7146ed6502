/** The directives of `flux batch` (RFC 36): one sentinel in the whole file, quoting as in Python's shlex, triple quotes over several lines. */

import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';
import { dialectOf } from './dialect.ts';
import type { Directive } from './directive.ts';
import { type FluxCharacter, splitFluxWords } from './flux-words.ts';
import { isPlaceholder, spacedPlaceholders } from './placeholder.ts';
import { readOptions } from './read-options.ts';

export interface FluxDirectives {
  /** By line. */
  readonly directives: ReadonlyMap<number, Directive>;
  readonly problems: readonly Problem[];
}

const nothing: FluxDirectives = { directives: new Map(), problems: [] };

/** What begins a directive: anything but letters, digits and `_`, or nothing, then the tag. `#Flux:` is none. */
const sentinelPattern = /^([^\p{L}\p{N}_]*)(flux:|FLUX:)(.*)$/u;

/** Whether a directive gives an option, or is about to; `- …` and `-3` are prose or data. */
function givesOption(rest: string, mustBeKnown: boolean): boolean {
  const [, dashes = '', name] = /^\s*(--?)(?:([A-Za-z][\w-]*)|$)/.exec(rest) ?? [];
  if (name === undefined || !mustBeKnown) return dashes !== '';
  const isLong = dashes === '--';
  return dialectOf('flux').find(isLong ? name : name.charAt(0), isLong) !== undefined;
}

interface FluxLine {
  readonly line: number;
  readonly prefix: string;
  readonly tag: string;
  readonly prefixSpan: Span;
  /** What follows the sentinel. */
  readonly rest: Span;
  readonly span: Span;
}

interface OpenText {
  readonly first: FluxLine;
  readonly quote: string;
  readonly indent: string;
  readonly characters: FluxCharacter[];
}

/**
 * `lines` are those of the whole file. A file in which no line gives an option has no directives, only comments about flux;
 * in one with directives of another scheduler it must be an option that Flux has.
 */
export function readFluxDirectives(text: string, lines: readonly Span[]): FluxDirectives {
  if (!/flux:|FLUX:/.test(text)) return nothing;
  const found = lines.map((span, line) => readLine(text, line, span));
  const isOthers = /^#(?:SBATCH|PBS|BSUB)[ \t]/m.test(text);
  const asksAnything = found.some((one) => one && givesOption(text.slice(one.rest.start, one.rest.end), isOthers));
  if (!asksAnything) return nothing;
  const reader = new FluxReader(text);
  found.forEach((one, line) => {
    const span = lines[line] ?? { start: 0, end: 0 };
    if (one) reader.directive(one);
    else reader.other(line, text.slice(span.start, span.end));
  });
  reader.end();
  return reader;
}

function readLine(text: string, line: number, span: Span): FluxLine | undefined {
  const match = sentinelPattern.exec(text.slice(span.start, span.end));
  if (!match) return undefined;
  const [, prefix = '', tag = ''] = match;
  const end = span.start + prefix.length + tag.length;
  return { line, prefix, tag, span, prefixSpan: { start: span.start, end }, rest: { start: end, end: span.end } };
}

class FluxReader implements FluxDirectives {
  readonly directives = new Map<number, Directive>();
  readonly problems: Problem[] = [];
  private readonly text: string;
  private first: FluxLine | undefined;
  /** The line after which directives are no longer read, from 0. */
  private lastLine: number | undefined;
  private open: OpenText | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** A line without a sentinel. */
  other(line: number, source: string): void {
    if (this.open) this.unterminated();
    if (!this.first || this.lastLine !== undefined) return;
    if (source.trim() !== '' && !source.startsWith(this.first.prefix.trimEnd())) this.lastLine = line - 1;
  }

  directive(one: FluxLine): void {
    if (this.lastLine !== undefined) {
      const words = l10n.t(
        'Flux refuses the script: directives end after line {0}, where other lines begin (orphan `{1}`).',
        this.lastLine + 1,
        one.tag,
      );
      this.problems.push(problem('directive/flux-syntax', one.prefixSpan, words));
      this.add(one, this.charactersOf(one.rest), false);
      return;
    }
    if (this.changesSentinel(one)) this.add(one, this.charactersOf(one.rest), false);
    else if (this.open) this.goOn(this.open, one);
    else this.begin(one);
  }

  /** Flux says nothing of a text that is open at the end of the file, and drops it. */
  end(): void {
    if (this.open) this.unterminated();
  }

  private changesSentinel(one: FluxLine): boolean {
    this.first ??= one;
    const wanted = this.first.prefix + this.first.tag;
    const sentinel = one.prefix + one.tag;
    if (sentinel === wanted) return false;
    const words = l10n.t(
      'Flux refuses the script: the sentinel changed from `{0}` to `{1}`. To switch a directive off write `{0} # …`.',
      wanted,
      sentinel,
    );
    const fix = replaceFix(l10n.t('Replace with `{0}`', wanted), one.prefixSpan, wanted);
    this.problems.push(problem('directive/flux-syntax', one.prefixSpan, words, [fix]));
    return true;
  }

  private begin(one: FluxLine): void {
    const value = this.text.slice(one.rest.start, one.rest.end);
    const quotes = /"""|'''/.exec(value);
    const isPaired = quotes && value.indexOf(quotes[0], quotes.index + 3) >= 0;
    if (!quotes || isPaired) {
      this.add(one, this.charactersOf(one.rest), true);
      return;
    }
    const at = one.rest.start + quotes.index;
    if (quotes.index + 3 < value.length) {
      const words = l10n.t(
        'A text in triple quotes that goes on has them at the end of the line; Flux refuses the script.',
      );
      this.problems.push(problem('directive/flux-syntax', { start: at, end: at + 3 }, words));
      this.add(one, this.charactersOf({ start: one.rest.start, end: at }), true);
      return;
    }
    const indent = /^\s*/.exec(value)?.[0] ?? '';
    this.open = {
      first: one,
      quote: quotes[0],
      indent,
      characters: this.charactersOf({ start: one.rest.start, end: at }),
    };
  }

  /** A line inside of triple quotes. */
  private goOn(open: OpenText, one: FluxLine): void {
    const value = this.text.slice(one.rest.start, one.rest.end);
    const isLast = value.endsWith(open.quote);
    const skipped = value.startsWith(open.indent) ? open.indent.length : 0;
    const end = isLast ? one.rest.end - 3 : one.rest.end;
    if (one.line > open.first.line + 1) open.characters.push({ char: '\n', offset: one.rest.start, literal: true });
    for (let at = one.rest.start + Math.min(skipped, Math.max(0, end - one.rest.start)); at < end; at++) {
      open.characters.push({ char: this.text[at] ?? '', offset: at, literal: true });
    }
    // The lines of the text have no options of their own.
    this.directives.set(one.line, this.node(one, [], true));
    if (!isLast) return;
    this.open = undefined;
    this.add(open.first, open.characters, true);
  }

  private unterminated(): void {
    if (!this.open) return;
    const { first, characters } = this.open;
    this.open = undefined;
    const at = first.rest.end - 3;
    const words = l10n.t(
      'These quotes are never closed: each line of the text begins with `{0}{1}`, the last ends with the quotes.',
      first.prefix,
      first.tag,
    );
    this.problems.push(problem('directive/flux-syntax', { start: at, end: at + 3 }, words));
    // The option whose value it would be is not complete.
    const blank = characters.findLastIndex(({ char, literal }) => !literal && /\s/.test(char));
    this.add(first, characters.slice(0, Math.max(blank, 0)), true);
  }

  private charactersOf({ start, end }: Span): FluxCharacter[] {
    const source = this.text.slice(start, end);
    const characters = Array.from({ length: source.length }, (_, at) => ({
      char: source[at] ?? '',
      offset: start + at,
      literal: false,
    }));
    // What a template puts in is not known: its marks are no operators of a shell.
    for (const mark of spacedPlaceholders(source)) {
      for (let at = mark.start; at < mark.end; at++) {
        const one = characters[at];
        if (one) one.literal = true;
      }
    }
    return characters;
  }

  private add(one: FluxLine, characters: readonly FluxCharacter[], effective: boolean): void {
    this.directives.set(one.line, this.node(one, characters, effective));
  }

  private node(one: FluxLine, characters: readonly FluxCharacter[], effective: boolean): Directive {
    const { words, openQuote } = splitFluxWords(characters);
    const { options, strays } = readOptions(words, dialectOf('flux'));
    const [first] = words;
    // What else is wrong with a line that Flux refuses for its place or its sentinel is not worth telling.
    if (effective && first && !first.text.startsWith('-') && !isPlaceholder(first.text)) {
      const message = l10n.t(
        'Flux refuses the script: `{0}` is no option. A comment begins with `#` behind the sentinel.',
        first.text,
      );
      this.problems.push(problem('directive/flux-syntax', first.span, message));
    }
    return {
      scheduler: 'flux',
      line: one.line,
      span: one.span,
      prefixSpan: one.prefixSpan,
      effective,
      options,
      ...(strays.length > 0 && options.length > 0 && { strays }),
      ...(openQuote && { openQuote }),
    };
  }
}
