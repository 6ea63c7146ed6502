/** The catalogue of diagnostics: each code with its severity and what it is about. docs/diagnostics.md explains each. */
import type { Severity } from './problem.ts';

interface CodeInfo {
  readonly severity: Severity;
  readonly summary: string;
}

const codes = {
  'pattern/syntax': { severity: 'error', summary: 'The pattern is not valid in Python’s re syntax.' },
  'pattern/not-supported': { severity: 'error', summary: 'The pattern uses a feature of Python’s re that watchers do not have.' },
  'condition/syntax': { severity: 'error', summary: 'The condition is not a Python expression.' },
  'condition/not-supported': { severity: 'error', summary: 'The condition uses a part of Python that conditions do not have.' },
} satisfies { readonly [code: string]: CodeInfo };

export type ProblemCode = keyof typeof codes;

export const problemCodes: { readonly [code in ProblemCode]: CodeInfo } = codes;
