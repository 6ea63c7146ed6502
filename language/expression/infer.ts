/**
 * Infers the types of an expression and finds the parts that always raise, by running each operator, function and method of the
 * evaluator on sample values of its operands' types: what is told here is what would happen.
 */

import type { Arguments } from './arguments.ts';
import type { ComparisonOperator, Expression, FormatField, FormatPart, Keyword } from './ast.ts';
import { bindHistory } from './evaluate.ts';
import { formatValue } from './format.ts';
import { builtins } from './functions.ts';
import { callMethod, hasMethod } from './methods.ts';
import { historyFunctions, previousName } from './names.ts';
import { binary, comparison, negate, slice, subscript } from './operators.ts';
import { quoteText, repr, toText } from './text.ts';
import {
  anyType,
  constantType,
  eitherType,
  type Kind,
  kindOf,
  listOf,
  neverEqual,
  samplesOf,
  type Type,
  typeOf,
} from './types.ts';
import { Dict, isTruthy, PythonError, Tuple, type Value } from './values.ts';

/** What the names of an expression stand for. */
export interface TypeScope {
  nameType(name: string): Type;
  /** Of `target.name` and `target["name"]`, where the dialect knows more of them than the types say. */
  memberType?(node: Expression & { kind: 'attribute' | 'subscript' }): Type | undefined;
}

/** A part that raises whatever the values are, or an equality that never holds. */
export interface Fault {
  readonly kind: 'raises' | 'never-equal';
  readonly node: Expression;
  /** Of the operator or the name that raises. */
  readonly span: Expression['span'];
  /** As Python words it; '' for an equality. */
  readonly error: string;
  /** Of an operator: both sides. */
  readonly operands?: readonly [Operand, Operand];
}

export interface Operand {
  readonly node: Expression;
  readonly type: Type;
}

export function inferTypes(
  expression: Expression,
  scope: TypeScope,
): { readonly type: Type; readonly faults: readonly Fault[] } {
  const inference = new Inference(scope);
  const type = inference.infer(expression);
  return { type, faults: inference.faults };
}

/** More combinations of samples than this tell nothing in time. */
const maxCombinations = 4000;

class Inference {
  readonly faults: Fault[] = [];
  private readonly scope: TypeScope;

  constructor(scope: TypeScope) {
    this.scope = scope;
  }

  infer(node: Expression): Type {
    switch (node.kind) {
      case 'literal':
        return constantType(node.value);
      case 'name':
        return this.scope.nameType(node.name);
      case 'list':
      case 'tuple':
        return this.sequence(
          node.kind,
          node.items.map((item) => this.infer(item)),
        );
      case 'dict':
        return this.dict(node);
      case 'unary':
        return this.unary(node);
      case 'binary':
        return this.binary(node);
      case 'logical':
        return this.logical(node);
      case 'comparison':
        return this.comparison(node);
      case 'conditional':
        this.infer(node.test);
        return eitherType(this.infer(node.then), this.infer(node.otherwise));
      case 'subscript':
        return this.subscript(node);
      case 'slice':
        return this.slice(node);
      case 'attribute':
        this.infer(node.target);
        return this.scope.memberType?.(node) ?? anyType;
      case 'call':
        return this.call(node);
      case 'method':
        return this.method(node);
      case 'format':
        for (const part of node.parts) this.format(part, node);
        return typeOf('str');
      case 'missing':
        return anyType;
    }
  }

  private sequence(kind: 'list' | 'tuple', items: readonly Type[]): Type {
    const values = items.map(({ value }) => value);
    if (values.every((value) => value !== undefined)) return constantType(kind === 'list' ? values : new Tuple(values));
    const [first = anyType, ...rest] = items;
    return { kinds: new Set<Kind>([kind]), items: rest.reduce(eitherType, withoutValue(first)) };
  }

  private dict(node: Expression & { kind: 'dict' }): Type {
    for (const { key, value } of node.entries) {
      this.infer(value);
      this.attempt(node, key.span, [this.infer(key)], ([sample = null]) => {
        const dict = new Dict();
        dict.set(sample, null);
        return dict;
      });
    }
    return typeOf('dict');
  }

