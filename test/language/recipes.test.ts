/** Launch recipes of ssync: what is said of them, and what they name. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRecipe, recipeReferences } from '../../language/recipe/check-recipe.ts';
import { type RecipeFolder, recipeFolder } from '../../language/recipe/recipe-keys.ts';
import { applyFix } from './support.ts';

const present = [
  '../workflows/train.yaml',
  '../envs/project.yml',
  '../../run.sh',
  'setup.sh',
  '../watchers/oom.yaml',
  '../partitions/gpu.yaml',
];
const files = { read: (path: string) => (present.includes(path) ? '' : undefined) };

function shown(text: string, folder: RecipeFolder = 'recipes'): readonly string[] {
  return checkRecipe(text, folder, files).map(({ code, span }) => `${code} "${text.slice(span.start, span.end)}"`);
}

describe('recipe files', () => {
  it('are told by their folders', () => {
    expect(recipeFolder('file:///home/me/repo/.ssync/recipes/train.yaml')).toBe('recipes');
    expect(recipeFolder('C:\\repo\\.ssync\\watchers\\oom.yml')).toBe('watchers');
    expect(recipeFolder('/repo/.ssync/fragments/run/train.sh')).toBeUndefined();
    expect(recipeFolder('/repo/recipes/train.yaml')).toBeUndefined();
  });

  it.each<readonly [string, RecipeFolder, readonly string[]]>([
    ['extends: train\njob_name: x\nsource_dir: .\nvars:\n  LR: 1\nsbatch:\n  time: 60\n  mem: 32\n', 'recipes', []],
    [
      'host_partition: gpu\nenv: project\nprepare:\n  scripts:\n    - setup.sh\nrun:\n  script: run.sh\nwatchers:\n  - oom\n',
      'workflows',
      [],
    ],
    ['vars:\n  A: b\nscripts: [setup.sh]\n', 'envs', []],
    ['job_name: x\n', 'recipes', ['recipe/missing-run "job_name"']],
    ['run: {script: gone.sh}\n', 'recipes', ['recipe/missing-file "gone.sh"']],
    ['run: {script: $HOME/x.sh}\n', 'recipes', []],
    ['run: [setup.sh, run.sh]\n', 'recipes', ['recipe/wrong-type "[setup.sh, run.sh]"']],
    [
      'extends: trian\nenv: other\nwatchers: [oom, "nope"]\n',
      'recipes',
      ['recipe/missing-file "trian"', 'recipe/missing-file "other"', 'recipe/missing-file "nope"'],
    ],
    [
      'extends: train\nsbatch:\n  cpus: two\n  nodes: 0\n  gpu: 1\n',
      'recipes',
      ['recipe/wrong-type "two"', 'recipe/wrong-type "0"', 'recipe/unknown-key "gpu"'],
    ],
    ['extends: train\nvars: x\n', 'recipes', ['recipe/wrong-type "x"']],
    ['extends: train\nvars: {a-b: 1}\n', 'recipes', ['recipe/wrong-type "a-b"']],
    ['- x\n', 'recipes', ['recipe/wrong-type "- x\n"']],
    [
      'name: oom\npattern: "out of (memory)"\ncaptures:\n  - what\ncondition: len(what) > 2\nactions:\n  - \'resubmit(modifications={"mem": "64G"})\'\nremaining_resubmits: 2\n',
      'watchers',
      [],
    ],
    [
      'pattren: x\nactions:\n  - notfy()\n',
      'watchers',
      ['recipe/unknown-key "pattren"', 'watcher/missing-pattern "pattren"', 'action/unknown "notfy"'],
    ],
    [
      "pattern: '(a'\ncaptures: [x]\ncondition: x > 5\n",
      'watchers',
      ['watcher/no-action "pattern"', 'pattern/syntax "(a"', 'condition/text-as-number "x"'],
    ],
    ['interval: soon\npattern: x\naction: log_event()\n', 'watchers', ['watcher/wrong-type "soon"']],
  ])('%j in %s', (text, folder, wanted) => {
    expect(shown(text, folder)).toEqual(wanted);
  });

  it('have quick fixes for misspelt keys', () => {
    const text = 'extend: train\nrun: run.sh\n';
    const [found] = checkRecipe(text, 'recipes', files);
    expect(found?.fixes[0] && applyFix(text, found.fixes[0])).toBe('extends: train\nrun: run.sh\n');
  });

  it('name profiles and scripts', () => {
    const text = 'extends: train\nenv: envs/x.yaml\nrun:\n  script: run.sh\n';
    expect(recipeReferences(text, 'recipes')).toMatchObject([
      { text: 'train', what: 'profile', paths: ['../workflows/train.yaml', '../workflows/train.yml'] },
      { text: 'envs/x.yaml', what: 'profile', paths: ['../../envs/x.yaml'] },
      { text: 'run.sh', what: 'script', paths: ['run.sh', '../../run.sh'] },
    ]);
  });

  it('never make the checks throw', () => {
    const words = [
      'run:',
      ' script: x',
      '- a',
      'sbatch:',
      ' {',
      '}',
      '"',
      'pattern: (',
      'actions:',
      '  - x(',
      '\n',
      ': ',
      '*a',
      '&b',
    ];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...words), { maxLength: 12 }),
        fc.constantFrom<RecipeFolder>('recipes', 'watchers', 'envs'),
        (picked, folder) => {
          const text = picked.join('\n');
          for (const { span } of checkRecipe(text, folder, files)) {
            expect(span.start).toBeGreaterThanOrEqual(0);
            expect(span.end).toBeLessThanOrEqual(text.length);
          }
        },
      ),
    );
  });
});
