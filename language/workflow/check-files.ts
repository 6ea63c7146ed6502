/** Checks that need the files that a workflow names: scripts and child workflows, the events that these emit. */

import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import { nearestName } from '../text/nearest.ts';
import { typeWords } from './check-expressions.ts';
import { hasExpression } from './embedded.ts';
import {
  awaitedEvents,
  type Emission,
  emissions,
  type FileReference,
  fileReferences,
  knowsAllFiles,
  mayBeSame,
  type ScriptProvider,
  showEvent,
} from './events.ts';
import { expressionType } from './expression-type.ts';
import type { ParameterDeclaration, WorkflowDocument } from './node.ts';
import { parseWorkflow, typeOfNode } from './parse-workflow.ts';
import { findPair, type YamlPair } from './yaml-tree.ts';

export function checkFiles(document: WorkflowDocument, provider: ScriptProvider): readonly Problem[] {
  const references = fileReferences(document);
  const missing = references.filter(({ path }) => provider.read(path) === undefined);
  const problems = missing.map(({ path, span, kind }) =>
    problem(
      'workflow/missing-file',
      span,
      kind === 'script'
        ? l10n.t('There is no script `{0}`. Paths are relative to this file.', path)
        : l10n.t('There is no workflow `{0}`. Paths are relative to this file.', path),
    ),
  );
  const children = references.filter(({ kind }) => kind === 'workflow');
  problems.push(
    ...children.flatMap((child) => [...comesBack(document, child, provider), ...checkChild(document, child, provider)]),
  );
  const allKnown = missing.length === 0 && knowsAllFiles(document);
  return [...problems, ...checkEvents(document, emissions(document, provider), allKnown)];
}

function checkEvents(document: WorkflowDocument, emitted: readonly Emission[], allKnown: boolean): readonly Problem[] {
  const awaited = awaitedEvents(document);
  const problems: Problem[] = [];
  // What an unread script emits is not known.
  for (const { name, span } of allKnown ? awaited : []) {
    if (emitted.some((emission) => mayBeSame(emission.name, name))) continue;
    const shown = showEvent(name);
    const near = name.includes(undefined)
      ? undefined
      : nearestName(
          shown,
          emitted.map((each) => showEvent(each.name)),
        );
    const fixes = near && !near.includes('…') ? [replaceFix(l10n.t('Replace with `{0}`', near), span, near)] : [];
    const words = l10n.t(
      'No step, and no watcher of a script submitted here, emits `{0}`{1}',
      shown,
      near ? l10n.t(': did you mean `{0}`?', near) : '.',
    );
    problems.push(problem('workflow/never-emitted', span, words, fixes));
  }
  for (const { name, file, through } of emitted) {
    if (file === undefined || awaited.some((event) => mayBeSame(event.name, name))) continue;
    const words = l10n.t('`{0}` emits the event `{1}`, which no step awaits.', file, showEvent(name));
    problems.push(problem('workflow/never-awaited', through, words));
  }
  return problems;
}

/** With an `if` on the way the chain of runs may end. */
function comesBack(document: WorkflowDocument, child: FileReference, provider: ScriptProvider): readonly Problem[] {
  const way = canSkip(child) ? undefined : wayBack(document.text, child.path, provider, new Set());
  if (!way) return [];
  const between = way.slice(0, -1).map((path) => `\`${path}\``);
  const words =
    between.length === 0
      ? l10n.t('`{0}` is this workflow itself: each run would start another one, without an end.', child.path)
      : l10n.t(
          'This comes back to this workflow, by {0}: each run would start another one, without an end.',
          between.join(' → '),
        );
  return [problem('workflow/cycle', child.span, words)];
}

/**
 * The files from `path` to the one whose text is `text`, if each runs the next; paths are relative to that one. Files are known
 * by their texts: a provider tells what is in a file, not which file it is.
 */
function wayBack(
  text: string,
  path: string,
  provider: ScriptProvider,
  visited: Set<string>,
): readonly string[] | undefined {
  const found = provider.read(path);
  if (found === text) return [path];
  if (found === undefined || visited.has(found)) return undefined;
  visited.add(found);
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  for (const child of fileReferences(parseWorkflow(found))) {
    if (child.kind !== 'workflow' || canSkip(child)) continue;
    const next = /^[/~]/.test(child.path) ? child.path : folder + child.path;
    const rest = wayBack(text, next, provider, visited);
    if (rest) return [path, ...rest];
  }
  return undefined;
}

const canSkip = ({ step }: FileReference) => findPair(step.map, 'if') !== undefined;

/** What is given to a child workflow, against the parameters that it declares. */
function checkChild(document: WorkflowDocument, child: FileReference, provider: ScriptProvider): readonly Problem[] {
  const text = provider.read(child.path);
  const value = child.step.verb?.value;
  const given = value?.kind === 'map' ? findPair(value, 'params')?.value : undefined;
  if (text === undefined || given?.kind !== 'map') return [];
  const { params } = parseWorkflow(text);
  return given.pairs.flatMap((pair) => {
    const declared = params.find(({ name }) => name === pair.name);
    if (declared) return checkParameter(document, pair, declared);
    const near = nearestName(
      pair.name,
      params.map(({ name }) => name),
    );
    const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), pair.key.span, near)] : [];
    const words = l10n.t(
      '`{0}` has no parameter `{1}`{2}',
      child.path,
      pair.name,
      near ? l10n.t(': did you mean `{0}`?', near) : '.',
    );
    return [problem('workflow/unknown-parameter', pair.key.span, words, fixes)];
  });
}

function checkParameter(
  document: WorkflowDocument,
  { name, value }: YamlPair,
  declared: ParameterDeclaration,
): readonly Problem[] {
  let type = typeOfNode(value);
  if (value.kind === 'scalar' && hasExpression(value.fragment.text)) {
    const inside = document.expressions.filter(
      ({ span }) => value.fragment.span.start <= span.start && span.end <= value.fragment.span.end,
    );
    const [only] = inside;
    const isWhole =
      only && inside.length === 1 && only.span.end - only.span.start === value.fragment.text.trimEnd().length;
    type = isWhole ? expressionType(document, only.expression, only.step) : 'text';
  }
  if (type === 'any' || declared.type === 'any' || type === declared.type) return [];
  const words = l10n.t(
    'The parameter `{0}` is {1} (that is its default’s type), not {2}.',
    name,
    l10n.shown(typeWords[declared.type]),
    l10n.shown(typeWords[type]),
  );
  return [problem('workflow/parameter-type', value.span, words)];
}
