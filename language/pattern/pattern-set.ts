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
  readonly #sets = new Map<string, PatternSet>();
  readonly #most: number;

  /** `most`: so many sets are kept for those who come later, the ones asked for last. */
  constructor(most = 100) {
    this.#most = most;
  }

  of(sources: readonly (string | undefined)[]): PatternSet {
    const key = JSON.stringify(sources.map((source) => source ?? null));
    const set = this.#sets.get(key) ?? compileSet(sources);
    this.#sets.delete(key);
    this.#sets.set(key, set);
    const [oldest] = this.#sets.keys();
    if (this.#sets.size > this.#most && oldest !== undefined) this.#sets.delete(oldest);
    return set;
  }
}

function compileSet(sources: readonly (string | undefined)[]): PatternSet {
  return {
    patterns: sources.map((source) => (source === undefined ? undefined : compilePattern(source).pattern)),
    automaton: new LineAutomaton(sources),
  };
}
