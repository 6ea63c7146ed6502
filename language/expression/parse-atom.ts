/** Atoms of expressions (literals, names, brackets) and what follows them: calls, subscripts, methods. */

import { replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';
import type { Expression, Keyword } from './ast.ts';
import { type ParsedExpression, parseFormatString } from './format-string.ts';
import { decodeString, numberValue } from './literals.ts';
import { quote, TokenStream } from './token-stream.ts';
import type { StringToken, Token } from './tokens.ts';

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

export abstract class AtomParser extends TokenStream {
  /** Is a name behind a dot, with no call, a value? */
  protected abstract readonly hasAttributes: boolean;

  /** One expression, no tuple without parentheses. */
  protected abstract parseTernary(): Expression;

  /** Expressions separated by commas are a tuple. */
  protected abstract parseTuple(): Expression;

  /** An expression of its own: a field of an f-string. */
  protected abstract parseInside(span: Span): ParsedExpression;

  protected parseTrailers(atom: Expression): Expression {
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
      this.report(
        'condition/not-supported',
        callee.span,
        l10n.t('Only functions and methods can be called, by their names.'),
      );
    }
    return { kind: 'missing', span };
  }

  private parseArguments(): { args: readonly Expression[]; keywords: readonly Keyword[] } {
    const open = this.take();
    const args: Expression[] = [];
    const keywords: Keyword[] = [];
    while (!this.atClose()) {
      const nameToken = this.token;
      if (nameToken.kind === 'name' && this.peek()?.text === '=') {
        this.take();
        this.take();
        const nameSpan = { start: nameToken.start, end: nameToken.end };
        keywords.push({ name: nameToken.text, nameSpan, value: this.parseTernary() });
      } else {
        if (this.is('*') || this.is('**'))
          this.report('condition/not-supported', this.take(), l10n.t('Conditions do not unpack arguments with `*`.'));
        const value = this.parseTernary();
        if (keywords.length > 0)
          this.report('condition/syntax', value.span, l10n.t('A positional argument follows a keyword argument.'));
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
      this.missing(this.hasAttributes ? l10n.t('A name') : l10n.t('A method’s name'));
      return { kind: 'missing', span: { start: target.span.start, end: this.lastEnd } };
    }
    this.take();
    const nameSpan = { start: token.start, end: token.end };
    if (token.text.startsWith('_')) {
      this.report(
        'condition/not-supported',
        nameSpan,
        l10n.t('Names with a leading underscore are out of reach of conditions.'),
      );
    }
    if (!this.is('(')) {
      if (this.hasAttributes) {
        const span = { start: target.span.start, end: this.lastEnd };
        return { kind: 'attribute', target, name: token.text, nameSpan, span };
      }
      this.report(
        'condition/not-supported',
        nameSpan,
        l10n.t('Conditions have no attributes, only methods of text: write `()` after the name.'),
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

  protected parseAtom(): Expression {
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
          this.report('condition/syntax', span, l10n.t('{0} was not expected here.', quote(token.text)));
          this.take();
          return { kind: 'missing', span };
        }
        return this.missing(l10n.t('A value'));
      case 'bad':
        this.report('condition/syntax', span, l10n.t('{0} was not expected here.', quote(token.text)));
        this.take();
        return { kind: 'missing', span };
      case 'end':
        return this.missing(l10n.t('A value'));
    }
  }

  private parseNumber(token: Token): Expression {
    this.take();
    const span = { start: token.start, end: token.end };
    const value = numberValue(token.text);
    if (value !== undefined) return { kind: 'literal', value, span };
    if (/^[\d.]+[jJ]$/.test(token.text))
      this.report('condition/not-supported', span, l10n.t('Conditions have no complex numbers.'));
    else this.report('condition/syntax', span, l10n.t('`{0}` is not a number as Python writes it.', token.text));
    return { kind: 'missing', span };
  }

  private parseName(token: Token): Expression {
    const span = { start: token.start, end: token.end };
    const constants: { readonly [name: string]: boolean | null } = { True: true, False: false, None: null };
    if (Object.hasOwn(constants, token.text)) {
      this.take();
      return { kind: 'literal', value: constants[token.text] ?? null, span };
    }
    if (token.text === 'lambda') return this.refuseRest(l10n.t('Conditions do not have `lambda`.'));
    if (token.text === 'yield' || token.text === 'import' || token.text === 'from') {
      return this.refuseRest(l10n.t('Conditions do not have `{0}`.', token.text));
    }
    if (reserved.has(token.text)) return this.missing(l10n.t('A value'));
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
      this.report('condition/syntax', span, l10n.t('The text is never closed.'), [
        replaceFix(l10n.t('Add {0}', quoteMark), at, quoteMark),
      ]);
    }
    if (!['', 'r', 'u', 'f', 'rf', 'fr'].includes(token.prefix)) {
      const code = token.prefix.includes('b') ? 'condition/not-supported' : 'condition/syntax';
      this.report(code, span, l10n.t('Conditions have no texts with the prefix `{0}`.', token.prefix));
      return { kind: 'missing', span };
    }
    const raw = token.prefix.includes('r');
    if (token.prefix.includes('f')) {
      const format = parseFormatString(this.text, token.body, raw, (span) => this.parseInside(span));
      for (const found of format.problems) this.report(found.code, found.span, found.message, found.fixes);
      return { kind: 'format', parts: format.parts, span };
    }
    const { parts, broken } = decodeString(this.text, token.body, raw);
    for (const part of broken) {
      this.report(
        'condition/syntax',
        part,
        l10n.t('`{0}` is not a whole escape.', this.text.slice(part.start, part.end)),
      );
    }
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
    this.report(
      'condition/not-supported',
      { start, end: this.lastEnd },
      l10n.t('Conditions do not have comprehensions.'),
    );
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
            l10n.t('Conditions have no sets: write a list, `[…]`, or a dictionary, `{key: value}`.'),
          );
          this.skipToClose();
        } else this.missing(l10n.t('`:` and a value'));
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