  private unary(node: Expression & { kind: 'unary' }): Type {
    const operand = this.infer(node.operand);
    const { operator } = node;
    return this.attempt(node, node.span, [operand], ([sample = null]) =>
      operator === 'not' ? !isTruthy(sample) : negate(operator, sample),
    );
  }

  private binary(node: Expression & { kind: 'binary' }): Type {
    const left = { node: node.left, type: this.infer(node.left) };
    const right = { node: node.right, type: this.infer(node.right) };
    return this.attempt(
      node,
      node.operatorSpan,
      [left.type, right.type],
      ([a = null, b = null]) => binary(node.operator, a, b),
      [left, right],
    );
  }

  private logical(node: Expression & { kind: 'logical' }): Type {
    const left = this.infer(node.left);
    const right = this.infer(node.right);
    if (left.value !== undefined) {
      const isDecided = isTruthy(left.value) === (node.operator === 'or');
      return isDecided ? left : right;
    }
    // What is false does not come through an `or`, and None is.
    const kinds = [...left.kinds].filter((kind) => node.operator === 'and' || kind !== 'none');
    return eitherType({ ...left, kinds: new Set(kinds) }, right);
  }

  private comparison(node: Expression & { kind: 'comparison' }): Type {
    let left: Operand = { node: node.first, type: this.infer(node.first) };
    let result: Type = constantType(true);
    for (const { operator, operatorSpan, operand } of node.rest) {
      const right: Operand = { node: operand, type: this.infer(operand) };
      const holds = this.compare(node, operator, operatorSpan, [left, right]);
      const known = result.value === true ? holds : result.value === false ? result : typeOf('bool');
      result = known.kinds.size === 1 && known.kinds.has('bool') ? known : typeOf('bool');
      left = right;
    }
    return result;
  }

  private compare(
    node: Expression,
    operator: ComparisonOperator,
    span: Expression['span'],
    operands: readonly [Operand, Operand],
  ): Type {
    const [left, right] = operands;
    if (operator === '==' || operator === '!=') {
      if (neverEqual(left.type, right.type)) this.faults.push({ kind: 'never-equal', node, span, error: '', operands });
    }
    return this.attempt(
      node,
      span,
      [left.type, right.type],
      ([a = null, b = null]) => comparison(operator, a, b),
      operands,
    );
  }

  private subscript(node: Expression & { kind: 'subscript' }): Type {
    const index = this.infer(node.index);
    if (node.target.kind === 'name' && node.target.name === previousName) return typeOf('str', 'none');
    const known = this.scope.memberType?.(node);
    const target = this.infer(node.target);
    if (known) return known;
    const found = this.attempt(node, node.index.span, [target, index], ([a = null, b = null]) => subscript(a, b));
    return target.kinds.has('dict') ? anyType : found;
  }

  private slice(node: Expression & { kind: 'slice' }): Type {
    const bound = (part: Expression | undefined) => (part ? this.infer(part) : constantType(null));
    const target = this.infer(node.target);
    const types = [target, bound(node.start), bound(node.stop), bound(node.step)];
    const found = this.attempt(node, node.span, types, ([a = null, b = null, c = null, d = null]) => slice(a, b, c, d));
    return found.value === undefined && target.items ? { kinds: found.kinds, items: target.items } : found;
  }

  private call(node: Expression & { kind: 'call' }): Type {
    const { name, nameSpan } = node;
    const { types, toArguments } = this.arguments(node.args, node.keywords);
    if (Object.hasOwn(historyFunctions, name)) {
      this.attempt(node, nameSpan, types, (samples) => {
        bindHistory(name, toArguments(samples));
        return null;
      });
      return name === 'history' ? listOf(typeOf('float')) : typeOf('float', 'none');
    }
    const builtin = Object.hasOwn(builtins, name) ? builtins[name] : undefined;
    if (!builtin) return anyType;
    const found = this.attempt(node, nameSpan, types, (samples) => builtin(toArguments(samples)));
    const items = name === 'sorted' ? types[0]?.items : undefined;
    return items && found.value === undefined ? { kinds: found.kinds, items } : found;
  }

