/**
 * The parser of conditions: Python's expression grammar by recursive descent. Total: what is missing becomes a `missing` node, what
 * Python has and conditions do not is refused by name, and parsing goes on.
 */

import { replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import { remember } from '../text/remember.ts';
import type { Span } from '../text/span.ts';
import type { BinaryOperator, Comparison, ComparisonOperator, Expression } from './ast.ts';
import type { ParsedExpression } from './format-string.ts';
import { AtomParser } from './parse-atom.ts';
import { unsupportedOperators } from './token-stream.ts';
import type { Token } from './tokens.ts';

export type { Expression, ParsedExpression };

/** Where an expression stands: those of workflow files read attributes too, `steps.train.job_id`. */
export type Dialect = 'condition' | 'workflow';

/** Spans are offsets into `text`. */
export function parseExpression(text: string, dialect: Dialect = 'condition'): ParsedExpression {
  return text.length > longestRemembered ? parseWhole(text, dialect) : remembered[dialect](text);
}

function parseWhole(text: string, dialect: Dialect): ParsedExpression {
  return parseExpressionIn(text, { start: 0, end: text.length }, 0, dialect);
}

/** Several checks look at the same expression, and a keystroke changes one of them; what is parsed never changes. */
const longestRemembered = 200;
const remembered: { readonly [dialect in Dialect]: (text: string) => ParsedExpression } = {
  condition: remember((text) => parseWhole(text, 'condition'), 100),
  workflow: remember((text) => parseWhole(text, 'workflow'), 100),
};

/** Parses the part `span` of `text`; `depth` counts the expressions around it. */
function parseExpressionIn(text: string, span: Span, depth: number, dialect: Dialect): ParsedExpression {
  const parser = new ExpressionParser(text, span, depth, dialect);
  const expression = parser.parseWhole();
  return { expression, problems: parser.problems };
}

const comparisons = new Set(['<', '<=', '>', '>=', '==', '!=']);

class ExpressionParser extends AtomParser {
  protected override readonly hasAttributes: boolean;
  private readonly dialect: Dialect;

  constructor(text: string, span: Span, depth: number, dialect: Dialect) {
    super(text, span, depth);
    this.dialect = dialect;
    this.hasAttributes = dialect === 'workflow';
  }

  parseWhole(): Expression {
    const refused = this.refuseLong();
    if (refused) return refused;
    const expression = this.parseTuple();
    if (this.token.kind !== 'end') this.reportRest(this.token);
    return expression;
  }

  protected override parseTuple(): Expression {
    const first = this.parseTernary();
    if (!this.is(',')) return first;
    const items = [first];
    while (this.accept(',')) {
      if (this.atClose()) break;
      items.push(this.parseTernary());
    }
    return { kind: 'tuple', items, span: { start: first.span.start, end: this.lastEnd } };
  }

  protected override parseTernary(): Expression {
    return this.nested(() => this.parseConditional());
  }

  protected override parseInside(span: Span): ParsedExpression {
    return parseExpressionIn(this.text, span, this.depth + 1, this.dialect);
  }

  private parseConditional(): Expression {
    if (this.is('lambda')) return this.refuseRest(l10n.t('Conditions do not have `lambda`.'));
    const then = this.parseOr();
    if (this.is(':=')) {
      this.reportRest(this.take());
      return this.parseTernary();
    }
    if (!this.accept('if')) return then;
    const test = this.parseOr();
    if (!this.accept('else')) {
      const otherwise = this.missing(l10n.t('`else` and a value'));
      return { kind: 'conditional', test, then, otherwise, span: { start: then.span.start, end: this.lastEnd } };
    }
    const otherwise = this.parseTernary();
    return { kind: 'conditional', test, then, otherwise, span: { start: then.span.start, end: otherwise.span.end } };
  }

  private parseOr(): Expression {
    let left = this.parseAnd();
    while (this.is('or') || this.is('||')) {
      if (this.is('||')) this.reportRest(this.token);
      this.take();
      const right = this.parseAnd();
      left = { kind: 'logical', operator: 'or', left, right, span: { start: left.span.start, end: right.span.end } };
    }
    return left;
  }

  private parseAnd(): Expression {
    let left = this.parseNot();
    while (this.is('and') || this.is('&&')) {
      if (this.is('&&')) this.reportRest(this.token);
      this.take();
      const right = this.parseNot();
      left = { kind: 'logical', operator: 'and', left, right, span: { start: left.span.start, end: right.span.end } };
    }
    return left;
  }

  private parseNot(): Expression {
    const start = this.token.start;
    if (this.is('!')) {
      this.report('condition/syntax', this.token, l10n.t('Python writes `not` for `!`.'), [
        replaceFix(l10n.t('Replace with `not`'), this.token, 'not '),
      ]);
    } else if (!this.is('not')) return this.parseComparison();
    this.take();
    return this.nested(() => {
      const operand = this.parseNot();
      return { kind: 'unary', operator: 'not', operand, span: { start, end: operand.span.end } };
    });
  }

  private parseComparison(): Expression {
    const first = this.parseBinary(0);
    const rest: Comparison[] = [];
    for (;;) {
      const start = this.token.start;
      const operator = this.takeComparison();
      if (!operator) break;
      const operatorSpan = { start, end: this.lastEnd };
      rest.push({ operator, operatorSpan, operand: this.parseBinary(0) });
    }
    if (rest.length === 0) return first;
    return {
      kind: 'comparison',
      first,
      rest,
      span: { start: first.span.start, end: rest.at(-1)?.operand.span.end ?? this.lastEnd },
    };
  }

  private takeComparison(): ComparisonOperator | undefined {
    const { token } = this;
    if (token.kind === 'operator' && comparisons.has(token.text)) return this.take().text as ComparisonOperator;
    if (this.is('=') || this.is('<>')) {
      const right = this.is('=') ? '==' : '!=';
      this.report('condition/syntax', token, l10n.t('`{0}` does not compare: write `{1}`.', token.text, right), [
        replaceFix(l10n.t('Replace with `{0}`', right), token, right),
      ]);
      this.take();
      return right;
    }
    if (this.accept('in')) return 'in';
    if (this.accept('is')) return this.accept('not') ? 'is not' : 'is';
    if (this.is('not') && this.peek()?.text === 'in') {
      this.take();
      this.take();
      return 'not in';
    }
    return undefined;
  }

  /** `+ -` at level 0, `* / // %` at level 1; both group to the left. */
  private parseBinary(level: 0 | 1): Expression {
    const operators = level === 0 ? ['+', '-'] : ['*', '/', '//', '%'];
    const operand = () => (level === 0 ? this.parseBinary(1) : this.parseUnary());
    let left = operand();
    for (;;) {
      const { token } = this;
      if (token.kind !== 'operator') return left;
      if (level === 0 && unsupportedOperators.has(token.text) && token.text !== '~') this.reportRest(token);
      else if (!operators.includes(token.text)) return left;
      this.take();
      const right = operand();
      const span = { start: left.span.start, end: right.span.end };
      left = {
        kind: 'binary',
        operator: token.text as BinaryOperator,
        left,
        right,
        operatorSpan: { start: token.start, end: token.end },
        span,
      };
    }
  }

  private parseUnary(): Expression {
    const { token } = this;
    if (this.is('~') || this.is('await')) {
      this.reportUnsupported(token);
      this.take();
      return this.nested(() => this.parseUnary());
    }
    if (!this.is('-') && !this.is('+')) return this.parsePower();
    this.take();
    const operator = token.text === '-' ? '-' : '+';
    return this.nested(() => {
      const operand = this.parseUnary();
      return { kind: 'unary', operator, operand, span: { start: token.start, end: operand.span.end } };
    });
  }

  /** Binds closer than a sign on its left, and less close than one on its right: `-2 ** -2` is `-(2 ** (-2))`. */
  private parsePower(): Expression {
    const left = this.parseTrailers(this.parseAtom());
    const { token } = this;
    if (!this.accept('**')) return left;
    return this.nested(() => {
      const right = this.parseUnary();
      const span = { start: left.span.start, end: right.span.end };
      return {
        kind: 'binary',
        operator: '**',
        left,
        right,
        operatorSpan: { start: token.start, end: token.end },
        span,
      };
    });
  }

  private reportUnsupported(token: Token): void {
    this.report('condition/not-supported', token, l10n.t('Conditions do not have `{0}`.', token.text));
  }
}
