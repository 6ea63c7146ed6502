/**
 * From bytes of output to the lines that patterns may match: pure, the same however the bytes are cut. Only such lines are
 * decoded; the others are counted.
 */
import type { LineAutomaton } from '../../language/pattern/line-automaton.ts';
import { type LinePosition, maxLineBytes, type OutputBatch, type OutputLine, stripAnsi } from './lines.ts';
import { type QuietLines, skim } from './skim.ts';

const lineFeed = 10;
const carriageReturn = 13;
const smallestHold = 256;

/** Such a part of a chunk is passed over at once, and one of that size ahead of it. */
const skimBytes = 8192;
const nothing: QuietLines = { start: -1, stop: 0, count: 0 };

/** Who reads lines: it may look for other patterns from now on. */
export interface LineReader {
  readonly automaton: LineAutomaton;
}

/**
 * Cuts a stream of bytes into lines at `\n`, `\r\n` or a lone `\r`, decodes UTF-8 (what is invalid becomes U+FFFD) and
 * takes ANSI escape sequences out. Holds at most `maxLineBytes` of an unfinished line.
 */
export class LineScanner {
  readonly #reader: LineReader;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** Beginning of the unfinished line, and how long it is by now. */
  #held: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #length = 0;
  /** Of the unfinished line: a state of this automaton, while it is of this generation. */
  #state: number;
  #automaton: LineAutomaton;
  #generation: number;
  /** Of the chunk that is being taken: what is known to be quiet further on. */
  #ahead = nothing;
  /** A line that begins here or later may be passed over. */
  #passAt = 0;
  /** Behind all that was taken. */
  #offset: number;
  #number: number;
  /** The last byte was `\r`: a `\n` that follows belongs to it. */
  #afterReturn: boolean;

  constructor(reader: LineReader, position: LinePosition = { offset: 0, line: 1, afterReturn: false }) {
    const { automaton } = reader;
    this.#reader = reader;
    this.#automaton = automaton;
    this.#state = automaton.start;
    this.#generation = automaton.generation;
    this.#offset = position.offset;
    this.#number = position.line;
    this.#afterReturn = position.afterReturn;
  }

  /** The place to go on from after a restart. */
  get position(): LinePosition {
    return {
      offset: this.#offset - this.#length,
      line: this.#number,
      afterReturn: this.#afterReturn && this.#length === 0,
    };
  }

