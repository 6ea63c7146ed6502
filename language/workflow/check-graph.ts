/** Checks of the order of steps: ids, `needs`, cycles. */

import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import { nearestName } from '../text/nearest.ts';
import type { NamedReference, StepNode, WorkflowDocument } from './node.ts';

/** The step that an id names: the first that has it. */
export function findStep(document: WorkflowDocument, id: string): StepNode | undefined {
  return [...document.steps, ...document.cleanup].find((step) => step.id === id);
}

export function unknownStep(reference: NamedReference, known: readonly string[]): Problem {
  const near = nearestName(reference.name, known);
  const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), reference.span, near)] : [];
  const words = l10n.t('There is no step `{0}`{1}', reference.name, near ? l10n.t(': did you mean `{0}`?', near) : '.');
  return problem('workflow/unknown-step', reference.span, words, fixes);
}

export function checkGraph(document: WorkflowDocument): readonly Problem[] {
  const problems = checkIds([...document.steps, ...document.cleanup]);
  for (const steps of [document.steps, document.cleanup]) {
    const ids = steps.map(({ id }) => id).filter((id) => id !== '');
    const unknown = steps.flatMap(({ needs = [] }) => needs.filter(({ name }) => !ids.includes(name)));
    problems.push(...unknown.map((reference) => unknownStep(reference, ids)), ...checkCycles(steps));
  }
  return problems;
}

function checkIds(steps: readonly StepNode[]): Problem[] {
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const { id, idSpan } of steps) {
    if (id === '') continue;
    if (seen.has(id))
      problems.push(problem('workflow/duplicate-id', idSpan, l10n.t('Another step has the id `{0}` too.', id)));
    seen.add(id);
  }
  return problems;
}

/** By index, what each step waits for directly: its `needs`, else the step before it. */
export type StepGraph = readonly (readonly number[])[];

export function stepGraph(steps: readonly StepNode[]): StepGraph {
  const byId = new Map<string, number>();
  for (const { id, index } of steps) if (id !== '' && !byId.has(id)) byId.set(id, index);
  return steps.map(({ needs, index }) => {
    if (!needs) return index > 0 ? [index - 1] : [];
    return needs.map(({ name }) => byId.get(name)).filter((found) => found !== undefined);
  });
}

/** Is the step `first` surely over before the step `then` starts? */
export function isBefore(graph: StepGraph, first: number, then: number): boolean {
  const seen = new Set<number>();
  const open = [...(graph[then] ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === first) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(graph[next] ?? []));
  }
  return false;
}

/** One problem a cycle, at the `needs` that closes it. */
function checkCycles(steps: readonly StepNode[]): readonly Problem[] {
  const graph = stepGraph(steps);
  const problems: Problem[] = [];
  const done = new Set<number>();
  for (const { index } of steps) {
    // Depth first with a stack of its own: workflows may be long.
    const path: { readonly index: number; next: number }[] = [];
    const enter = (at: number) => {
      path.push({ index: at, next: 0 });
    };
    if (!done.has(index)) enter(index);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const to = graph[top.index]?.[top.next++];
      if (to === undefined) {
        done.add(top.index);
        path.pop();
      } else if (path.some((visited) => visited.index === to)) {
        const from = path.findIndex((visited) => visited.index === to);
        problems.push(cycleProblem(steps, [...path.slice(from).map((visited) => visited.index), to]));
      } else if (!done.has(to)) enter(to);
    }
  }
  return problems;
}

function cycleProblem(steps: readonly StepNode[], cycle: readonly number[]): Problem {
  const name = (index: number) => steps[index]?.id || l10n.t('step {0}', index + 1);
  // A cycle without any `needs` cannot be: a step without waits for the one before it.
  const edges = cycle.slice(1).map((to, at) => ({ step: steps[cycle[at] ?? 0], to: steps[to] }));
  const reference = edges
    .flatMap(({ step, to }) => step?.needs?.filter(({ name: needed }) => needed === to?.id) ?? [])
    .at(-1);
  const first = steps[cycle[0] ?? 0];
  const span = reference?.span ?? first?.idSpan ?? { start: 0, end: 0 };
  const words =
    cycle.length === 2
      ? l10n.t('The step `{0}` waits for itself.', name(cycle[0] ?? 0))
      : l10n.t('These steps wait for one another: {0}.', cycle.map((index) => `\`${name(index)}\``).join(' → '));
  return problem('workflow/cycle', span, words);
}
