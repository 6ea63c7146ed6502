/** Checks of the expressions of a workflow file: names, and types that cannot go together. */
import { type Expression, walk } from '../expression/ast.ts';
import { unknownCall } from '../expression/check-names.ts';
import { faultProblem } from '../expression/fault-problems.ts';
import { inferTypes } from '../expression/infer.ts';
import { functions } from '../expression/names.ts';
import { mapProblem, type Problem, problem, replaceFix } from '../problem/problem.ts';
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
      this.report('workflow/unknown-name', span, '`item` exists only in steps with `foreach`.');
    } else if (name === 'matrix') {
      this.report('workflow/unknown-name', span, '`matrix` exists only in steps with `matrix`.');
    } else if (name === 'payload') {
      this.report('workflow/unknown-name', span, '`payload` stands alone only in `match`: write `steps.<id>.payload`.');
    } else if (this.document.params.some((param) => param.name === name)) {
      const fix = replaceFix(`Replace with \`params.${name}\``, span, `params.${name}`);
      this.report('workflow/unknown-name', span, `Write \`params.${name}\` for the parameter.`, [fix]);
    } else this.unknown(name, span, Object.keys(rootNames(this.placed)), 'name');
  }

  private checkMember(node: Expression): void {
    const member = memberOf(node);
    if (!member) return;
    const { target, name, nameSpan } = member;
    if (target.kind === 'name') {
      if (target.name === 'params') {
        const known = this.document.params.map((param) => param.name);
        if (!known.includes(name)) this.unknown(name, nameSpan, known, 'parameter');
      } else if (target.name === 'run' && !Object.hasOwn(runFields, name)) {
        this.unknown(name, nameSpan, Object.keys(runFields), '`run` field');
      } else if (target.name === 'matrix') {
        const known = (this.placed.step?.axes ?? []).map((axis) => axis.name);
        if (this.placed.step?.axes && !known.includes(name)) this.unknown(name, nameSpan, known, 'name in `matrix`:');
      } else if (target.name === 'steps') this.checkStep(name, nameSpan);
      return;
    }
    const outer = memberOf(target);
    if (outer?.target.kind !== 'name' || outer.target.name !== 'steps') return;
    const step = findStep(this.document, outer.name);
    if (!step) return;
    const fields = resultFields(step);
    if (!Object.hasOwn(fields, name)) {
      this.unknown(name, nameSpan, Object.keys(fields), `result of the step \`${step.id}\`:`);
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
    const own = step === user ? 'the step itself' : 'no step that is surely over here: name it in `needs`';
    this.report('workflow/not-before', span, `\`${name}\` is ${own}; its result is not there yet.`);
  }

  private unknown(
    name: string,
    span: Span,
    known: readonly string[],
    what: string,
    code: Problem['code'] = 'workflow/unknown-name',
  ): void {
    const near = nearestName(name, known);
    const fixes = near ? [replaceFix(`Replace with \`${near}\``, span, near)] : [];
    const offer = near
      ? ` did you mean \`${near}\`?`
      : known.length > 0
        ? ` there is ${known.map((each) => `\`${each}\``).join(', ')}.`
        : ' there is none.';
    this.report(code, span, `There is no ${what.replace(/:$/, '')} \`${name}\`:${offer}`, fixes);
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
    const words = `\`${whole.name}\` cannot be ${typeWords[type]}.`;
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

export const typeWords: { readonly [type in StaticType]: string } = {
  text: 'a text',
  number: 'a number',
  flag: 'a flag',
  list: 'a list',
  map: 'a map',
  none: 'None',
  any: 'any value',
};