  /**
   * Takes bytes until it has found lines of `enough` bytes in sum, or all; `taken` says how many. The rest has to come
   * again: so that who has much to do about lines need not do it at once.
   */
  push(bytes: Uint8Array, enough = Number.POSITIVE_INFINITY): OutputBatch & { readonly taken: number } {
    const { automaton } = this.#reader;
    const { classes, lastMark, quietEnd, start, unbuilt } = automaton;
    const { length } = bytes;
    const lines: OutputLine[] = [];
    const first = this.#number;
    let found = 0;
    let at = this.#skipFeed(bytes);
    this.#ahead = nothing;
    this.#passAt = at;
    if (this.#length === 0) at = this.#passQuiet(automaton, bytes, at);
    // Before the first byte when the line began in an earlier chunk.
    let lineStart = at - this.#length;
    let state = this.#resume(automaton);
    let { table } = automaton;
    while (found < enough) {
      // All the time goes here.
      let next = 0;
      while (at < length) {
        next = table[state + (classes[bytes[at] ?? 0] ?? 0)] ?? 0;
        if (next <= lastMark) break;
        state = next;
        at++;
      }
      if (at >= length) break;
      const byte = bytes[at] ?? 0;
      if (next === unbuilt) {
        next = automaton.build(state, byte);
        table = automaton.table;
        if (next > lastMark) {
          state = next;
          at++;
          continue;
        }
      }
      const cut = at - lineStart > maxLineBytes;
      if (next === quietEnd && !cut) {
        this.#number++;
      } else {
        const whole = this.#whole(bytes, lineStart, at);
        const line = this.#finish({ bytes: whole, cut, automaton, state, endOffset: this.#offset + at + 1 });
        if (line) {
          found += line.text.length + lineCost;
          lines.push(line);
        }
        table = automaton.table;
      }
      state = start;
      at++;
      if (byte === carriageReturn) {
        if (at === length) this.#afterReturn = true;
        else if (bytes[at] === lineFeed) at++;
      }
      this.#length = 0;
      if (at >= this.#passAt) at = this.#passQuiet(automaton, bytes, at);
      lineStart = at;
    }
    this.#hold(bytes, lineStart, at);
    this.#state = state;
    this.#automaton = automaton;
    this.#generation = automaton.generation;
    this.#offset += at;
    automaton.took(at);
    return { lines, count: this.#number - first, taken: at };
  }

  /** The unfinished last line, if there is one: for when no more will come. */
  end(): OutputBatch {
    if (this.#length === 0) return { lines: [], count: 0 };
    const kept = this.#held.subarray(0, Math.min(this.#length, maxLineBytes));
    const { automaton } = this.#reader;
    const cut = this.#length > maxLineBytes;
    const line = this.#finish({ bytes: kept, cut, automaton, state: this.#resume(automaton), endOffset: this.#offset });
    this.#length = 0;
    return { lines: line ? [line] : [], count: 1 };
  }

  /** From the start of a line at `at` to that of one that has to be looked at. */
  #passQuiet(automaton: LineAutomaton, bytes: Uint8Array, from: number): number {
    let at = from;
    for (;;) {
      if (at === this.#ahead.start) {
        at = this.#ahead.stop;
        this.#number += this.#ahead.count;
        this.#passAt = at;
      }
      this.#ahead = nothing;
      if (at < this.#passAt || bytes.length - at < 2 * skimBytes) return at;
      const second = lineStartBefore(bytes, at + skimBytes);
      this.#passAt = second;
      if (second - at < skimBytes / 2) return at;
      const [here, ahead] = skim(automaton, bytes, [at, second], second - at);
      this.#number += here.count;
      this.#ahead = ahead;
      at = here.stop;
      if (at < second) return at;
    }
  }

  #skipFeed(bytes: Uint8Array): number {
    if (bytes.length === 0) return 0;
    const skip = this.#afterReturn && bytes[0] === lineFeed ? 1 : 0;
    this.#afterReturn = false;
    return skip;
  }

  /** The state of the unfinished line: its patterns may have changed, and other streams make states void. */
  #resume(automaton: LineAutomaton): number {
    if (this.#length === 0) return automaton.start;
    if (this.#automaton === automaton && this.#generation === automaton.generation) return this.#state;
    if (this.#length > maxLineBytes) return automaton.anything;
    return automaton.run(this.#held.subarray(0, this.#length));
  }

  /** Keeps what there is of an unfinished line. */
  #hold(bytes: Uint8Array, lineStart: number, end: number): void {
    const before = Math.min(this.#length, maxLineBytes);
    const part = bytes.subarray(Math.max(0, lineStart), Math.min(end, Math.max(0, lineStart) + maxLineBytes - before));
    this.#length = end - lineStart;
    const needed = before + part.length;
    if (needed > this.#held.length) {
      const larger = new Uint8Array(Math.min(maxLineBytes, Math.max(smallestHold, needed * 2)));
      larger.set(this.#held.subarray(0, before));
      this.#held = larger;
    } else if (needed === 0 && this.#held.length > smallestHold) {
      this.#held = new Uint8Array(0);
    }
    this.#held.set(part, before);
  }

  /** The bytes of the line that ends at `end`, up to `maxLineBytes`. */
  #whole(bytes: Uint8Array, lineStart: number, end: number): Uint8Array {
    if (lineStart >= 0) return bytes.subarray(lineStart, Math.min(end, lineStart + maxLineBytes));
    const before = this.#held.subarray(0, Math.min(this.#length, maxLineBytes));
    const rest = bytes.subarray(0, Math.min(end, maxLineBytes - before.length));
    const whole = new Uint8Array(before.length + rest.length);
    whole.set(before);
    whole.set(rest, before.length);
    return whole;
  }

  /** Ends a line. undefined: no pattern matches it after all. */
  #finish(line: EndedLine): OutputLine | undefined {
    const { bytes, cut, endOffset } = line;
    const mayMatch = mayMatchOf(line);
    const number = this.#number++;
    if (!cut && !mayMatch.includes(1)) return undefined;
    return { text: stripAnsi(this.#decoder.decode(bytes)), number, endOffset, cut, mayMatch };
  }
}

/** The last start of a line up to `at`, if it is not far. */
function lineStartBefore(bytes: Uint8Array, at: number): number {
  let start = at;
  while (start > at - skimBytes / 2 && bytes[start - 1] !== lineFeed) start--;
  return start;
}

interface EndedLine {
  /** At most `maxLineBytes`; `cut` when there were more. */
  readonly bytes: Uint8Array;
  readonly cut: boolean;
  readonly automaton: LineAutomaton;
  readonly state: number;
  readonly endOffset: number;
}

function mayMatchOf({ bytes, cut, automaton, state }: EndedLine): Uint8Array {
  if (cut) return automaton.all;
  if (state !== automaton.escaped) return automaton.endsWith(state);
  const plain = Buffer.from(stripAnsi(Buffer.from(bytes).toString('latin1')), 'latin1');
  const end = automaton.run(plain);
  // What is left of a broken escape sequence is text: rare enough to look at the line itself.
  return end === automaton.escaped ? automaton.all : automaton.endsWith(end);
}

/** What dealing with a line costs whatever its length, in bytes. */
const lineCost = 256;
