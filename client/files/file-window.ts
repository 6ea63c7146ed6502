/** A part of a long file as a text: whole lines around a place, with a note of what they are. */
import { OutputText } from '../documents/output-text.ts';

/** Bytes that are read around the place. */
export const windowBytes = 512 * 1024;

export interface Place {
  /** Byte of the file that the line begins at. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
}

export interface FileWindow {
  /** Without control characters and escape sequences. */
  readonly text: string;
  /** Of the text, from 0: where the line of the place is. */
  readonly shownLine: number;
  /** Of the file, from 1: its line that comes first. */
  readonly firstLine: number;
}

/** Where reading begins for what is around `offset`. */
export function windowStart(offset: number): number {
  return Math.max(0, offset - windowBytes / 2);
}

/** @param bytes of the file from `windowStart(place.offset)` */
export function fileWindow(bytes: Uint8Array, place: Place): FileWindow {
  const start = windowStart(place.offset);
  const before = bytes.subarray(0, place.offset - start);
  // From the middle of a file: its first line is not whole.
  const cut = start === 0 ? 0 : before.indexOf(lineFeed) + 1;
  const output = new OutputText(2 * windowBytes);
  output.append(before.subarray(cut));
  const lengthAbove = output.text.length;
  output.append(bytes.subarray(place.offset - start));
  const { text } = output;
  // A carriage return waits for what comes behind it: here nothing does that belongs to it.
  const heldBack = before.at(-1) === carriageReturn ? 1 : 0;
  const shownLine = text.slice(0, lengthAbove).split('\n').length - 1 + heldBack;
  return { text, shownLine, firstLine: place.line - shownLine };
}

const carriageReturn = 13;
const lineFeed = 10;
