/** What a person is shown of the problems: with the severities that were chosen, without what comments switch off. */
import { type Problem, sortProblems } from '../problem/problem.ts';
import { type Severities, withSeverities } from '../problem/severities.ts';
import { withoutSuppressed } from '../problem/suppressions.ts';
import type { ScriptDocument } from '../script/parse-script.ts';
import { splitLines } from '../script/script-line.ts';

/**
 * Of a script. The engine goes by the problems themselves: a watcher that cannot run is refused, also where its error is
 * not shown.
 */
export function shownProblems(
  document: ScriptDocument,
  problems: readonly Problem[],
  severities: Severities = {},
): readonly Problem[] {
  const lines = document.lines.map(({ span }) => span);
  const rangeFrom = (line: number) => {
    const block = document.watchers.find((watcher) => watcher.line === line && watcher.form === 'block');
    if (!block) return { from: line, to: line };
    const past = lines.findIndex(({ start }) => start > block.span.end);
    return { from: line, to: (past < 0 ? lines.length : past) - 1 };
  };
  return sortProblems(
    withSeverities(withoutSuppressed({ text: document.text, lines, rangeFrom }, problems), severities),
  );
}

/** Of a workflow file, where `#` begins a comment too. */
export function shownWorkflowProblems(
  text: string,
  problems: readonly Problem[],
  severities: Severities = {},
): readonly Problem[] {
  const rangeFrom = (line: number) => ({ from: line, to: line });
  return sortProblems(
    withSeverities(withoutSuppressed({ text, lines: splitLines(text), rangeFrom }, problems), severities),
  );
}
