/** Features in the launch recipes of ssync: completion of keys, profiles and scripts; hover; definition of what a recipe names. */

import { type CompletionItem, CompletionItemKind, type Hover, type Location } from 'vscode-languageserver';
import { recipeReferences } from '../language/recipe/check-recipe.ts';
import { keysOf, type RecipeFolder, type RecipeKey, sbatchKeys } from '../language/recipe/recipe-keys.ts';
import * as l10n from '../language/text/l10n.ts';
import { touches } from '../language/text/span.ts';
import { findProperty, properties } from '../language/watcher/properties.ts';
import { propertyDoc } from './docs.ts';
import type { Analysis } from './documents.ts';
import type { FolderEntry } from './related-files.ts';

export interface RecipeAnalysis {
  readonly text: string;
  readonly folder: RecipeFolder;
  /** Of this machine's files, as the recipe would write their paths. */
  read(path: string): string | undefined;
  uriOf(path: string): string | undefined;
  list(folder: string): readonly FolderEntry[];
}

export function recipeCompletions(analysis: Analysis, recipe: RecipeAnalysis, offset: number): CompletionItem[] {
  const start = recipe.text.lastIndexOf('\n', offset - 1) + 1;
  const before = recipe.text.slice(start, offset);
  const value = /^(\w+):\s+\[?(?:[^\]]*,\s*)?["']?([\w./-]*)$/.exec(before);
  if (value) return names(analysis, recipe, findKey(recipe.folder, value[1] ?? ''), value[2] ?? '', offset);
  const item = /^\s*-\s+["']?([\w./-]*)$/.exec(before);
  if (item) return names(analysis, recipe, findKey(recipe.folder, keyAbove(recipe.text, start)), item[1] ?? '', offset);
  const key = /^(\s*)(\w*)$/.exec(before);
  if (!key) return [];
  const range = analysis.rangeOf({ start: offset - (key[2] ?? '').length, end: offset });
  const isInside = (key[1] ?? '') !== '';
  const known = isInside ? insideKeys(recipe, keyAbove(recipe.text, start)) : topKeys(recipe.folder);
  return known.map(({ name, doc }) => ({
    label: name,
    kind: CompletionItemKind.Property,
    documentation: { kind: 'markdown', value: doc() },
    textEdit: { range, newText: `${name}: ` },
  }));
}

function topKeys(folder: RecipeFolder): readonly RecipeKey[] {
  if (folder === 'watchers') return properties.map((info) => ({ name: info.name, doc: () => propertyDoc(info) }));
  return keysOf(folder);
}

function insideKeys({ folder }: RecipeAnalysis, parent: string): readonly RecipeKey[] {
  if (folder === 'watchers') return [];
  if (parent === 'sbatch')
    return sbatchKeys.map((name) => ({ name, doc: l10n.later('The option `{0}` of the submission.', name) }));
  if (parent === 'run') return keysOf('envs').filter(({ name }) => name !== 'scripts');
  return parent === 'env' || parent === 'prepare' ? keysOf('envs') : [];
}

/** The key without indentation that the line belongs to. */
function keyAbove(text: string, lineStart: number): string {
  return [...text.slice(0, lineStart).matchAll(/^(\w+):/gm)].at(-1)?.[1] ?? '';
}

function findKey(folder: RecipeFolder, name: string): RecipeKey | undefined {
  return folder === 'watchers' ? undefined : keysOf(folder).find((key) => key.name === name);
}

/** Profiles of the folder that the key names. */
function names(
  analysis: Analysis,
  recipe: RecipeAnalysis,
  key: RecipeKey | undefined,
  typed: string,
  offset: number,
): CompletionItem[] {
  if (!key?.names) return [];
  const range = analysis.rangeOf({ start: offset - typed.length, end: offset });
  const files = recipe.list(`../${key.names}`).filter(({ name, isFolder }) => !isFolder && /\.ya?ml$/.test(name));
  return files.map(({ name }) => {
    const label = name.replace(/\.ya?ml$/, '');
    return { label, kind: CompletionItemKind.File, detail: `.ssync/${key.names}`, textEdit: { range, newText: label } };
  });
}

/** The profile or script that is named at the place. */
export function recipeDefinition(recipe: RecipeAnalysis, offset: number): Location | null {
  const reference = recipeReferences(recipe.text, recipe.folder).find(({ span }) => touches(span, offset));
  const path = reference?.paths.find((each) => recipe.read(each) !== undefined);
  const uri = path === undefined ? undefined : recipe.uriOf(path);
  const start = { line: 0, character: 0 };
  return uri === undefined ? null : { uri, range: { start, end: start } };
}

export function recipeHover(analysis: Analysis, recipe: RecipeAnalysis, offset: number): Hover | null {
  const start = recipe.text.lastIndexOf('\n', offset - 1) + 1;
  const name = /^\w+(?=:)/.exec(recipe.text.slice(start))?.[0];
  if (name === undefined || offset > start + name.length) return null;
  const property = recipe.folder === 'watchers' ? findProperty(name) : undefined;
  const doc = property ? propertyDoc(property) : findKey(recipe.folder, name)?.doc();
  if (doc === undefined) return null;
  const range = analysis.rangeOf({ start, end: start + name.length });
  return { range, contents: { kind: 'markdown', value: `**${name}**\n\n${doc}` } };
}
