/** Inline flags: `(?i)`, `(?i:…)`, `(?s-i:…)`, with the errors that CPython's `re._parser` raises. */
import type { PatternFlags } from './ast.ts';
import type { PatternSource } from './source.ts';

const flagNames: { readonly [letter: string]: keyof PatternFlags | 'unicode' | 'locale' } = {
  a: 'ascii',
  i: 'ignoreCase',
  L: 'locale',
  m: 'multiline',
  s: 'dotAll',
  u: 'unicode',
  x: 'verbose',
};

export const noFlags: PatternFlags = {
  ascii: false,
  ignoreCase: false,
  multiline: false,
  dotAll: false,
  verbose: false,
};

export function isFlagLetter(letter: string): boolean {
  return Object.hasOwn(flagNames, letter);
}

export interface ParsedFlags {
  /** `(?i)`: for the whole pattern, `(?i:` for a group. */
  readonly global: boolean;
  readonly flags: PatternFlags;
}

/** Reads flags from `first`, which was just taken after `(?`, up to the `)` or `:`, on top of those that hold already. */
export function parseFlags(source: PatternSource, first: string, holding: PatternFlags): ParsedFlags {
  const added = new Set<string>();
  const removed = new Set<string>();
  let letter = first;
  if (letter !== '-') {
    for (;;) {
      addFlag(source, letter, added);
      letter = nextLetter(source, 'missing -, : or )');
      if (letter === ')' || letter === '-' || letter === ':') break;
      if (!isFlagLetter(letter)) throw badLetter(source, letter, 'missing -, : or )');
    }
    if (letter === ')') return { global: true, flags: combine(holding, added, removed) };
  }
  if (letter === '-') readRemoved(source, removed);
  for (const flag of added) {
    if (removed.has(flag)) throw source.error('bad inline flags: flag turned on and off', 1);
  }
  return { global: false, flags: combine(holding, added, removed) };
}

function addFlag(source: PatternSource, letter: string, added: Set<string>): void {
  if (letter === 'L') throw source.error("bad inline flags: cannot use 'L' flag with a str pattern");
  added.add(letter);
  if (added.has('a') && added.has('u') && (letter === 'a' || letter === 'u')) {
    throw source.error("bad inline flags: flags 'a', 'u' and 'L' are incompatible");
  }
}

function readRemoved(source: PatternSource, removed: Set<string>): void {
  let letter = nextLetter(source, 'missing flag');
  if (!isFlagLetter(letter)) throw badLetter(source, letter, 'missing flag');
  for (;;) {
    if ('auL'.includes(letter)) throw source.error("bad inline flags: cannot turn off flags 'a', 'u' and 'L'");
    removed.add(letter);
    letter = nextLetter(source, 'missing :');
    if (letter === ':') return;
    if (!isFlagLetter(letter)) throw badLetter(source, letter, 'missing :');
  }
}

function nextLetter(source: PatternSource, missing: string): string {
  const letter = source.get();
  if (letter === undefined) throw source.error(missing);
  return letter;
}

function badLetter(source: PatternSource, letter: string, missing: string): Error {
  return source.error(/^\p{L}$/u.test(letter) ? 'unknown flag' : missing, letter.length);
}

function combine(holding: PatternFlags, added: ReadonlySet<string>, removed: ReadonlySet<string>): PatternFlags {
  const has = (letter: string, before: boolean) => (before || added.has(letter)) && !removed.has(letter);
  return {
    ascii: has('a', holding.ascii) && !added.has('u'),
    ignoreCase: has('i', holding.ignoreCase),
    multiline: has('m', holding.multiline),
    dotAll: has('s', holding.dotAll),
    verbose: has('x', holding.verbose),
  };
}
