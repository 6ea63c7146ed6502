/**
 * Tells which lines of a stream of bytes may match which of many patterns, in one pass: a deterministic automaton over bytes,
 * built as far as the input needs it. Each byte costs one look into a table, however many patterns there are.
 *
 * The caller runs through `table` itself, so that nothing stands between it and the speed of memory: from a state
 * (a multiple of `width`) to `table[state + classes[byte]]`. Up to `lastMark` that is no state but one of the marks below.
 */
import type { Assertion } from './ast.ts';
import { type ByteNode, type ByteProgram, compileByteProgram, highByte, symbolCount } from './byte-program.ts';
import { isWord } from './characters.ts';

/** What precedes a place: the line's start, or a character that is in a word, is not, or is beyond ASCII. */
type Before = 'start' | 'word' | 'other' | 'high';
type After = Exclude<Before, 'start'> | 'end';

interface State {
  /** Nodes at which the patterns stand that were not found yet. */
  readonly nodes: readonly number[];
  readonly before: Before;
  /** By pattern: 1 when the line matches it already. */
  readonly found: Uint8Array;
}

const lineFeed = 10;
const carriageReturn = 13;
const escapeByte = 27;
/** Class of `\n` and `\r`. */
const endClass = 0;
const escapeClass = 1;

/** States are numbers of 16 bits; so much of a table is 128 KiB. */
const tableSize = 0x10000;
const firstRows = 32;
/** Building a state costs as much as many bytes: input that asks for ever new ones gets so many, and one more for so many bytes. */
const maxCredit = 2000;
const bytesPerState = 256;

export class LineAutomaton {
  /** By byte: its column in `table`. */
  readonly classes: Uint8Array;
  /** Columns of a row. */
  readonly width: number;
  /** What `table` holds for a transition that was not built: `build` gives the state. */
  readonly unbuilt = 0;
  /** What it holds for the end of a line that matches nothing; for one that may match something, `lastMark`. */
  readonly quietEnd: number;
  readonly lastMark: number;
  /** Sticky: the line has an escape sequence; it has to be taken out before the line can be judged. */
  readonly escaped: number;
  /** Sticky: any pattern may match the line. */
  readonly anything: number;
  readonly start: number;
  /** By pattern: 1 for each that can match at all. */
  readonly all: Uint8Array;
  /** Changes when all states became void; `start`, `escaped` and `anything` stay. */
  generation = 0;
  table: Uint16Array;
  readonly #program: ByteProgram;
  readonly #symbols: readonly number[];
  /** Does a pattern ask what is in a word? */
  readonly #seesWords: boolean;
  readonly #states: (State | undefined)[] = [];
  readonly #known = new Map<string, number>();
  readonly #ends = new Map<number, Uint8Array>();
  readonly #sets = new Map<string, Uint8Array>();
  readonly #none: Uint8Array;
  #credit = maxCredit;

