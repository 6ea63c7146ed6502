/** Patterns ready to search lines: Python's `re.search`, linear in the line, or a problem that says what is wrong. */

import { type Problem, problem } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import { requiredText, startFinder } from './facts.ts';
import { Machine } from './machine.ts';
import { parsePattern } from './parse.ts';
import { compileProgram } from './program.ts';

/** Offsets are UTF-16, into the line. */
export interface PatternMatch {
  readonly start: number;
  readonly end: number;
  /** `[0]` is the whole match. */
  readonly groups: readonly (string | undefined)[];
  /** Start and end of each of `groups`. */
  readonly spans: readonly (readonly [number, number] | undefined)[];
  readonly named: { readonly [name: string]: string | undefined };
}

export interface CompiledPattern {
  readonly source: string;
  readonly groupCount: number;
  readonly groupNames: ReadonlyMap<string, number>;
  /** The first match anywhere in `line`. Throws `SearchStopped` where that would take too long. */
  search(line: string): PatternMatch | undefined;
}

/** Spans of the problems are offsets into `source`. */
export function compilePattern(source: string): {
  readonly pattern?: CompiledPattern;
  readonly problems: readonly Problem[];
} {
  const { root, groupCount, groupNames, problems } = parsePattern(source);
  if (!root) return { problems };
  const program = compileProgram(root, groupCount);
  if (!program) {
    const words = l10n.t(
      'Not supported here: a pattern this large; its counted repeats come to more than 20,000 steps or nest too deep.',
    );
    return { problems: [problem('pattern/not-supported', { start: 0, end: source.length }, words)] };
  }
  const machine = new Machine(program);
  const required = requiredText(root);
  const start = startFinder(root);
  const search = (line: string): PatternMatch | undefined => {
    if (required !== '' && !line.includes(required)) return undefined;
    const offsets = machine.search(line, (from) => start(line, from));
    return offsets && toMatch(line, offsets, groupNames);
  };
  return { pattern: { source, groupCount, groupNames, search }, problems };
}

function toMatch(line: string, offsets: Int32Array, groupNames: ReadonlyMap<string, number>): PatternMatch {
  const spans: ([number, number] | undefined)[] = [];
  for (let index = 0; index < offsets.length; index += 2) {
    const start = offsets[index] ?? -1;
    const end = offsets[index + 1] ?? -1;
    spans.push(end >= 0 ? [start, end] : undefined);
  }
  const groups = spans.map((span) => span && line.slice(span[0], span[1]));
  const named: { [name: string]: string | undefined } = {};
  for (const [name, index] of groupNames) named[name] = groups[index];
  const [start, end] = spans[0] ?? [0, 0];
  return { start, end, groups, spans, named };
}
