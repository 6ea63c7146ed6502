/** The reader of a pattern: one character, or a backslash with its character, at a time, as CPython's `re._parser` reads. */

import { type Fix, type Problem, problem } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';

/** Thrown inside the pattern parser only; `parsePattern` turns it into a problem. */
export class PatternError extends Error {
  readonly problem: Problem;

  constructor(found: Problem) {
    super(found.message);
    this.problem = found;
  }
}

export class PatternSource {
  readonly text: string;
  /** The token at the cursor; undefined at the end. */
  next: string | undefined;
  private index = 0;

  constructor(text: string) {
    this.text = text;
    this.advance();
  }

  /** Offset of the token at the cursor. */
  tell(): number {
    return this.index - (this.next?.length ?? 0);
  }

  seek(offset: number): void {
    this.index = offset;
    this.advance();
  }

  get(): string | undefined {
    const token = this.next;
    this.advance();
    return token;
  }

  match(token: string): boolean {
    if (this.next !== token) return false;
    this.advance();
    return true;
  }

  /** Up to `limit` characters that match `accepted`. */
  getWhile(limit: number, accepted: RegExp): string {
    let result = '';
    while (result.length < limit && this.next !== undefined && accepted.test(this.next)) result += this.get() ?? '';
    return result;
  }

  /** What stands before `terminator`, which is read too. */
  getUntil(terminator: string, name: string): string {
    let result = '';
    for (;;) {
      const token = this.next;
      this.advance();
      if (token === undefined) {
        if (result === '') throw this.error(`missing ${name}`);
        throw this.error(`missing ${terminator}, unterminated name`, result.length);
      }
      if (token === terminator) {
        if (result === '') throw this.error(`missing ${name}`, 1);
        return result;
      }
      result += token;
    }
  }

  /** An error that starts `back` characters before the cursor, in Python's words. */
  error(message: string, back = 0): PatternError {
    const start = this.tell() - back;
    return this.errorAt(message, { start, end: Math.min(Math.max(this.tell(), start + 1), this.text.length) });
  }

  errorAt(message: string, span: Span, fixes: readonly Fix[] = []): PatternError {
    return new PatternError(problem('pattern/syntax', span, l10n.t('Broken pattern: {0}.', message), fixes));
  }

  private advance(): void {
    const char = this.text.codePointAt(this.index);
    if (char === undefined) {
      this.next = undefined;
      return;
    }
    let token = String.fromCodePoint(char);
    if (token === '\\') {
      const escaped = this.text.codePointAt(this.index + 1);
      if (escaped === undefined) {
        const span = { start: this.text.length - 1, end: this.text.length };
        throw this.errorAt('bad escape (end of pattern)', span);
      }
      token += String.fromCodePoint(escaped);
    }
    this.index += token.length;
    this.next = token;
  }
}
