/** What each word of a condition is, for colours: by its tokens, so that half-typed conditions have colours too. */
import type { Span } from '../text/span.ts';
import { walk } from './ast.ts';
import { parseExpression } from './parse.ts';
import { tokenize } from './tokens.ts';

export interface ExpressionToken {
  readonly kind: 'keyword' | 'function' | 'method' | 'variable' | 'number' | 'string' | 'operator';
  readonly span: Span;
}

const keywords = new Set([
  'and',
  'or',
  'not',
  'in',
  'is',
  'if',
  'else',
  'True',
  'False',
  'None',
  'true',
  'false',
  'null',
]);

/** Brackets and commas are left out. The names inside of an f-string come behind the string that they lie in. */
export function expressionTokens(text: string): readonly ExpressionToken[] {
  const found: ExpressionToken[] = [];
  const tokens = tokenize(text);
  tokens.forEach((token, index) => {
    const span = { start: token.start, end: token.end };
    if (token.kind === 'number' || token.kind === 'string') found.push({ kind: token.kind, span });
    else if (token.kind === 'name') {
      const isCalled = tokens[index + 1]?.text === '(';
      const behindDot = tokens[index - 1]?.text === '.';
      const name = behindDot ? 'method' : isCalled ? 'function' : 'variable';
      found.push({ kind: keywords.has(token.text) ? 'keyword' : name, span });
    } else if (token.kind === 'operator' && !/^[()[\]{},.:]$/.test(token.text)) found.push({ kind: 'operator', span });
  });
  if (tokens.some((token) => token.kind === 'string' && token.prefix.includes('f')))
    found.push(...namesInFormats(text));
  return found;
}

function namesInFormats(text: string): readonly ExpressionToken[] {
  const found: ExpressionToken[] = [];
  walk(parseExpression(text).expression, (format) => {
    if (format.kind !== 'format') return;
    walk(format, (node) => {
      if (node.kind === 'name') found.push({ kind: 'variable', span: node.span });
      else if (node.kind === 'call') found.push({ kind: 'function', span: node.nameSpan });
      else if (node.kind === 'method') found.push({ kind: 'method', span: node.nameSpan });
    });
  });
  return found;
}
