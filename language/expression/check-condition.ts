/** Checks of a condition: names, functions, types, states that do not exist, and whether it depends on anything at all. */

import { mapProblem, type Problem, problem, replaceFix } from '../problem/problem.ts';
import type { Fragment } from '../text/fragment.ts';
import * as l10n from '../text/l10n.ts';
import { nearestName } from '../text/nearest.ts';
import { type Expression, walk } from './ast.ts';
import { unknownCall, unknownName } from './check-names.ts';
import { faultProblem } from './fault-problems.ts';
import { inferTypes, type TypeScope } from './infer.ts';
import { functions, historyFunctions, previousName, variables } from './names.ts';
import { parseExpression } from './parse.ts';
import { anyType, type Type, typeOf } from './types.ts';
import { isTruthy } from './values.ts';

export type ConditionProblems = readonly Problem[];

/** Parses and checks; spans of the problems are offsets into `text`. */
export function checkConditionText(text: string, captures: readonly string[]): ConditionProblems {
  const { expression, problems } = parseExpression(text);
  const names = new NameChecker(captures);
  walk(expression, (node) => names.check(node));
  const unknown = names.problems.filter(({ code }) => code === 'condition/unknown-name');
  return problems.length > 0
    ? [...problems, ...unknown]
    : [...names.problems, ...checkTypes(text, expression, captures)];
}

/** The same of a condition in its document: spans are offsets into that. */
export function placeProblems(fragment: Fragment, problems: ConditionProblems): readonly Problem[] {
  return problems.map((found) => mapProblem(found, (span) => fragment.toSpan(span)));
}

const callable = [...Object.keys(functions), ...Object.keys(historyFunctions)];

class NameChecker {
  readonly problems: Problem[] = [];
  private readonly captures: ReadonlySet<string>;
  /** `previous` where it has its subscript. */
  private readonly subscripted = new Set<Expression>();

  constructor(captures: readonly string[]) {
    this.captures = new Set(captures);
  }

  check(node: Expression): void {
    const unknown = unknownCall(node, callable);
    if (unknown) this.problems.push(unknown);
    if (node.kind === 'name') this.checkName(node);
    else if (node.kind === 'call' && Object.hasOwn(historyFunctions, node.name)) {
      const first = node.args[0] ?? node.keywords.find(({ name }) => name === 'name')?.value;
      if (first) this.checkCaptureName(first);
    } else if (node.kind === 'subscript' && node.target.kind === 'name' && node.target.name === previousName) {
      this.subscripted.add(node.target);
      this.checkCaptureName(node.index);
    } else if (node.kind === 'comparison') this.checkStates(node);
  }

  private checkName(node: Expression & { kind: 'name' }): void {
    const { name, span } = node;
    if (this.captures.has(name)) return;
    if (name === previousName && !this.subscripted.has(node)) {
      this.problems.push(
        problem('condition/unknown-name', span, l10n.t('Write `previous["name"]` with the name of a capture.')),
      );
      return;
    }
    if (Object.hasOwn(variables, name)) return;
    if (callable.includes(name)) {
      const fix = replaceFix(l10n.t('Add `(…)`'), { start: span.end, end: span.end }, '()');
      this.problems.push(problem('condition/unknown-name', span, l10n.t('`{0}` is a function: call it.', name), [fix]));
      return;
    }
    const words = l10n.t('There is no `{0}`: neither a capture nor one of the names of conditions.', name);
    const known = [...this.captures, ...Object.keys(variables)];
    this.problems.push(unknownName('condition/unknown-name', name, span, known, words));
  }

  private checkCaptureName(node: Expression): void {
    if (node.kind !== 'literal' || typeof node.value !== 'string' || this.captures.has(node.value)) return;
    const near = nearestName(node.value, this.captures);
    const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), node.span, JSON.stringify(near))] : [];
    this.problems.push(
      problem('condition/unknown-name', node.span, l10n.t('There is no capture `{0}`.', node.value), fixes),
    );
  }

  /** `job_state == "COMPLETED"`: the words are written in small letters. */
  private checkStates({ first, rest }: Expression & { kind: 'comparison' }): void {
    let left = first;
    for (const { operator, operand } of rest) {
      const found =
        operator === '==' || operator === '!=' ? (wordOf(left, operand) ?? wordOf(operand, left)) : undefined;
      if (found && !found.known.includes(found.word)) {
        const near = nearestName(found.word, found.known);
        const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), found.span, JSON.stringify(near))] : [];
        const words = l10n.t(
          '`{0}` is never `{1}`: it is one of {2}.',
          found.name,
          found.word,
          found.known.map((each) => `\`${each}\``).join(', '),
        );
        this.problems.push(problem('condition/never-equal', found.span, words, fixes));
      }
      left = operand;
    }
  }
}

const endStates = 'completed failed cancelled timeout out_of_memory node_fail boot_fail deadline preempted lost'.split(
  ' ',
);

const wordsOf: { readonly [name: string]: readonly string[] } = {
  stream: ['stdout', 'stderr'],
  job_state: ['pending', 'running', 'suspended', 'completing', ...endStates],
  // It is empty while the job runs.
  job_end_state: ['', ...endStates],
};

function wordOf(name: Expression, value: Expression) {
  if (name.kind !== 'name' || value.kind !== 'literal' || typeof value.value !== 'string') return undefined;
  const known = Object.hasOwn(wordsOf, name.name) ? wordsOf[name.name] : undefined;
  return known && { name: name.name, word: value.value, span: value.span, known };
}

const variableTypes: { readonly [name: string]: Type } = {
  elapsed: typeOf('float'),
  trigger_count: typeOf('int'),
  match_count: typeOf('int'),
  [previousName]: anyType,
};

/** A capture is text, or None if its group took no part. */
function conditionTypes(captures: readonly string[]): TypeScope {
  return {
    nameType(name) {
      if (captures.includes(name)) return typeOf('str', 'none');
      if (Object.hasOwn(variableTypes, name)) return variableTypes[name] ?? anyType;
      return Object.hasOwn(variables, name) ? typeOf('str') : anyType;
    },
  };
}

function checkTypes(text: string, expression: Expression, captures: readonly string[]): readonly Problem[] {
  const { type, faults } = inferTypes(expression, conditionTypes(captures));
  if (faults.length > 0) return faults.map((fault) => faultProblem(text, fault));
  if (type.value === undefined) return [];
  const holds = isTruthy(type.value);
  const words = !holds
    ? l10n.t('This is always false: the actions never run.')
    : typeof type.value === 'string'
      ? l10n.t('This is always true, whatever was matched. It is a text: take the quotes away.')
      : l10n.t('This is always true, whatever was matched.');
  const severity = type.value === true && expression.kind === 'literal' ? 'hint' : undefined;
  return [problem('condition/constant', expression.span, words, [], severity)];
}
