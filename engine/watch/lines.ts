/** From bytes of output to lines as the watcher language has them (section 5): pure, the same however the bytes are cut. */

export interface OutputLine {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** First byte behind this line and its ending: where reading goes on when the line is dealt with. */
  readonly endOffset: number;
  /** The line is longer than `maxLineBytes`: `text` is its beginning. */
  readonly cut: boolean;
}

/** Where the first line begins that was not handed out yet. */
export interface LinePosition {
  /** Its first byte. */
  readonly offset: number;
  /** Its number, from 1. */
  readonly line: number;
  /** The byte before it is `\r`: a `\n` that comes first belongs to the line before. */
  readonly afterReturn: boolean;
}

export const maxLineBytes = 64 * 1024;

const lineFeed = 10;
const carriageReturn = 13;

/** CSI, OSC and other escape sequences (ECMA-48, and what terminals understand beside it). */
const ansi =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?|[ -/]*[0-~])/g;

export function stripAnsi(text: string): string {
  return text.includes('\u001b') ? text.replace(ansi, '') : text;
}

/**
 * Cuts a stream of bytes into lines at `\n`, `\r\n` or a lone `\r`, decodes UTF-8 (what is invalid becomes U+FFFD) and
 * takes ANSI escape sequences out. Holds at most `maxLineBytes` of an unfinished line.
 */
export class LineSplitter {
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #dropped = false;
  #offset: number;
  #number: number;
  /** The last byte was `\r`: a `\n` that follows belongs to it. */
  #afterReturn = false;
  readonly #decoder = new TextDecoder('utf-8');

  #lineStart: number;

  constructor(position: LinePosition = { offset: 0, line: 1, afterReturn: false }) {
    this.#offset = position.offset;
    this.#lineStart = position.offset;
    this.#number = position.line;
    this.#afterReturn = position.afterReturn;
  }

  /** The place to go on from after a restart. */
  get position(): LinePosition {
    return { offset: this.#lineStart, line: this.#number, afterReturn: this.#afterReturn && this.#heldBytes === 0 };
  }

  push(bytes: Uint8Array): OutputLine[] {
    const lines: OutputLine[] = [];
    let start = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte !== lineFeed && byte !== carriageReturn) {
        this.#afterReturn = false;
        continue;
      }
      if (byte === lineFeed && this.#afterReturn) {
        this.#afterReturn = false;
        start = at + 1;
        this.#lineStart = this.#offset + at + 1;
        continue;
      }
      this.#hold(bytes.subarray(start, at));
      start = at + 1;
      lines.push(this.#finish(this.#offset + at + 1));
      this.#afterReturn = byte === carriageReturn;
    }
    this.#hold(bytes.subarray(start));
    this.#offset += bytes.length;
    return lines;
  }

  /** The unfinished last line, if there is one: for when no more will come. */
  end(): OutputLine[] {
    return this.#heldBytes > 0 ? [this.#finish(this.#offset)] : [];
  }

  #hold(bytes: Uint8Array): void {
    const room = maxLineBytes - this.#heldBytes;
    if (bytes.length > room) this.#dropped = true;
    const kept = bytes.subarray(0, room);
    if (kept.length === 0) return;
    this.#held.push(kept.slice());
    this.#heldBytes += kept.length;
  }

  #finish(endOffset: number): OutputLine {
    const text = stripAnsi(this.#decoder.decode(Buffer.concat(this.#held)));
    const line: OutputLine = { text, number: this.#number, endOffset, cut: this.#dropped };
    this.#number++;
    this.#held = [];
    this.#heldBytes = 0;
    this.#dropped = false;
    this.#lineStart = endOffset;
    return line;
  }
}
