/** Problems found in a script: what every parser and check of `language/` returns instead of throwing. */
import type { Span } from '../text/span.ts';
import { type ProblemCode, problemCodes } from './codes.ts';

export type Severity = 'error' | 'warning' | 'information' | 'hint';

export interface Fix {
  readonly title: string;
  readonly edits: readonly { readonly span: Span; readonly newText: string }[];
}

export interface Problem {
  readonly code: ProblemCode;
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
  readonly fixes: readonly Fix[];
}

/** A problem with the severity that its code has in the catalogue, unless `severity` says otherwise. */
export function problem(
  code: ProblemCode,
  span: Span,
  message: string,
  fixes: readonly Fix[] = [],
  severity?: Severity,
): Problem {
  return { code, severity: severity ?? problemCodes[code].severity, message, span, fixes };
}

/** A fix that puts `newText` in the place of one span. */
export function replaceFix(title: string, span: Span, newText: string): Fix {
  return { title, edits: [{ span, newText }] };
}

/** The same problem with every span mapped, e.g. from a fragment into its document. */
export function mapProblem(found: Problem, map: (span: Span) => Span): Problem {
  return {
    ...found,
    span: map(found.span),
    fixes: found.fixes.map((fix) => ({
      title: fix.title,
      edits: fix.edits.map((edit) => ({ span: map(edit.span), newText: edit.newText })),
    })),
  };
}

/** In document order, and one problem at most for a code at a place. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  const sorted = [...problems].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  const seen = new Set<string>();
  return sorted.filter((found) => {
    const key = `${found.span.start} ${found.code}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
