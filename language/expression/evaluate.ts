/** Evaluates conditions with Python's semantics, in a bounded number of steps. Never `eval`. */

import { type Arguments, bind } from './arguments.ts';
import type { Expression, FormatPart, Keyword } from './ast.ts';
import { formatValue } from './format.ts';
import { builtins } from './functions.ts';
import { callMethod } from './methods.ts';
import { previousName } from './names.ts';
import { binary, checkItems, comparison, negate, slice, subscript } from './operators.ts';
import { checkText, quoteText, repr, toText } from './text.ts';
import { Dict, isTruthy, limitError, PythonError, Tuple, type Value } from './values.ts';

export type { Value } from './values.ts';
export { isTruthy };

/** Where a condition's names come from. A number is a Python float, a bigint an int. */
export interface Scope {
  /** undefined: no such name; null is None. */
  lookup(name: string): Value | undefined;
  /** `previous["x"]` as `previous(x)`, and the history functions with all their arguments, defaults filled in. */
  call?(name: string, args: readonly Value[]): Value | undefined;
}

export type Evaluation = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: string };

const maxSteps = 10_000;

/** The error is Python's: `ValueError: could not convert string to float: 'x'`; `LimitError` where a bound was met. */
export function evaluate(expression: Expression, scope: Scope): Evaluation {
  try {
    return { ok: true, value: new Evaluator(scope).evaluate(expression) };
  } catch (error) {
    if (error instanceof PythonError) return { ok: false, error: `${error.type}: ${error.message}` };
    throw error;
  }
}

class Evaluator {
  private readonly scope: Scope;
  private steps = 0;

  constructor(scope: Scope) {
    this.scope = scope;
  }

  evaluate(expression: Expression): Value {
    if (++this.steps > maxSteps) throw limitError(`more than ${maxSteps} steps`);
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'name':
        return this.lookup(expression.name);
      case 'list':
        return checkItems(expression.items.map((item) => this.evaluate(item)));
      case 'tuple':
        return new Tuple(checkItems(expression.items.map((item) => this.evaluate(item))));
      case 'dict':
        return this.evaluateDict(expression.entries);
      case 'unary': {
        const operand = this.evaluate(expression.operand);
        return expression.operator === 'not' ? !isTruthy(operand) : negate(expression.operator, operand);
      }
      case 'binary':
        return binary(expression.operator, this.evaluate(expression.left), this.evaluate(expression.right));
      case 'logical': {
        const left = this.evaluate(expression.left);
        const decided = expression.operator === 'and' ? !isTruthy(left) : isTruthy(left);
        return decided ? left : this.evaluate(expression.right);
      }
      case 'comparison':
        return this.evaluateComparison(expression);
      case 'conditional':
        return this.evaluate(isTruthy(this.evaluate(expression.test)) ? expression.then : expression.otherwise);
      case 'subscript':
        return this.evaluateSubscript(expression.target, expression.index);
      case 'slice':
        return this.evaluateSlice(expression);
      case 'attribute':
        return attribute(this.evaluate(expression.target), expression.name);
      case 'call':
        return this.call(expression.name, this.arguments(expression.args, expression.keywords));
      case 'method': {
        const target = this.evaluate(expression.target);
        return callMethod(target, expression.name, this.arguments(expression.args, expression.keywords));
      }
      case 'format':
        return checkText(expression.parts.map((part) => this.format(part)).join(''));
      case 'missing':
        throw new PythonError('SyntaxError', 'the condition is not complete');
    }
  }

  private lookup(name: string): Value {
    const value = this.scope.lookup(name);
    if (value === undefined) throw new PythonError('NameError', `name '${name}' is not defined`);
    return value;
  }

  private evaluateDict(entries: readonly { readonly key: Expression; readonly value: Expression }[]): Value {
    const dict = new Dict();
    for (const { key, value } of entries) dict.set(this.evaluate(key), this.evaluate(value));
    return dict;
  }

  /** `a < b < c` evaluates `b` once, and `c` only when `a < b`. */
  private evaluateComparison(expression: Expression & { kind: 'comparison' }): Value {
    let left = this.evaluate(expression.first);
    for (const { operator, operand } of expression.rest) {
      const right = this.evaluate(operand);
      if (!comparison(operator, left, right)) return false;
      left = right;
    }
    return true;
  }

  private evaluateSubscript(target: Expression, index: Expression): Value {
    if (target.kind === 'name' && target.name === previousName) {
      return this.scope.call?.(previousName, [this.evaluate(index)]) ?? null;
    }
    return subscript(this.evaluate(target), this.evaluate(index));
  }

  private evaluateSlice(expression: Expression & { kind: 'slice' }): Value {
    const part = (bound: Expression | undefined) => (bound ? this.evaluate(bound) : null);
    return slice(
      this.evaluate(expression.target),
      part(expression.start),
      part(expression.stop),
      part(expression.step),
    );
  }

  private arguments(args: readonly Expression[], keywords: readonly Keyword[]): Arguments {
    const named = new Map<string, Value>();
    const positional = args.map((argument) => this.evaluate(argument));
    for (const keyword of keywords) named.set(keyword.name, this.evaluate(keyword.value));
    return { args: positional, keywords: named };
  }

  private call(name: string, call: Arguments): Value {
    if (Object.hasOwn(historyParameters, name)) {
      const result = this.scope.call?.(name, bindHistory(name, call));
      if (result === undefined) throw new PythonError('NameError', `name '${name}' is not defined`);
      return result;
    }
    const builtin = Object.hasOwn(builtins, name) ? builtins[name] : undefined;
    if (!builtin) throw new PythonError('NameError', `name '${name}' is not defined`);
    for (const argument of call.args) this.steps += Array.isArray(argument) ? argument.length : 0;
    return builtin(call);
  }

  private format(part: FormatPart): string {
    if (typeof part === 'string') return part;
    const value = this.evaluate(part.value);
    const spec = part.spec.map((inner) => this.format(inner)).join('');
    if (part.conversion === undefined) return formatValue(value, spec);
    if (part.conversion === 's') return formatValue(toText(value), spec);
    return formatValue(
      part.conversion === 'a' && typeof value === 'string' ? quoteText(value, true) : repr(value),
      spec,
    );
  }
}

/** What stands under a name in a map. */
function attribute(target: Value, name: string): Value {
  const value = target instanceof Dict ? target.get(name) : undefined;
  if (value === undefined) throw new PythonError('AttributeError', `there is no '${name}'`);
  return value;
}

const historyParameters: {
  readonly [name: string]: readonly { name: string; default?: Value; keyword: true }[];
} = {
  history: [
    { name: 'name', keyword: true },
    { name: 'n', default: 10n, keyword: true },
  ],
  mean: [
    { name: 'name', keyword: true },
    { name: 'n', default: 10n, keyword: true },
  ],
  rate: [
    { name: 'name', keyword: true },
    { name: 'seconds', keyword: true },
  ],
};

/** The arguments of a history function, defaults filled in. Throws Python's TypeError. */
export function bindHistory(name: string, call: Arguments): readonly Value[] {
  return bind(name, historyParameters[name] ?? [], call);
}
