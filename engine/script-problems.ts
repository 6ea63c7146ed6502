/** Problems of a script that keep it from being submitted, and where they are, in the terms of the protocol. Pure. */
import type { Problem } from '../language/problem/problem.ts';
import type { Span } from '../language/text/span.ts';
import type { ScriptRange } from './protocol.ts';

/**
 * Errors in watchers: such a job would run unwatched, or otherwise watched than written. What is wrong with scheduler
 * directives is for the scheduler to say.
 */
export function invalidWatchers(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter(({ code, severity }) => severity === 'error' && !/^(script|directive)\//.test(code));
}

/** A span of the text as lines and UTF-16 characters, both from 0. */
export function rangeOf(text: string, span: Span): ScriptRange {
  return { start: positionOf(text, span.start), end: positionOf(text, span.end) };
}

function positionOf(text: string, offset: number): ScriptRange['start'] {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}
