/** Everything that is wrong with a script: what the parsers found and what the checks find. */
import { type Problem, sortProblems } from '../problem/problem.ts';
import type { ScriptDocument } from '../script/parse-script.ts';
import { checkDirectives } from './check-directives.ts';
import { checkFile } from './check-file.ts';
import { type CheckOptions, readWatchers } from './check-watchers.ts';

export type { CheckOptions };

/** In document order, one problem at most for a code at a place. */
export function checkScript(document: ScriptDocument, options: CheckOptions = {}): readonly Problem[] {
  const { problems } = readWatchers(document, options);
  return sortProblems([...document.problems, ...problems, ...checkDirectives(document), ...checkFile(document)]);
}
