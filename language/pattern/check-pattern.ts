/** Everything that is wrong with a pattern, and the pattern ready to search. */
import type { Problem } from '../problem/problem.ts';
import { type CompiledPattern, compilePattern } from './compile.ts';
import { lintPattern } from './lint.ts';

export interface CheckedPattern {
  /** Absent when the pattern is broken or refused. */
  readonly pattern?: CompiledPattern;
  /** Spans are offsets into the pattern. */
  readonly problems: readonly Problem[];
}

export function checkPattern(source: string): CheckedPattern {
  const { pattern, problems } = compilePattern(source);
  return { ...(pattern && { pattern }), problems: [...problems, ...lintPattern(source)] };
}
