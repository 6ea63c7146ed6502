/** Semantic tokens of workflow files: verbs, ids, names of events, values that are words of the language, expressions. */
import { expressionTokens } from '../language/expression/highlight.ts';
import { keysAt } from '../language/workflow/context.ts';
import { durationSeconds } from '../language/workflow/read-values.ts';
import { isVerb } from '../language/workflow/schema.ts';
import type { KeyInfo } from '../language/workflow/value-types.ts';
import type { YamlNode, YamlScalar } from '../language/workflow/yaml-tree.ts';
import type { WorkflowAnalysis } from './documents.ts';
import type { Token } from './semantic-tokens.ts';
import { mentions } from './workflow-mentions.ts';

/** A later token lies on top of those before it. */
export function workflowTokens({ document }: WorkflowAnalysis): readonly Token[] {
  const tokens: Token[] = [];
  if (document.root) collect(document.root, [], tokens);
  // Without the files that it names: only what stands in this one is coloured.
  for (const { subject, span } of mentions({ document })) {
    const type = subject.kind === 'event' ? 'event' : subject.kind === 'file' ? 'string' : 'variable';
    tokens.push({ type, span });
  }
  for (const { fragment, span } of document.expressions) {
    if (span.start < fragment.span.start) {
      tokens.push({ type: 'operator', span: { start: span.start, end: fragment.span.start } });
      if (fragment.span.end < span.end)
        tokens.push({ type: 'operator', span: { start: fragment.span.end, end: span.end } });
    }
    for (const { kind, span: inner } of expressionTokens(fragment.text)) {
      tokens.push({ type: kind, span: fragment.toSpan(inner) });
    }
  }
  return tokens;
}

function collect(node: YamlNode, path: readonly string[], tokens: Token[]): void {
  if (node.kind === 'list') for (const item of node.items) collect(item, [...path, '*'], tokens);
  if (node.kind !== 'map') return;
  const keys = keysAt(path);
  for (const { key, name, value } of node.pairs) {
    const info = keys?.find((each) => each.name === name);
    if (info) tokens.push({ type: isVerb(name) ? 'keyword' : 'property', span: key.span });
    if (info) tokens.push(...valueTokens(value, info));
    collect(value, [...path, name], tokens);
  }
}

function valueTokens(value: YamlNode, info: KeyInfo): readonly Token[] {
  const items = value.kind === 'list' ? value.items : [value];
  return items.filter((item) => item.kind === 'scalar').flatMap((item) => scalarToken(item, info));
}

function scalarToken(value: YamlScalar, info: KeyInfo): readonly Token[] {
  const words = info.types.flatMap((type) => ('values' in type ? type.values : []));
  if (words.includes(value.fragment.text)) return [{ type: 'enumMember', span: value.fragment.span }];
  const kinds = info.types.map(({ kind }) => kind);
  const isNumber = kinds.includes('duration') && durationSeconds(value) !== undefined;
  return isNumber ? [{ type: 'number', span: value.fragment.span }] : [];
}
