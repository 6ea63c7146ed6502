/** Checks of the expressions of a workflow file: names, and types that cannot go together. */

import { type Expression, walk } from '../expression/ast.ts';
import { unknownCall } from '../expression/check-names.ts';
import { faultProblem } from '../expression/fault-problems.ts';
import { inferTypes } from '../expression/infer.ts';
import { functions } from '../expression/names.ts';
import { mapProblem, type Problem, problem, replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import { nearestName } from '../text/nearest.ts';
import type { Span } from '../text/span.ts';
import { findStep, isBefore, type StepGraph, stepGraph, unknownStep } from './check-graph.ts';
import { expressionType, memberOf, workflowTypes } from './expression-type.ts';
import { itemRoot, matrixRoot, payloadRoot, resultFields, roots, runFields } from './names.ts';
import type { PlacedExpression, StaticType, WorkflowDocument } from './node.ts';
import type { ValueType } from './value-types.ts';

export function checkExpressions(document: WorkflowDocument): readonly Problem[] {
  const graphs = { steps: stepGraph(document.steps), cleanup: stepGraph(document.cleanup) };
  return document.expressions.flatMap((placed) => new ExpressionChecker(document, placed, graphs).check());
}

/** The names that stand alone in this expression. */
export function rootNames(placed: Pick<PlacedExpression, 'step' | 'hasPayload'>) {
  return {
    ...roots,
    ...(placed.step?.hasForeach && itemRoot),
    ...(placed.step?.axes && matrixRoot),
    ...(placed.hasPayload && payloadRoot),
  };
}

interface Graphs {
  readonly steps: StepGraph;
  readonly cleanup: StepGraph;
}

class ExpressionChecker {
  private readonly problems: Problem[] = [];
  private readonly document: WorkflowDocument;
  private readonly placed: PlacedExpression;
  private readonly graphs: Graphs;

  constructor(document: WorkflowDocument, placed: PlacedExpression, graphs: Graphs) {
    this.document = document;
    this.placed = placed;
    this.graphs = graphs;
  }

  check(): readonly Problem[] {
    walk(this.placed.expression, (node) => this.checkNode(node));
    this.checkTypes();
    const { fragment } = this.placed;
    const mapped = this.problems.map((found) => mapProblem(found, (span) => fragment.toSpan(span)));
    return [...mapped, ...this.checkWhole()];
  }

  private checkNode(node: Expression): void {
    const unknown = unknownCall(node, Object.keys(functions));
    if (unknown) this.problems.push(unknown);
    switch (node.kind) {
      case 'name':
        if (!Object.hasOwn(rootNames(this.placed), node.name)) this.reportRoot(node.name, node.span);
        return;
      case 'attribute':
      case 'subscript':
        this.checkMember(node);
        return;
    }
  }

  private reportRoot(name: string, span: Span): void {
    if (name === 'item') {
      this.report('workflow/unknown-name', span, l10n.t('`item` exists only in steps with `foreach`.'));
    } else if (name === 'matrix') {
      this.report('workflow/unknown-name', span, l10n.t('`matrix` exists only in steps with `matrix`.'));
    } else if (name === 'payload') {
      this.report(
        'workflow/unknown-name',
        span,
        l10n.t('`payload` stands alone only in `match`: write `steps.<id>.payload`.'),
      );
    } else if (this.document.params.some((param) => param.name === name)) {
      const fix = replaceFix(l10n.t('Replace with `params.{0}`', name), span, `params.${name}`);
      this.report('workflow/unknown-name', span, l10n.t('Write `params.{0}` for the parameter.', name), [fix]);
    } else this.unknown(name, span, Object.keys(rootNames(this.placed)), l10n.t('There is no name `{0}`', name));
  }

  private checkMember(node: Expression): void {
    const member = memberOf(node);
    if (!member) return;
    const { target, name, nameSpan } = member;
    if (target.kind === 'name') {
      if (target.name === 'params') {
        const known = this.document.params.map((param) => param.name);
        if (!known.includes(name)) this.unknown(name, nameSpan, known, l10n.t('There is no parameter `{0}`', name));
      } else if (target.name === 'run' && !Object.hasOwn(runFields, name)) {
        this.unknown(name, nameSpan, Object.keys(runFields), l10n.t('There is no `run` field `{0}`', name));
      } else if (target.name === 'matrix') {
        const known = (this.placed.step?.axes ?? []).map((axis) => axis.name);
        if (this.placed.step?.axes && !known.includes(name))
          this.unknown(name, nameSpan, known, l10n.t('There is no name in `matrix` `{0}`', name));
      } else if (target.name === 'steps') this.checkStep(name, nameSpan);
      return;
    }
    const outer = memberOf(target);
    if (outer?.target.kind !== 'name' || outer.target.name !== 'steps') return;
    const step = findStep(this.document, outer.name);
    if (!step) return;
    const fields = resultFields(step);
    if (!Object.hasOwn(fields, name)) {
      this.unknown(
        name,
        nameSpan,
        Object.keys(fields),
        l10n.t('There is no result of the step `{0}` `{1}`', step.id, name),
      );
    }
  }

  private checkStep(name: string, span: Span): void {
    const { document } = this;
    const step = findStep(document, name);
    const user = this.placed.step;
    if (!step) {
      const known = [...document.steps, ...document.cleanup].map(({ id }) => id).filter((id) => id !== '');
      this.problems.push(unknownStep({ name, span }, known));
      return;
    }
    // Cleanup may follow anything, and steps that were not reached are `skipped` there.
    if (!user || (user.isCleanup && !step.isCleanup)) return;
    const graph = user.isCleanup ? this.graphs.cleanup : this.graphs.steps;
    if (step.isCleanup === user.isCleanup && isBefore(graph, step.index, user.index)) return;
    const own =
      step === user ? l10n.t('the step itself') : l10n.t('no step that is surely over here: name it in `needs`');
    this.report('workflow/not-before', span, l10n.t('`{0}` is {1}; its result is not there yet.', name, own));
  }

  private unknown(name: string, span: Span, known: readonly string[], missing: string): void {
    const near = nearestName(name, known);
    const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), span, near)] : [];
    const offer = near
      ? l10n.t(': did you mean `{0}`?', near)
      : known.length > 0
        ? l10n.t(': there is {0}.', known.map((each) => `\`${each}\``).join(', '))
        : l10n.t(': there is none.');
    this.report('workflow/unknown-name', span, `${missing}${offer}`, fixes);
  }

  private report(code: Problem['code'], span: Span, message: string, fixes: Problem['fixes'] = []): void {
    this.problems.push(problem(code, span, message, fixes));
  }

  private checkTypes(): void {
    const { expression, fragment } = this.placed;
    for (const fault of inferTypes(expression, workflowTypes(this.document, this.placed.step)).faults) {
      const found = faultProblem(fragment.text, fault);
      const code = fault.kind === 'raises' ? 'workflow/type-mismatch' : found.code;
      this.problems.push({ ...found, code });
    }
  }

  /** An expression that is the whole value of a key has to give what the key takes. */
  private checkWhole(): readonly Problem[] {
    const { whole, expression, span, step } = this.placed;
    const kinds = whole?.types.map(({ kind }) => kind) ?? [];
    const type = expressionType(this.document, expression, step);
    if (!whole || type === 'any') return [];
    const fits =
      kinds.includes('expression') ||
      kinds.includes('any') ||
      (type === 'text' && kinds.some((kind) => textual.has(kind))) ||
      (type === 'number' && (kinds.includes('count') || kinds.includes('duration') || kinds.includes('text'))) ||
      (type === 'flag' && kinds.includes('flag')) ||
      (type === 'list' && (kinds.includes('list') || kinds.includes('events') || kinds.includes('maps'))) ||
      (type === 'map' && (kinds.includes('map') || kinds.includes('scalars')));
    if (fits) return [];
    const words = l10n.t('`{0}` cannot be {1}.', whole.name, l10n.shown(typeWords[type]));
    return [problem('workflow/type-mismatch', span, words)];
  }
}

/** What these take is written as a text. */
const textual: ReadonlySet<ValueType['kind']> = new Set([
  'text',
  'event',
  'file',
  'duration',
  'time',
  'cron',
  'timezone',
]);

export const typeWords: { readonly [type in StaticType]: string | l10n.LaterText } = {
  text: l10n.later('a text'),
  number: l10n.later('a number'),
  flag: l10n.later('a flag'),
  list: l10n.later('a list'),
  map: l10n.later('a map'),
  none: 'None',
  any: l10n.later('any value'),
};
