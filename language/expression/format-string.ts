/** The inside of f-strings: text and replacement fields, `{value!r:>8.2f}`. */

import { type Problem, problem } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';
import type { Expression, FormatField, FormatPart } from './ast.ts';
import { decodeString } from './literals.ts';

export interface ParsedExpression {
  readonly expression: Expression;
  readonly problems: readonly Problem[];
}

export interface ParsedFormat {
  readonly parts: readonly FormatPart[];
  readonly problems: readonly Problem[];
}

/** `body` is what stands between the quotes in `text`; `parseInside` reads the expression of a field. */
export function parseFormatString(
  text: string,
  body: Span,
  raw: boolean,
  parseInside: (span: Span) => ParsedExpression,
): ParsedFormat {
  const parser = new FormatParser(text, raw, parseInside);
  const parts = parser.parse(body, false);
  return { parts, problems: parser.problems };
}

class FormatParser {
  readonly problems: Problem[] = [];
  private readonly text: string;
  private readonly raw: boolean;
  private readonly parseInside: (span: Span) => ParsedExpression;

  constructor(text: string, raw: boolean, parseInside: (span: Span) => ParsedExpression) {
    this.text = text;
    this.raw = raw;
    this.parseInside = parseInside;
  }

  parse(body: Span, inSpec: boolean): readonly FormatPart[] {
    const parts: FormatPart[] = [];
    let from = body.start;
    const flush = (to: number) => {
      if (to > from) parts.push(this.decode({ start: from, end: to }));
    };
    for (let at = body.start; at < body.end; ) {
      const char = this.text[at];
      const doubled = !inSpec && this.text[at + 1] === char && at + 1 < body.end;
      if (char === '\\' && !this.raw) at += 2;
      else if ((char === '{' || char === '}') && doubled) {
        flush(at + 1);
        at += 2;
        from = at;
      } else if (char === '}') {
        this.report({ start: at, end: at + 1 }, l10n.t('A single `}` is not allowed in an f-string: write `}}`.'));
        at++;
      } else if (char === '{') {
        flush(at);
        const end = this.fieldEnd(at + 1, body.end);
        parts.push(this.parseField(at, end, body.end, inSpec));
        at = Math.min(end + 1, body.end);
        from = at;
      } else at++;
    }
    flush(body.end);
    return parts;
  }

  private decode(span: Span): string {
    const { parts, broken } = decodeString(this.text, span, this.raw);
    for (const found of broken) this.report(found, l10n.t('This is not a whole escape.'));
    return parts.map((part) => part.text).join('');
  }

  private report(span: Span, message: string): void {
    this.problems.push(problem('condition/syntax', span, message));
  }

  /** Offset of the `}` that closes the field whose inside starts at `start`; `limit` when there is none. */
  private fieldEnd(start: number, limit: number): number {
    let depth = 0;
    for (let at = start; at < limit; at++) {
      const char = this.text[at] ?? '';
      if (char === '"' || char === "'") {
        const close = this.text.indexOf(char, at + 1);
        if (close >= 0 && close < limit) at = close;
      } else if ('([{'.includes(char)) depth++;
      else if (char === '}' && depth === 0) return at;
      else if (')]}'.includes(char)) depth--;
    }
    return limit;
  }

  private parseField(open: number, end: number, limit: number, inSpec: boolean): FormatField {
    if (end >= limit)
      this.report(
        { start: open, end: open + 1 },
        l10n.t('The `{` of the f-string is never closed: write `{{` for a brace.'),
      );
    const valueEnd = this.valueEnd(open + 1, end);
    const { expression, problems } = this.parseInside({ start: open + 1, end: valueEnd });
    this.problems.push(...problems);
    let at = valueEnd;
    let conversion: FormatField['conversion'];
    if (this.text[at] === '!' && at < end) {
      const letter = this.text[at + 1];
      if (letter === 'r' || letter === 's' || letter === 'a') conversion = letter;
      else
        this.report({ start: at, end: Math.min(at + 2, end) }, l10n.t('After `!` one of `r`, `s`, `a` is expected.'));
      at = Math.min(at + 2, end);
    }
    let spec: readonly FormatPart[] = [];
    if (this.text[at] === ':' && at < end) {
      if (inSpec) this.report({ start: at, end }, l10n.t('The fields of an f-string are nested too deep.'));
      else spec = this.parse({ start: at + 1, end }, true);
    } else if (at < end) this.report({ start: at, end }, l10n.t('This was not expected in a field of an f-string.'));
    return conversion ? { value: expression, conversion, spec } : { value: expression, spec };
  }

  /** Where the value of a field ends: at `!r`, `:` or its end, outside of brackets and quotes. */
  private valueEnd(start: number, end: number): number {
    let depth = 0;
    for (let at = start; at < end; at++) {
      const char = this.text[at] ?? '';
      if (char === '"' || char === "'") {
        const close = this.text.indexOf(char, at + 1);
        if (close >= 0 && close < end) at = close;
      } else if ('([{'.includes(char)) depth++;
      else if (')]}'.includes(char)) depth--;
      else if (depth === 0 && char === ':') return at;
      else if (depth === 0 && char === '!' && this.text[at + 1] !== '=') return at;
    }
    return end;
  }
}
