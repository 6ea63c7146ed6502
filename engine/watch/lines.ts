/** Lines of output as the watcher language has them (section 5), and where in a file one stands between them. */

export interface OutputLine {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** First byte behind this line and its ending: where reading goes on when the line is dealt with. */
  readonly endOffset: number;
  /** The line is longer than `maxLineBytes`: `text` is its beginning. */
  readonly cut: boolean;
  /** By pattern of whoever reads the lines: 0 where it certainly does not match. */
  readonly mayMatch: Uint8Array;
}

export interface OutputBatch {
  /** Those that some pattern may match. */
  readonly lines: readonly OutputLine[];
  /** How many lines ended, those that nobody asks for too. */
  readonly count: number;
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

/** CSI, OSC and other escape sequences (ECMA-48, and what terminals understand beside it). */
const ansi =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?|[ -/]*[0-~])/g;

/** Takes escape sequences out. All their characters are ASCII: text whose bytes were taken for characters loses the same. */
export function stripAnsi(text: string): string {
  return text.includes('\u001b') ? text.replace(ansi, '') : text;
}
