/** What checks the languages inside of watchers: between two keystrokes most patterns and conditions stay as they are. */

import { type ConditionProblems, checkConditionText } from '../expression/check-condition.ts';
import { type CheckedPattern, checkPattern } from '../pattern/check-pattern.ts';
import { remember } from '../text/remember.ts';

export interface Checkers {
  readonly pattern: (source: string) => CheckedPattern;
  /** Spans of the problems are offsets into `text`. */
  readonly condition: (text: string, captures: readonly string[]) => ConditionProblems;
}

export const plainCheckers: Checkers = { pattern: checkPattern, condition: checkConditionText };

/** Checkers that remember the last `most` patterns and conditions. */
export function rememberingCheckers(most: number): Checkers {
  const condition = remember((key) => {
    const [text = '', ...captures] = key.split('\0');
    return checkConditionText(text, captures);
  }, most);
  return {
    pattern: remember(checkPattern, most),
    condition: (text, captures) =>
      // A text that holds the separator is checked as it is.
      text.includes('\0') ? checkConditionText(text, captures) : condition([text, ...captures].join('\0')),
  };
}
