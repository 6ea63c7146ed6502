/** The launch recipes of ssync in the language server. */
import { expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { createAnalyser } from '../../server/documents.ts';
import { recipeCompletions, recipeDefinition, recipeHover } from '../../server/recipe-features.ts';
import { createRelatedFiles } from '../../server/related-files.ts';
import { defaultSettings } from '../../server/settings.ts';

const project: { readonly [path: string]: string } = {
  '/repo/.ssync/workflows/train.yaml': 'run: run.sh\n',
  '/repo/.ssync/workflows/debug.yml': 'run: run.sh\n',
  '/repo/run.sh': 'true\n',
};
const list = (folder: string) =>
  Object.keys(project)
    .filter((path) => path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes('/'))
    .map((path) => ({ name: path.slice(folder.length + 1), isFolder: false }));
const files = createRelatedFiles(
  () => [],
  (path) => project[path],
  list,
);
const analysisOf = createAnalyser(() => defaultSettings, files);

/** `¦` is the cursor. */
function at(marked: string, folder = 'recipes') {
  const offset = marked.indexOf('¦');
  const uri = `file:///repo/.ssync/${folder}/x.yaml`;
  const analysis = analysisOf(TextDocument.create(uri, 'yaml', 1, marked.replace('¦', '')));
  if (!analysis.recipe) throw new Error('this is a recipe');
  return { analysis, recipe: analysis.recipe, offset };
}

const labels = (marked: string, folder?: string) => {
  const { analysis, recipe, offset } = at(marked, folder);
  return recipeCompletions(analysis, recipe, offset).map(({ label }) => label);
};

it('completes keys and the names of profiles', () => {
  expect(labels('ext¦')).toContain('extends');
  expect(labels('extends: ¦')).toEqual(['train', 'debug']);
  expect(labels('extends: tr¦')).toEqual(['train', 'debug']);
  expect(labels('sbatch:\n  ¦')).toContain('gpus_per_node');
  expect(labels('run:\n  ¦')).toEqual(['vars', 'script']);
  expect(labels('¦', 'watchers')).toContain('trigger_on_job_end');
  expect(labels('job_name: ¦')).toEqual([]);
});

it('goes to profiles and scripts', () => {
  const definition = (marked: string) => {
    const { recipe, offset } = at(marked);
    return recipeDefinition(recipe, offset)?.uri;
  };
  expect(definition('extends: tr¦ain\n')).toBe('file:///repo/.ssync/workflows/train.yaml');
  expect(definition('extends: deb¦ug\n')).toBe('file:///repo/.ssync/workflows/debug.yml');
  expect(definition('run:\n  script: ¦run.sh\n')).toBe('file:///repo/run.sh');
  expect(definition('extends: go¦ne\n')).toBeUndefined();
});

it('explains keys', () => {
  const { analysis, recipe, offset } = at('exten¦ds: train\n');
  expect(JSON.stringify(recipeHover(analysis, recipe, offset))).toContain('The workflow whose keys hold');
  const policy = at('patt¦ern: x\n', 'watchers');
  expect(JSON.stringify(recipeHover(policy.analysis, policy.recipe, policy.offset))).toContain('Regular expression');
});

it('checks them', () => {
  const { analysis } = at('extends: gone¦\n');
  expect(analysis.problems.map(({ code }) => code)).toEqual(['recipe/missing-file']);
});