  private method(node: Expression & { kind: 'method' }): Type {
    const target = this.infer(node.target);
    const { types, toArguments } = this.arguments(node.args, node.keywords);
    if (!hasMethod(node.name)) return anyType;
    const found = this.attempt(node, node.nameSpan, [target, ...types], ([text = null, ...samples]) =>
      callMethod(text, node.name, toArguments(samples)),
    );
    return node.name === 'split' && found.value === undefined ? { ...found, items: typeOf('str') } : found;
  }

  private arguments(args: readonly Expression[], keywords: readonly Keyword[]) {
    const types = [...args, ...keywords.map(({ value }) => value)].map((each) => this.infer(each));
    const toArguments = (samples: readonly Value[]): Arguments => ({
      args: samples.slice(0, args.length),
      keywords: new Map(keywords.map(({ name }, index) => [name, samples[args.length + index] ?? null])),
    });
    return { types, toArguments };
  }

  private format(part: FormatPart, node: Expression): void {
    if (typeof part === 'string') return;
    const type = this.infer(part.value);
    for (const inner of part.spec) this.format(inner, node);
    const [only = ''] = part.spec;
    if (part.spec.length > 1 || typeof only !== 'string') return;
    const spec = only;
    // How a value is written depends on its type alone: here every error is one of types.
    this.attempt(node, part.value.span, [type], ([sample = null]) => writeField(part, sample, spec), undefined, true);
  }

  /** Runs an operation on all combinations of samples. One that raises on each of them is a fault. */
  private attempt(
    node: Expression,
    span: Expression['span'],
    types: readonly Type[],
    run: (samples: readonly Value[]) => Value,
    operands?: readonly [Operand, Operand],
    everyError = false,
  ): Type {
    const isConstant = types.every(({ value }) => value !== undefined);
    const outcome = tryAll(
      types.map((type) => (types.length > 2 ? fewSamples(type) : samplesOf(type))),
      run,
    );
    if (!outcome) return anyType;
    const { results, errors } = outcome;
    const always = errors.every((error) => isConstant || everyError || isTypeFault(error));
    const [error] = errors;
    if (results.length === 0 && error && always) {
      this.faults.push({
        kind: 'raises',
        node,
        span,
        error: `${error.type}: ${error.message}`,
        ...(operands && { operands }),
      });
      return anyType;
    }
    const [result] = results;
    if (isConstant && result !== undefined) return constantType(result);
    return results.length === 0 ? anyType : { kinds: new Set(results.map(kindOf)) };
  }
}

/** One of each type: three operands with all samples are too many combinations. */
function fewSamples(type: Type): readonly Value[] {
  const seen = new Set<Kind>();
  return samplesOf(type).filter((value) => !seen.has(kindOf(value)) && seen.add(kindOf(value)));
}

function isTypeFault({ type }: PythonError): boolean {
  return type === 'TypeError' || type === 'AttributeError';
}

function withoutValue({ kinds, items }: Type): Type {
  return { kinds, ...(items && { items }) };
}

function writeField({ conversion }: FormatField, value: Value, spec: string): string {
  if (conversion === undefined) return formatValue(value, spec);
  if (conversion === 's') return formatValue(toText(value), spec);
  return formatValue(conversion === 'a' && typeof value === 'string' ? quoteText(value, true) : repr(value), spec);
}

/** undefined: there are too many combinations. */
function tryAll(samples: readonly (readonly Value[])[], run: (samples: readonly Value[]) => Value) {
  const count = samples.reduce((product, each) => product * each.length, 1);
  if (count === 0 || count > maxCombinations) return undefined;
  const results: Value[] = [];
  const errors: PythonError[] = [];
  for (let index = 0; index < count; index++) {
    let rest = index;
    const picked = samples.map((each) => {
      const value = each[rest % each.length] ?? null;
      rest = Math.floor(rest / each.length);
      return value;
    });
    try {
      results.push(run(picked));
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      errors.push(error);
    }
  }
  return { results, errors };
}
