/** Checks of the launch recipes of ssync: keys, values, and the profiles and scripts that they name. */

import { type Problem, problem, replaceFix, sortProblems } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import { nearestName } from '../text/nearest.ts';
import type { Span } from '../text/span.ts';
import { propertyNames } from '../watcher/properties.ts';
import { findPair, isMissing, parseYaml, type YamlMap, type YamlNode, type YamlScalar } from '../workflow/yaml-tree.ts';
import { checkPolicy } from './policy-watcher.ts';
import { integerKeys, keysOf, type RecipeFolder, sbatchKeys } from './recipe-keys.ts';

/** The files of the project. Paths are relative to the recipe file. */
export interface RecipeFiles {
  /** undefined: there is no such file. */
  read(path: string): string | undefined;
}

/** Another file that a recipe names. */
export interface RecipeReference {
  readonly text: string;
  readonly span: Span;
  readonly what: 'profile' | 'script';
  /** Where it may be, relative to the recipe file; the first one that exists counts. */
  readonly paths: readonly string[];
}

export function checkRecipe(text: string, folder: RecipeFolder, files: RecipeFiles | undefined): readonly Problem[] {
  const { root, problems } = parseYaml(text);
  // What the library could not read leaves holes that are not to be blamed on the recipe.
  if (!root || problems.length > 0) return problems;
  if (root.kind !== 'map') {
    return [problem('recipe/wrong-type', root.span, l10n.t('A recipe file is a map: lines of `key: value`.'))];
  }
  if (folder === 'watchers')
    return sortProblems([...unknownKeys(root, propertyNames), ...checkPolicy(root)].filter(once));
  const names = keysOf(folder).map(({ name }) => name);
  return sortProblems([
    ...unknownKeys(root, names),
    ...missingRun(root, folder),
    ...checkSbatch(findPair(root, 'sbatch')?.value),
    ...checkVars(findPair(root, 'vars')?.value),
    ...missingFiles(recipeReferences(text, folder), files),
  ]);
}

/** The checks of watchers know unknown keys too. */
function once({ code }: Problem): boolean {
  return code !== 'watcher/unknown-key';
}

/** In the order of the text. */
export function recipeReferences(text: string, folder: RecipeFolder): readonly RecipeReference[] {
  const { root } = parseYaml(text);
  if (root?.kind !== 'map' || folder === 'watchers') return [];
  const profiles = keysOf(folder).flatMap(({ name, names }) => {
    const value = names && findPair(root, name)?.value;
    return value ? textsIn(value).map((scalar) => profile(scalar, names)) : [];
  });
  const scripts = (folder === 'envs' ? [root] : ['env', 'prepare', 'run'].map((name) => findPair(root, name)?.value))
    .flatMap((value) => (value ? scriptsIn(value) : []))
    .filter((scalar) => !profiles.some(({ span }) => span.start === scalar.span.start))
    .map(script);
  return [...profiles, ...scripts].sort((a, b) => a.span.start - b.span.start);
}

/** A name of the folder; with a slash or an ending it is a path from the root of the project. */
function profile(scalar: YamlScalar, folder: RecipeFolder): RecipeReference {
  const text = scalar.fragment.text;
  const isPath = text.includes('/') || /\.ya?ml$/.test(text);
  const paths = isPath ? [`../../${text}`] : [`../${folder}/${text}.yaml`, `../${folder}/${text}.yml`];
  return { text, span: scalar.fragment.span, what: 'profile', paths };
}

/** Beside the recipe, else from the root of the project. */
function script(scalar: YamlScalar): RecipeReference {
  const text = scalar.fragment.text;
  return { text, span: scalar.fragment.span, what: 'script', paths: [text, `../../${text}`] };
}

function textsIn(node: YamlNode): readonly YamlScalar[] {
  if (node.kind === 'list') return node.items.flatMap(textsIn);
  return node.kind === 'scalar' && typeof node.value === 'string' ? [node] : [];
}

