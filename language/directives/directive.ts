/** Scheduler directives of a script (`#SBATCH --time=1:00`), split into options with their places. */
import type { Span } from '../text/span.ts';
import { dialectOf, type Scheduler } from './dialect.ts';
import { type DirectiveOption, readOptions } from './read-options.ts';
import { splitWords, type Word } from './words.ts';

export type { DirectiveOption, Scheduler };

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
  /** The first word that is no option, and what follows it. */
  readonly strays?: readonly Word[];
  /** A quote that is never closed. */
  readonly openQuote?: Span;
}

const prefixes: readonly (readonly [RegExp, Scheduler])[] = [
  [/^#SBATCH/, 'slurm'],
  [/^#PBS(?=\s|-)/, 'pbs'],
  [/^#BSUB(?=\s|-)/, 'lsf'],
  [/^#\$(?=\s*-[A-Za-z])/, 'sge'],
];

/** The directive on a line, or undefined. sbatch wants `#SBATCH` at the line's very start. Flux has a reader of its own. */
export function parseDirective(text: string, line: number, span: Span, beforeCommands: boolean): Directive | undefined {
  const source = text.slice(span.start, span.end);
  for (const [pattern, scheduler] of prefixes) {
    const prefix = pattern.exec(source)?.[0];
    if (prefix === undefined) continue;
    const prefixSpan = { start: span.start, end: span.start + prefix.length };
    const { words, openQuote } = splitWords(text, { start: prefixSpan.end, end: span.end });
    const effective = beforeCommands || (scheduler !== 'slurm' && scheduler !== 'pbs');
    // sbatch reads no further than to a word of nothing, `""`.
    const last = scheduler === 'slurm' ? words.findIndex((word) => word.text === '') : -1;
    const { options, strays } = readOptions(last < 0 ? words : words.slice(0, last), dialectOf(scheduler));
    return {
      scheduler,
      line,
      span,
      prefixSpan,
      effective,
      options,
      ...(strays.length > 0 && { strays }),
      ...(openQuote && { openQuote }),
    };
  }
  return undefined;
}

/** The options of a command line for sbatch: `['--time=5', '-n4']`. */
export function parseOptions(argv: readonly string[]): readonly { readonly name: string; readonly value?: string }[] {
  const words = argv.map((text) => ({ text, span: { start: 0, end: 0 }, offsets: Array.from(text, () => 0) }));
  return readOptions(words, dialectOf('slurm')).options.map(({ name, value }) =>
    value === undefined ? { name } : { name, value },
  );
}
