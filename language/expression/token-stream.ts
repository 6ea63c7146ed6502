/** The tokens of an expression with a cursor, and the problems that a parser reports on its way. */

import { type Fix, type Problem, problem, replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';
import type { Expression } from './ast.ts';
import { type Token, tokenize } from './tokens.ts';

/** Python itself stops at about a hundred nested parentheses. */
const maxDepth = 60;

/** `a and b and c …` is a tree as deep as it is long: what walks it must not run out of stack. */
const maxTokens = 2000;

export const unsupportedOperators: ReadonlySet<string> = new Set(['&', '|', '^', '~', '<<', '>>', '@']);

export class TokenStream {
  readonly problems: Problem[] = [];
  protected readonly text: string;
  /** How many expressions are around the one that is parsed. */
  protected depth: number;
  private readonly tokens: readonly Token[];
  private index = 0;
  private readonly reported = new Set<number>();

  constructor(text: string, span: Span, depth: number) {
    this.text = text;
    this.tokens = tokenize(text, span.start, span.end);
    this.depth = depth;
  }

  protected get token(): Token {
    return this.tokens[Math.min(this.index, this.tokens.length - 1)] ?? { kind: 'end', text: '', start: 0, end: 0 };
  }

  protected get lastEnd(): number {
    return this.tokens[this.index - 1]?.end ?? this.token.start;
  }

  protected take(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.index++;
    return token;
  }

  protected is(text: string): boolean {
    return (this.token.kind === 'operator' || this.token.kind === 'name') && this.token.text === text;
  }

  protected accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.take();
    return true;
  }

  protected report(code: Problem['code'], span: Span, message: string, fixes: readonly Fix[] = []): void {
    if (this.reported.has(span.start)) return;
    this.reported.add(span.start);
    this.problems.push(problem(code, span, message, fixes));
  }

  protected missing(what: string): Expression {
    const span = { start: this.lastEnd, end: this.lastEnd };
    const { token } = this;
    if (token.kind === 'end') this.report('condition/syntax', span, l10n.t('{0} is missing here.', what));
    else this.report('condition/syntax', token, l10n.t('{0} should stand before {1}.', what, quote(token.text)));
    return { kind: 'missing', span };
  }

  protected reportRest(token: Token): void {
    const rest = { start: token.start, end: this.tokens.at(-1)?.end ?? token.end };
    if (token.text === '=') {
      this.report('condition/syntax', token, l10n.t('`=` does not compare: write `==`.'), [
        replaceFix(l10n.t('Replace with `==`'), token, '=='),
      ]);
    } else if (token.text === '&&' || token.text === '||') {
      const word = token.text === '&&' ? 'and' : 'or';
      this.report('condition/syntax', token, l10n.t('Python writes `{0}` for `{1}`.', word, token.text), [
        replaceFix(l10n.t('Replace with `{0}`', word), token, word),
      ]);
    } else if (unsupportedOperators.has(token.text)) {
      this.report('condition/not-supported', token, l10n.t('Conditions do not have the operator `{0}`.', token.text));
    } else if (token.text === ':=') {
      this.report('condition/not-supported', token, l10n.t('Conditions do not assign: `:=` is not supported.'));
    } else if (token.text === 'for') {
      this.report('condition/not-supported', rest, l10n.t('Conditions do not have comprehensions.'));
    } else {
      this.report('condition/syntax', rest, l10n.t('{0} was not expected here.', quote(token.text)));
    }
  }

  /** Of an expression that is too long nothing is read. */
  protected refuseLong(): Expression | undefined {
    if (this.tokens.length <= maxTokens) return undefined;
    const words = l10n.t(
      'An expression of more than {0} words and operators is not supported.',
      maxTokens.toLocaleString('en'),
    );
    const { start } = this.token;
    const end = this.tokens.at(-1)?.end ?? start;
    this.report('condition/not-supported', { start, end }, words);
    return { kind: 'missing', span: { start, end: start } };
  }

  protected atClose(): boolean {
    return this.token.kind === 'end' || this.is(')') || this.is(']') || this.is('}');
  }

  protected refuseRest(message: string): Expression {
    const start = this.token.start;
    this.skipToClose();
    const span = { start, end: this.lastEnd };
    this.report('condition/not-supported', span, message);
    return { kind: 'missing', span };
  }

  protected skipToClose(): void {
    for (let depth = 0; this.token.kind !== 'end'; this.take()) {
      if (this.is('(') || this.is('[') || this.is('{')) depth++;
      else if (this.atClose()) {
        if (depth === 0) return;
        depth--;
      }
    }
  }

  protected close(bracket: string, open: Token): void {
    if (this.accept(bracket)) return;
    const span = { start: open.start, end: open.end };
    if (this.token.kind === 'end') {
      const at = { start: this.lastEnd, end: this.lastEnd };
      const fix = replaceFix(l10n.t('Add `{0}`', bracket), at, bracket);
      this.report('condition/syntax', span, l10n.t('`{0}` is never closed.', open.text), [fix]);
    } else {
      this.report(
        'condition/syntax',
        this.token,
        l10n.t('`{0}` should stand before {1}.', bracket, quote(this.token.text)),
      );
      this.skipToClose();
      if (!this.accept(bracket) && this.atClose()) this.take();
    }
  }

  /** Counts one level of nesting while `parse` runs; too deep, the rest is refused. */
  protected nested(parse: () => Expression): Expression {
    if (this.depth >= maxDepth) {
      this.report(
        'condition/not-supported',
        this.token,
        l10n.t('More than {0} expressions inside one another are not supported.', maxDepth),
      );
      this.index = this.tokens.length - 1;
      return { kind: 'missing', span: { start: this.token.start, end: this.token.start } };
    }
    this.depth++;
    const expression = parse();
    this.depth--;
    return expression;
  }

  /** The token after the next. */
  protected peek(): Token | undefined {
    return this.tokens[this.index + 1];
  }
}

export function quote(text: string): string {
  return text === '' ? l10n.t('the end') : `\`${text}\``;
}
