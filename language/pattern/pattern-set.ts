/** Patterns that are searched for in the same lines, compiled together, and shared by all who search for the same ones. */
import { type CompiledPattern, compilePattern } from './compile.ts';
import { LineAutomaton } from './line-automaton.ts';

export interface PatternSet {
  /** In the order of the sources; undefined for a broken pattern, or none. */
  readonly patterns: readonly (CompiledPattern | undefined)[];
  /** Tells which lines are worth searching. Its answers are in the order of the sources. */
  readonly automaton: LineAutomaton;
}

/** A thousand jobs of one script have the same patterns: what was compiled for the first is used for all. */
export class PatternSets {
  readonly #sets: Cache<PatternSet>;
  readonly #patterns: Cache<CompiledPattern | undefined>;

  /** `most`: so many sets, and ten times as many patterns, are kept for those who come later, the ones asked for last. */
  constructor(most = 100) {
    this.#sets = new Cache(most);
    this.#patterns = new Cache(10 * most);
  }

  of(sources: readonly (string | undefined)[]): PatternSet {
    const key = JSON.stringify(sources.map((source) => source ?? null));
    return this.#sets.get(key, () => ({
      patterns: sources.map((source) => (source === undefined ? undefined : this.#pattern(source))),
      automaton: new LineAutomaton(sources),
    }));
  }

  #pattern(source: string): CompiledPattern | undefined {
    return this.#patterns.get(source, () => compilePattern(source).pattern);
  }
}

/** Keeps what was asked for last. */
class Cache<T> {
  readonly #kept = new Map<string, { readonly value: T }>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string, make: () => T): T {
    const entry = this.#kept.get(key) ?? { value: make() };
    this.#kept.delete(key);
    this.#kept.set(key, entry);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#most && oldest !== undefined) this.#kept.delete(oldest);
    return entry.value;
  }
}
