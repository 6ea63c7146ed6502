/** Compiles a pattern's tree to instructions for `machine.ts`. */
import { type Assertion, isNullable, type PatternNode } from './ast.ts';
import { type CharTest, charTest } from './characters.ts';

export type Instruction =
  | { readonly op: 'char'; readonly char: number }
  | { readonly op: 'test'; readonly test: CharTest }
  | { readonly op: 'assert'; readonly assertion: Assertion; readonly ascii: boolean }
  | { readonly op: 'save'; readonly slot: number }
  | { op: 'jump'; to: number }
  /** Goes on at `first`, and at `second` when that fails. */
  | { readonly op: 'split'; first: number; second: number; readonly memo: number }
  /** Forgets where the loop's last turn began. */
  | { readonly op: 'enter'; readonly loop: number }
  /**
   * Before another turn of a loop whose body may match nothing; `begin` follows. A turn that matched nothing was the last one, as in
   * CPython's `sre`.
   */
  | { readonly op: 'turn'; readonly loop: number; readonly greedy: boolean; exit: number; readonly memo: number }
  /** A turn begins here: remembers the place. */
  | { readonly op: 'begin'; readonly loop: number }
  | { readonly op: 'match' };

export interface Program {
  readonly instructions: readonly Instruction[];
  readonly groupCount: number;
  /** Loops whose bodies may match nothing; each has a register with the place where its turn began. */
  readonly loopCount: number;
  /** For each decision point (`memo`), the loops around it. */
  readonly memoLoops: readonly (readonly number[])[];
}

/** Beyond these a pattern is refused: time per character grows with both. */
const maxInstructions = 20_000;
const maxNestedLoops = 6;
const maxVisits = 100_000;

/** undefined: the pattern is too large once its counted repeats are written out. */
export function compileProgram(root: PatternNode, groupCount: number): Program | undefined {
  const compiler = new Compiler();
  try {
    compiler.emit({ op: 'save', slot: 0 });
    compiler.compile(root, []);
    compiler.emit({ op: 'save', slot: 1 });
    compiler.emit({ op: 'match' });
  } catch (error) {
    if (error === tooLarge) return undefined;
    throw error;
  }
  const { instructions, loopCount, memoLoops } = compiler;
  return { instructions, groupCount, loopCount, memoLoops };
}

const isNotLineFeed: CharTest = (char) => char !== 10;

const tooLarge = Symbol('pattern too large');

class Compiler {
  readonly instructions: Instruction[] = [];
  readonly memoLoops: (readonly number[])[] = [];
  loopCount = 0;
  private visits = 0;

  emit<T extends Instruction>(instruction: T): T {
    if (this.instructions.length >= maxInstructions) throw tooLarge;
    this.instructions.push(instruction);
    return instruction;
  }

  compile(node: PatternNode, loops: readonly number[]): void {
    // Repeats of nothing come to many turns without a single instruction.
    if (++this.visits > maxVisits) throw tooLarge;
    switch (node.kind) {
      case 'set': {
        const [item] = node.items;
        const plain = node.items.length === 1 && item?.kind === 'char' && !node.negated && !node.flags.ignoreCase;
        if (plain) this.emit({ op: 'char', char: item.char });
        else this.emit({ op: 'test', test: charTest(node.items, node.negated, node.flags) });
        return;
      }
      case 'any':
        this.emit({ op: 'test', test: node.flags.dotAll ? () => true : isNotLineFeed });
        return;
      case 'assertion':
        this.emit({ op: 'assert', assertion: node.assertion, ascii: node.flags.ascii });
        return;
      case 'sequence':
        for (const item of node.items) this.compile(item, loops);
        return;
      case 'branch':
        this.compileBranch(node.options, loops);
        return;
      case 'group':
        this.compileGroup(node.body, node.index, loops);
        return;
      case 'repeat':
        this.compileRepeat(node, loops);
        return;
      case 'refused':
        return;
    }
  }

  private get here(): number {
    return this.instructions.length;
  }

  private newMemo(loops: readonly number[]): number {
    this.memoLoops.push(loops);
    return this.memoLoops.length - 1;
  }

  private split(greedy: boolean, loops: readonly number[]): (other: number) => void {
    const split = this.emit({ op: 'split', first: this.here + 1, second: this.here + 1, memo: this.newMemo(loops) });
    return (other) => {
      if (greedy) split.second = other;
      else split.first = other;
    };
  }

  private compileBranch(options: readonly PatternNode[], loops: readonly number[]): void {
    const exits: { op: 'jump'; to: number }[] = [];
    options.forEach((option, index) => {
      const last = index === options.length - 1;
      const setOther = last ? undefined : this.split(true, loops);
      this.compile(option, loops);
      if (!last) exits.push(this.emit({ op: 'jump', to: 0 }));
      setOther?.(this.here);
    });
    for (const exit of exits) exit.to = this.here;
  }

  private compileGroup(body: PatternNode, index: number | undefined, loops: readonly number[]): void {
    if (index === undefined) {
      this.compile(body, loops);
      return;
    }
    this.emit({ op: 'save', slot: 2 * index });
    this.compile(body, loops);
    this.emit({ op: 'save', slot: 2 * index + 1 });
  }

  private compileRepeat(node: PatternNode & { kind: 'repeat' }, loops: readonly number[]): void {
    if (node.min > maxInstructions || (Number.isFinite(node.max) && node.max > maxInstructions)) throw tooLarge;
    for (let count = 0; count < node.min; count++) this.compile(node.body, loops);
    if (node.max === node.min) return;
    if (isNullable(node.body)) {
      this.compileNullableLoop(node, loops);
      return;
    }
    if (node.max === Number.POSITIVE_INFINITY) {
      const start = this.here;
      const setExit = this.split(node.greedy, loops);
      this.compile(node.body, loops);
      this.emit({ op: 'jump', to: start });
      setExit(this.here);
      return;
    }
    const exits: ((other: number) => void)[] = [];
    for (let count = node.min; count < node.max; count++) {
      exits.push(this.split(node.greedy, loops));
      this.compile(node.body, loops);
    }
    for (const setExit of exits) setExit(this.here);
  }

  private compileNullableLoop(node: PatternNode & { kind: 'repeat' }, loops: readonly number[]): void {
    if (loops.length >= maxNestedLoops) throw tooLarge;
    const loop = this.loopCount++;
    const inside = [...loops, loop];
    const turns: { exit: number }[] = [];
    this.emit({ op: 'enter', loop });
    const start = this.here;
    const emitTurn = () => {
      const memo = this.newMemo(inside);
      turns.push(this.emit({ op: 'turn', loop, greedy: node.greedy, exit: 0, memo }));
      this.emit({ op: 'begin', loop });
      this.compile(node.body, inside);
    };
    if (node.max === Number.POSITIVE_INFINITY) {
      emitTurn();
      this.emit({ op: 'jump', to: start });
    } else {
      for (let count = node.min; count < node.max; count++) emitTurn();
    }
    for (const turn of turns) turn.exit = this.here;
  }
}
