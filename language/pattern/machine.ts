/**
 * Runs a compiled pattern over a line: backtracking in Python's order of preference, with a memory of the decision points that
 * failed at a position. No decision is tried twice at a place, so a line costs time linear in its length, whatever the pattern.
 */
import type { Assertion } from './ast.ts';
import { isWord } from './characters.ts';
import type { Instruction, Program } from './program.ts';

export class Machine {
  private readonly program: Program;
  /** Where each decision point's part of the memory starts, in units of positions. */
  private readonly memoBase: readonly number[];
  private readonly memoSize: number;
  private memo = new Uint32Array(0);
  private stack = new Int32Array(256);
  private readonly slots: Int32Array;
  private readonly firstLoop: number;
  private line = '';
  private pc = 0;
  private at = 0;
  private top = 0;

  constructor(program: Program) {
    this.program = program;
    const bases: number[] = [];
    let size = 0;
    for (const loops of program.memoLoops) {
      bases.push(size);
      size += 2 ** loops.length;
    }
    this.memoBase = bases;
    this.memoSize = size;
    this.firstLoop = 2 * (program.groupCount + 1);
    this.slots = new Int32Array(this.firstLoop + program.loopCount);
  }

  /** Offsets of the match and its groups, two each and -1 for none; undefined when no start in `starts` matches. */
  search(line: string, starts: (from: number) => number): Int32Array | undefined {
    const words = Math.ceil((this.memoSize * (line.length + 1)) / 32);
    if (this.memo.length < words) this.memo = new Uint32Array(words * 2);
    else this.memo.fill(0, 0, words);
    this.line = line;
    for (let start = starts(0); start >= 0; start = starts(start + 1)) {
      this.slots.fill(-1);
      if (this.run(start)) return this.slots.slice(0, this.firstLoop);
    }
    return undefined;
  }

  private run(start: number): boolean {
    this.pc = 0;
    this.at = start;
    this.top = 0;
    for (;;) {
      const outcome = this.step();
      if (outcome === 'matched') return true;
      if (outcome === 'failed' && !this.backtrack()) return false;
    }
  }

  private step(): 'going' | 'failed' | 'matched' {
    const instruction = this.program.instructions[this.pc];
    switch (instruction?.op) {
      case 'char':
        return this.line.codePointAt(this.at) === instruction.char ? this.consume(instruction.char) : 'failed';
      case 'test': {
        const char = this.line.codePointAt(this.at);
        return char !== undefined && instruction.test(char) ? this.consume(char) : 'failed';
      }
      case 'assert':
        this.pc++;
        return holds(instruction.assertion, instruction.ascii, this.line, this.at) ? 'going' : 'failed';
      case 'save':
        return this.set(instruction.slot, this.at);
      case 'jump':
        this.pc = instruction.to;
        return 'going';
      case 'split':
        if (this.wasHere(instruction.memo)) return 'failed';
        this.push(instruction.second, this.at);
        this.pc = instruction.first;
        return 'going';
      case 'enter':
        return this.set(this.firstLoop + instruction.loop, -1);
      case 'turn':
        return this.turn(instruction);
      case 'begin':
        return this.set(this.firstLoop + instruction.loop, this.at);
      default:
        return 'matched';
    }
  }

  private consume(char: number): 'going' {
    this.at += char > 0xffff ? 2 : 1;
    this.pc++;
    return 'going';
  }

  /** Sets a register, so that going back restores it. */
  private set(slot: number, value: number): 'going' {
    this.push(~slot, this.slots[slot] ?? -1);
    this.slots[slot] = value;
    this.pc++;
    return 'going';
  }

  private turn(instruction: Instruction & { op: 'turn' }): 'going' | 'failed' {
    if (this.wasHere(instruction.memo)) return 'failed';
    const matchedNothing = this.slots[this.firstLoop + instruction.loop] === this.at;
    const [first, second] = instruction.greedy ? [this.pc + 1, instruction.exit] : [instruction.exit, this.pc + 1];
    if (matchedNothing) {
      this.pc = instruction.exit;
      return 'going';
    }
    this.push(second, this.at);
    this.pc = first;
    return 'going';
  }

  /** Was this decision point tried at this position before, with the loops around it in the same state? It failed then. */
  private wasHere(memo: number): boolean {
    let state = 0;
    for (const loop of this.program.memoLoops[memo] ?? []) {
      state = state * 2 + (this.slots[this.firstLoop + loop] === this.at ? 1 : 0);
    }
    const bit = ((this.memoBase[memo] ?? 0) + state) * (this.line.length + 1) + this.at;
    const word = Math.floor(bit / 32);
    const mask = 1 << (bit % 32);
    const before = this.memo[word] ?? 0;
    this.memo[word] = before | mask;
    return (before & mask) !== 0;
  }

  /** A place to go back to, or (`~slot`) a register's old value. */
  private push(where: number, value: number): void {
    if (this.top + 2 > this.stack.length) {
      const larger = new Int32Array(this.stack.length * 2);
      larger.set(this.stack);
      this.stack = larger;
    }
    this.stack[this.top] = where;
    this.stack[this.top + 1] = value;
    this.top += 2;
  }

  private backtrack(): boolean {
    while (this.top > 0) {
      this.top -= 2;
      const where = this.stack[this.top] ?? 0;
      const value = this.stack[this.top + 1] ?? 0;
      if (where >= 0) {
        this.pc = where;
        this.at = value;
        return true;
      }
      this.slots[~where] = value;
    }
    return false;
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
