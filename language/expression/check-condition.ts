/** Checks of a condition that parses: names, functions, and captures (text) used as numbers. */
import { mapProblem, type Problem, problem, replaceFix } from '../problem/problem.ts';
import type { Fragment } from '../text/fragment.ts';
import { nearestName } from '../text/nearest.ts';
import { type Expression, walk } from './ast.ts';
import { functions, historyFunctions, methods, previousName, variables } from './names.ts';
import { parseExpression } from './parse.ts';

/** Parses and checks; spans of the problems are offsets into the document. */
export function checkCondition(fragment: Fragment, captures: readonly string[]): readonly Problem[] {
  const { expression, problems } = parseExpression(fragment.text);
  const checker = new ConditionChecker(fragment.text, captures);
  walk(expression, (node) => checker.check(node));
  const all =
    problems.length > 0
      ? [...problems, ...checker.problems.filter(({ code }) => code === 'condition/unknown-name')]
      : checker.problems;
  return all.map((found) => mapProblem(found, (span) => fragment.toSpan(span)));
}

class ConditionChecker {
  readonly problems: Problem[] = [];
  private readonly text: string;
  private readonly captures: ReadonlySet<string>;
  /** `previous` where it has its subscript. */
  private readonly subscripted = new Set<Expression>();

  constructor(text: string, captures: readonly string[]) {
    this.text = text;
    this.captures = new Set(captures);
  }

  check(node: Expression): void {
    switch (node.kind) {
      case 'name':
        this.checkName(node);
        return;
      case 'call':
        this.checkCall(node);
        return;
      case 'method':
        this.checkMethod(node);
        return;
      case 'subscript':
        if (node.target.kind === 'name' && node.target.name === previousName) {
          this.subscripted.add(node.target);
          this.checkCaptureName(node.index);
        }
        return;
      case 'comparison':
        this.checkComparison(node);
        return;
      case 'binary':
        this.checkArithmetic(node);
        return;
    }
  }

  private checkName(node: Expression & { kind: 'name' }): void {
    if (this.captures.has(node.name)) return;
    if (node.name === previousName && !this.subscripted.has(node)) {
      this.problems.push(
        problem('condition/unknown-name', node.span, 'Write `previous["name"]` with the name of a capture.'),
      );
      return;
    }
    if (Object.hasOwn(variables, node.name)) return;
    if (Object.hasOwn(functions, node.name) || Object.hasOwn(historyFunctions, node.name)) {
      const fix = replaceFix('Add `(…)`', { start: node.span.end, end: node.span.end }, '()');
      this.problems.push(
        problem('condition/unknown-name', node.span, `\`${node.name}\` is a function: call it.`, [fix]),
      );
      return;
    }
    const known = [...this.captures, ...Object.keys(variables)];
    this.reportUnknown(
      'condition/unknown-name',
      node.name,
      node.span,
      known,
      `There is no \`${node.name}\`: neither a capture nor one of the names of conditions.`,
    );
  }

  private reportUnknown(
    code: Problem['code'],
    name: string,
    span: Problem['span'],
    known: readonly string[],
    words: string,
  ): void {
    const near = nearestName(name, known);
    const fixes = near ? [replaceFix(`Replace with \`${near}\``, span, near)] : [];
    this.problems.push(problem(code, span, words, fixes));
  }

  private checkCall(node: Expression & { kind: 'call' }): void {
    if (Object.hasOwn(functions, node.name)) return;
    if (Object.hasOwn(historyFunctions, node.name)) {
      const first = node.args[0] ?? node.keywords.find(({ name }) => name === 'name')?.value;
      if (first) this.checkCaptureName(first);
      return;
    }
    const known = [...Object.keys(functions), ...Object.keys(historyFunctions)];
    this.reportUnknown(
      'condition/unknown-function',
      node.name,
      node.nameSpan,
      known,
      `Conditions have no function \`${node.name}\`.`,
    );
  }

  private checkMethod(node: Expression & { kind: 'method' }): void {
    if (Object.hasOwn(methods, node.name) || node.name.startsWith('_')) return;
    const words = `Conditions have no method \`${node.name}\`.`;
    this.reportUnknown('condition/unknown-function', node.name, node.nameSpan, Object.keys(methods), words);
  }

  private checkCaptureName(node: Expression): void {
    if (node.kind !== 'literal' || typeof node.value !== 'string' || this.captures.has(node.value)) return;
    const near = nearestName(node.value, this.captures);
    const fixes = near ? [replaceFix(`Replace with \`${near}\``, node.span, JSON.stringify(near))] : [];
    this.problems.push(problem('condition/unknown-name', node.span, `There is no capture \`${node.value}\`.`, fixes));
  }

  private checkComparison(node: Expression & { kind: 'comparison' }): void {
    let left = node.first;
    for (const { operator, operand } of node.rest) {
      const ordering = operator === '<' || operator === '<=' || operator === '>' || operator === '>=';
      const capture = this.textAndNumber(left, operand);
      if (capture && ordering) {
        const words = `\`${this.source(capture)}\` is text: comparing it with a number is a TypeError in Python. Write \`float(${this.source(capture)})\`.`;
        this.problems.push(problem('condition/text-as-number', capture.span, words, [this.floatFix(capture)]));
      } else if (capture && (operator === '==' || operator === '!=')) {
        const words = `\`${this.source(capture)}\` is text, which never equals a number. Write \`float(${this.source(capture)})\`.`;
        this.problems.push(problem('condition/never-equal', capture.span, words, [this.floatFix(capture)]));
      }
      left = operand;
    }
  }

  private checkArithmetic(node: Expression & { kind: 'binary' }): void {
    // A text times a whole number repeats the text.
    if (node.operator === '*') return;
    const capture = this.textAndNumber(node.left, node.right);
    if (!capture || (node.operator === '%' && capture === node.left)) return;
    const words = `\`${this.source(capture)}\` is text: \`${node.operator}\` with a number is a TypeError in Python. Write \`float(${this.source(capture)})\`.`;
    this.problems.push(problem('condition/text-as-number', capture.span, words, [this.floatFix(capture)]));
  }

  private source(node: Expression): string {
    return this.text.slice(node.span.start, node.span.end);
  }

  private floatFix(node: Expression) {
    const source = this.source(node);
    return replaceFix(`Replace with \`float(${source})\``, node.span, `float(${source})`);
  }

  /** The one of two that is a capture, if the other is a number. */
  private textAndNumber(a: Expression, b: Expression): Expression | undefined {
    if (this.isCapture(a) && isNumber(b)) return a;
    return this.isCapture(b) && isNumber(a) ? b : undefined;
  }

  private isCapture(node: Expression): boolean {
    return node.kind === 'name' && this.captures.has(node.name);
  }
}

const numberVariables = new Set(['elapsed', 'trigger_count', 'match_count']);
const numberFunctions = new Set(['float', 'int', 'len', 'abs', 'round', 'sum', 'mean', 'rate']);

function isNumber(node: Expression): boolean {
  switch (node.kind) {
    case 'literal':
      return typeof node.value === 'number' || typeof node.value === 'bigint';
    case 'name':
      return numberVariables.has(node.name);
    case 'call':
      return numberFunctions.has(node.name);
    case 'unary':
      return node.operator !== 'not' && isNumber(node.operand);
    case 'binary':
      return isNumber(node.left) && isNumber(node.right);
    default:
      return false;
  }
}
