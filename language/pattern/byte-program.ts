/**
 * Patterns as a nondeterministic automaton over the bytes of a line, for `line-automaton.ts`. It accepts every line that
 * the pattern matches, and a few more: a character beyond ASCII is any run of bytes from 0x80 on, and high counts of
 * repeats are endless. So it may be asked which lines are worth matching, never how they match.
 */
import type { Assertion, PatternNode } from './ast.ts';
import { charTest } from './characters.ts';
import { parsePattern } from './parse.ts';

/** Symbols are the ASCII characters and one for every byte beyond. */
export const highByte = 128;
export const symbolCount = 129;

export type ByteNode =
  /** Takes one symbol of `set` (1 for each symbol that is in it). */
  | { readonly op: 'symbol'; readonly set: Uint8Array; readonly owner: number; next: number }
  | { readonly op: 'split'; readonly next: number[] }
  | { readonly op: 'assert'; readonly assertion: Assertion; readonly ascii: boolean; next: number }
  | { readonly op: 'match'; readonly owner: number };

export interface ByteProgram {
  readonly nodes: readonly ByteNode[];
  /** Where each pattern starts; undefined for one that matches nothing (a broken one, or none). */
  readonly starts: readonly (number | undefined)[];
}

/** Beyond this a pattern's counted repeats are endless, and if that does not help it accepts everything. */
const maxNodes = 1000;
/** To count further multiplies the states of the automaton: such a repeat is taken as an endless one. */
const maxCount = 16;

export function compileByteProgram(sources: readonly (string | undefined)[]): ByteProgram {
  const nodes: ByteNode[] = [];
  const sets = new Map<string, Uint8Array>();
  const starts = sources.map((source, owner) => {
    const root = source === undefined ? undefined : parsePattern(source).root;
    return root && compileOne(nodes, sets, root, owner);
  });
  return { nodes, starts };
}

function compileOne(nodes: ByteNode[], sets: Map<string, Uint8Array>, root: PatternNode, owner: number): number {
  const { length } = nodes;
  for (const exact of [true, false]) {
    try {
      return new Compiler(nodes, sets, owner, exact).compileFrom(root);
    } catch (error) {
      if (error !== tooLarge) throw error;
      nodes.length = length;
    }
  }
  // Every line may match it.
  return nodes.push({ op: 'match', owner }) - 1;
}

const tooLarge = Symbol('pattern too large');

const onlyHigh = Uint8Array.from({ length: symbolCount }, (_, symbol) => (symbol === highByte ? 1 : 0));

/** Builds from the end to the start: each part is told where to go on. */
class Compiler {
  readonly #nodes: ByteNode[];
  /** Equal sets are one: a program has many nodes, and few sets. */
  readonly #sets: Map<string, Uint8Array>;
  readonly #owner: number;
  readonly #exact: boolean;
  readonly #limit: number;

  constructor(nodes: ByteNode[], sets: Map<string, Uint8Array>, owner: number, exact: boolean) {
    this.#nodes = nodes;
    this.#sets = sets;
    this.#owner = owner;
    this.#exact = exact;
    this.#limit = nodes.length + maxNodes;
  }

  compileFrom(root: PatternNode): number {
    return this.#compile(root, this.#add({ op: 'match', owner: this.#owner }));
  }

  #add(node: ByteNode): number {
    if (this.#nodes.length >= this.#limit) throw tooLarge;
    return this.#nodes.push(node) - 1;
  }

  #compile(node: PatternNode, next: number): number {
    switch (node.kind) {
      case 'set':
      case 'any': {
        const set = symbolsOf(node);
        // Beyond ASCII a character is several bytes.
        const after = set[highByte] === 1 ? this.#loop((back) => this.#symbol(onlyHigh, back), next) : next;
        return this.#symbol(set, after);
      }
      case 'assertion':
        return this.#add({ op: 'assert', assertion: node.assertion, ascii: node.flags.ascii, next });
      case 'sequence':
        return node.items.reduceRight((following, item) => this.#compile(item, following), next);
      case 'branch':
        return this.#add({ op: 'split', next: node.options.map((option) => this.#compile(option, next)) });
      case 'group':
        return this.#compile(node.body, next);
      case 'repeat':
        return this.#repeat(node, next);
      case 'refused':
        return next;
    }
  }

  #symbol(set: Uint8Array, next: number): number {
    const key = set.join('');
    const shared = this.#sets.get(key) ?? set;
    this.#sets.set(key, shared);
    return this.#add({ op: 'symbol', set: shared, owner: this.#owner, next });
  }

  /** Any number of turns of `body`, then `next`. */
  #loop(body: (back: number) => number, next: number): number {
    const ways: number[] = [next];
    const start = this.#add({ op: 'split', next: ways });
    ways.push(body(start));
    return start;
  }

  #repeat(node: PatternNode & { kind: 'repeat' }, next: number): number {
    const { min, max, body } = node;
    const counted = this.#exact && Math.max(min, Number.isFinite(max) ? max : 0) <= maxCount;
    const endless = max === Number.POSITIVE_INFINITY || !counted;
    let start = next;
    if (endless) start = this.#loop((back) => this.#turn(body, back), next);
    else for (let count = min; count < max; count++) start = this.#optional(body, start, next);
    const turns = counted ? min : Math.min(min, 1);
    for (let count = 0; count < turns; count++) {
      const before = this.#nodes.length;
      start = this.#compile(body, start);
      // A body of nothing, however often.
      if (this.#nodes.length === before) return start;
    }
    return start;
  }

  /** In an endless loop of one character the loop itself takes all of the character's bytes. */
  #turn(body: PatternNode, back: number): number {
    return body.kind === 'set' || body.kind === 'any' ? this.#symbol(symbolsOf(body), back) : this.#compile(body, back);
  }

  #optional(body: PatternNode, following: number, exit: number): number {
    return this.#add({ op: 'split', next: [exit, this.#compile(body, following)] });
  }
}

/** Characters beyond ASCII that are letters of it in another case: dotted and dotless i, long s, the Kelvin sign. */
const foldsIntoAscii = [0x130, 0x131, 0x17f, 0x212a];

function symbolsOf(node: PatternNode & { kind: 'set' | 'any' }): Uint8Array {
  if (node.kind === 'any') return new Uint8Array(symbolCount).fill(1);
  const { items, negated, flags } = node;
  const test = charTest(items, negated, flags);
  const asciiItems = items.every((item) => {
    if (item.kind === 'category') return flags.ascii && !item.category.startsWith('not-');
    return (item.kind === 'char' ? item.char : item.to) < highByte;
  });
  const onlyAscii = asciiItems && !negated && !foldsIntoAscii.some(test);
  return Uint8Array.from({ length: symbolCount }, (_, symbol) =>
    symbol === highByte ? (onlyAscii ? 0 : 1) : test(symbol) ? 1 : 0,
  );
}
