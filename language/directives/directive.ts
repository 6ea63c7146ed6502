/** Scheduler directives of a script (`#SBATCH --time=1:00`), split into options with their places. */
import type { Span } from '../text/span.ts';
import { findLongOption, findShortOption } from './option-lookup.ts';
import type { OptionInfo } from './slurm-options.ts';
import { splitWords, type Word } from './words.ts';

export type Scheduler = 'slurm' | 'flux' | 'pbs' | 'lsf' | 'sge';

export interface DirectiveOption {
  /** Long name without dashes, `job-name`; as it is written where it is not known. */
  readonly name: string;
  /** `-J` or `--job-name`, as it is written. */
  readonly spelling: string;
  readonly value?: string;
  readonly span: Span;
  readonly nameSpan: Span;
  readonly valueSpan?: Span;
}

export interface Directive {
  readonly scheduler: Scheduler;
  /** From 0. */
  readonly line: number;
  readonly span: Span;
  /** `#SBATCH`. */
  readonly prefixSpan: Span;
  /** False: it stands after the first command, where Slurm and PBS no longer read directives. */
  readonly effective: boolean;
  readonly options: readonly DirectiveOption[];
  /** A quote that is never closed. */
  readonly openQuote?: Span;
}

const prefixes: readonly (readonly [RegExp, Scheduler])[] = [
  [/^#SBATCH/, 'slurm'],
  [/^#\s*flux:/i, 'flux'],
  [/^#PBS(?=\s)/, 'pbs'],
  [/^#BSUB(?=\s)/, 'lsf'],
  [/^#\$(?=\s+-)/, 'sge'],
];

/** The directive on a line, or undefined. sbatch wants `#SBATCH` at the line's very start. */
export function parseDirective(text: string, line: number, span: Span, beforeCommands: boolean): Directive | undefined {
  const source = text.slice(span.start, span.end);
  for (const [pattern, scheduler] of prefixes) {
    const prefix = pattern.exec(source)?.[0];
    if (prefix === undefined) continue;
    const prefixSpan = { start: span.start, end: span.start + prefix.length };
    const { words, openQuote } = splitWords(text, { start: prefixSpan.end, end: span.end });
    const effective = beforeCommands || (scheduler !== 'slurm' && scheduler !== 'pbs');
    const options = readOptions(words, dialects[scheduler]);
    return { scheduler, line, span, prefixSpan, effective, options, ...(openQuote && { openQuote }) };
  }
  return undefined;
}

/** The options of a command line for sbatch: `['--time=5', '-n4']`. */
export function parseOptions(argv: readonly string[]): readonly { readonly name: string; readonly value?: string }[] {
  const words = argv.map((text) => ({ text, span: { start: 0, end: 0 }, offsets: Array.from(text, () => 0) }));
  return readOptions(words, dialects.slurm).map(({ name, value }) =>
    value === undefined ? { name } : { name, value },
  );
}

/** How a scheduler writes its options. */
interface Dialect {
  /** What is known of an option; of an unknown one it is guessed that it takes the next word, if that is no option. */
  find(name: string, long: boolean): OptionInfo | undefined;
  /** `-cwd` is one option, not three. */
  readonly longWithOneDash: boolean;
}

const unknown: Dialect = { find: () => undefined, longWithOneDash: false };

const dialects: { readonly [scheduler in Scheduler]: Dialect } = {
  slurm: { find: (name, long) => (long ? findLongOption(name) : findShortOption(name)), longWithOneDash: false },
  flux: unknown,
  pbs: unknown,
  lsf: { ...unknown, longWithOneDash: true },
  sge: { ...unknown, longWithOneDash: true },
};

/** As getopt_long(3): reading ends at the first word that is no option, and at `--`. */
function readOptions(words: readonly Word[], dialect: Dialect): readonly DirectiveOption[] {
  const options: DirectiveOption[] = [];
  for (let index = 0; index < words.length; ) {
    const word = words[index];
    if (!word || word.text === '--' || word.text === '-' || !word.text.startsWith('-')) break;
    const next = words[index + 1];
    const isLong = word.text.startsWith('--') || dialect.longWithOneDash;
    const read = isLong ? readLong(word, next, dialect) : readShort(word, next, dialect);
    options.push(...read.options);
    index += read.tookNext ? 2 : 1;
  }
  return options;
}

interface Read {
  readonly options: readonly DirectiveOption[];
  readonly tookNext: boolean;
}

function readLong(word: Word, next: Word | undefined, dialect: Dialect): Read {
  const equals = word.text.indexOf('=');
  const spelling = equals < 0 ? word.text : word.text.slice(0, equals);
  const written = spelling.replace(/^--?/, '');
  const info = dialect.find(written, true);
  const name = info?.name ?? written;
  const nameSpan = spanOf(word, 0, spelling.length);
  if (equals >= 0) {
    const valueSpan = {
      start: equals + 1 < word.text.length ? valueStart(word, equals) : word.span.end,
      end: word.span.end,
    };
    const value = word.text.slice(equals + 1);
    return { options: [{ name, spelling, value, span: word.span, nameSpan, valueSpan }], tookNext: false };
  }
  if (next && takesNext(info, next)) {
    const span = { start: word.span.start, end: next.span.end };
    return { options: [{ name, spelling, value: next.text, span, nameSpan, valueSpan: next.span }], tookNext: true };
  }
  return { options: [{ name, spelling, span: word.span, nameSpan }], tookNext: false };
}

/** An option that needs a value takes the next word, whatever it looks like; an unknown one if that looks like a value. */
function takesNext(info: OptionInfo | undefined, next: Word): boolean {
  return info ? info.argument === 'required' : !next.text.startsWith('-');
}

/** `-N 2`, `-n4`, and flags together: `-Hv`. */
function readShort(word: Word, next: Word | undefined, dialect: Dialect): Read {
  const options: DirectiveOption[] = [];
  for (let at = 1; at < word.text.length; at++) {
    const letter = word.text[at] ?? '';
    const info = dialect.find(letter, false);
    const nameSpan = at === 1 ? spanOf(word, 0, 2) : spanOf(word, at, at + 1);
    const option = { name: info?.name ?? letter, spelling: `-${letter}`, nameSpan };
    if (info?.argument === 'none') {
      options.push({ ...option, span: nameSpan });
      continue;
    }
    if (at + 1 < word.text.length) {
      const valueSpan = { start: word.offsets[at + 1] ?? word.span.end, end: word.span.end };
      options.push({
        ...option,
        value: word.text.slice(at + 1),
        span: { start: nameSpan.start, end: word.span.end },
        valueSpan,
      });
      return { options, tookNext: false };
    }
    if (next && takesNext(info, next)) {
      options.push({
        ...option,
        value: next.text,
        span: { start: nameSpan.start, end: next.span.end },
        valueSpan: next.span,
      });
      return { options, tookNext: true };
    }
    options.push({ ...option, span: nameSpan });
  }
  return { options, tookNext: false };
}

function spanOf(word: Word, start: number, end: number): Span {
  const last = word.offsets[end - 1] ?? word.span.end - 1;
  return { start: word.offsets[start] ?? word.span.start, end: last + 1 };
}

/** A quoted value starts at its quote. */
function valueStart(word: Word, equals: number): number {
  return (word.offsets[equals] ?? word.span.start) + 1;
}
