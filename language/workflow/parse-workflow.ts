/** The parser of workflow files. */

import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';
import { hasExpression } from './embedded.ts';
import type { NamedReference, ParameterDeclaration, StaticType, StepNode, WorkflowDocument } from './node.ts';
import { identifier, ValueReader } from './read-values.ts';
import { isVerb, stepKeys, verbs, workflowKeys } from './schema.ts';
import { findPair, isMissing, parseYaml, type YamlMap, type YamlNode } from './yaml-tree.ts';

/** Is it a workflow file, by its name? */
export function isWorkflowFile(path: string): boolean {
  return /\.vigil\.ya?ml$/i.test(path);
}

/** Total: never throws, whatever `text` is. */
export function parseWorkflow(text: string): WorkflowDocument {
  const tree = parseYaml(text);
  const problems = [...tree.problems];
  const { root } = tree;
  const document = { text, params: [], steps: [], cleanup: [], expressions: [] };
  if (root?.kind !== 'map') {
    // An empty file is one that is about to be written; one that could not be read has its problem.
    if (root && root.kind !== 'unread' && !isMissing(root) && problems.length === 0) {
      problems.push(problem('workflow/wrong-type', root.span, l10n.t('A workflow file is a map with `steps`.')));
    }
    return { ...document, problems };
  }
  const reader = new ValueReader();
  reader.readMap(root, workflowKeys);
  const steps = readSteps(root, 'steps', reader, problems);
  const cleanup = readSteps(root, 'cleanup', reader, problems);
  const params = readParams(root, problems);
  problems.push(...reader.problems);
  return { text, root, params, steps, cleanup, expressions: reader.expressions, problems };
}

function readSteps(root: YamlMap, key: 'steps' | 'cleanup', reader: ValueReader, problems: Problem[]) {
  const list = findPair(root, key)?.value;
  const items = list?.kind === 'list' ? list.items : [];
  const steps: StepNode[] = [];
  for (const item of items) {
    if (item.kind === 'map') {
      const step = readStep(item, steps.length, key === 'cleanup');
      reader.readMap(item, stepKeys, step);
      checkVerbs(item, problems);
      checkId(step, problems);
      steps.push(step);
    } else if (item.kind !== 'unread') {
      const words = l10n.t('A step is a map with one of {0}.', verbs.map(({ name }) => `\`${name}\``).join(', '));
      problems.push(problem('workflow/wrong-type', item.span, words));
    }
  }
  return steps;
}

function readStep(map: YamlMap, index: number, isCleanup: boolean): StepNode {
  const id = findPair(map, 'id')?.value;
  const verb = map.pairs.find(({ name }) => isVerb(name));
  const needs = findPair(map, 'needs')?.value;
  return {
    index,
    isCleanup,
    map,
    id: id?.kind === 'scalar' ? id.fragment.text : '',
    idSpan: id?.span ?? firstKey(map),
    ...(verb && { verb }),
    ...(needs && !isMissing(needs) && { needs: references(needs) }),
    hasForeach: findPair(map, 'foreach') !== undefined,
    ...axesOf(findPair(map, 'matrix')?.value),
  };
}

/** What is only included is not in every combination. */
function axesOf(matrix: YamlNode | undefined): Pick<StepNode, 'axes'> {
  if (!matrix) return {};
  const pairs = matrix.kind === 'map' ? matrix.pairs : [];
  const lists = pairs.filter(({ name }) => name !== 'include' && name !== 'exclude');
  const include = pairs.find(({ name }) => name === 'include')?.value;
  const entries =
    include?.kind === 'list' ? include.items.flatMap((item) => (item.kind === 'map' ? item.pairs : [])) : [];
  const included = entries.map(({ name }) => name);
  const axes = lists.map(({ name, value }) => ({
    name,
    type: included.includes(name) ? ('any' as const) : itemType(value),
  }));
  const more = [...new Set(included)].filter((name) => !axes.some((axis) => axis.name === name));
  return { axes: [...axes, ...more.map((name) => ({ name, type: 'any' as const }))] };
}

/** The type that all items of a list have. */
function itemType(list: YamlNode): StaticType {
  const types = new Set(list.kind === 'list' ? list.items.map(typeOfNode) : []);
  const [only] = types;
  // A text may be an expression, which gives anything.
  return only !== undefined && only !== 'text' && types.size === 1 ? only : 'any';
}

function firstKey(map: YamlMap): Span {
  return map.pairs[0]?.key.span ?? { start: map.span.start, end: Math.min(map.span.start + 1, map.span.end) };
}

function references(node: YamlNode): readonly NamedReference[] {
  const items = node.kind === 'list' ? node.items : [node];
  return items.flatMap((item) => {
    if (item.kind !== 'scalar' || hasExpression(item.fragment.text)) return [];
    return [{ name: item.fragment.text, span: item.fragment.span }];
  });
}

function checkVerbs(map: YamlMap, problems: Problem[]): void {
  const found = map.pairs.filter(({ name }) => isVerb(name));
  const names = verbs.map(({ name }) => `\`${name}\``).join(', ');
  if (found.length === 0) {
    problems.push(problem('workflow/missing-verb', firstKey(map), l10n.t('A step needs one of {0}.', names)));
  }
  const [first, ...others] = found;
  for (const pair of others) {
    if (!first || pair.name === first.name) continue;
    const words = l10n.t('A step does one thing: `{0}` stands here already. Make this a step of its own.', first.name);
    problems.push(problem('workflow/several-verbs', pair.key.span, words));
  }
}

function checkId(step: StepNode, problems: Problem[]): void {
  if (step.id === '' || identifier.test(step.id)) return;
  problems.push(badName(step.id, step.idSpan, l10n.t('An id')));
}

function badName(name: string, span: Span, what: string): Problem {
  const better = name.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^(?=\d)/, '_');
  const fixes = identifier.test(better) ? [replaceFix(l10n.t('Replace with `{0}`', better), span, better)] : [];
  const words = l10n.t('{0} is made of letters, digits and `_`, so that expressions can name it.', what);
  return problem('workflow/bad-name', span, words, fixes);
}

function readParams(root: YamlMap, problems: Problem[]): readonly ParameterDeclaration[] {
  const params = findPair(root, 'params')?.value;
  if (params?.kind !== 'map') return [];
  const declared: ParameterDeclaration[] = [];
  for (const { key, name, value } of params.pairs) {
    if (!identifier.test(name)) problems.push(badName(name, key.span, l10n.t('The name of a parameter')));
    if (declared.some((other) => other.name === name)) {
      problems.push(
        problem('workflow/duplicate-key', key.span, l10n.t('The parameter `{0}` is declared twice.', name)),
      );
    }
    declared.push({ name, nameSpan: key.span, value, type: typeOfNode(value) });
  }
  return declared;
}

/** The type that a value has as it is written; `none` and what is unread can become anything. */
export function typeOfNode(node: YamlNode): StaticType {
  if (node.kind === 'unread') return 'any';
  if (node.kind !== 'scalar') return node.kind;
  switch (typeof node.value) {
    case 'string':
      return 'text';
    case 'number':
      return 'number';
    case 'boolean':
      return 'flag';
    default:
      return 'any';
  }
}
