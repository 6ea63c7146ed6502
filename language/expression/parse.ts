/**
 * The parser of conditions: Python's expression grammar by recursive descent. Total: what is missing becomes a `missing` node, what
 * Python has and conditions do not is refused by name, and parsing goes on.
 */
import { type Fix, type Problem, problem, replaceFix } from '../problem/problem.ts';
import type { Span } from '../text/span.ts';
import type { BinaryOperator, Comparison, ComparisonOperator, Expression, Keyword } from './ast.ts';
import { parseFormatString } from './format-string.ts';
import { decodeString, numberValue } from './literals.ts';
import { type StringToken, type Token, tokenize } from './tokens.ts';

export interface ParsedExpression {
  readonly expression: Expression;
  readonly problems: readonly Problem[];
}

/** Python itself stops at about a hundred nested parentheses. */
const maxDepth = 60;

export function parseExpression(text: string): ParsedExpression {
  return parseExpressionIn(text, { start: 0, end: text.length }, 0);
}

/** Parses the part `span` of `text`; `depth` counts the expressions around it. */
export function parseExpressionIn(text: string, span: Span, depth: number): ParsedExpression {
  const parser = new ExpressionParser(text, span, depth);
  const expression = parser.parseWhole();
  return { expression, problems: parser.problems };
}

const comparisons = new Set(['<', '<=', '>', '>=', '==', '!=']);
const unsupportedOperators = new Set(['&', '|', '^', '~', '<<', '>>', '@']);
const reserved = new Set([
  'and',
  'or',
  'not',
  'in',
  'is',
  'if',
  'else',
  'for',
  'lambda',
  'import',
  'from',
  'await',
  'yield',
  'async',
  'def',
  'class',
  'return',
]);

class ExpressionParser {
  readonly problems: Problem[] = [];
  private readonly text: string;
  private readonly tokens: readonly Token[];
  private index = 0;
  private depth: number;

  constructor(text: string, span: Span, depth: number) {
    this.text = text;
    this.tokens = tokenize(text, span.start, span.end);
    this.depth = depth;
  }

  parseWhole(): Expression {
    const expression = this.parseTuple();
    if (this.token.kind !== 'end') this.reportRest(this.token);
    return expression;
  }

  private get token(): Token {
    return this.tokens[Math.min(this.index, this.tokens.length - 1)] ?? { kind: 'end', text: '', start: 0, end: 0 };
  }

  private get lastEnd(): number {
    return this.tokens[this.index - 1]?.end ?? this.token.start;
  }

  private take(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.index++;
    return token;
  }

  private is(text: string): boolean {
    return (this.token.kind === 'operator' || this.token.kind === 'name') && this.token.text === text;
  }

