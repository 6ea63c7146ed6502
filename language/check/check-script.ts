/** Everything that is wrong with a script: what the parsers found and what the checks find. */
import { type Problem, sortProblems } from '../problem/problem.ts';
import type { ScriptDocument } from '../script/parse-script.ts';
import { checkDirectives } from './check-directives.ts';
import { checkFile } from './check-file.ts';
import { checkLints } from './check-lints.ts';
import { type CheckOptions, readWatchers, schedulerChoices } from './check-watchers.ts';

export { type CheckOptions, schedulerChoices };

/** In document order, one problem at most for a code at a place. */
export function checkScript(document: ScriptDocument, options: CheckOptions = {}): readonly Problem[] {
  const { watchers, problems } = readWatchers(document, options);
  const scheduler = options.scheduler ?? 'auto';
  const directives = document.directives.filter(
    (directive) => scheduler === 'auto' || directive.scheduler === scheduler,
  );
  const isFlux = scheduler === 'auto' || scheduler === 'flux';
  return sortProblems([
    ...document.problems.filter(({ code }) => isFlux || code !== 'directive/flux-syntax'),
    ...problems,
    ...checkDirectives(document, directives, options),
    ...checkFile(document, directives, scheduler),
    ...checkLints(document, directives, watchers, options),
  ]);
}
