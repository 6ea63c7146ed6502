/**
 * The position automaton (Glushkov) of a pattern: a state for each set of characters that it is written with. Each edge knows
 * in how many ways an engine that backtracks can take it, one or more: several ways are what makes a pattern ambiguous.
 */
import type { PatternNode } from './ast.ts';
import { charTest } from './characters.ts';

export interface Automaton {
  /** Characters that tell the sets of this pattern apart. */
  readonly alphabet: readonly string[];
  /** For each position the characters of the alphabet that it takes, as bits. */
  readonly masks: readonly bigint[];
  /** Where a match may start; where it may end. */
  readonly first: Ways;
  readonly follow: readonly Ways[];
  /** Endless repeats, innermost first, with the positions inside. */
  readonly loops: readonly { readonly node: PatternNode; readonly from: number; readonly to: number }[];
}

/** To which positions, and in how many ways: 1, or 2 for more. */
export type Ways = ReadonlyMap<number, number>;

interface Part {
  readonly first: Ways;
  readonly last: Ways;
  /** In how many ways it matches nothing. */
  readonly empty: number;
}

/** A repeat that is bounded so high is as bad as an endless one. */
const nearlyEndless = 25;
const maxPositions = 300;
/** So many times is a counted repeat written out. */
const maxCopies = 3;

/** undefined: too large a pattern. */
export function positionAutomaton(root: PatternNode): Automaton | undefined {
  const builder = new Builder(alphabetOf(root));
  const { first } = builder.build(root);
  if (builder.masks.length > maxPositions) return undefined;
  const { alphabet, masks, follow, loops } = builder;
  return { alphabet, masks, first, follow, loops };
}

class Builder {
  readonly alphabet: readonly string[];
  readonly masks: bigint[] = [];
  readonly follow: Map<number, number>[] = [];
  readonly loops: { node: PatternNode; from: number; to: number }[] = [];

  constructor(alphabet: readonly string[]) {
    this.alphabet = alphabet;
  }

  build(node: PatternNode): Part {
    if (this.masks.length > maxPositions) return nothing;
    switch (node.kind) {
      case 'set':
      case 'any':
        return this.position(this.maskOf(node));
      case 'assertion':
      case 'refused':
        return nothing;
      case 'group':
        return this.build(node.body);
      case 'sequence':
        return node.items
          .map((item) => this.build(item))
          .reduce((left, right) => this.concatenate(left, right), nothing);
      case 'branch':
        return this.branch(node.options);
      case 'repeat':
        return this.repeat(node);
    }
  }

  private position(mask: bigint): Part {
    const index = this.masks.push(mask) - 1;
    this.follow.push(new Map());
    const here = new Map([[index, 1]]);
    return { first: here, last: here, empty: 0 };
  }

  private maskOf(node: PatternNode & { kind: 'set' | 'any' }): bigint {
    const takes = node.kind === 'set' ? charTest(node.items, node.negated, node.flags) : (char: number) => char !== 10;
    let mask = 0n;
    this.alphabet.forEach((char, bit) => {
      if (takes(char.codePointAt(0) ?? 0)) mask |= 1n << BigInt(bit);
    });
    return mask;
  }

  /** CPython makes one set of alternatives that are single characters. */
  private branch(options: readonly PatternNode[]): Part {
    const sets = options.filter((option) => option.kind === 'set' || option.kind === 'any');
    if (sets.length === options.length) return this.position(sets.reduce((mask, set) => mask | this.maskOf(set), 0n));
    const parts = options.map((option) => this.build(option));
    return parts.reduce((left, right) => ({
      first: add(left.first, right.first),
      last: add(left.last, right.last),
      empty: Math.min(2, left.empty + right.empty),
    }));
  }

  private repeat(node: PatternNode & { kind: 'repeat' }): Part {
    if (node.max >= nearlyEndless) {
      const from = this.masks.length;
      const body = this.build(node.body);
      this.connect(body.last, body.first, 1);
      this.loops.push({ node, from, to: this.masks.length });
      return { ...body, empty: node.min === 0 ? 1 : body.empty };
    }
    const copies = Math.min(node.max, maxCopies);
    const required = node.min === node.max ? copies : Math.min(node.min, copies - 1);
    let part = nothing;
    for (let copy = copies; copy > 0; copy--) {
      const body = this.concatenate(this.build(node.body), part);
      part = copy > required ? { ...body, empty: Math.min(2, body.empty + 1) } : body;
    }
    return part;
  }

  private concatenate(left: Part, right: Part): Part {
    this.connect(left.last, right.first, 1);
    return {
      first: add(left.first, right.first, left.empty),
      last: add(right.last, left.last, right.empty),
      empty: Math.min(2, left.empty * right.empty),
    };
  }

  private connect(from: Ways, to: Ways, ways: number): void {
    for (const [position, leaving] of from) {
      const edges = this.follow[position];
      for (const [next, entering] of to) {
        edges?.set(next, Math.min(2, (edges.get(next) ?? 0) + leaving * entering * ways));
      }
    }
  }
}

const nothing: Part = { first: new Map(), last: new Map(), empty: 1 };

/** The ways of both, those of `b` as often as `times` says. */
function add(a: Ways, b: Ways, times = 1): Ways {
  if (times === 0) return a;
  const sum = new Map(a);
  for (const [position, ways] of b) sum.set(position, Math.min(2, (sum.get(position) ?? 0) + ways * times));
  return sum;
}

/** The characters that the pattern is written with, their neighbours, and one of each kind. */
function alphabetOf(root: PatternNode): readonly string[] {
  const chars = new Set([...'a0_ -.:=/Z!é\t']);
  const visit = (node: PatternNode): void => {
    if (node.kind === 'set') {
      for (const item of node.items) {
        if (item.kind === 'char') chars.add(String.fromCodePoint(item.char));
        else if (item.kind === 'range') {
          chars.add(String.fromCodePoint(item.from));
          chars.add(String.fromCodePoint(item.to));
        }
      }
    } else if (node.kind === 'sequence') node.items.forEach(visit);
    else if (node.kind === 'branch') node.options.forEach(visit);
    else if (node.kind === 'group' || node.kind === 'repeat') visit(node.body);
  };
  visit(root);
  return [...chars].filter((char) => char !== '\n' && char !== '\r');
}
