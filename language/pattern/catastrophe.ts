/**
 * Patterns on which an engine that backtracks, as Python's `re` does, may take for ever: the same text matches in exponentially many ways
 * (two ways through the same loop), or in a high power of its length (several loops one after the other that take the same
 * characters). Each finding comes with a text that shows it. After N. Weideman et al., "Analyzing Matching Time Behavior of Backtracking
 * Regular Expression Matchers" (CIAA 2016).
 */

import { type Problem, problem } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import type { PatternNode } from './ast.ts';
import { compilePattern } from './compile.ts';
import { components, shortestPath } from './graph.ts';
import { type Automaton, positionAutomaton } from './positions.ts';

interface Catastrophe {
  readonly kind: 'exponential' | 'polynomial';
  /** What is repeated, and what stands before and behind it. */
  readonly prefix: string;
  readonly pump: string;
  readonly suffix: string;
  readonly positions: readonly number[];
}

/** A text that a backtracking engine chokes on. */
export interface Attack {
  readonly kind: Catastrophe['kind'];
  readonly text: string;
}

/** Spans are offsets into `source`. One finding at most: the first is enough to rewrite the pattern. */
export function catastrophes(source: string, root: PatternNode): readonly Problem[] {
  const automaton = hasRepeats(root) ? positionAutomaton(root) : undefined;
  if (!automaton) return [];
  const found = findCatastrophe(source, automaton);
  if (!found) return [];
  const span = spanOf(automaton, found.positions) ?? { start: 0, end: source.length };
  const { prefix, pump, suffix, kind } = found;
  const around = [prefix && l10n.t('behind {0}', quote(prefix)), suffix && l10n.t('before {0}', quote(suffix))]
    .filter(Boolean)
    .join(l10n.t(' and '));
  const times = kind === 'exponential' ? l10n.t('30 times') : l10n.t('2,000 times');
  const ways =
    kind === 'exponential' ? l10n.t('in exponentially many ways') : l10n.t('in a high power of its length ways');
  const words = l10n.t(
    'The same text matches {0}: Python’s `re` does not come to an end on {1} {2}{3}. Vigil stays fast.',
    ways,
    quote(pump),
    times,
    around && `, ${around}`,
  );
  return [problem('pattern/catastrophic', span, words)];
}

/** A text on which the pattern takes for ever in Python; for tests. */
export function attackOn(source: string, root: PatternNode): Attack | undefined {
  const automaton = positionAutomaton(root);
  const found = automaton && findCatastrophe(source, automaton);
  if (!found) return undefined;
  const times = found.kind === 'exponential' ? 40 : 3000;
  return { kind: found.kind, text: found.prefix + found.pump.repeat(times) + found.suffix };
}

function quote(text: string): string {
  return `\`${JSON.stringify(text).slice(1, -1)}\``;
}

function hasRepeats(node: PatternNode): boolean {
  if (node.kind === 'repeat') return node.max > 1 || hasRepeats(node.body);
  if (node.kind === 'sequence') return node.items.some(hasRepeats);
  if (node.kind === 'branch') return node.options.some(hasRepeats);
  return node.kind === 'group' && hasRepeats(node.body);
}

/** The innermost endless repeat around all the positions that has more than one way round. */
function spanOf(automaton: Automaton, positions: readonly number[]) {
  const around = automaton.loops.filter(
    ({ node, from, to }) => !isPlain(node) && positions.every((each) => from <= each && each < to),
  );
  return around.sort((a, b) => a.to - a.from - (b.to - b.from))[0]?.node.span;
}

/** `a*`, `[ab]+`. */
function isPlain(node: PatternNode): boolean {
  return node.kind === 'repeat' && (node.body.kind === 'set' || node.body.kind === 'any');
}

function findCatastrophe(source: string, automaton: Automaton): Catastrophe | undefined {
  const search = compilePattern(source).pattern?.search;
  if (!search) return undefined;
  for (const candidate of [...exponential(automaton), ...polynomial(automaton)]) {
    // Where the text matches the engine may find that at once: only a search that fails has to try every way.
    const suffix = ['', '!', '\u0001', 'a', '0', ' ', '"'].find(
      (end) => search(candidate.prefix + candidate.pump.repeat(20) + end) === undefined,
    );
    if (suffix !== undefined) return { ...candidate, suffix };
  }
  return undefined;
}

type Candidate = Omit<Catastrophe, 'suffix'>;

function* exponential(automaton: Automaton): Iterable<Candidate> {
  const { follow, masks } = automaton;
  const edges = (from: number) => [...(follow[from]?.keys() ?? [])].filter((to) => masks[to] !== 0n);
  for (const component of components(masks.length, edges)) {
    const inside = new Set(component);
    const within = (from: number) => edges(from).filter((to) => inside.has(to));
    yield* doubleEdges(automaton, component, within);
    yield* twoPaths(automaton, component, within);
  }
}