  constructor(sources: readonly (string | undefined)[]) {
    this.#program = compileByteProgram(sources);
    this.#seesWords = this.#program.nodes.some((node) => node.op === 'assert' && node.assertion.endsWith('boundary'));
    const { classes, symbols } = classify(this.#program.nodes, this.#seesWords);
    this.classes = classes;
    this.#symbols = symbols;
    this.width = symbols.length;
    this.#none = new Uint8Array(sources.length);
    this.all = Uint8Array.from(this.#program.starts, (start) => (start === undefined ? 0 : 1));
    [this.quietEnd, this.lastMark, this.escaped, this.anything, this.start] = [1, 2, 3, 4, 5].map(
      (row) => row * this.width,
    ) as [number, number, number, number, number];
    this.table = new Uint16Array(firstRows * this.width);
    this.#clear();
  }

  /** The state after `byte` in `state`, which may be a mark: that of the end of a line. */
  build(state: number, byte: number): number {
    const column = this.classes[byte] ?? 0;
    const from = this.#states[state / this.width];
    if (!from) return column === endClass ? this.lastMark : state;
    if (column === escapeClass) {
      this.table[state + column] = this.escaped;
      return this.escaped;
    }
    const { found, nodes } = this.#step(from, column);
    if (column === endClass) {
      const to = found.includes(1) ? this.lastMark : this.quietEnd;
      this.#ends.set(state, this.#shared(found));
      this.table[state + column] = to;
      return to;
    }
    const before = this.#seesWords ? sideOf(this.#symbols[column] ?? 0) : 'other';
    return this.#goTo(state + column, { nodes, before, found });
  }

  /** The state after `bytes`, none of which ends a line. */
  run(bytes: Uint8Array, from = this.start): number {
    let state = from;
    for (const byte of bytes) {
      const next = this.table[state + (this.classes[byte] ?? 0)] ?? 0;
      state = next > this.lastMark ? next : this.build(state, byte);
    }
    return state;
  }

  /** By pattern: 1 for those that may match the line that ends in `state`; the same array for the same patterns. */
  endsWith(state: number): Uint8Array {
    const known = this.#ends.get(state);
    if (known) return known;
    this.build(state, lineFeed);
    return this.#ends.get(state) ?? this.all;
  }

  /** To be told of the input that was run through: it earns states. */
  took(bytes: number): void {
    this.#credit = Math.min(maxCredit, this.#credit + bytes / bytesPerState);
  }

  #clear(): void {
    this.generation++;
    this.#states.length = 0;
    this.#known.clear();
    this.#ends.clear();
    this.#ends.set(this.anything, this.all);
    this.table.fill(0);
    for (const sticky of [this.escaped, this.anything]) {
      this.table.fill(sticky, sticky, sticky + this.width);
      this.table[sticky + endClass] = this.lastMark;
    }
    const nodes: readonly number[] = [];
    this.#states[this.start / this.width] = { nodes, before: 'start', found: this.#none };
  }

  #goTo(cell: number, state: State): number {
    const key = `${state.before} ${state.nodes.join()} ${state.found.join('')}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      this.table[cell] = known;
      return known;
    }
    // Not written down: the next line may have better luck.
    if (this.#credit < 1) return this.anything;
    this.#credit--;
    const full = (this.#states.length + 1) * this.width > tableSize;
    if (full) this.#clear();
    const value = this.#states.length * this.width;
    if (value + this.width > this.table.length) this.#grow();
    this.#states.push({ ...state, found: this.#shared(state.found) });
    this.#known.set(key, value);
    if (!full) this.table[cell] = value;
    return value;
  }

  #grow(): void {
    const larger = new Uint16Array(Math.min(this.table.length * 2, tableSize));
    larger.set(this.table);
    this.table = larger;
  }

  #shared(set: Uint8Array): Uint8Array {
    const key = set.join('');
    const known = this.#sets.get(key);
    if (known) return known;
    // Sets of patterns found together are few; where they are not, the old ones are forgotten.
    if (this.#sets.size > 1000) this.#sets.clear();
    this.#sets.set(key, set);
    return set;
  }

  /** One symbol on: which patterns have matched before it, and where the others stand after it. */
  #step(from: State, column: number): { found: Uint8Array; nodes: number[] } {
    const symbol = this.#symbols[column] ?? 0;
    const after: After = column === endClass ? 'end' : sideOf(symbol);
    const { reached, found } = this.#closure(from, after);
    if (column === endClass) return { found, nodes: [] };
    const next = new Set<number>();
    for (const node of reached) {
      if (node.op === 'symbol' && node.set[symbol] === 1 && found[node.owner] !== 1) next.add(node.next);
    }
    return { found, nodes: [...next].sort((a, b) => a - b) };
  }

  /** All nodes that can be reached without a symbol, from where the patterns stand or by starting here. */
  #closure(from: State, after: After): { reached: readonly ByteNode[]; found: Uint8Array } {
    const { nodes, starts } = this.#program;
    const found = from.found.slice();
    const fresh = starts.filter((start, owner) => start !== undefined && found[owner] !== 1);
    const pending = [...from.nodes, ...fresh];
    const seen = new Set<number>();
    const reached: ByteNode[] = [];
    for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
      const node = nodes[index];
      if (!node || seen.has(index)) continue;
      seen.add(index);
      if (node.op === 'symbol') reached.push(node);
      else if (node.op === 'match') found[node.owner] = 1;
      else if (node.op === 'split') pending.push(...node.next);
      else if (mayHold(node.assertion, node.ascii, from.before, after)) pending.push(node.next);
    }
    return { reached, found };
  }
}

function sideOf(symbol: number): 'word' | 'other' | 'high' {
  if (symbol === highByte) return 'high';
  return isWord(symbol, true) ? 'word' : 'other';
}

/** A line has no line feed inside: its start and end are those of the text. */
function mayHold(assertion: Assertion, ascii: boolean, before: Before, after: After): boolean {
  switch (assertion) {
    case 'text-start':
    case 'line-start':
      return before === 'start';
    case 'text-end':
    case 'line-end':
    case 'text-end-or-last-line':
      return after === 'end';
    case 'boundary':
    case 'not-boundary': {
      if (!ascii && (before === 'high' || after === 'high')) return true;
      const changes = (before === 'word') !== (after === 'word');
      return changes === (assertion === 'boundary');
    }
  }
}

/** Bytes that no pattern tells apart share a column; `symbols` has one symbol of each. */
function classify(nodes: readonly ByteNode[], words: boolean): { classes: Uint8Array; symbols: readonly number[] } {
  const sets = [...new Set(nodes.flatMap((node) => (node.op === 'symbol' ? [node.set] : [])))];
  const columns = new Map<string, number>();
  const symbols = [lineFeed, escapeByte];
  const ofSymbol = Array.from({ length: symbolCount }, (_, symbol) => {
    if (symbol === lineFeed || symbol === carriageReturn) return endClass;
    if (symbol === escapeByte) return escapeClass;
    const key = sets.map((set) => set[symbol]).join('') + (words ? sideOf(symbol) : '');
    const known = columns.get(key);
    if (known !== undefined) return known;
    columns.set(key, symbols.length);
    return symbols.push(symbol) - 1;
  });
  return { classes: Uint8Array.from({ length: 256 }, (_, byte) => ofSymbol[Math.min(byte, highByte)] ?? 0), symbols };
}