/** `x.sh`, `[x.sh, {script: y.sh}]`, `{scripts: […]}`, `{script: x.sh}`. */
function scriptsIn(node: YamlNode): readonly YamlScalar[] {
  if (node.kind === 'list') return node.items.flatMap(scriptsIn);
  if (node.kind !== 'map') return textsIn(node);
  return ['scripts', 'script'].flatMap((name) => {
    const value = findPair(node, name)?.value;
    return value ? scriptsIn(value) : [];
  });
}

function unknownKeys(map: YamlMap, known: readonly string[]): readonly Problem[] {
  const seen = new Set<string>();
  return map.pairs.flatMap(({ name, key }) => {
    if (seen.has(name)) return [problem('recipe/unknown-key', key.span, l10n.t('`{0}` is given twice.', name))];
    seen.add(name);
    if (known.includes(name.toLowerCase())) return [];
    const near = nearestName(name, known);
    const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), key.span, near)] : [];
    return [
      problem(
        'recipe/unknown-key',
        key.span,
        l10n.t('ssync knows no key `{0}` here and refuses the recipe.', name),
        fixes,
      ),
    ];
  });
}

/** One run script has to come out of a recipe and what it extends. */
function missingRun(root: YamlMap, folder: RecipeFolder): readonly Problem[] {
  const run = findPair(root, 'run');
  if (run && scriptsIn(run.value).length !== 1) {
    const words = l10n.t('`run` names exactly one script: `run: {script: run.sh}`.');
    return [problem('recipe/wrong-type', isMissing(run.value) ? run.key.span : run.value.span, words)];
  }
  const hasBase = findPair(root, 'extends') ?? findPair(root, 'workflow');
  if (run || folder !== 'recipes' || hasBase) return [];
  const start = root.pairs[0]?.key.span ?? root.span;
  return [
    problem(
      'recipe/missing-run',
      start,
      l10n.t('The recipe has no `run`, and extends no workflow that could have one.'),
    ),
  ];
}

function checkSbatch(value: YamlNode | undefined): readonly Problem[] {
  if (!value || isMissing(value)) return [];
  if (value.kind !== 'map') return [problem('recipe/wrong-type', value.span, l10n.t('`sbatch` is a map of options.'))];
  const wrong = value.pairs.flatMap(({ name, value: given }) => {
    const isCount = given.kind === 'scalar' && Number.isInteger(given.value) && Number(given.value) > 0;
    if (!integerKeys.has(name) || isCount) return [];
    return [problem('recipe/wrong-type', given.span, l10n.t('`{0}` is a whole number, at least 1.', name))];
  });
  return [...unknownKeys(value, sbatchKeys), ...wrong];
}

function checkVars(value: YamlNode | undefined): readonly Problem[] {
  if (!value || isMissing(value)) return [];
  if (value.kind !== 'map') return [problem('recipe/wrong-type', value.span, l10n.t('`vars` is a map of variables.'))];
  return value.pairs.flatMap(({ name, key }) => {
    if (/^[A-Za-z_]\w*$/.test(name)) return [];
    return [
      problem('recipe/wrong-type', key.span, l10n.t('`{0}` is no name of a variable: letters, digits and `_`.', name)),
    ];
  });
}

function missingFiles(references: readonly RecipeReference[], files: RecipeFiles | undefined): readonly Problem[] {
  if (!files) return [];
  return references.flatMap(({ text, span, what, paths }) => {
    // What a shell would fill in, and what lies elsewhere, is not known.
    if (/[$~]|^\//.test(text) || paths.some((path) => files.read(path) !== undefined)) return [];
    const words =
      what === 'profile'
        ? l10n.t('There is no profile `{0}` in this project; ssync looks in ~/.config/ssync too.', text)
        : l10n.t('There is no script `{0}` here.', text);
    return [problem('recipe/missing-file', span, words)];
  });
}
