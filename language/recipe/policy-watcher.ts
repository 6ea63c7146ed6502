/** Watcher policies of recipes: YAML with the properties of a watcher, read as the watcher that they become. */
import { parseAction } from '../actions/parse-action.ts';
import type { Problem } from '../problem/problem.ts';
import type { ListNode, PropertyNode, TextNode, ValueNode, WatcherNode } from '../watcher/node.ts';
import { findProperty, type PropertyInfo } from '../watcher/properties.ts';
import { readPropertyValue } from '../watcher/read-value.ts';
import { readWatcher, watcherName } from '../watcher/read-watcher.ts';
import type { YamlMap, YamlNode, YamlPair, YamlScalar } from '../workflow/yaml-tree.ts';

/** Everything that a watcher of a script with these properties would be told. */
export function checkPolicy(map: YamlMap): readonly Problem[] {
  const problems: Problem[] = [];
  const properties = map.pairs.map((pair) => readProperty(pair, problems));
  const keywordSpan = map.pairs[0]?.key.span ?? map.span;
  const node: WatcherNode = { form: 'block', number: 1, line: 0, keywordSpan, properties, span: map.span };
  // What a quick fix would insert is written for comments of a script.
  const found = readWatcher(node, [watcherName(node)]).problems.map((each) => ({ ...each, fixes: replacing(each) }));
  return [...problems, ...found];
}

function replacing({ fixes }: Problem): Problem['fixes'] {
  return fixes.filter(({ edits }) => edits.every(({ span }) => span.end > span.start));
}

function readProperty({ key, name, value }: YamlPair, problems: Problem[]): PropertyNode {
  const info = findProperty(name);
  const span = { start: key.span.start, end: Math.max(value.span.end, key.span.end) };
  const base = { key: { text: name, span: key.span }, ...(info && { info }), span };
  return { ...base, value: readNode(info, value, problems) };
}

function readNode(info: PropertyInfo | undefined, value: YamlNode, problems: Problem[]): ValueNode {
  if (value.kind === 'list') return readList(info, value.items.filter(isScalar), value.span, problems);
  if (value.kind !== 'scalar' || value.span.start === value.span.end) {
    const read = readPropertyValue(info, { start: value.span.start, end: value.span.start });
    problems.push(...read.problems);
    return read.value;
  }
  const read = readPropertyValue(info, textOf(value));
  problems.push(...read.problems);
  return read.value;
}

function readList(
  info: PropertyInfo | undefined,
  items: readonly YamlScalar[],
  span: ListNode['span'],
  problems: Problem[],
): ValueNode {
  if (info?.type.kind !== 'actions') return { kind: 'list', items: items.map(textOf), span };
  const parsed = items.map(({ fragment }) => parseAction(fragment));
  problems.push(...parsed.flatMap((each) => each.problems));
  return { kind: 'actions', items: parsed.map(({ action }) => action), span };
}

function isScalar(node: YamlNode): node is YamlScalar {
  return node.kind === 'scalar';
}

function textOf({ fragment, span }: YamlScalar): TextNode {
  return { kind: 'text', fragment, span, quoted: fragment.span.start > span.start };
}
