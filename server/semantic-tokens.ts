/** Semantic tokens of watchers: keys, the parts of patterns and conditions, actions, parameters, variables, captures. */
import type { SemanticTokens, SemanticTokensLegend } from 'vscode-languageserver';
import { SemanticTokensBuilder } from 'vscode-languageserver';
import type { Range } from 'vscode-languageserver-textdocument';
import { findAction, findParameter } from '../language/actions/catalogue.ts';
import type { ActionNode } from '../language/actions/node.ts';
import { conditionOf } from '../language/actions/read-action.ts';
import { expressionTokens } from '../language/expression/highlight.ts';
import { type PatternTokenKind, scanPattern } from '../language/pattern/scan-pattern.ts';
import { parseTemplate, type TemplatePart } from '../language/template/parse-template.ts';
import type { Fragment } from '../language/text/fragment.ts';
import type { Span } from '../language/text/span.ts';
import { findCaptures, spansOf } from '../language/watcher/captures.ts';
import type { PropertyNode, WatcherNode } from '../language/watcher/node.ts';
import type { Analysis } from './documents.ts';
import { workflowTokens } from './workflow-tokens.ts';

/** Those behind `regexp` are this extension's own; package.json says what they look like. */
const tokenTypes = [
  'keyword',
  'property',
  'function',
  'method',
  'parameter',
  'variable',
  'number',
  'string',
  'operator',
  'enumMember',
  'event',
  'comment',
  'regexp',
  'regexpGroup',
  'regexpClass',
  'regexpQuantifier',
  'regexpAssertion',
  'regexpEscape',
] as const;

type TokenType = (typeof tokenTypes)[number];

export const tokensLegend: SemanticTokensLegend = { tokenTypes: [...tokenTypes], tokenModifiers: [] };

export interface Token {
  readonly type: TokenType;
  readonly span: Span;
}

/** Of the whole document, or of what touches `range`. */
export function semanticTokens(analysis: Analysis, range?: Range): SemanticTokens {
  const { script, workflow } = analysis;
  const from = range ? analysis.offsetAt(range.start) : 0;
  const to = range ? analysis.offsetAt(range.end) : Number.POSITIVE_INFINITY;
  const builder = new SemanticTokensBuilder();
  const isAsked = ({ span }: { readonly span: Span }) => span.start <= to && from <= span.end;
  const tokens = workflow
    ? flatten(workflowTokens(workflow).filter(isAsked), workflow.document.text)
    : [
        ...script.watchers.filter(isAsked).flatMap((watcher) => flatten(watcherTokens(watcher), script.text)),
        ...script.loginSetup
          .flatMap(({ beginSpan, endSpan }) => [beginSpan, endSpan])
          .map((span): Token => ({ type: 'keyword', span }))
          .filter(isAsked),
      ];
  // An inline watcher may stand inside a block that was never closed.
  const ordered = [...tokens].sort((a, b) => a.span.start - b.span.start);
  let end = 0;
  for (const { type, span } of ordered) {
    if (span.start < end) continue;
    end = span.end;
    const { line, character } = analysis.positionAt(span.start);
    builder.push(line, character, span.end - span.start, tokenTypes.indexOf(type), 0);
  }
  return builder.build();
}

/** In order, without overlaps, and each on one line: a later token lies on top of those before it and cuts them. */
function flatten(tokens: readonly Token[], text: string): readonly Token[] {
  let start = text.length;
  let end = 0;
  for (const { span } of tokens) {
    start = Math.min(start, span.start);
    end = Math.max(end, span.end);
  }
  if (start >= end) return [];
  const painted = new Int32Array(end - start);
  tokens.forEach(({ span }, index) => {
    painted.fill(index + 1, span.start - start, span.end - start);
  });
  const flat: Token[] = [];
  for (let at = 0; at < painted.length; ) {
    const from = at;
    const token = tokens[(painted[from] ?? 0) - 1];
    do at++;
    while (at < painted.length && painted[at] === painted[from] && !/[\r\n]/.test(text[start + at - 1] ?? ''));
    const span = { start: start + from, end: start + at };
    if (token && !/^[\r\n]*$/.test(text.slice(span.start, span.end))) flat.push({ type: token.type, span });
  }
  return flat;
}

function watcherTokens(watcher: WatcherNode): readonly Token[] {
  const tokens: Token[] = [{ type: 'keyword', span: watcher.keywordSpan }];
  for (const property of watcher.properties) tokens.push(...propertyTokens(property));
  for (const capture of findCaptures(watcher).captures) {
    for (const span of spansOf(capture)) tokens.push({ type: 'variable', span });
  }
  return tokens;
}

function propertyTokens({ key, info, value }: PropertyNode): readonly Token[] {
  const tokens: Token[] = [{ type: 'property', span: key.span }];
  if (value.kind === 'actions') return [...tokens, ...value.items.flatMap(actionTokens)];
  if (value.kind === 'list') {
    const type = info?.type.kind === 'states' ? 'enumMember' : 'variable';
    return [...tokens, ...value.items.map(({ fragment }) => ({ type, span: fragment.span }) as const)];
  }
  if (value.kind === 'missing') return tokens;
  const { fragment } = value;
  switch (info?.type.kind) {
    case 'pattern':
      return [...tokens, { type: 'regexp', span: value.span }, ...patternTokens(fragment)];
    case 'condition':
      return [...tokens, ...conditionTokens(fragment)];
    case 'seconds':
    case 'count':
      return [...tokens, { type: 'number', span: fragment.span }];
    case 'flag':
    case 'choice':
      return [...tokens, { type: 'enumMember', span: fragment.span }];
    default:
      return [...tokens, { type: 'string', span: value.span }];
  }
}

const patternTypes: { readonly [kind in PatternTokenKind]: TokenType } = {
  group: 'regexpGroup',
  'group-name': 'variable',
  class: 'regexpClass',
  quantifier: 'regexpQuantifier',
  assertion: 'regexpAssertion',
  escape: 'regexpEscape',
  alternation: 'regexpQuantifier',
  comment: 'comment',
};

function patternTokens(fragment: Fragment): readonly Token[] {
  return scanPattern(fragment.text).tokens.map(({ kind, span }) => ({
    type: patternTypes[kind],
    span: fragment.toSpan(span),
  }));
}

function conditionTokens(fragment: Fragment): readonly Token[] {
  return expressionTokens(fragment.text).map(({ kind, span }) => ({ type: kind, span: fragment.toSpan(span) }));
}

function actionTokens(action: ActionNode): readonly Token[] {
  const tokens: Token[] = [{ type: 'function', span: action.nameSpan }];
  const info = findAction(action.name);
  for (const node of action.parameters) {
    const condition = info && findParameter(info, node.name)?.type === 'condition' ? conditionOf(node) : undefined;
    tokens.push({ type: 'parameter', span: node.nameSpan });
    if (condition) tokens.push(...conditionTokens(condition));
    else {
      tokens.push(...conditionTokens(node.value).filter(({ type }) => type !== 'operator' && type !== 'variable'));
      tokens.push(...variableTokens(node.value));
    }
  }
  return tokens;
}

function variableTokens(value: Fragment): readonly Token[] {
  const tokens: Token[] = [];
  const visit = (part: TemplatePart) => {
    if (part.kind !== 'variable') return;
    tokens.push({ type: 'variable', span: value.toSpan(part.nameSpan) });
    part.word.forEach(visit);
  };
  parseTemplate(value.text).forEach(visit);
  return tokens;
}
