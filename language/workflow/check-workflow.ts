/** Everything that is wrong with a workflow file: what the parser found and what the checks find. */

import { type Problem, problem, replaceFix, sortProblems } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import { nearestName } from '../text/nearest.ts';
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
    ...checkTriggers(document),
    ...steps.flatMap(checkStep),
    ...checkExpressions(document),
    ...(provider ? checkFiles(document, provider) : []),
  ]);
}

function checkTriggers({ root }: WorkflowDocument): readonly Problem[] {
  const on = root && findPair(root, 'on')?.value;
  if (on?.kind !== 'map') return [];
  const key = (name: string) => findPair(on, name)?.key;
  const problems: Problem[] = [];
  if (!key('cron') && !key('event')) {
    const span = { start: on.span.start, end: on.pairs[0]?.key.span.end ?? on.span.end };
    problems.push(
      problem('workflow/missing-key', span, l10n.t('`cron` or `event` is needed here: nothing else begins a run.')),
    );
  }
  for (const [name, other] of [
    ['timezone', 'cron'],
    ['match', 'event'],
  ] as const) {
    const span = key(other) ? undefined : key(name)?.span;
    if (span)
      problems.push(problem('workflow/no-effect', span, l10n.t('`{0}` does nothing without `{1}`.', name, other)));
  }
  return problems;
}

/** Keys that do nothing in their step. */
function checkStep(step: StepNode): readonly Problem[] {
  const problems: Problem[] = [];
  const onTimeout = findPair(step.map, 'on_timeout');
  if (onTimeout && !hasTimeout(step)) {
    const words = l10n.t('This is never reached: the step has no `timeout`.');
    problems.push(problem('workflow/unreachable-timeout', onTimeout.key.span, words));
  }
  for (const name of step.hasForeach || step.axes ? [] : ['max_parallel', 'fail_fast']) {
    const pair = findPair(step.map, name);
    const words = l10n.t('`{0}` does nothing without `foreach` or `matrix`.', name);
    if (pair) problems.push(problem('workflow/no-effect', pair.key.span, words));
  }
  const rule = findPair(step.map, 'trigger_rule');
  if (rule && (step.needs?.length === 0 || (!step.needs && step.index === 0))) {
    const words = l10n.t('`trigger_rule` does nothing here: the step needs no other one.');
    problems.push(problem('workflow/no-effect', rule.key.span, words));
  }
  const value = step.verb?.value;
  const key = (name: string) => (value?.kind === 'map' ? findPair(value, name)?.key : undefined);
  const zone = step.verb?.name === 'sleep' && !key('until') && !key('cron') && key('timezone');
  if (zone) {
    const words = l10n.t('`timezone` does nothing without `until` or `cron`.');
    problems.push(problem('workflow/no-effect', zone.span, words));
  }
  const count = step.verb?.name === 'await_event' && !key('name') && key('count');
  if (count) {
    const words = l10n.t('`count` does nothing without `name`: `all_of` waits for one event of each name.');
    problems.push(problem('workflow/no-effect', count.span, words));
  }
  return [...problems, ...checkMatrix(step)];
}

function checkMatrix(step: StepNode): readonly Problem[] {
  const matrix = findPair(step.map, 'matrix');
  if (!matrix) return [];
  const problems: Problem[] = [];
  if (step.hasForeach) {
    const words = l10n.t('A step has `foreach` or `matrix`, not both: make the list one of the matrix.');
    problems.push(problem('workflow/conflicting-keys', matrix.key.span, words));
  }
  const pairs = matrix.value.kind === 'map' ? matrix.value.pairs : [];
  const axes = pairs.filter(({ name }) => name !== 'include' && name !== 'exclude').map(({ name }) => name);
  const exclude = pairs.find(({ name }) => name === 'exclude')?.value;
  const excluded =
    exclude?.kind === 'list' ? exclude.items.flatMap((item) => (item.kind === 'map' ? item.pairs : [])) : [];
  for (const { name, key } of excluded) {
    if (axes.includes(name)) continue;
    const near = nearestName(name, axes);
    const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), key.span, near)] : [];
    const words = l10n.t(
      'The matrix has no list `{0}`, so this excludes nothing{1}',
      name,
      near ? l10n.t(': did you mean `{0}`?', near) : '.',
    );
    problems.push(problem('workflow/unknown-name', key.span, words, fixes));
  }
  return problems;
}

function hasTimeout(step: StepNode): boolean {
  const value = step.verb?.value;
  return (
    findPair(step.map, 'timeout') !== undefined || (value?.kind === 'map' && findPair(value, 'timeout') !== undefined)
  );
}
