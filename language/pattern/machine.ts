/**
 * Runs a compiled pattern over a line: backtracking in Python's order of preference. Most searches are over in a few steps for each
 * character; one that is not goes on with a memory of the decision points that failed at a position. No decision is tried
 * twice at a place then, so a line costs time linear in its length, whatever the pattern.
 */
import type { Assertion } from './ast.ts';
import { type CharTest, isWord } from './characters.ts';
import type { Instruction, Program } from './program.ts';

/** A search was given up: it would have taken too many steps, or too much memory. */
export class SearchStopped extends Error {}

/** So many steps a character are taken without a memory. */
const stepsWithoutMemory = 32;
/** With one: so many a character, after a start, and no more than so many in all (some tenths of a second). */
const stepsWithMemory = 4000;
const firstSteps = 100_000;
const maxSteps = 20_000_000;
/** Decisions that can be remembered: 8 MiB. */
const maxMemoBits = 1 << 26;
const maxStack = 1 << 22;
/** What is larger is not kept from one line to the next. */
const keptSize = 1 << 15;

const match = 0;
const char = 1;
const test = 2;
const assertion = 3;
const save = 4;
const jump = 5;
const split = 6;
const enter = 7;
const turn = 8;
const begin = 9;

/** Numbers of an instruction: what it is, and up to three operands. */
const size = 4;

interface Test {
  readonly ascii: Uint8Array;
  readonly beyond: CharTest;
}

export class Machine {
  readonly #code: Int32Array;
  readonly #tests: Test[] = [];
  readonly #assertions: { readonly assertion: Assertion; readonly ascii: boolean }[] = [];
  readonly #memoLoops: readonly (readonly number[])[];
  /** Where each decision point's part of the memory starts, in units of positions. */
  readonly #memoBase: readonly number[];
  readonly #memoSize: number;
  #memo: Uint32Array = new Uint32Array(0);
  #stack: Int32Array = new Int32Array(256);
  readonly #slots: Int32Array;
  readonly #firstLoop: number;
  readonly #cheapSteps: number;

  constructor(program: Program, cheapSteps = stepsWithoutMemory) {
    this.#cheapSteps = cheapSteps;
    const bases: number[] = [];
    let memoSize = 0;
    for (const loops of program.memoLoops) {
      bases.push(memoSize);
      memoSize += 2 ** loops.length;
    }
    this.#memoLoops = program.memoLoops;
    this.#memoBase = bases;
    this.#memoSize = memoSize;
    this.#firstLoop = 2 * (program.groupCount + 1);
    this.#slots = new Int32Array(this.#firstLoop + program.loopCount);
    this.#code = Int32Array.from(program.instructions.flatMap((instruction) => this.#encode(instruction)));
  }

  /**
   * Offsets of the match and its groups, two each and -1 for none; undefined when no start in `starts` matches.
   * Throws `SearchStopped`.
   */
  search(line: string, starts: (from: number) => number): Int32Array | undefined {
    let left = this.#cheapSteps * (line.length + 8);
    let remembers = false;
    for (let start = starts(0); start >= 0; ) {
      const steps = this.#run(line, start, left, remembers);
      if (steps < 0) return this.#slots.slice(0, this.#firstLoop);
      if (steps <= left) {
        left -= steps;
        start = starts(start + 1);
      } else if (remembers || !this.#remember(line)) {
        this.#forget();
        throw new SearchStopped('the pattern takes too many steps on this line');
      } else {
        // The same start again.
        remembers = true;
        left = Math.min(maxSteps, firstSteps + stepsWithMemory * line.length);
      }
    }
    if (remembers) this.#forget();
    return undefined;
  }

