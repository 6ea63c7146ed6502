/** What the user wants of each code: another severity than the catalogue's, or nothing at all. */
import { nearestName } from '../text/nearest.ts';
import { type ProblemCode, problemCodes } from './codes.ts';
import type { Problem, Severity } from './problem.ts';

export type ChosenSeverity = Severity | 'off';

export type Severities = { readonly [code in ProblemCode]?: ChosenSeverity };

export const chosenSeverities: readonly ChosenSeverity[] = ['error', 'warning', 'information', 'hint', 'off'];

export function isProblemCode(text: string): text is ProblemCode {
  return Object.hasOwn(problemCodes, text);
}

/** A map of codes to severities, as settings and command lines hold it; `invalid` says in words what makes no sense of it. */
export function readSeverities(value: unknown): {
  readonly severities: Severities;
  readonly invalid: readonly string[];
} {
  if (value === undefined || value === null) return { severities: {}, invalid: [] };
  if (typeof value !== 'object' || Array.isArray(value)) {
    return { severities: {}, invalid: ['The severities are a map of codes to severities.'] };
  }
  const severities: { [code in ProblemCode]?: ChosenSeverity } = {};
  const invalid: string[] = [];
  for (const [code, wanted] of Object.entries(value)) {
    const severity = chosenSeverities.find((each) => each === wanted);
    if (!isProblemCode(code)) {
      const near = nearestName(code, Object.keys(problemCodes));
      invalid.push(`There is no diagnostic ${JSON.stringify(code)}${near ? `: did you mean ${near}?` : '.'}`);
    } else if (severity) severities[code] = severity;
    else
      invalid.push(`The severity of ${code} is one of ${chosenSeverities.join(', ')}, not ${JSON.stringify(wanted)}.`);
  }
  return { severities, invalid };
}

/** Each problem with the severity that was chosen for its code, and those left out that are switched off. */
export function withSeverities(problems: readonly Problem[], severities: Severities): readonly Problem[] {
  if (Object.keys(severities).length === 0) return problems;
  return problems.flatMap((found) => {
    const chosen = severities[found.code];
    if (chosen === 'off') return [];
    return chosen === undefined ? [found] : [{ ...found, severity: chosen }];
  });
}
