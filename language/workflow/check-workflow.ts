/** Everything that is wrong with a workflow file: what the parser found and what the checks find. */
import { type Problem, problem, sortProblems } from '../problem/problem.ts';
import { checkExpressions } from './check-expressions.ts';
import { checkFiles } from './check-files.ts';
import { checkGraph } from './check-graph.ts';
import type { ScriptProvider } from './events.ts';
import type { StepNode, WorkflowDocument } from './node.ts';
import { findPair } from './yaml-tree.ts';

/** In document order. Without `provider` the checks that need other files are left out. */
export function checkWorkflow(document: WorkflowDocument, provider?: ScriptProvider): readonly Problem[] {
  const steps = [...document.steps, ...document.cleanup];
  return sortProblems([
    ...document.problems,
    ...checkGraph(document),
    ...steps.flatMap(checkStep),
    ...checkExpressions(document),
    ...(provider ? checkFiles(document, provider) : []),
  ]);
}

/** Keys that do nothing in their step. */
function checkStep(step: StepNode): readonly Problem[] {
  const problems: Problem[] = [];
  const onTimeout = findPair(step.map, 'on_timeout');
  if (onTimeout && !hasTimeout(step)) {
    const words = 'This is never reached: the step has no `timeout`.';
    problems.push(problem('workflow/unreachable-timeout', onTimeout.key.span, words));
  }
  const maxParallel = findPair(step.map, 'max_parallel');
  if (maxParallel && !step.hasForeach) {
    const words = '`max_parallel` does nothing without `foreach`.';
    problems.push(problem('workflow/no-effect', maxParallel.key.span, words));
  }
  return problems;
}

function hasTimeout(step: StepNode): boolean {
  const value = step.verb?.value;
  return (
    findPair(step.map, 'timeout') !== undefined || (value?.kind === 'map' && findPair(value, 'timeout') !== undefined)
  );
}