  #encode(instruction: Instruction): number[] {
    switch (instruction.op) {
      case 'match':
        return [match, 0, 0, 0];
      case 'char':
        return [char, instruction.char, 0, 0];
      case 'test': {
        const ascii = Uint8Array.from({ length: 128 }, (_, one) => (instruction.test(one) ? 1 : 0));
        return [test, this.#tests.push({ ascii, beyond: instruction.test }) - 1, 0, 0];
      }
      case 'assert':
        return [assertion, this.#assertions.push(instruction) - 1, 0, 0];
      case 'save':
        return [save, instruction.slot, 0, 0];
      case 'jump':
        return [jump, instruction.to * size, 0, 0];
      case 'split':
        return [split, instruction.first * size, instruction.second * size, instruction.memo];
      case 'enter':
        return [enter, this.#firstLoop + instruction.loop, 0, 0];
      case 'turn':
        return [
          turn,
          this.#firstLoop + instruction.loop,
          instruction.exit * size * (instruction.greedy ? 1 : -1),
          instruction.memo,
        ];
      case 'begin':
        return [begin, this.#firstLoop + instruction.loop, 0, 0];
    }
  }

  /** Makes a memory for `line`; false when it would be too large. */
  #remember(line: string): boolean {
    const bits = this.#memoSize * (line.length + 1);
    if (bits > maxMemoBits) return false;
    this.#memo = new Uint32Array(Math.ceil(bits / 32));
    return true;
  }

  #forget(): void {
    this.#memo = new Uint32Array(0);
    if (this.#stack.length > keptSize) this.#stack = new Int32Array(256);
  }

  /** Tries the match at `start`. Negative: there is one. Else how many steps it took to find none; more than `most`: it gave up. */
  #run(line: string, start: number, most: number, remembers: boolean): number {
    const code = this.#code;
    const slots = this.#slots;
    let stack = this.#stack;
    let pc = 0;
    let at = start;
    let top = 0;
    let steps = 0;
    slots.fill(-1);
    for (;;) {
      if (++steps > most) return steps;
      // A place to go back to, or (`~slot`) a register's old value, takes two numbers; no instruction has more than one.
      if (top + 2 > stack.length) {
        if (top >= maxStack) return most + 1;
        stack = this.#largerStack();
      }
      let failed = false;
      const a = code[pc + 1] ?? 0;
      switch (code[pc]) {
        case char: {
          const unit = a < 0x10000 ? line.charCodeAt(at) : (line.codePointAt(at) ?? -1);
          if (unit === a && (a < 0xd800 || a > 0xdfff || line.codePointAt(at) === a)) {
            at += a < 0x10000 ? 1 : 2;
            pc += size;
          } else failed = true;
          break;
        }
        case test: {
          const unit = line.charCodeAt(at);
          const set = this.#tests[a];
          if (unit < 128) {
            failed = set?.ascii[unit] !== 1;
            at++;
          } else {
            // Behind the end (NaN) too.
            const point = line.codePointAt(at);
            failed = point === undefined || set?.beyond(point) !== true;
            at += point !== undefined && point > 0xffff ? 2 : 1;
          }
          pc += size;
          break;
        }
        case assertion: {
          const asked = this.#assertions[a];
          failed = asked === undefined || !holds(asked.assertion, asked.ascii, line, at);
          pc += size;
          break;
        }
        case jump:
          pc = a;
          break;
        case split:
          if (remembers && this.#wasHere(code[pc + 3] ?? 0, at, line.length)) failed = true;
          else {
            stack[top++] = code[pc + 2] ?? 0;
            stack[top++] = at;
            pc = a;
          }
          break;
        case save:
        case begin:
          stack[top++] = ~a;
          stack[top++] = slots[a] ?? -1;
          slots[a] = at;
          pc += size;
          break;
        case enter:
          stack[top++] = ~a;
          stack[top++] = slots[a] ?? -1;
          slots[a] = -1;
          pc += size;
          break;
        case turn: {
          const exit = code[pc + 2] ?? 0;
          if (remembers && this.#wasHere(code[pc + 3] ?? 0, at, line.length)) failed = true;
          else if (slots[a] === at) pc = Math.abs(exit);
          else {
            stack[top++] = exit > 0 ? exit : pc + size;
            stack[top++] = at;
            pc = exit > 0 ? pc + size : -exit;
          }
          break;
        }
        default:
          return -1;
      }
      if (!failed) continue;
      for (;;) {
        if (top === 0) return steps;
        top -= 2;
        const where = stack[top] ?? 0;
        const value = stack[top + 1] ?? 0;
        if (where >= 0) {
          pc = where;
          at = value;
          break;
        }
        slots[~where] = value;
      }
    }
  }

  #largerStack(): Int32Array {
    const larger = new Int32Array(this.#stack.length * 2);
    larger.set(this.#stack);
    this.#stack = larger;
    return larger;
  }

  /** Was this decision point tried at this position before, with the loops around it in the same state? It failed then. */
  #wasHere(memo: number, at: number, length: number): boolean {
    let state = 0;
    for (const loop of this.#memoLoops[memo] ?? []) {
      state = state * 2 + (this.#slots[this.#firstLoop + loop] === at ? 1 : 0);
    }
    const bit = ((this.#memoBase[memo] ?? 0) + state) * (length + 1) + at;
    const word = bit >>> 5;
    const mask = 1 << (bit & 31);
    const before = this.#memo[word] ?? 0;
    this.#memo[word] = before | mask;
    return (before & mask) !== 0;
  }
}

function holds(assertion: Assertion, ascii: boolean, line: string, at: number): boolean {
  switch (assertion) {
    case 'text-start':
      return at === 0;
    case 'line-start':
      return at === 0 || line[at - 1] === '\n';
    case 'text-end':
      return at === line.length;
    case 'line-end':
      return at === line.length || line[at] === '\n';
    case 'text-end-or-last-line':
      return at === line.length || (at === line.length - 1 && line[at] === '\n');
    case 'boundary':
      return wordBefore(line, at, ascii) !== wordAfter(line, at, ascii);
    case 'not-boundary':
      // CPython before 3.14: nowhere in an empty text.
      return line.length > 0 && wordBefore(line, at, ascii) === wordAfter(line, at, ascii);
  }
}

function wordAfter(line: string, at: number, ascii: boolean): boolean {
  const char = line.codePointAt(at);
  return char !== undefined && isWord(char, ascii);
}

function wordBefore(line: string, at: number, ascii: boolean): boolean {
  if (at === 0) return false;
  const pair = at > 1 ? line.codePointAt(at - 2) : undefined;
  const char = pair !== undefined && pair > 0xffff ? pair : line.charCodeAt(at - 1);
  return isWord(char, ascii);
}
