/** The form that an option's value must have. */
import type { Severity } from '../../problem/problem.ts';
import type { LaterText } from '../../text/l10n.ts';

/** What a value means, for people. */
export type Meaning = string | LaterText;

/** What is wrong with a value: `start` and `end` are offsets in it, `end` excluded. */
export interface ValueIssue {
  readonly start: number;
  readonly end: number;
  readonly message: string;
  /** Default: an error, the scheduler refuses it. A warning: it is taken, but not as it is meant. */
  readonly severity?: Severity;
  /** What was probably meant, in the place of `start` to `end`. */
  readonly replacement?: string;
}

export interface Form {
  /** Never throws. Empty: all is well. */
  readonly check: (value: string) => readonly ValueIssue[];
  /** Values to propose, each with what it means. */
  readonly values?: readonly (readonly [value: string, meaning: Meaning])[];
  /** A value is a word of a known set: one in capitals is no mark that something else replaces. */
  readonly isWord?: boolean;
  /** The value in words, where it is not plain by itself: `120` is `2 h`. */
  readonly spell?: (value: string) => string | undefined;
}

/** The whole value is wrong. */
export function wrong(value: string, message: string, more: Partial<ValueIssue> = {}): readonly ValueIssue[] {
  return [{ start: 0, end: value.length, message, ...more }];
}

export interface Part {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The parts of a list, with their places; `separator` is one character. */
export function partsOf(value: string, separator: string, from = 0): readonly Part[] {
  const parts: Part[] = [];
  let start = from;
  for (const text of value.slice(from).split(separator)) {
    parts.push({ text, start, end: start + text.length });
    start += text.length + 1;
  }
  return parts;
}