/** The same step in two ways, as in `(a*)*`. */
function* doubleEdges(
  automaton: Automaton,
  component: readonly number[],
  within: (from: number) => readonly number[],
): Iterable<Candidate> {
  for (const from of component) {
    for (const to of within(from)) {
      if ((automaton.follow[from]?.get(to) ?? 0) < 2) continue;
      const back = to === from ? [] : shortestPath(to, from, within);
      if (!back) continue;
      const pump = [to, ...back].map((position) => charOf(automaton, automaton.masks[position] ?? 0n)).join('');
      const prefix = prefixTo(automaton, from);
      if (prefix !== undefined) yield { kind: 'exponential', prefix, pump, positions: [from, to, ...back] };
    }
  }
}

const maxPairs = 2500;

/** Two different ways round with the same text, as in `(a|ab|b)*` : from a pair (p, p) over a pair (q, r) back to (p, p). */
function* twoPaths(
  automaton: Automaton,
  component: readonly number[],
  within: (from: number) => readonly number[],
): Iterable<Candidate> {
  const size = automaton.masks.length;
  if (component.length < 2 || component.length ** 2 > maxPairs) return;
  const common = (pair: number) =>
    (automaton.masks[Math.floor(pair / size)] ?? 0n) & (automaton.masks[pair % size] ?? 0n);
  const next = (pair: number) =>
    within(Math.floor(pair / size)).flatMap((left) =>
      within(pair % size)
        .map((right) => left * size + right)
        .filter((each) => common(each) !== 0n),
    );
  const starts = component.map((position) => position * size + position);
  for (const group of components(size * size, next, starts)) {
    const start = group.find((pair) => Math.floor(pair / size) === pair % size);
    const off = group.find((pair) => Math.floor(pair / size) !== pair % size);
    if (start === undefined || off === undefined) continue;
    const members = new Set(group);
    const stay = (pair: number) => next(pair).filter((each) => members.has(each));
    const there = shortestPath(start, off, stay);
    const back = shortestPath(off, start, stay);
    const prefix = prefixTo(automaton, start % size);
    if (!there || !back || prefix === undefined) continue;
    const pump = [...there, ...back].map((pair) => charOf(automaton, common(pair))).join('');
    const positions = group.flatMap((pair) => [Math.floor(pair / size), pair % size]);
    yield { kind: 'exponential', prefix, pump, positions };
  }
}

/** From this power of the length on a line of a thousand characters takes minutes. */
const leastPower = 4;

/** Loops one after the other that all take the same character, as in `.*.*.*x`; a search that may start anywhere is one more. */
function* polynomial(automaton: Automaton): Iterable<Candidate> {
  const { alphabet, masks, follow, first } = automaton;
  for (const [bit, char] of alphabet.entries()) {
    const has = (position: number) => (((masks[position] ?? 0n) >> BigInt(bit)) & 1n) === 1n;
    const edges = (from: number) => [...(follow[from]?.keys() ?? [])].filter(has);
    const nodes = masks.flatMap((_, position) => (has(position) ? [position] : []));
    // Sinks come first, so that the longest chain behind a component is known when it is reached.
    const chain = new Map<number, readonly number[]>();
    for (const component of components(masks.length, edges, nodes)) {
      const loops = component.some((position) => edges(position).some((next) => component.includes(next)));
      const behind = component
        .flatMap(edges)
        .map((position) => chain.get(position) ?? [])
        .reduce((best, each) => (each.length > best.length ? each : best), []);
      const own = component[0] ?? 0;
      for (const position of component) chain.set(position, loops ? [own, ...behind] : behind);
    }
    for (const [position, loops] of chain) {
      if (loops[0] !== position && !chainStarts(loops, position, automaton)) continue;
      const power = loops.length + (first.has(position) ? 1 : 0);
      const prefix = prefixTo(automaton, position);
      if (power < leastPower || prefix === undefined) continue;
      yield { kind: 'polynomial', prefix, pump: char, positions: loops };
    }
  }
}

function chainStarts(loops: readonly number[], position: number, { follow }: Automaton): boolean {
  return loops[0] !== undefined && follow[position]?.has(loops[0]) === true;
}

function charOf({ alphabet }: Automaton, mask: bigint): string {
  return alphabet.find((_, bit) => ((mask >> BigInt(bit)) & 1n) === 1n) ?? '';
}

/** A text that leads to a position, its own character included. */
function prefixTo(automaton: Automaton, position: number): string | undefined {
  const start = -1;
  const edges = (from: number) => [
    ...(from === start ? automaton.first : (automaton.follow[from] ?? new Map())).keys(),
  ];
  const path = shortestPath(start, position, edges);
  return path?.map((each) => charOf(automaton, automaton.masks[each] ?? 0n)).join('');
}
