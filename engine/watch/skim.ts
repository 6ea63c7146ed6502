/**
 * Passes over lines that match nothing. Each step of an automaton waits for the one before it; two places of a chunk, looked
 * at in one loop, do not wait for each other.
 */
import type { LineAutomaton } from '../../language/pattern/line-automaton.ts';

/** Whole lines that match nothing, one after the other. */
export interface QuietLines {
  /** Where the first begins. */
  readonly start: number;
  /** Behind the last: here a line begins that has to be looked at again. */
  readonly stop: number;
  readonly count: number;
}

const lineFeed = 10;

/** Quiet lines from two starts of lines on; at most `length` bytes of each are looked at. Only `\n` ends a line here. */
export function skim(
  { table, classes, lastMark, quietEnd, start }: LineAutomaton,
  bytes: Uint8Array,
  starts: readonly [number, number],
  length: number,
): readonly [QuietLines, QuietLines] {
  const [first, second] = starts;
  let stateA = start;
  let stateB = start;
  let countA = 0;
  let countB = 0;
  let at = 0;
  for (;;) {
    let nextA = 0;
    let nextB = 0;
    // All the time goes here.
    while (at < length) {
      nextA = table[stateA + (classes[bytes[first + at] ?? 0] ?? 0)] ?? 0;
      nextB = table[stateB + (classes[bytes[second + at] ?? 0] ?? 0)] ?? 0;
      if (nextA <= lastMark) break;
      if (nextB <= lastMark) break;
      stateA = nextA;
      stateB = nextB;
      at++;
    }
    if (at >= length) break;
    if (nextA <= lastMark) {
      if (nextA !== quietEnd || bytes[first + at] !== lineFeed) break;
      nextA = start;
    }
    if (nextB <= lastMark) {
      if (nextB !== quietEnd || bytes[second + at] !== lineFeed) break;
      nextB = start;
      countB++;
    }
    if (nextA === start) countA++;
    stateA = nextA;
    stateB = nextB;
    at++;
  }
  return [quietLines(bytes, first, at, countA), quietLines(bytes, second, at, countB)];
}

function quietLines(bytes: Uint8Array, start: number, length: number, count: number): QuietLines {
  return { start, stop: count === 0 ? start : bytes.lastIndexOf(lineFeed, start + length - 1) + 1, count };
}