  private accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.take();
    return true;
  }

  private report(code: Problem['code'], span: Span, message: string, fixes: readonly Fix[] = []): void {
    if (!this.problems.some((found) => found.span.start === span.start))
      this.problems.push(problem(code, span, message, fixes));
  }

  private missing(what: string): Expression {
    const span = { start: this.lastEnd, end: this.lastEnd };
    const { token } = this;
    if (token.kind === 'end') this.report('condition/syntax', span, `${what} is missing here.`);
    else this.report('condition/syntax', token, `${what} should stand before ${quote(token.text)}.`);
    return { kind: 'missing', span };
  }

  private reportRest(token: Token): void {
    const rest = { start: token.start, end: this.tokens.at(-1)?.end ?? token.end };
    if (token.text === '=') {
      this.report('condition/syntax', token, '`=` does not compare: write `==`.', [
        replaceFix('Replace with `==`', token, '=='),
      ]);
    } else if (token.text === '&&' || token.text === '||') {
      const word = token.text === '&&' ? 'and' : 'or';
      this.report('condition/syntax', token, `Python writes \`${word}\` for \`${token.text}\`.`, [
        replaceFix(`Replace with \`${word}\``, token, word),
      ]);
    } else if (unsupportedOperators.has(token.text)) {
      this.report('condition/not-supported', token, `Conditions do not have the operator \`${token.text}\`.`);
    } else if (token.text === ':=') {
      this.report('condition/not-supported', token, 'Conditions do not assign: `:=` is not supported.');
    } else if (token.text === 'for') {
      this.report('condition/not-supported', rest, 'Conditions do not have comprehensions.');
    } else {
      this.report('condition/syntax', rest, `${quote(token.text)} was not expected here.`);
    }
  }

  /** Expressions separated by commas are a tuple. */
  private parseTuple(): Expression {
    const first = this.parseTernary();
    if (!this.is(',')) return first;
    const items = [first];
    while (this.accept(',')) {
      if (this.atClose()) break;
      items.push(this.parseTernary());
    }
    return { kind: 'tuple', items, span: { start: first.span.start, end: this.lastEnd } };
  }

  private atClose(): boolean {
    return this.token.kind === 'end' || this.is(')') || this.is(']') || this.is('}');
  }

  private parseTernary(): Expression {
    if (this.depth >= maxDepth) {
      this.report(
        'condition/not-supported',
        this.token,
        `More than ${maxDepth} expressions inside one another are not supported.`,
      );
      this.index = this.tokens.length - 1;
      return { kind: 'missing', span: { start: this.token.start, end: this.token.start } };
    }
    this.depth++;
    const expression = this.parseConditional();
    this.depth--;
    return expression;
  }

  private parseConditional(): Expression {
    if (this.is('lambda')) return this.refuseRest('Conditions do not have `lambda`.');
    const then = this.parseOr();
    if (this.is(':=')) {
      this.reportRest(this.take());
      return this.parseTernary();
    }
    if (!this.accept('if')) return then;
    const test = this.parseOr();
    if (!this.accept('else')) {
      const otherwise = this.missing('`else` and a value');
      return { kind: 'conditional', test, then, otherwise, span: { start: then.span.start, end: this.lastEnd } };
    }
    const otherwise = this.parseTernary();
    return { kind: 'conditional', test, then, otherwise, span: { start: then.span.start, end: otherwise.span.end } };
  }

  private refuseRest(message: string): Expression {
    const span = { start: this.token.start, end: this.tokens.at(-1)?.end ?? this.token.end };
    this.report('condition/not-supported', span, message);
    this.index = this.tokens.length - 1;
    return { kind: 'missing', span };
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
      this.report('condition/syntax', this.token, 'Python writes `not` for `!`.', [
        replaceFix('Replace with `not`', this.token, 'not '),
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
      this.report('condition/syntax', token, `\`${token.text}\` does not compare: write \`${right}\`.`, [
        replaceFix(`Replace with \`${right}\``, token, right),
      ]);
      this.take();
      return right;
    }
    if (this.accept('in')) return 'in';
    if (this.accept('is')) return this.accept('not') ? 'is not' : 'is';
    if (this.is('not') && this.tokens[this.index + 1]?.text === 'in') {
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

  private nested(parse: () => Expression): Expression {
    if (this.depth >= maxDepth) return this.parseTernary();
    this.depth++;
    const expression = parse();
    this.depth--;
    return expression;
  }

  private reportUnsupported(token: Token): void {
    this.report('condition/not-supported', token, `Conditions do not have \`${token.text}\`.`);
  }

  private parseTrailers(atom: Expression): Expression {
    let expression = atom;
    for (;;) {
      if (this.is('(')) expression = this.parseCall(expression);
      else if (this.is('[')) expression = this.parseSubscript(expression);
      else if (this.is('.')) expression = this.parseAttribute(expression);
      else return expression;
    }
  }

  private parseCall(callee: Expression): Expression {
    const { args, keywords } = this.parseArguments();
    const span = { start: callee.span.start, end: this.lastEnd };
    if (callee.kind === 'name') return { kind: 'call', name: callee.name, nameSpan: callee.span, args, keywords, span };
    if (callee.kind !== 'missing') {
      this.report('condition/not-supported', callee.span, 'Only functions and methods can be called, by their names.');
    }
    return { kind: 'missing', span };
  }

  private parseArguments(): { args: readonly Expression[]; keywords: readonly Keyword[] } {
    const open = this.take();
    const args: Expression[] = [];
    const keywords: Keyword[] = [];
    while (!this.atClose()) {
      const nameToken = this.token;
      if (nameToken.kind === 'name' && this.tokens[this.index + 1]?.text === '=') {
        this.take();
        this.take();
        const nameSpan = { start: nameToken.start, end: nameToken.end };
        keywords.push({ name: nameToken.text, nameSpan, value: this.parseTernary() });
      } else {
        if (this.is('*') || this.is('**'))
          this.report('condition/not-supported', this.take(), 'Conditions do not unpack arguments with `*`.');
        const value = this.parseTernary();
        if (keywords.length > 0)
          this.report('condition/syntax', value.span, 'A positional argument follows a keyword argument.');
        args.push(value);
      }
      if (!this.accept(',') && !this.atClose()) {
        this.reportRest(this.token);
        this.skipToClose();
      }
    }
    this.close(')', open);
    return { args, keywords };
  }

  private skipToClose(): void {
    for (let depth = 0; this.token.kind !== 'end'; this.take()) {
      if (this.is('(') || this.is('[') || this.is('{')) depth++;
      else if (this.atClose()) {
        if (depth === 0) return;
        depth--;
      }
    }
  }

  private close(bracket: string, open: Token): void {
    if (this.accept(bracket)) return;
    const span = { start: open.start, end: open.end };
    if (this.token.kind === 'end') {
      const at = { start: this.lastEnd, end: this.lastEnd };
      const fix = replaceFix(`Add \`${bracket}\``, at, bracket);
      this.report('condition/syntax', span, `\`${open.text}\` is never closed.`, [fix]);
    } else {
      this.report('condition/syntax', this.token, `\`${bracket}\` should stand before ${quote(this.token.text)}.`);
      this.skipToClose();
      if (!this.accept(bracket) && this.atClose()) this.take();
    }
  }

  private parseSubscript(target: Expression): Expression {
    const open = this.take();
    const start = this.is(':') ? undefined : this.parseTuple();
    if (!this.is(':')) {
      this.close(']', open);
      const span = { start: target.span.start, end: this.lastEnd };
      return { kind: 'subscript', target, index: start ?? { kind: 'missing', span }, span };
    }
    this.take();
    const part = () => (this.is(':') || this.atClose() ? undefined : this.parseTernary());
    const stop = part();
    const step = this.accept(':') ? part() : undefined;
    this.close(']', open);
    const span = { start: target.span.start, end: this.lastEnd };
    return { kind: 'slice', target, ...(start && { start }), ...(stop && { stop }), ...(step && { step }), span };
  }

  private parseAttribute(target: Expression): Expression {
    this.take();
    const { token } = this;
    if (token.kind !== 'name') {
      this.missing('A method’s name');
      return { kind: 'missing', span: { start: target.span.start, end: this.lastEnd } };
    }
    this.take();
    const nameSpan = { start: token.start, end: token.end };
    if (token.text.startsWith('_')) {
      this.report(
        'condition/not-supported',
        nameSpan,
        'Names with a leading underscore are out of reach of conditions.',
      );
    }
    if (!this.is('(')) {
      this.report(
        'condition/not-supported',
        nameSpan,
        'Conditions have no attributes, only methods of text: write `()` after the name.',
      );
      return { kind: 'missing', span: { start: target.span.start, end: this.lastEnd } };
    }
    const { args, keywords } = this.parseArguments();
    return {
      kind: 'method',
      target,
      name: token.text,
      nameSpan,
      args,
      keywords,
      span: { start: target.span.start, end: this.lastEnd },
    };
  }

  private parseAtom(): Expression {
    const { token } = this;
    const span = { start: token.start, end: token.end };
    switch (token.kind) {
      case 'number':
        return this.parseNumber(token);
      case 'string':
        return this.parseStrings();
      case 'name':
        return this.parseName(token);
      case 'operator':
        if (token.text === '(') return this.parseParentheses();
        if (token.text === '[') return this.parseList();
        if (token.text === '{') return this.parseDict();
        if (
          token.text === '...' ||
          token.text === '`' ||
          token.text === '$' ||
          token.text === '?' ||
          token.text === '\\'
        ) {
          this.report('condition/syntax', span, `${quote(token.text)} was not expected here.`);
          this.take();
          return { kind: 'missing', span };
        }
        return this.missing('A value');
      case 'bad':
        this.report('condition/syntax', span, `${quote(token.text)} was not expected here.`);
        this.take();
        return { kind: 'missing', span };
      case 'end':
        return this.missing('A value');
    }
  }

  private parseNumber(token: Token): Expression {
    this.take();
    const span = { start: token.start, end: token.end };
    const value = numberValue(token.text);
    if (value !== undefined) return { kind: 'literal', value, span };
    if (/^[\d.]+[jJ]$/.test(token.text))
      this.report('condition/not-supported', span, 'Conditions have no complex numbers.');
    else this.report('condition/syntax', span, `\`${token.text}\` is not a number as Python writes it.`);
    return { kind: 'missing', span };
  }

  private parseName(token: Token): Expression {
    const span = { start: token.start, end: token.end };
    const constants: { readonly [name: string]: boolean | null } = { True: true, False: false, None: null };
    if (Object.hasOwn(constants, token.text)) {
      this.take();
      return { kind: 'literal', value: constants[token.text] ?? null, span };
    }
    if (token.text === 'lambda') return this.refuseRest('Conditions do not have `lambda`.');
    if (token.text === 'yield' || token.text === 'import' || token.text === 'from') {
      return this.refuseRest(`Conditions do not have \`${token.text}\`.`);
    }
    if (reserved.has(token.text)) return this.missing('A value');
    this.take();
    return { kind: 'name', name: token.text, span };
  }

  /** Literals side by side are one text. */
  private parseStrings(): Expression {
    const parts: Expression[] = [];
    const start = this.token.start;
    for (let { token } = this; token.kind === 'string'; token = this.token) {
      this.take();
      parts.push(this.parseString(token));
    }
    const [only] = parts;
    if (only && parts.length === 1) return only;
    const span = { start, end: this.lastEnd };
    if (parts.some((part) => part.kind === 'missing')) return { kind: 'missing', span };
    if (parts.every((part) => part.kind === 'literal')) {
      return { kind: 'literal', value: parts.map((part) => String(part.value)).join(''), span };
    }
    const joined = parts.flatMap((part) =>
      part.kind === 'format' ? part.parts : part.kind === 'literal' ? [String(part.value)] : [],
    );
    return { kind: 'format', parts: joined, span };
  }

  private parseString(token: StringToken): Expression {
    const span = { start: token.start, end: token.end };
    const quoteMark = this.text[token.body.start - 1] ?? '"';
    if (!token.closed) {
      const at = { start: token.end, end: token.end };
      this.report('condition/syntax', span, 'The text is never closed.', [
        replaceFix(`Add ${quoteMark}`, at, quoteMark),
      ]);
    }
    if (!['', 'r', 'u', 'f', 'rf', 'fr'].includes(token.prefix)) {
      const code = token.prefix.includes('b') ? 'condition/not-supported' : 'condition/syntax';
      this.report(code, span, `Conditions have no texts with the prefix \`${token.prefix}\`.`);
      return { kind: 'missing', span };
    }
    const raw = token.prefix.includes('r');
    if (token.prefix.includes('f')) {
      const format = parseFormatString(this.text, token.body, raw, this.depth + 1);
      for (const found of format.problems) this.report(found.code, found.span, found.message, found.fixes);
      return { kind: 'format', parts: format.parts, span };
    }
    const { parts, broken } = decodeString(this.text, token.body, raw);
    for (const escape of broken)
      this.report(
        'condition/syntax',
        escape,
        `\`${this.text.slice(escape.start, escape.end)}\` is not a whole escape.`,
      );
    return { kind: 'literal', value: parts.map((part) => part.text).join(''), span };
  }

  private parseParentheses(): Expression {
    const open = this.take();
    if (this.accept(')')) return { kind: 'tuple', items: [], span: { start: open.start, end: this.lastEnd } };
    const inner = this.parseTuple();
    this.refuseComprehension();
    this.close(')', open);
    return { ...inner, span: { start: open.start, end: this.lastEnd } };
  }

  private refuseComprehension(): void {
    if (!this.is('for') && !this.is('async')) return;
    const start = this.token.start;
    this.skipToClose();
    this.report('condition/not-supported', { start, end: this.lastEnd }, 'Conditions do not have comprehensions.');
  }

  private parseList(): Expression {
    const open = this.take();
    const items: Expression[] = [];
    while (!this.atClose()) {
      items.push(this.parseTernary());
      this.refuseComprehension();
      if (!this.accept(',')) break;
    }
    this.close(']', open);
    return { kind: 'list', items, span: { start: open.start, end: this.lastEnd } };
  }

  private parseDict(): Expression {
    const open = this.take();
    const entries: { key: Expression; value: Expression }[] = [];
    while (!this.atClose()) {
      const key = this.parseTernary();
      if (!this.accept(':')) {
        if (this.is(',') || this.is('}')) {
          this.report(
            'condition/not-supported',
            key.span,
            'Conditions have no sets: write a list, `[…]`, or a dictionary, `{key: value}`.',
          );
          this.skipToClose();
        } else this.missing('`:` and a value');
        break;
      }
      entries.push({ key, value: this.parseTernary() });
      this.refuseComprehension();
      if (!this.accept(',')) break;
    }
    this.close('}', open);
    return { kind: 'dict', entries, span: { start: open.start, end: this.lastEnd } };
  }
}

function quote(text: string): string {
  return text === '' ? 'the end' : `\`${text}\``;
}
