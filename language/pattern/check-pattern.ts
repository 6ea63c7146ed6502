/** Everything that is wrong with a pattern, and the pattern ready to search; remembered where a text is checked again and again. */
import type { Problem } from '../problem/problem.ts';
import { type CompiledPattern, compilePattern } from './compile.ts';
import { lintPattern } from './lint.ts';

export interface CheckedPattern {
  /** Absent when the pattern is broken or refused. */
  readonly pattern?: CompiledPattern;
  /** Spans are offsets into the pattern. */
  readonly problems: readonly Problem[];
}

export type PatternChecker = (source: string) => CheckedPattern;

export function checkPattern(source: string): CheckedPattern {
  const { pattern, problems } = compilePattern(source);
  return { ...(pattern && { pattern }), problems: [...problems, ...lintPattern(source)] };
}

/** Between two keystrokes most patterns of a script stay as they are. @param most how many are remembered; the oldest are forgotten */
export function rememberingChecker(most: number): PatternChecker {
  const known = new Map<string, CheckedPattern>();
  return (source) => {
    const found = known.get(source) ?? checkPattern(source);
    known.delete(source);
    known.set(source, found);
    for (const oldest of known.keys()) {
      if (known.size <= most) break;
      known.delete(oldest);
    }
    return found;
  };
}
